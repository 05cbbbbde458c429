"""Pairs as JSON, for programs."""

from __future__ import annotations

import msgspec

from klplint.barriers.agreement import OtherEnd
from klplint.barriers.counterparts import Counterpart
from klplint.engine.pair_listing import FilePair, PairList
from klplint.facts.partners import Partner
from klplint.printable import encodable
from klplint.report import pair_order


class _Place(msgspec.Struct, frozen=True):
    file: str
    line: int


class _Barrier(msgspec.Struct, frozen=True):
    name: str
    file: str
    line: int


class _Sentence(msgspec.Struct, frozen=True):
    text: str
    file: str
    line: int


class _Counterpart(msgspec.Struct, frozen=True):
    name: str
    kind: str
    status: str
    resolved: str
    definitions: tuple[_Place, ...]
    barriers: tuple[_Barrier, ...]


class _Partner(msgspec.Struct, frozen=True):
    function: str
    file: str
    line: int
    barrier: str
    score: float
    confident: bool
    objects: tuple[pair_order.Object, ...]


class _OtherEnd(msgspec.Struct, frozen=True):
    function: str
    file: str
    line: int
    barrier: str
    names: tuple[str, ...]
    agrees: bool


class _Pair(msgspec.Struct, frozen=True):
    file: str
    line: int
    function: str | None
    barrier: str
    comment: str
    pairing: str
    reason: str
    sentence: _Sentence | None
    counterparts: tuple[_Counterpart, ...]
    write_barriers: tuple[str, ...]
    partners: tuple[_Partner, ...]
    order: pair_order.OrderDocument | None
    """Null if no partners were searched."""
    side: str
    other_ends: tuple[_OtherEnd, ...]
    alias: str


class _Document(msgspec.Struct, frozen=True):
    """The document's form is a promise: fields may be added, none renamed or dropped."""

    barriers: tuple[_Pair, ...]


def render(pairs: PairList) -> str:
    """Pairs as JSON."""
    document = _Document(tuple(map(_as_object, pairs.pairs)))
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _as_object(entry: FilePair) -> _Pair:
    barrier, reading = entry.pair.barrier, entry.pair.reading
    return _Pair(
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


def _sentence(entry: FilePair) -> _Sentence | None:
    """The sentence that decided, and where it is."""
    reading = entry.pair.reading
    if reading.sentence is None or reading.source is None:
        return None
    line = reading.source.region.line + reading.sentence.line
    return _Sentence(encodable(reading.sentence.text), encodable(entry.file), line)


def _partner(partner: Partner) -> _Partner:
    return _Partner(
        function=partner.function,
        file=encodable(partner.path),
        line=partner.line,
        barrier=partner.barrier,
        score=partner.score,
        confident=partner.confident,
        objects=tuple(map(pair_order.shared_object, partner.objects)),
    )


def _other_end(end: OtherEnd) -> _OtherEnd:
    return _OtherEnd(
        end.function, encodable(end.file), end.line, end.barrier, end.names, end.agrees
    )


def _counterpart(counterpart: Counterpart) -> _Counterpart:
    return _Counterpart(
        name=counterpart.name,
        kind=counterpart.kind,
        status=counterpart.status,
        resolved=counterpart.how,
        definitions=tuple(
            _Place(encodable(d.path), d.region.line) for d in counterpart.definitions
        ),
        barriers=tuple(
            _Barrier(b.name, encodable(b.path), b.region.line) for b in counterpart.barriers
        ),
    )
