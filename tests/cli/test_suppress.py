"""`klplint suppress`: comments for today's findings, after which check reports none of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint, klplint_process
from tests.support.scratch_git import WRONG, Repository

REASON = "known since we began"


def concise(tree: Path, *arguments: object) -> list[str]:
    done = klplint("-q", "-f", "concise", *arguments, tree)
    assert done.returncode < 2, done
    return [line for line in done.stdout.splitlines() if ": note: " not in line or "[" in line]


def test_the_diff_applies_and_leaves_no_findings(minikernel: Path) -> None:
    repository = Repository.of(minikernel)
    printed = klplint("suppress", "--reason", REASON, minikernel)
    assert printed.returncode == 0
    assert repository.git("status", "--porcelain") == ""
    subprocess.run(["git", "apply"], input=printed.stdout, text=True, cwd=minikernel, check=True)
    by_diff = repository.git("diff")
    assert concise(minikernel) == []
    repository.git("checkout", "--quiet", ".")
    written = klplint("suppress", "--apply", "--reason", REASON, minikernel)
    assert (written.returncode, written.stdout) == (0, "")
    assert repository.git("diff") == by_diff
    assert "suppressed" in klplint("-q", "--show-suppressed", minikernel).stdout
    added = [line for line in by_diff.splitlines() if line.startswith("+\t")]
    # In the body of a macro, a comment is a line of it.
    assert all(line.removesuffix(" \\").endswith(f"] {REASON} */") for line in added)
    again = klplint("suppress", "--apply", "--reason", REASON, minikernel)
    assert "klplint: 0 comments written" in again.stderr
    assert repository.git("diff") == by_diff


def test_only_the_rules_and_files_selected(minikernel: Path) -> None:
    before = concise(minikernel)
    done = klplint("suppress", "--apply", "--select", "KLP003", "--reason", "x", minikernel / "lib")
    assert "1 comment written" in done.stderr
    after = concise(minikernel)
    assert [line for line in before if "lib/" not in line] == after


def test_bytes_of_other_encodings_and_line_ends_stay(minikernel: Path) -> None:
    file = minikernel / "drivers/misc/new.c"
    text = b"/* Gr\xf6\xdfe */\r\n" + WRONG.replace("\n", "\r\n").encode() + b"/* \xff */"
    file.write_bytes(text)
    file.chmod(0o640)
    link = minikernel / "drivers/misc/link.c"
    link.symlink_to("new.c")
    done = klplint("suppress", "--apply", "--reason", "größer", link)
    assert done.returncode == 0
    new = file.read_bytes()
    comment = "\t/* klplint: ignore[KLP001, KLP002] größer */\r\n".encode()
    assert new == text.replace(b"\tklp_", comment + b"\tklp_")
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_finding_that_no_comment_suppresses(minikernel: Path) -> None:
    file = minikernel / "drivers/misc/new.c"
    start = WRONG.replace("\tklp_update", "\t/* here\n\t */ klp_update")
    file.write_text(start)
    done = klplint("suppress", "--apply", "--reason", REASON, file)
    assert done.returncode == 1
    assert "drivers/misc/new.c:5: no comment can be added that suppresses KLP001" in done.stderr
    assert file.read_text() == start


def test_findings_about_suppressions_are_left(minikernel: Path) -> None:
    file = minikernel / "drivers/misc/new.c"
    file.write_text("/* klplint: ignore[KLP003] nothing here */\nint a;\n")
    done = klplint("suppress", "--reason", REASON, file)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("reason", ["", "  ", "...", "a */ b", "a /* b", "a\x1bb"])
def test_reasons_that_cannot_be_given(minikernel: Path, reason: str) -> None:
    said = complaint("suppress", "--reason", reason, minikernel)
    assert said.startswith("klplint: --reason ")


def test_a_reason_is_needed(minikernel: Path) -> None:
    assert klplint("suppress", minikernel).returncode == 2


def test_a_file_that_cannot_be_written(minikernel: Path) -> None:
    directory = minikernel / "lib"
    before = (directory / "once_table.c").read_bytes()
    directory.chmod(0o555)
    done = klplint_process(
        "suppress", "--apply", "--reason", "x", directory, obeys_permissions=True
    )
    directory.chmod(0o755)
    assert done.returncode == 2
    assert "lib/once_table.c: cannot be written: " in done.stderr
    assert (directory / "once_table.c").read_bytes() == before
