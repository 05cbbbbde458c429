"""Git repositories inside the tree, submodules included: linted, or reported as left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import klplint
from tests.support.scratch_git import WRONG, Repository

EXT = "drivers/ext"
HARMLESS = WRONG.replace("klp_update_patch_state", "inspect")


@pytest.fixture
def outer(minikernel: Path) -> Repository:
    return Repository.of(minikernel)


def nested(outer: Repository, place: str = EXT, text: str = WRONG) -> Repository:
    """A repository with one file, at a place in the tree."""
    (outer.directory / place).mkdir(parents=True)
    inner = Repository(outer.directory / place)
    inner.write("ext.c", text)
    return Repository.of(inner.directory)


def findings(*arguments: object) -> list[tuple[str, int]]:
    done = klplint("-q", "-f", "json", "--select", "KLP001", *arguments)
    assert done.returncode < 2, done
    return [(f["file"], f["line"]) for f in json.loads(done.stdout)["findings"]]


def in_ext(*arguments: object) -> list[tuple[str, int]]:
    return [(file, line) for file, line in findings(*arguments) if file.startswith(f"{EXT}/")]


def test_nested_repositories_are_linted_like_all_else(outer: Repository) -> None:
    inner = nested(outer)
    deeper = nested(outer, f"{EXT}/deep")
    inner.write(".gitignore", "ignored.c\n")
    inner.write("ignored.c", WRONG)
    deeper.write("new.c", WRONG)
    expected = [(f"{EXT}/{name}", 4) for name in ("deep/ext.c", "deep/new.c", "ext.c")]
    for path in (outer.directory, outer.directory / "drivers", inner.directory):
        assert in_ext(path) == expected


def test_submodules_are_linted_and_compared_with_the_commit_recorded(outer: Repository) -> None:
    source = Repository(outer.directory.parent / "source")
    source.directory.mkdir()
    source.write("ext.c", HARMLESS)
    Repository.of(source.directory)
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", source.directory, EXT)
    outer.commit("submodule")
    assert in_ext(outer.directory) == []
    inner = Repository(outer.directory / EXT)
    inner.write("ext.c", WRONG)
    assert in_ext(outer.directory) == [(f"{EXT}/ext.c", 4)]
    # The revision of the outer repository stands for the commit that it records.
    inner.commit("wrong")
    revision = outer.git("rev-parse", "HEAD")
    assert in_ext("--diff-from", revision, outer.directory) == [(f"{EXT}/ext.c", 4)]
    outer.commit("update")
    assert in_ext("--diff-from", "HEAD", outer.directory) == []


def test_changed_lines_of_a_nested_repository(outer: Repository) -> None:
    inner = nested(outer)
    assert in_ext("--diff-from", "HEAD", outer.directory) == []
    inner.write("ext.c", f"{WRONG}\n{WRONG.replace('touch', 'again')}")
    inner.write("new.c", WRONG)
    expected = [(f"{EXT}/ext.c", 10), (f"{EXT}/new.c", 4)]
    for path in (
        outer.directory,
        outer.directory / "drivers",
        inner.directory,
        inner.directory / ".",
    ):
        assert in_ext("--diff-from", "HEAD", path) == expected


def test_a_renamed_file_of_a_nested_repository_keeps_its_findings(outer: Repository) -> None:
    inner = nested(outer)
    inner.git("mv", "ext.c", "moved.c")
    assert in_ext("--diff-from", "HEAD", outer.directory) == []


def test_the_revision_is_one_of_the_repository_of_the_path(outer: Repository) -> None:
    inner = nested(outer)
    inner.git("tag", "only-here")
    inner.write("new.c", WRONG)
    assert in_ext("--diff-from", "only-here", inner.directory) == [(f"{EXT}/new.c", 4)]
    outer.git("tag", "only-outside")
    refused = klplint("--diff-from", "only-outside", inner.directory)
    assert refused.returncode == 2
    assert f"the repository {inner.directory} has no such revision" in refused.stderr
    done = klplint("-f", "concise", "--diff-from", "only-outside", outer.directory)
    assert f"{EXT}: nothing in here counts as changed" in done.stderr
    assert EXT not in done.stdout


@pytest.mark.parametrize("command", [[], ["coverage"], ["pairs"]])
def test_an_ignored_repository_is_reported(outer: Repository, command: list[str]) -> None:
    inner = nested(outer)
    outer.write(".git/info/exclude", f"/{EXT}/\n")
    done = klplint(*command, outer.directory)
    assert f"{EXT}: left out, because it is a git repository" in done.stderr
    assert "ext.c" not in done.stdout
    assert in_ext(inner.directory) == [(f"{EXT}/ext.c", 4)]


def test_a_worktree_in_the_tree_is_another_tree(outer: Repository) -> None:
    before = klplint("-q", "-f", "json", outer.directory).stdout
    outer.git("worktree", "add", "--quiet", "work")
    done = klplint("-f", "json", outer.directory)
    assert done.stdout == before
    assert "work: left out, because it is" in done.stderr


def test_repositories_in_a_tree_that_is_in_no_repository(minikernel: Path) -> None:
    outer = Repository(minikernel)
    inner = nested(outer)
    inner.write(".gitignore", "ignored.c\n")
    inner.write("ignored.c", WRONG)
    assert in_ext(minikernel) == [(f"{EXT}/ext.c", 4)]
    inner.write("new.c", WRONG)
    assert in_ext("--diff-from", "HEAD", inner.directory) == [(f"{EXT}/new.c", 4)]


def test_a_nested_repository_runs_no_program(outer: Repository) -> None:
    inner = nested(outer)
    trace = outer.directory.parent / "ran"
    inner.git("config", "core.fsmonitor", f"touch {trace}; false")
    assert in_ext("--diff-from", "HEAD", outer.directory) == []
    assert not trace.exists()


def test_variables_of_a_hook_do_not_divert_git(
    outer: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = nested(outer)
    inner.write(".gitignore", "ignored.c\n")
    inner.write("ignored.c", WRONG)
    inner.write("new.c", WRONG)
    hook = {"GIT_DIR": f"{outer.directory}/.git", "GIT_INDEX_FILE": f"{outer.directory}/.git/index"}
    done = klplint("-q", "-f", "concise", "--select", "KLP001", inner.directory, env=hook)
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        f"{EXT}/ext.c",
        f"{EXT}/new.c",
    ]
