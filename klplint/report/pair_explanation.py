"""`klplint pairs --explain`: why the comments at one barrier were read as they were."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.explanation import Heard, HeardComment, explain
from klplint.barriers.pairing import PairReader
from klplint.engine.pair_listing import FilePair
from klplint.printable import one_line

_USES = {
    "attached": "belongs to the barrier",
    "leaned on": "an attached comment refers to it",
    "remote": "elsewhere, and names the barrier",
    "wrapper": "at the head of a function that is little more than the barrier",
    "sole": "elsewhere; the function has no other barrier of the name",
    "not its own": "not read: it is about something else",
}
_CONDITIONS = {
    "pointer": "if the place that it points to explains the pairing",
    "name": "if the word is the name of a function",
    "spot": "if another comment of the file marks the spot",
}
_LONGEST_LINE = 100


def render(entry: FilePair, reader: PairReader) -> str:
    """The explanation of one barrier, as text."""
    return "".join(f"{line}\n" for line in _lines(entry, reader))


def _lines(entry: FilePair, reader: PairReader) -> Iterator[str]:
    barrier, reading = entry.pair.barrier, entry.pair.reading
    where = f" in {barrier.function}()" if barrier.function else ""
    yield one_line(f"{entry.file}:{barrier.region.line}: {barrier.written}(){where}")
    yield f"reading: {reading.pairing}"
    if reading.because:
        yield one_line(f"because: {reading.because}")
    if reading.condition:
        yield f"only {_CONDITIONS[reading.condition]}"
    comments = explain(barrier, entry.pair.siblings, reader.reader_of(barrier.name))
    if not comments:
        yield "no comment near it"
    for comment in comments:
        yield from _comment(entry.file, comment)
    for counterpart in entry.pair.counterparts:
        yield from _counterpart(counterpart)


def _comment(file: str, comment: HeardComment) -> Iterator[str]:
    yield one_line(f"{file}:{comment.line}: comment: {_USES[comment.use]}")
    for sentence in comment.sentences:
        yield from _sentence(sentence)


def _sentence(sentence: Heard) -> Iterator[str]:
    text = one_line(sentence.text)
    shown = text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…"
    yield f'  {sentence.line}: "{shown}"'
    because = f", because of: {one_line(sentence.because)}" if sentence.because else ""
    yield f"    says: {sentence.pairing}{because}"
    for name, role in sentence.names:
        yield f"    {one_line(name)}: {role}"


def _counterpart(counterpart: Counterpart) -> Iterator[str]:
    how = f", {counterpart.how}" if counterpart.how else ""
    yield f"counterpart {counterpart.written}: {counterpart.status}{how}"
    for definition in counterpart.definitions:
        yield f"  {one_line(definition.path)}:{definition.region.line}: defined here"
    if data := counterpart.data:
        yield f"  {one_line(data.path)}:{data.region.line}: {data.name} is not a function"
    for barrier in counterpart.barriers:
        yield f"  {one_line(barrier.path)}:{barrier.region.line}: {barrier.name}()"
