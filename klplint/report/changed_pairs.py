"""The pairs that a change touches, before and after it, in the formats for listings."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from klplint.config.choices import Format
from klplint.engine.pair_listing import ChangedPair, ChangedPairs, FilePair
from klplint.printable import one_line
from klplint.report import changed_pairs_json
from klplint.report.base import Appearance
from klplint.report.counts import counted
from klplint.report.pair_words import facts_of
from klplint.report.rich_text import as_text
from klplint.report.terminal_cells import wrap

_INDENT = "  "


def render(name: Format, pairs: ChangedPairs, appearance: Appearance) -> str:
    """The pairs in a format for listings: JSON, else text."""
    if name == "json":
        return changed_pairs_json.render(pairs)
    parts = [
        as_text([Text("\n").join(_pair(pair, appearance.width))], appearance)
        for pair in pairs.pairs
    ]
    return "\n".join([*parts, _summary(pairs)])


def _pair(pair: ChangedPair, width: int) -> Iterator[Text]:
    """Where the pair is, what of it was touched, and what is said of it."""
    entry = pair.after or pair.before
    assert entry is not None
    where = f" in {entry.pair.barrier.function}()" if entry.pair.barrier.function else ""
    place = f"{one_line(entry.file)}:{entry.pair.barrier.region.line}"
    yield Text.assemble((place, "bold"), f"  {entry.pair.barrier.written}(){where}")
    yield Text(f"{_INDENT}touched: {', '.join(pair.touched)}")
    before, after = (_lines(each, width) for each in (pair.before, pair.after))
    if pair.before and pair.after and before == after:
        yield from _block("as before", after, "")
        return
    yield from _block("before", before, "red")
    yield from _block("after", after, "green")


def _lines(entry: FilePair | None, width: int) -> list[str]:
    if entry is None:
        return ["no such barrier"]
    return [
        line
        for sentence in facts_of(entry)
        for line in wrap(sentence, width - 2 * len(_INDENT), width - 3 * len(_INDENT))
    ]


def _block(title: str, lines: list[str], style: str) -> Iterator[Text]:
    yield Text(f"{_INDENT}{title}:", style)
    for line in lines:
        yield Text(f"{2 * _INDENT}{line}")


def _summary(pairs: ChangedPairs) -> str:
    touched = counted(len(pairs.pairs), "pair") if pairs.pairs else "No pairs"
    return f"{touched} touched, of {counted(pairs.examined, 'barrier')}.\n"
