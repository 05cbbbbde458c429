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
