"""Pairs in the formats for listings; as text, for people, here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from rich.text import Text

from klplint.barriers.counterparts import Status
from klplint.config.choices import Format
from klplint.engine.pair_listing import FilePair, PairList
from klplint.printable import one_line
from klplint.report import pairs_json
from klplint.report.base import Appearance
from klplint.report.counts import counted
from klplint.report.pair_words import (
    HIGHLIGHTED,
    STATUS_NAMES,
    facts_of,
)
from klplint.report.rich_text import as_text
from klplint.report.terminal_cells import wrap

_INDENT = "  "
_ALWAYS_COUNTED: tuple[Status, ...] = ("ok", "missing", "no-write-barrier")


def render(name: Format, pairs: PairList, appearance: Appearance) -> str:
    """Pairs in a format for listings: JSON, else text."""
    return pairs_json.render(pairs) if name == "json" else _as_text(pairs, appearance)


def _as_text(pairs: PairList, appearance: Appearance) -> str:
    if not pairs.pairs:
        return "No read barriers.\n"
    parts = [
        as_text([Text("\n").join(_file(file, list(group), appearance.width))], appearance)
        for file, group in groupby(pairs.pairs, _by_file)
    ]
    return "\n".join([*parts, _summary(pairs, appearance.width)])


def _by_file(entry: FilePair) -> str:
    return entry.file


def _file(file: str, entries: list[FilePair], width: int) -> Iterator[Text]:
    """One file's barriers: the reader, and below it its writers; no place is ever cut."""
    yield Text(one_line(file), "bold")
    digits = max(len(str(entry.pair.barrier.region.line)) for entry in entries)
    indent = " " * (digits + 4)
    for entry in entries:
        barrier = entry.pair.barrier
        where = f" in {barrier.function}()" if barrier.function else ""
        number = (f"{barrier.region.line:>{digits}}", "cyan")
        yield Text.assemble(number, f"  {barrier.written}(){where}")
        for sentence in facts_of(entry):
            first, *rest = wrap(sentence, width - len(indent), width - len(indent) - 2)
            for line in (first, *(f"  {line}" for line in rest)):
                text = Text(indent + line)
                text.highlight_words(HIGHLIGHTED, "bold yellow")
                yield text


def _summary(pairs: PairList, width: int) -> str:
    counts = Counter(entry.pair.reading.pairing for entry in pairs.pairs)
    listed = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("explicit", "implicit", "none"))
    statuses = Counter(c.status for entry in pairs.pairs for c in entry.pair.counterparts)
    names = ", ".join(
        f"{statuses[status]:,} {name}"
        for status, name in STATUS_NAMES.items()
        if statuses[status] or status in _ALWAYS_COUNTED
    )
    is_read = all(entry.pair.side != "write" for entry in pairs.pairs)
    barriers = counted(len(pairs.pairs), "read barrier" if is_read else "barrier")
    sentences = (f"{barriers}: {listed}", f"counterparts: {names}")
    return "".join(
        f"{line}\n"
        for sentence in sentences
        for number, part in enumerate(wrap(sentence, width, width - len(_INDENT)))
        for line in (f"{_INDENT}{part}" if number else part,)
    )
