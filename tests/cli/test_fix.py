"""`klplint fix`: corrections as a diff, or written to the files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from klplint.cli.fix_command import write_fixed
from klplint.fixes.planning import FixedFile
from tests.support.command import complaint, klplint
from tests.support.scratch_git import Repository

ALIAS = """#include <linux/livepatch.h>

void new_alias(void)
{
	struct task_struct *task = current;

	klp_update_patch_state(task);
}
"""
FIXED = ALIAS.replace("\tstruct task_struct *task = current;\n\n", "").replace(
    "state(task)", "state(current)"
)
RING = "drivers/net/ringdev.c"


@pytest.fixture
def alias(minikernel: Path) -> Path:
    file = minikernel / "drivers/misc/alias.c"
    file.write_text(ALIAS)
    return file


def with_sender(tree: Path) -> Repository:
    repository = Repository.of(tree)
    repository.git("config", "user.name", "A. Developer")
    repository.git("config", "user.email", "dev@example.org")
    return repository


def test_the_diff_applies_with_git_and_patch(minikernel: Path) -> None:
    repository = Repository.of(minikernel)
    printed = klplint("fix", "--unsafe", minikernel)
    assert printed.returncode == 0
    assert repository.git("status", "--porcelain") == ""
    assert "+\t/* Pairs with smp_wmb() in ringdev_fill(). */" in printed.stdout
    for command in (["git", "apply"], ["patch", "-p1", "-s"]):
        subprocess.run(command, input=printed.stdout, text=True, cwd=minikernel, check=True)
        by_diff = repository.git("diff")
        repository.git("checkout", "--quiet", ".")
    written = klplint("fix", "--unsafe", "--apply", minikernel)
    assert (written.returncode, written.stdout) == (0, "")
    assert repository.git("diff") == by_diff


@pytest.mark.parametrize("argument", ["task = current", "(count(), task)", "count() ? task : task"])
def test_an_argument_that_does_more_is_not_replaced(alias: Path, argument: str) -> None:
    alias.write_text(ALIAS.replace("state(task)", f"state({argument})"))
    done = klplint("fix", "--unsafe", alias)
    assert (done.stdout, done.stderr) == ("", "klplint: 0 fixes in 0 files\n")


def test_only_safe_fixes_without_unsafe(minikernel: Path, alias: Path) -> None:
    done = klplint("fix", "--apply", minikernel)
    assert alias.read_text() == FIXED
    assert "klplint: 1 fix in 1 file written" in done.stderr
    assert "to review with --unsafe" in done.stderr


def test_only_files_in_the_paths_are_changed(minikernel: Path) -> None:
    repository = Repository.of(minikernel)
    klplint("fix", "--unsafe", "--apply", minikernel / RING)
    assert repository.git("diff", "--name-only").split() == [RING]


def test_only_the_rules_selected(minikernel: Path, alias: Path) -> None:
    done = klplint("fix", "--unsafe", "--select", "KLP003", alias)
    assert done.stdout == ""
    assert "0 fixes in 0 files" in done.stderr


def test_files_that_git_could_not_restore_are_left(minikernel: Path, alias: Path) -> None:
    repository = Repository.of(minikernel)
    alias.write_text(ALIAS + "\n/* more */\n")
    done = klplint("fix", "--apply", alias)
    assert done.returncode == 1
    assert "drivers/misc/alias.c: not fixed: it has changes that are not committed" in done.stderr
    assert "klplint: 0 fixes in 0 files\n" in done.stderr
    assert alias.read_text() == ALIAS + "\n/* more */\n"
    assert klplint("fix", "--apply", "--allow-dirty", alias).returncode == 0
    assert alias.read_text() == FIXED + "\n/* more */\n"
    assert repository.git("diff", "--name-only").split() == ["drivers/misc/alias.c"]


def test_links_out_of_the_tree_are_left(minikernel: Path, alias: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.c"
    outside.write_text(ALIAS)
    alias.unlink()
    alias.symlink_to(outside)
    done = klplint("fix", "--apply", alias.parent)
    assert done.returncode == 1
    assert "outside of the tree" in done.stderr
    assert outside.read_text() == ALIAS


def test_read_only_files_are_left(
    minikernel: Path, alias: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alias.chmod(0o444)
    monkeypatch.setattr("klplint.cli.fix_command.os.access", lambda path, mode: False)
    fixed = FixedFile("drivers/misc/alias.c", ALIAS.encode(), FIXED.encode(), ())
    assert write_fixed(minikernel, fixed) == "it is read-only"
    assert alias.read_text() == ALIAS


def test_nothing_is_written_where_git_does_not_answer(minikernel: Path, alias: Path) -> None:
    (minikernel / ".git").write_text("gitdir: nowhere\n")
    message = complaint("fix", "--apply", alias)
    assert f"{minikernel}: git does not show which files have changes" in message
    assert alias.read_text() == ALIAS
    assert klplint("fix", "--apply", "--allow-dirty", alias).returncode == 0
    assert alias.read_text() == FIXED


NAMES = ["a b.c", "a\tb.c", 'a"b.c', "a\\b.c", "a\nb.c", "\N{LATIN SMALL LETTER E WITH ACUTE}.c"]


def test_diffs_and_mails_of_odd_file_names(minikernel: Path, alias: Path, tmp_path: Path) -> None:
    alias.unlink()
    for name in NAMES:
        (alias.parent / name).write_text(ALIAS)
    repository = with_sender(minikernel)
    repository.git("config", "user.name", 'A. "Dev" Eloper')
    printed = klplint("fix", alias.parent)
    for command in (["git", "apply"], ["patch", "-p1", "-s"]):
        subprocess.run(command, input=printed.stdout, text=True, cwd=minikernel, check=True)
        assert {(alias.parent / name).read_text() for name in NAMES} == {FIXED}
        repository.git("checkout", "--quiet", ".")
    done = klplint("fix", "--format-patch", tmp_path / "mails", alias.parent)
    assert done.stderr.startswith("klplint: 6 fixes in 6 files written as mails\n")
    repository.git("am", "--quiet", done.stdout.strip())
    assert {(alias.parent / name).read_text() for name in NAMES} == {FIXED}
    assert repository.git("log", "-1", "--format=%an") == 'A. "Dev" Eloper'


def test_mails_go_to_a_directory(minikernel: Path, alias: Path, tmp_path: Path) -> None:
    with_sender(minikernel)
    file = tmp_path / "mails"
    file.touch()
    message = complaint("fix", "--format-patch", file, alias)
    assert message == f"klplint: {file}: is not a directory; give a directory for the mails\n"


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("gone.c", "cannot be read: No such file or directory"),
        ("gone/a.c", "cannot be written: No such file or directory"),
        ("a.c", "it changed while klplint ran; run it again"),
    ],
)
def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "a.c").write_text("new")
    assert write_fixed(tmp_path, FixedFile(place, b"old", b"fixed", ())).endswith(reason)
    assert (tmp_path / "a.c").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.c"]


def test_mails_that_git_am_takes(minikernel: Path, tmp_path: Path, alias: Path) -> None:
    repository = with_sender(minikernel)
    mails = tmp_path / "mails"
    done = klplint("fix", "--unsafe", "--format-patch", mails, minikernel)
    assert done.returncode == 0, done
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert paths == sorted(mails.iterdir())
    repository.git("am", "--quiet", *map(str, paths))
    by_mail = repository.git("diff", f"HEAD~{len(paths)}", "HEAD")
    repository.git("reset", "--quiet", "--hard", f"HEAD~{len(paths)}")
    klplint("fix", "--unsafe", "--apply", minikernel)
    assert repository.git("diff") == by_mail
    (ring,) = (path.read_text() for path in paths if "ringdev.c" in path.read_text())
    assert "Subject: [PATCH" in ring
    assert ": document what read barriers pair with\n" in ring
    words = " ".join(ring.split())
    assert "smp_rmb() in ringdev_receive() (drivers/net/ringdev.c) pairs with smp_wmb() in" in words
    assert "Signed-off-by" not in ring
    (pass_current,) = (path.read_text() for path in paths if "alias.c" in path.read_text())
    assert "which is always `current` here" in " ".join(pass_current.partition("---")[0].split())


def test_the_prefix_is_that_of_earlier_subjects(minikernel: Path, tmp_path: Path) -> None:
    repository = with_sender(minikernel)
    ring = minikernel / RING
    for number in range(3):
        ring.write_text(ring.read_text() + f"/* {number} */\n")
        repository.git("commit", "-qam", f"net: ringdev: change {number}")
    klplint("fix", "--unsafe", "--format-patch", tmp_path / "mails", minikernel / RING)
    (mail,) = (tmp_path / "mails").iterdir()
    assert "Subject: [PATCH] net: ringdev: document what" in mail.read_text()
    assert mail.name == "0001-net-ringdev-document-what-read-barriers-pair-with.patch"


def test_mails_need_a_sender(minikernel: Path, tmp_path: Path) -> None:
    Repository.of(minikernel)
    message = complaint("fix", "--unsafe", "--format-patch", tmp_path / "mails", minikernel)
    assert message.startswith("klplint: --format-patch needs a sender; run `git config")
    assert not (tmp_path / "mails").exists()


def test_apply_and_mails_exclude_each_other(minikernel: Path, tmp_path: Path) -> None:
    message = complaint("fix", "--apply", "--format-patch", tmp_path / "m", minikernel)
    assert message == "klplint: --apply and --format-patch exclude each other; give one of them\n"


def test_allow_dirty_without_apply(minikernel: Path) -> None:
    message = complaint("fix", "--allow-dirty", minikernel)
    assert message == "klplint: --allow-dirty is about files that are written; add --apply\n"


def test_fixes_in_reports(alias: Path) -> None:
    text = klplint(alias).stdout
    assert "| fix: pass `current`, and remove `task`\n" in text
    assert "| -         klp_update_patch_state(task);\n" in text
    assert "| +         klp_update_patch_state(current);\n" in text
    report = json.loads(klplint("-f", "json", alias).stdout)
    (first, *_) = (finding for finding in report["findings"] if finding["fix"])
    assert first["fix"] == {
        "title": "pass `current`, and remove `task`",
        "safe": True,
        "edits": [
            {
                "file": "drivers/misc/alias.c",
                "line": 5,
                "column": 1,
                "end_line": 7,
                "end_column": 1,
                "text": "",
            },
            {
                "file": "drivers/misc/alias.c",
                "line": 7,
                "column": 25,
                "end_line": 7,
                "end_column": 29,
                "text": "current",
            },
        ],
    }
    sarif = json.loads(klplint("-f", "sarif", alias).stdout)
    (fixed, *_) = (r for r in sarif["runs"][0]["results"] if "fixes" in r)
    (change,) = fixed["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "drivers/misc/alias.c"
    assert change["replacements"][1]["insertedContent"] == {"text": "current"}


def test_no_function_in_place_of_a_file_that_is_gone(minikernel: Path) -> None:
    ring = minikernel / RING
    text = ring.read_text().replace(
        "/* flush the read queue */", "/* Pairs with the smp_wmb() in drivers/net/gone.c. */"
    )
    ring.write_text(text)
    findings = klplint("check", "-f", "concise", "--select", "KLP004", ring).stdout
    assert "drivers/net/gone.c is nowhere in the tree" in findings
    assert "gone.c" not in klplint("fix", "--unsafe", "--select", "KLP004", ring).stdout
