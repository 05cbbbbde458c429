"""What an editor shows of the barriers in a file: their pairs, and where to go from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from klplint.barriers.pairing import PairReader
from klplint.engine.pair_listing import FilePair
from klplint.facts.partners import SharedObject
from klplint.facts.region import Region
from klplint.lsp.messages import BarrierNote, Target
from klplint.report import pair_explanation
from klplint.report.pair_words import facts_of

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")
_MOST_OBJECTS = 6


def barrier_note(entry: FilePair, reader: PairReader, root: Path) -> BarrierNote:
    """What an editor shows of a pair; `root` is where the paths in it start."""
    return BarrierNote(
        entry.pair.barrier.region,
        "\n".join(_hover(entry, reader)),
        tuple(dict.fromkeys(_targets(entry, root))),
    )


def _hover(entry: FilePair, reader: PairReader) -> Iterator[str]:
    barrier = entry.pair.barrier
    where = f" in `{barrier.function}()`" if barrier.function else ""
    yield f"**`{barrier.written}()`**{where}"
    yield ""
    for sentence in facts_of(entry):
        yield f"- {as_markdown(sentence)}"
    yield from objects_table(_objects(entry))
    # The first line is the heading above, with the file.
    explanation = pair_explanation.render(entry, reader).partition("\n")[2]
    yield from ("", "How the comment was read:", "", "```text", explanation.rstrip(), "```")


def as_markdown(text: str) -> str:
    """Text as it is, in Markdown."""
    return _MARKS.sub(r"\\\1", text)


def objects_table(objects: tuple[SharedObject, ...]) -> Iterator[str]:
    """The objects that both sides of a pair access, as a table."""
    if not objects:
        return
    yield from ("", "| object | reader | writer |", "|---|---|---|")
    for shared in objects[:_MOST_OBJECTS]:
        uses = (
            f"{use.kind} {use.side} the barrier, line {use.line}"
            for use in (shared.reader, shared.writer)
        )
        yield f"| {as_markdown(shared.name)} | {' | '.join(uses)} |"


def _objects(entry: FilePair) -> tuple[SharedObject, ...]:
    """The objects by which the order was checked, else those that both sides share."""
    order = entry.order
    if order is not None and order.order is not None and order.order.objects:
        return order.order.objects
    return entry.partners[0].objects if entry.partners else ()


def _targets(entry: FilePair, root: Path) -> Iterator[Target]:
    """The barriers that a comment names, or their functions; then what the code shows."""
    for counterpart in entry.pair.counterparts:
        for place in counterpart.barriers or counterpart.definitions:
            yield Target(str(root / place.path), place.region)
    names_one = any(c.barriers or c.definitions for c in entry.pair.counterparts)
    for number, partner in enumerate(entry.partners):
        is_certain = partner.confident or (number == 0 and not names_one)
        region: Region = partner.region
        yield Target(str(root / partner.path), region, is_certain=is_certain)
