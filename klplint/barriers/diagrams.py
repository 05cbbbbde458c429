"""Diagrams in comments: columns, one for each side, with the steps of that side below its head.

CPU 0: foo()          CPU 1: bar()
x = 1;                r = y;
smp_wmb();            smp_rmb();
y = 1;                s = x;
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from klplint.barriers.named_functions import Named, names_in
from klplint.barriers.primitives import Primitives, Site

# A tab, or more than two spaces, stands between two cells. A few rows with that are a diagram.
_CELL = re.compile(r"\S+(?: {1,2}\S+)*")
_TAB = 8
_FEWEST_ROWS = 3
_HEAD_ROWS = 2
_SLACK = 4
"""How far a cell may begin before its column."""
# Longer lines are not rows of a diagram.
_LONGEST_ROW = 300
_MOST_COLUMNS = 4
_PRIMITIVE = re.compile(r"(?-i:\b(?:MB|WMB|UNLOCK|RELEASE|STORE-RELEASE)\b)")
_READ = re.compile(r"(?-i:\bRMB\b)")


class Column(msgspec.Struct, frozen=True):
    """One side of a diagram."""

    cells: tuple[str, ...]

    @property
    def head(self) -> str:
        """What says whose side it is."""
        return " ; ".join(self.cells[:_HEAD_ROWS])


class Diagram(msgspec.Struct, frozen=True):
    """Some rows of a comment that are drawn in columns."""

    line: int
    """How many lines of the comment come before it."""
    columns: tuple[Column, ...]


class Drawn(NamedTuple):
    """What a diagram says about the partner of a barrier."""

    barrier: str
    """The partner's barrier; "" if its side has none."""
    names: tuple[Named, ...]
    """The functions that the partner's side is headed with."""


class _Row(NamedTuple):
    number: int
    cells: list[tuple[int, str]]


def split_off(lines: Iterable[str]) -> tuple[list[tuple[int, str]], list[Diagram]]:
    """The lines of a comment that are not in a diagram, with their numbers, and the diagrams."""
    prose: list[tuple[int, str]] = []
    diagrams: list[Diagram] = []
    block: list[tuple[_Row, str]] = []

    def end() -> None:
        rows = [row for row, _ in block if len(row.cells) > 1]
        if len(rows) >= _FEWEST_ROWS:
            diagrams.append(_diagram([row for row, _ in block]))
        else:
            prose.extend((row.number, line) for row, line in block)
        block.clear()

    for number, line in enumerate(lines):
        row = _Row(number, _cells(line))
        if len(row.cells) > 1 or (block and _is_within(row, block[-1][0])):
            block.append((row, line))
            continue
        if not line.strip() and block:
            prose.append((number, line))
            continue
        end()
        prose.append((number, line))
    end()
    return sorted(prose), diagrams


def _is_within(row: _Row, last: _Row) -> bool:
    """Whether a row with one cell goes on with the diagram above: it stands in a later column."""
    is_further = bool(row.cells) and len(last.cells) > 1 and row.cells[0][0] > last.cells[0][0]
    return is_further or (
        bool(row.cells) and len(last.cells) == 1 and row.cells[0][0] == last.cells[0][0] > _TAB
    )


def _cells(line: str) -> list[tuple[int, str]]:
    """The cells of a line, with the columns at which they begin."""
    if len(line) > _LONGEST_ROW:
        return [(0, line)]
    return [
        (len(line[: match.start()].expandtabs(_TAB)), match[0]) for match in _CELL.finditer(line)
    ]


def _diagram(rows: list[_Row]) -> Diagram:
    widest = max(rows, key=lambda row: len(row.cells))
    starts = [start for start, _ in widest.cells][:_MOST_COLUMNS]
    columns: list[list[str]] = [[] for _ in starts]
    for row in rows:
        is_whole = len(row.cells) == len(starts)
        for number, (start, text) in enumerate(row.cells):
            place = (
                number
                if is_whole
                else max(
                    (n for n, first in enumerate(starts) if first <= start + _SLACK), default=0
                )
            )
            columns[place].append(text)
    return Diagram(rows[0].number, tuple(Column(tuple(column)) for column in columns))


def partner_in(diagram: Diagram, site: Site, primitives: Primitives) -> Drawn | None:
    """What a diagram says about the partner; None if it is not about barriers.

    The reader's column names no partner. Where it is not plain which one that is, none does.
    """
    mine = _column_of(diagram, site, primitives)
    others = [column for column in diagram.columns if column is not mine]
    barriers = [_barrier_in(column, primitives, site) for column in others]
    if not any(_is_about_barriers(column, primitives) for column in diagram.columns):
        return None
    names = [_heads(column, site, primitives) for column in others] if mine else []
    with_barrier = [place for place, barrier in enumerate(barriers) if barrier]
    if not mine and len(with_barrier) < (2 if primitives.is_full(site) else 1):
        return None
    meant = with_barrier or range(len(names))
    partners = dict.fromkeys(name for place in meant if names for name in names[place])
    return Drawn(next(filter(None, barriers), ""), tuple(partners))


def _column_of(diagram: Diagram, site: Site, primitives: Primitives) -> Column | None:
    """The reader's column: headed by its function, or else the only one with its barrier."""
    for column in diagram.columns:
        if site.function and re.search(rf"\b{re.escape(site.function)}\b", column.head):
            return column
    barrier = re.compile(rf"\b{re.escape(site.barrier)}\b")
    having = [c for c in diagram.columns if any(map(barrier.search, c.cells))]
    if not having and not primitives.is_full(site):
        having = [c for c in diagram.columns if any(map(_READ.search, c.cells))]
    return having[0] if len(having) == 1 else None


def _barrier_in(column: Column, primitives: Primitives, site: Site) -> str:
    """The barrier in a column that may be a partner; "" if it has none."""
    for cell in column.cells:
        match = (
            primitives.write_only.search(cell)
            or primitives.general.search(cell)
            or _PRIMITIVE.search(cell)
            or (primitives.is_full(site) and primitives.read_side.search(cell))
            or (primitives.is_full(site) and _READ.search(cell))
        )
        if match:
            return match[0]
    return ""


def _is_about_barriers(column: Column, primitives: Primitives) -> bool:
    return any(
        pattern.search(cell)
        for cell in column.cells
        for pattern in (primitives.write_only, primitives.general, primitives.read_side, _PRIMITIVE)
    )


def _heads(column: Column, site: Site, primitives: Primitives) -> list[Named]:
    """The functions in the head of a column."""
    for cell in column.cells[:_HEAD_ROWS]:
        names = [
            spot.mention
            for spot in names_in(cell, primitives, primitives.words.pointer)
            if spot.mention.name not in site.names and spot.mention.kind == "function"
        ]
        if names and "=" not in cell:
            return names
    return []
