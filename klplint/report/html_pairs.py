"""The map of pairs as data for a page: both sides, what marks them, and the lines around them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from klplint.engine.pair_listing import FilePair
from klplint.engine.pair_sides import Excerpt, OtherSide
from klplint.facts.partners import ObjectUse
from klplint.facts.region import Region
from klplint.printable import one_line
from klplint.report.html_text import Span, source_line
from klplint.report.pair_states import State, state_of
from klplint.report.pair_words import code_lines, comment_lines, end_lines, order_lines

MARKED_OBJECTS = 6
"""How many objects of a pair have a colour: more cannot be distinguished."""

_WORD = re.compile(r"\w+")

Lines = dict[str, dict[int, str]]
"""The lines of source text that a page shows, by file and number."""


class MapMark(msgspec.Struct, frozen=True):
    """A part of a line to mark."""

    line: int
    span: Span


class MapUse(msgspec.Struct, frozen=True):
    """How one side accesses a shared object."""

    where: str
    access: str
    via: str
    line: int
    mark: MapMark | None
    """None where the line is not shown."""


class MapObject(msgspec.Struct, frozen=True):
    """An object that both sides access, with all of its uses."""

    name: str
    reader: tuple[MapUse, ...]
    writer: tuple[MapUse, ...]


class MapChunk(msgspec.Struct, frozen=True):
    """Successive lines: the function that they are in, the first and the last."""

    function: str
    first: int
    last: int


class MapSide(msgspec.Struct, frozen=True):
    """A barrier, or a function without one, on one side of a pair."""

    file: str
    line: int
    function: str
    barrier: str
    chunks: tuple[MapChunk, ...]
    mark: MapMark | None


class MapOther(msgspec.Struct, frozen=True):
    """What may be on the other side."""

    side: MapSide
    in_comment: bool
    """Whether the comment names it."""
    certain: bool
    """Whether the code shows it: it is certain, or the order was checked with it."""
    score: float
    objects: tuple[MapObject, ...]


class MapPair(msgspec.Struct, frozen=True):
    """A barrier and the other sides that it may have."""

    id: str
    group: str
    state: State
    stands: str
    """On which side it stands: `read`, `write`, or `either`."""
    side: MapSide
    reading: str
    attached: str
    because: str
    sentence: str
    comment: tuple[int, int] | None
    """The first and last line of the comment that decided."""
    says: tuple[str, ...]
    """What the comment says, a line for each counterpart."""
    code: tuple[str, ...]
    """What the code says."""
    order: tuple[str, ...]
    """Whether the two barriers order what both sides access, or why that was not checked."""
    others: tuple[MapOther, ...]


def mapped(entries: Iterable[FilePair], groups: dict[str, str], lines: Lines) -> list[MapPair]:
    """Pairs for a page; the lines that they show are added to `lines`."""
    return [_pair(entry, groups, lines) for entry in entries]


def pair_id(file: str, line: int) -> str:
    """What a page calls the pair of the barrier on a line."""
    return f"{one_line(file)}:{line}"


def _pair(entry: FilePair, groups: dict[str, str], lines: Lines) -> MapPair:
    barrier, reading = entry.pair.barrier, entry.pair.reading
    comment = reading.source.region if reading.source else None
    excerpt = entry.sides.barrier if entry.sides else Excerpt(entry.file, ())
    return MapPair(
        id=pair_id(entry.file, barrier.region.line),
        group=one_line(groups[entry.file]),
        state=state_of(entry),
        stands=entry.pair.side,
        side=_side(barrier.function or "", barrier.written, barrier.region, excerpt, lines),
        reading=reading.pairing,
        attached=reading.comment,
        because=one_line(reading.because),
        sentence=one_line(reading.sentence.text) if reading.sentence else "",
        comment=(comment.line, comment.end_line) if comment else None,
        says=tuple(map(one_line, (*comment_lines(entry), *end_lines(entry)))),
        code=tuple(map(one_line, code_lines(entry))),
        order=tuple(map(one_line, order_lines(entry))),
        others=tuple(_others(entry, lines)),
    )


def _others(entry: FilePair, lines: Lines) -> Iterator[MapOther]:
    order = entry.order
    checked = order.partner if order and order.status != "not-checked" else None
    for other in entry.sides.others if entry.sides else ():
        region = Region(other.line, 1, other.line, 1)
        if other.partner:
            region = other.partner.region
        side = _side(other.function, other.barrier, region, other.excerpt, lines)
        yield MapOther(
            side=side,
            in_comment=other.is_named,
            certain=other.partner is not None
            and (other.partner.confident or other.partner == checked),
            score=other.partner.score if other.partner else 0.0,
            objects=tuple(_objects(other, entry.file, lines)),
        )


def _side(function: str, barrier: str, region: Region, excerpt: Excerpt, lines: Lines) -> MapSide:
    for chunk in excerpt.chunks:
        for number, text in enumerate(chunk.lines, chunk.first):
            lines.setdefault(one_line(excerpt.file), {})[number] = text
    return MapSide(
        file=one_line(excerpt.file),
        line=region.line,
        function=one_line(function),
        barrier=one_line(barrier),
        chunks=tuple(
            MapChunk(one_line(c.function), c.first, c.first + len(c.lines) - 1)
            for c in excerpt.chunks
        ),
        mark=_barrier_mark(excerpt, barrier, region, lines),
    )


def _barrier_mark(excerpt: Excerpt, barrier: str, region: Region, lines: Lines) -> MapMark | None:
    """Where the name of a barrier is on its line."""
    text = lines.get(one_line(excerpt.file), {}).get(region.line, "")
    at = text.find(barrier, region.column - 1) if barrier else -1
    if at < 0:
        return None
    return _mark(text, region.line, at + 1, at + 1 + len(barrier))


def _objects(other: OtherSide, reader_file: str, lines: Lines) -> Iterator[MapObject]:
    """The objects with their uses on each side, each use once."""
    uses: defaultdict[str, tuple[dict[ObjectUse, None], dict[ObjectUse, None]]] = defaultdict(
        lambda: ({}, {})
    )
    for shared in other.objects:
        of_reader, of_writer = uses[shared.name]
        of_reader[shared.reader] = of_writer[shared.writer] = None
    for name, (of_reader, of_writer) in list(uses.items())[:MARKED_OBJECTS]:
        yield MapObject(
            name=one_line(name),
            reader=tuple(_use(use, reader_file, lines) for use in of_reader),
            writer=tuple(_use(use, other.file, lines) for use in of_writer),
        )


def _use(use: ObjectUse, file: str, lines: Lines) -> MapUse:
    text = lines.get(one_line(file), {}).get(use.line)
    word = _WORD.match(text, use.column - 1) if text is not None else None
    mark = _mark(text, use.line, use.column, word.end() + 1) if text and word else None
    return MapUse(use.side, use.kind, one_line(use.via), use.line, mark)


def _mark(text: str, line: int, column: int, end: int) -> MapMark | None:
    span = source_line(text, [(1, 1), (column, end)]).spans[1]
    return MapMark(line, span) if span else None
