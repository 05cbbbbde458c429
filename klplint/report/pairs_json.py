"""Pairs as JSON, for programs."""

from __future__ import annotations

import msgspec

from klplint import __version__
from klplint.barriers.agreement import OtherEnd
from klplint.barriers.counterparts import Counterpart
from klplint.engine.pair_listing import FilePair, PairList
from klplint.facts.partners import Partner
from klplint.printable import encodable
from klplint.report import pair_order

VERSION = 1
"""The version of the form. A field may be added without a new one."""


class Definition(msgspec.Struct, frozen=True):
    """A definition of what a comment names."""

    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""


class HeldBarrier(msgspec.Struct, frozen=True):
    """A barrier in a function that a comment names, or in what that calls directly."""

    name: str
    """The primitive, or the function that is called."""
    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""


class Sentence(msgspec.Struct, frozen=True):
    """The sentence of a comment that decided how it was read."""

    text: str
    """The sentence, without what makes it a comment."""
    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""


class NamedCounterpart(msgspec.Struct, frozen=True):
    """A function, macro or file that a comment names as the other side."""

    name: str
    """Its name, as the comment has it."""
    kind: str
    """`function`, `macro` or `file`."""
    status: str
    """`ok`, or what is wrong: `missing`, `no-write-barrier`, `other-barrier`, `elsewhere`,
    `misspelt`; `not-in-part` if the tree is only a part of a kernel."""
    resolved: str
    """In which way the name was looked up."""
    definitions: tuple[Definition, ...]
    """Where it is defined."""
    barriers: tuple[HeldBarrier, ...]
    """The barriers that it holds."""


class LikelyPartner(msgspec.Struct, frozen=True):
    """A barrier that may be the other side, by what both sides access."""

    function: str
    """The function that holds it."""
    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    barrier: str
    """The primitive."""
    score: float
    """How likely it is, from 0 to 1."""
    confident: bool
    """Whether the evidence is clear."""
    objects: tuple[pair_order.Object, ...]
    """What both sides access, the strongest evidence first."""


class End(msgspec.Struct, frozen=True):
    """A commented barrier at the other end of a pair."""

    function: str
    """The function that holds it."""
    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    barrier: str
    """The primitive."""
    names: tuple[str, ...]
    """The functions that its comment names."""
    agrees: bool
    """Whether the comments at the two ends name each other."""


class ListedPair(msgspec.Struct, frozen=True):
    """A barrier, how its comment was read, and what is on the other side."""

    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    function: str | None
    """The function or macro around it; null outside of both."""
    barrier: str
    """The primitive."""
    comment: str
    """Whether there is a comment, and where: `none` if there is none."""
    pairing: str
    """What it says: `explicit` (a partner), `implicit` (a function, but no barrier), `none`."""
    reason: str
    """Why it was read so."""
    sentence: Sentence | None
    """The sentence that decided; null if none did."""
    counterparts: tuple[NamedCounterpart, ...]
    """What the comment names, looked up in the tree."""
    write_barriers: tuple[str, ...]
    """The primitives that the comment names."""
    partners: tuple[LikelyPartner, ...]
    """The other sides that the code shows, best first."""
    order: pair_order.OrderDocument | None
    """Whether the two barriers order what both sides access; null if no partners were searched."""
    side: str
    """The side of the barrier: `read`, `write` or `either`."""
    other_ends: tuple[End, ...]
    """What the comments at the other end of the pair name."""
    alias: str
    """The name by which the barrier is used, where that is another one; else empty."""


class Document(msgspec.Struct, frozen=True):
    """The pairs of a tree. The form is a promise: fields may be added, none renamed or removed."""

    version: int
    """The version of this form; it changes if a field is renamed or removed."""
    klplint: str
    """The version of klplint that wrote it."""
    barriers: tuple[ListedPair, ...]
    """The barriers that are checked, sorted by file and line."""


def render(pairs: PairList) -> str:
    """Pairs as JSON."""
    document = Document(VERSION, __version__, tuple(map(listed, pairs.pairs)))
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def listed(entry: FilePair) -> ListedPair:
    """A pair as the JSON form has it."""
    barrier, reading = entry.pair.barrier, entry.pair.reading
    return ListedPair(
        file=encodable(entry.file),
        line=barrier.region.line,
        function=barrier.function,
        barrier=barrier.name,
        comment=reading.comment,
        pairing=reading.pairing,
        reason=reading.because,
        sentence=_sentence(entry),
        counterparts=tuple(map(_counterpart, entry.pair.counterparts)),
        write_barriers=reading.write_barriers,
        partners=tuple(map(_partner, entry.partners)),
        order=pair_order.as_document(entry.order) if entry.order else None,
        side=entry.pair.side,
        other_ends=tuple(map(_other_end, entry.ends)),
        alias=barrier.alias,
    )


def _sentence(entry: FilePair) -> Sentence | None:
    """The sentence that decided, and where it is."""
    reading = entry.pair.reading
    if reading.sentence is None or reading.source is None:
        return None
    line = reading.source.region.line + reading.sentence.line
    return Sentence(encodable(reading.sentence.text), encodable(entry.file), line)


def _partner(partner: Partner) -> LikelyPartner:
    return LikelyPartner(
        function=partner.function,
        file=encodable(partner.path),
        line=partner.line,
        barrier=partner.barrier,
        score=partner.score,
        confident=partner.confident,
        objects=tuple(map(pair_order.shared_object, partner.objects)),
    )


def _other_end(end: OtherEnd) -> End:
    return End(end.function, encodable(end.file), end.line, end.barrier, end.names, end.agrees)


def _counterpart(counterpart: Counterpart) -> NamedCounterpart:
    return NamedCounterpart(
        name=counterpart.name,
        kind=counterpart.kind,
        status=counterpart.status,
        resolved=counterpart.how,
        definitions=tuple(
            Definition(encodable(d.path), d.region.line) for d in counterpart.definitions
        ),
        barriers=tuple(
            HeldBarrier(b.name, encodable(b.path), b.region.line) for b in counterpart.barriers
        ),
    )
