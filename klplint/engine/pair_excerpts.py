"""The two sides of pairs as places in the source, with the lines around them.

The other side of a barrier is what its comment names, and what the code shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.pairing import is_meant
from klplint.barriers.reading import Reading
from klplint.csource.lexer import Source
from klplint.csource.outline import Body, Outline
from klplint.engine.pair_listing import FilePair, PairList
from klplint.engine.pair_sides import Chunk, Excerpt, OtherSide, PairSides
from klplint.facts.partners import Partner, SharedObject
from klplint.source_text import source_or_nothing

# A function of up to so many lines is shown as a whole: it fits on a screen.
_WHOLE = 40
# Of a longer one, so many lines around the barrier, and around an access to a shared object.
_AROUND_BARRIER = 6
_AROUND_ACCESS = 1
# A gap of so many lines takes as much room as the lines.
_SMALLEST_GAP = 3
# No excerpt has many more lines, however many accesses there are.
_MOST_LINES = 90
# Of a longer comment, half as many lines are shown; of the head of a function, not more.
_LONGEST_COMMENT = 16
_LONGEST_HEAD = 6
# Barriers of one counterpart, and candidates that only may be partners.
_MOST_BARRIERS = 3
_MOST_CANDIDATES = 3
_UNLIKELY = 0.05


def with_sides(pairs: PairList, root: Path) -> PairList:
    """Pairs with the source around both sides, read from the tree at `root`."""
    files = _Files(root)
    with_excerpts = tuple(
        msgspec.structs.replace(entry, sides=_sides(entry, files)) for entry in pairs.pairs
    )
    return msgspec.structs.replace(pairs, pairs=with_excerpts)


def _sides(entry: FilePair, files: _Files) -> PairSides:
    others = tuple(_others(entry, files))
    barrier, reading = entry.pair.barrier, entry.pair.reading
    lines = [shared.reader.line for other in others for shared in other.objects]
    place = barrier.region
    excerpt = files.excerpt(
        entry.file, (place.line, place.column), [*_comment_lines(reading), *_near(lines)]
    )
    return PairSides(excerpt, others)


def _comment_lines(reading: Reading) -> range:
    """The lines of the comment that decided; of a long one, those around the sentence."""
    if reading.source is None:
        return range(0)
    region = reading.source.region
    first, end = region.line, region.end_line + 1
    if end - first > _LONGEST_COMMENT and reading.sentence:
        first += max(0, reading.sentence.line - 1)
        end = min(end, first + _LONGEST_COMMENT // 2)
    return range(first, end)


def _others(entry: FilePair, files: _Files) -> Iterator[OtherSide]:
    """The other sides: those that the order was checked with and that the comment names first."""
    partners = {(each.path, each.line): each for each in _shown(entry)}
    claimed = {
        place: (counterpart, barrier)
        for counterpart in entry.pair.counterparts
        for place, barrier in _places(counterpart)
    }
    checked = entry.order.partner if entry.order else None
    first = [(checked.path, checked.line)] if checked else []
    for place in dict.fromkeys([*first, *claimed, *partners]):
        partner = partners.get(place)
        counterpart, barrier = claimed.get(place, (None, partner.barrier if partner else ""))
        meant = counterpart or _meaning(entry, partner)
        objects = _objects(entry, partner) if partner else ()
        path, line = place
        lines = _near([shared.writer.line for shared in objects])
        excerpt = files.excerpt(path, (line, _column(place, partner, meant)), lines)
        yield OtherSide(
            function=partner.function if partner else files.function_at(path, line) or _name(meant),
            file=path,
            line=line,
            barrier=barrier,
            is_named=meant is not None,
            status=meant.status if meant else None,
            partner=partner,
            objects=objects,
            excerpt=excerpt,
        )


def _name(counterpart: Counterpart | None) -> str:
    return counterpart.name if counterpart else ""


def _meaning(entry: FilePair, partner: Partner | None) -> Counterpart | None:
    """What of the comment means a partner."""
    return next((c for c in entry.pair.counterparts if partner and is_meant(c, partner)), None)


def _shown(entry: FilePair) -> Iterator[Partner]:
    """The partners worth showing: checked, certain or meant, and else the likeliest."""
    checked = entry.order.partner if entry.order else None
    if checked:
        yield checked
    is_named = any(place for each in entry.pair.counterparts for place in _places(each))
    for number, partner in enumerate(entry.partners[:0] if is_named else entry.partners):
        is_likely = number == 0 or (number < _MOST_CANDIDATES and partner.score > _UNLIKELY)
        if partner.confident or is_likely or _meaning(entry, partner):
            yield partner


def _places(counterpart: Counterpart) -> Iterator[tuple[tuple[str, int], str]]:
    """Where a counterpart is: at its barriers, else where it is defined."""
    for barrier in counterpart.barriers[:_MOST_BARRIERS]:
        yield (barrier.path, barrier.region.line), barrier.name
    if not counterpart.barriers and counterpart.kind != "file":
        for definition in counterpart.definitions[:1]:
            yield (definition.path, definition.region.line), ""


def _column(place: tuple[str, int], partner: Partner | None, meant: Counterpart | None) -> int:
    """The column of a place on the other side."""
    if partner:
        return partner.column
    if meant is None:
        return 1
    regions = [(each.path, each.region) for each in meant.barriers]
    regions += [(each.path, each.region) for each in meant.definitions]
    return next((region.column for path, region in regions if (path, region.line) == place), 1)


def _objects(entry: FilePair, partner: Partner) -> tuple[SharedObject, ...]:
    """What both sides access, each use once; what decides about the order comes first."""
    order = entry.order.order if entry.order else None
    checked = entry.order.partner if entry.order else None
    is_checked = checked and (checked.path, checked.line) == (partner.path, partner.line)
    decisive = order.objects if order and is_checked else ()
    return tuple(dict.fromkeys([*decisive, *partner.objects]))


def _near(lines: Iterable[int]) -> list[int]:
    """The lines beside accesses."""
    return [
        near
        for line in dict.fromkeys(lines)
        for near in range(line - _AROUND_ACCESS, line + _AROUND_ACCESS + 1)
    ]


class _Files:
    """The files of a tree, each read and outlined once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._outlines: dict[str, tuple[Outline, list[str]]] = {}

    def function_at(self, path: str, line: int) -> str:
        """The function that holds a line, or whose head does; "" if there is none."""
        return self._function(self._read(path)[0], line)

    def excerpt(self, path: str, place: tuple[int, int], further: Iterable[int]) -> Excerpt:
        """The lines around a line and column, with `further` ones, the most important first."""
        outline, lines = self._read(path)
        shown = self._around(outline, *place)
        for line in further:
            if len(shown) < _MOST_LINES:
                shown.add(line)
        numbers = sorted(number for number in shown if 1 <= number <= len(lines))
        return Excerpt(
            path,
            tuple(
                Chunk(
                    self._function(outline, run.start),
                    run.start,
                    tuple(lines[run.start - 1 : run.stop - 1]),
                )
                for run in _runs(numbers)
            ),
        )

    def _around(self, outline: Outline, line: int, column: int) -> set[int]:
        """The lines that an excerpt has in any case: the function, or its head and the place."""
        around = range(line - _AROUND_BARRIER, line + _AROUND_BARRIER + 1)
        body = self._body(outline, line, column)
        if body is None:
            return {*around}
        first, opening, last = (
            outline.source.position(offset)[0] for offset in (body.head, body.start, body.end - 1)
        )
        if last - first < _WHOLE:
            return {*range(first, last + 1)}
        return {
            *range(first, min(opening + 1, first + _LONGEST_HEAD)),
            *range(max(first, around.start), min(last + 1, around.stop)),
        }

    def _function(self, outline: Outline, line: int) -> str:
        body = self._body(outline, line, 1)
        return body.called if body else ""

    @staticmethod
    def _body(outline: Outline, line: int, column: int) -> Body | None:
        offset = outline.source.offset(line, column)
        return outline.body_at(offset) or outline.body_behind(offset)

    def _read(self, path: str) -> tuple[Outline, list[str]]:
        if path not in self._outlines:
            text = source_or_nothing(self._root / path)
            lines = [line.rstrip("\r") for line in text.split("\n")]
            self._outlines[path] = Outline(Source(text)), lines
        return self._outlines[path]


def _runs(numbers: list[int]) -> Iterator[range]:
    """Sorted numbers as runs of successive ones; small gaps are filled."""
    start = previous = 0
    for number in numbers:
        if previous and number - previous > _SMALLEST_GAP:
            yield range(start, previous + 1)
            start = number
        start = start or number
        previous = number
    if previous:
        yield range(start, previous + 1)
