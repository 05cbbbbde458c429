"""--diff-from on whole runs: findings since a revision, and revisions that are not there."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint, refusal
from tests.support.paths import MINIKERNEL

PICK = "kernel/livepatch/patch.c"
COMMENT = "pair with the smp_wmb() in"
KFLUSH = "drivers/misc/kflush.c"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The minikernel in a repository of its own, in a directory of it."""
    shutil.copytree(MINIKERNEL, tmp_path / "repository/linux")
    git(tmp_path / "repository", ["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "1"])
    return tmp_path / "repository/linux"


def git(directory: Path, *commands: Iterable[str]) -> None:
    ours = ["git", "-C", str(directory), "-c", "user.name=n", "-c", "user.email=e"]
    for words in commands:
        subprocess.run([*ours, *words], check=True, capture_output=True)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def since(tree: Path, revision: str) -> list[tuple[str, str, int]]:
    done = klplint("-q", "-f", "json", "--diff-from", revision, tree)
    assert done.returncode < 2, done
    return [(f["code"], f["file"], f["line"]) for f in json.loads(done.stdout)["findings"]]


def test_findings_since_a_revision(repository: Path) -> None:
    assert since(repository, "HEAD") == []
    replace(repository / PICK, COMMENT, "are near")
    git(repository, ["mv", KFLUSH, "drivers/misc/kwrite.c"])
    replace(
        repository / "drivers/misc/kwrite.c", "static int kflush_fn(", "\nstatic int kflush_fn("
    )
    shutil.copy(MINIKERNEL / "kernel/sched/idle.c", repository / "kernel/sched/idle2.c")
    expected = [
        ("KLP003", PICK, 31),
        ("KLP003", PICK, 36),
        ("KLP002", "kernel/sched/idle2.c", 44),
    ]
    assert since(repository, "HEAD") == expected
    git(repository, ["add", "."], ["commit", "-qm", "2"])
    assert since(repository, "HEAD~1") == expected
    assert since(repository, "HEAD") == []


CORE = "kernel/sched/core.c"
WRITER = "#include <linux/sched.h>\nint a, b;\nvoid put(void) { a = 1; smp_wmb(); b = 1; }\n"
READER = """#include <linux/sched.h>
extern int a, b;
int get(void)
{
	if (!b)
		return 0;
	/* Pairs with smp_wmb() in put(). */
	smp_rmb();
	return a;
}
"""


@pytest.fixture
def pair(repository: Path) -> Path:
    """A repository with a writer and a reader in different files."""
    (repository / "kernel/writer.c").write_text(WRITER)
    (repository / "lib/reader.c").write_text(READER)
    git(repository, ["add", "."], ["commit", "-qm", "pair"])
    return repository


def levels_since(tree: Path) -> tuple[list[tuple[str, str]], int]:
    """Codes and levels of the findings since HEAD, and the exit status; by --patch the same."""
    by_revision = klplint("-q", "-f", "json", "--diff-from", "HEAD", tree)
    patch = tree.parent / "x.patch"
    show = ["git", "-C", str(tree), "diff", "--relative", "HEAD"]
    patch.write_text(subprocess.run(show, check=True, capture_output=True, text=True).stdout)
    git(tree, ["stash"])
    by_patch = klplint("-q", "-f", "json", "--patch", patch, tree)
    git(tree, ["stash", "pop"])
    got = [
        ([(f["code"], f["level"]) for f in json.loads(done.stdout)["findings"]], done.returncode)
        for done in (by_revision, by_patch)
    ]
    assert got[0] == got[1]
    return got[0]


@pytest.mark.parametrize(
    "writer",
    [
        WRITER.replace("smp_wmb();", ";"),
        WRITER.replace("smp_wmb();", "barrier();"),
        WRITER.replace("smp_wmb();", "spin_unlock(0);"),
        WRITER.replace("smp_wmb();", "\n#if 0\nsmp_wmb();\n#endif\n"),
        WRITER.replace("smp_wmb();", ";") + "void caller(void) { put(); smp_wmb(); }\n",
        WRITER.replace("put", "store"),
        "",
        None,
    ],
)
def test_a_change_that_takes_the_barrier_away_is_a_warning(pair: Path, writer: str | None) -> None:
    if writer is None:
        (pair / "kernel/writer.c").unlink()
    else:
        (pair / "kernel/writer.c").write_text(writer)
    assert levels_since(pair) == ([("KLP004", "warning")], 1)


def test_a_barrier_taken_away_in_the_file_of_the_reader(repository: Path) -> None:
    replace(repository / CORE, "\tsmp_wmb();", "\t;")
    assert levels_since(repository) == ([("KLP004", "warning")], 1)


def test_a_change_to_another_write_barrier_is_a_note(pair: Path) -> None:
    changed = WRITER.replace("smp_wmb(); b = 1;", "smp_store_release(&b, 1);")
    (pair / "kernel/writer.c").write_text(changed)
    assert levels_since(pair) == ([("KLP004", "note")], 0)
    (pair / "kernel/writer.c").write_text(WRITER.replace("smp_wmb", "smp_mb"))
    assert levels_since(pair) == ([], 0)


def test_what_a_new_comment_claims_was_not_taken_away(pair: Path) -> None:
    (pair / "kernel/writer.c").write_text(WRITER + "void mark(void) { b = 2; }\n")
    git(pair, ["commit", "-qam", "mark"])
    replace(pair / "lib/reader.c", "smp_wmb() in put()", "the barrier in mark()")
    assert levels_since(pair) == ([("KLP004", "note")], 0)


@pytest.mark.parametrize("attribute", ["-diff", "binary"])
def test_sources_that_attributes_call_binary(repository: Path, attribute: str) -> None:
    (repository / ".gitattributes").write_text(f"*.c {attribute}\n")
    replace(repository / PICK, COMMENT, "are near")
    assert [file for _, file, _ in since(repository, "HEAD")] == [PICK, PICK]


def test_since_the_branch_left_the_revision(repository: Path) -> None:
    replace(repository / PICK, COMMENT, "are near")
    git(
        repository,
        ["checkout", "-qb", "topic"],
        ["commit", "-qam", "2"],
        ["checkout", "-q", "main"],
    )
    replace(repository / KFLUSH, "static int kflush_fn(", "int kflush_fn(")
    git(repository, ["commit", "-qam", "3"], ["checkout", "-q", "topic"])
    assert [file for _, file, _ in since(repository, "main...")] == [PICK, PICK]


def test_revisions_that_are_not_there(tmp_path: Path, repository: Path) -> None:
    assert "has no such revision" in complaint("--diff-from", "v9.9", repository)
    assert "not a revision" in complaint("--diff-from", "--output=x", repository)
    tree = shutil.copytree(MINIKERNEL, tmp_path / "elsewhere")
    assert "is not in a readable git repository" in complaint("--diff-from", "HEAD", tree)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("main..HEAD", "write main "),
        ("main..", "write main "),
        ("main...HEAD", "write main... "),
        ("HEAD~1..topic", "check out topic, then write HEAD~1 "),
        ("main...topic", "check out topic, then write main... "),
        ("..topic", "check out topic, then write one revision "),
    ],
)
def test_a_range_is_refused_with_what_to_write(repository: Path, words: str, remedy: str) -> None:
    said = complaint("--diff-from", words, repository)
    assert said.startswith(f"klplint: --diff-from {words}: is a range, but klplint compares")
    assert f"; {remedy}(" in said


def test_the_remedy_for_another_owner(repository: Path) -> None:
    env = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    said = refusal(klplint("--diff-from", "HEAD", repository, env=env))
    assert "another user owns it; if you trust it, run `git config" in said
    assert f"safe.directory {repository.parent}`" in said
