"""What `exclude` means, for a listing of files and for single paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from klplint.kernel.excludes import Excludes, excludes_beside, is_pattern
from klplint.kernel.file_listing import files_below

FILES = ("arch/x86/entry.S", "kernel/fork.c", "kernel/sched/core.c", "tools/perf/perf.c")
CASES = [
    ((), FILES),
    (("/tools/",), FILES[:3]),
    (("tools",), FILES[:3]),
    (("sched/",), (FILES[0], FILES[1], FILES[3])),
    (("*.c",), FILES[:1]),
    (("/kernel/*.c",), (FILES[0], FILES[2], FILES[3])),
    (("/*", "!/kernel/"), FILES[1:3]),
    # As in git: what lies in an excluded directory cannot be taken back.
    (("/kernel/", "!/kernel/fork.c"), (FILES[0], FILES[3])),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(("patterns", "left"), CASES)
def test_files_that_patterns_leave(
    tree: Path, patterns: tuple[str, ...], left: tuple[str, ...]
) -> None:
    excludes = Excludes(patterns)
    assert tuple(name for name in FILES if not excludes.covers(name)) == left
    assert tuple(files_below(tree, tree, patterns)) == left


@pytest.mark.parametrize("pattern", ["/tools/", "tools", "/tools/perf/", "/tools/*", "tools/**"])
def test_a_directory_that_is_named_is_listed_even_if_it_is_excluded(
    tree: Path, pattern: str
) -> None:
    assert list(files_below(tree / "tools/perf", tree, [pattern])) == [FILES[3]]
    assert excludes_beside([pattern], ["tools/perf"]) == []


def test_the_root_is_not_a_path_that_a_pattern_could_exclude(tree: Path) -> None:
    assert excludes_beside(["*", "/x"], ["."]) == ["*", "/x"]
    assert files_below(tree, tree, ["*"]) == {}


@pytest.mark.parametrize("pattern", ["*.c", "l?tin/", "/l*/", "tools/"])
def test_names_that_are_not_utf_8(pattern: str, tmp_path: Path) -> None:
    for name in (b"l\xe4tin/\xff.c", b"kept.h"):
        file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        file.parent.mkdir(exist_ok=True)
        file.touch()
    left = list(files_below(tmp_path, tmp_path, [pattern]))
    assert left == (["kept.h", "l\udce4tin/\udcff.c"] if pattern == "tools/" else ["kept.h"])


def test_a_pattern_that_excludes_a_named_file_does_not_count() -> None:
    patterns = ["*.c", "/kernel/fork.c", "/tools/"]
    assert excludes_beside(patterns, ["kernel/fork.c"]) == ["/tools/"]


@pytest.mark.parametrize(
    "text", ["[", "a[", "[]", "[!]", "[^]", "[\\]", "[a][", "[a]b[", "\\[[", "", "  "]
)
def test_a_line_that_can_match_nothing_is_not_a_pattern(text: str) -> None:
    assert not is_pattern(text)


@pytest.mark.parametrize(
    "text",
    ["[]]", "[!]]", "[a]", "a[b-c]d", "\\[", "[\\]]", "[[]", "a]", "*.c", "/x/", "!a", "**/b"],
)
def test_sets_of_characters_are_patterns(text: str) -> None:
    assert is_pattern(text)
