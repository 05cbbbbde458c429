"""The paths of a result that is reported to kbuild: all of them are written as kbuild does."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.cli.kbuild import with_paths
from klplint.facts.region import Region
from klplint.findings.finding import Finding, NotAnalysed, Place, Result


def place(file: str) -> Place:
    return Place(file, Region(1, 1, 1, 2), label=f"in {file}")


def finding(file: str) -> Finding:
    return Finding(
        "KLP002",
        "error",
        f"of {file}",
        place(file),
        related=(place("related.c"), place("/outside/b.h")),
        steps=(place("first.c"), place(file)),
    )


RESULT = Result(
    findings=(finding("a.c"),),
    not_analysed=(NotAnalysed("c.c", 3, "why"),),
    files=1,
    occurrences=1,
    unreadable=("d.c",),
    suppressed=(finding("e.c"),),
)


def files_in(value: object) -> Iterator[str]:
    """Every text at a key `file`, however deep it is."""
    if isinstance(value, dict):
        yield from (str(text) for key, text in value.items() if key == "file")
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from files_in(part)


def test_every_path_of_a_result_is_rewritten_those_of_steps_included() -> None:
    rewritten = with_paths(RESULT, lambda file: f"../{file}")
    before = list(files_in(msgspec.to_builtins(RESULT)))
    assert len(before) == 11
    assert list(files_in(msgspec.to_builtins(rewritten))) == [f"../{file}" for file in before]
    assert rewritten.unreadable == ("../d.c",)


def test_nothing_else_changes() -> None:
    assert with_paths(RESULT, lambda file: file) == RESULT
    assert with_paths(RESULT, lambda file: f"x/{file}").findings[0].message == "of a.c"
