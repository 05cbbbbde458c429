"""The differences of two reports, in the formats for listings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from klplint.config.choices import ListingFormat
from klplint.findings.differences import Differences, Item, Match
from klplint.printable import one_line
from klplint.report import comparison_json
from klplint.report.base import Appearance
from klplint.report.counts import counted
from klplint.report.terminal_cells import wrap

_INDENT = "  "


def render(
    form: ListingFormat, differences: Differences, names: tuple[str, str], appearance: Appearance
) -> str:
    """The differences; `names` are those of the two reports."""
    if form == "json":
        return comparison_json.render(differences)
    return "".join(f"{line}\n" for line in _lines(differences, names, appearance.width))


def _lines(differences: Differences, names: tuple[str, str], width: int) -> Iterator[str]:
    kind = differences.kind
    sides = zip(names, (differences.only_old, differences.only_new), strict=True)
    for name, items in sides:
        if items:
            yield f"Only in {one_line(name)}: {counted(len(items), kind)}"
            for item in items:
                yield from _item(item, width)
            yield ""
    if differences.changed:
        yield f"Changed: {counted(len(differences.changed), kind)}"
        for match in differences.changed:
            yield from _changed(match, width)
        yield ""
    if differences.moved:
        yield f"Moved, or renamed with the function: {counted(len(differences.moved), kind)}"
        for match in differences.moved:
            yield f"{_INDENT}{_place(match.old)} {_function(match.old)}".rstrip()
            yield f"{2 * _INDENT}now {_place(match.new)} {_function(match.new)}".rstrip()
        yield ""
    yield from _summary(differences, names)


def _item(item: Item, width: int) -> Iterator[str]:
    yield f"{_INDENT}{_place(item)}  {_named(item)}"
    yield from _wrapped(item.text or item.state, width)


def _changed(match: Match, width: int) -> Iterator[str]:
    yield f"{_INDENT}{_place(match.new)}  {_named(match.new, with_state=False)}"
    yield from _wrapped(f"before: {match.old.state}", width)
    yield from _wrapped(f"now: {match.new.state}", width)


def _named(item: Item, *, with_state: bool = True) -> str:
    """The rule with the level of a finding, or the barrier; and the function."""
    where = f" {_function(item)}".rstrip()
    if not item.text:
        return f"{item.name}(){where}"
    return f"{item.name} {item.state}{where}" if with_state else f"{item.name}{where}"


def _function(item: Item) -> str:
    return f"in {one_line(item.function)}()" if item.function else ""


def _place(item: Item) -> str:
    return f"{one_line(item.file)}:{item.line}"


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in wrap(one_line(text), width - 2 * len(_INDENT), width - 3 * len(_INDENT)):
        yield f"{2 * _INDENT}{line}"


def _summary(differences: Differences, names: Sequence[str]) -> Iterator[str]:
    both = counted(len(differences.both), differences.kind)
    notes = [
        f"{len(matches):,} {what}"
        for matches, what in ((differences.changed, "changed"), (differences.moved, "moved"))
        if matches
    ]
    yield f"In both: {both}" + (f" ({', '.join(notes)})" if notes else "") + "."
    for name, items in zip(names, (differences.only_old, differences.only_new), strict=True):
        yield f"Only in {one_line(name)}: {len(items):,}."
