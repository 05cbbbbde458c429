"""What listings of pairs say about a barrier and its other side, a line for each thing to say."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.barriers.counterparts import Counterpart, Status
from klplint.barriers.pairing import Standing, differs
from klplint.engine.pair_listing import FilePair
from klplint.facts.partners import Partner
from klplint.report import pair_order

_MOST_BARRIERS = 3
"""Barriers of one counterpart that the text form shows; JSON has all."""
_REMARKS = {
    "explicit": "",
    "implicit": "the comment names the writer, but not its barrier",
    "none": "the comment names no partner",
}
_MISSING = "MISSING"
_NO_WRITE_BARRIER = "NO WRITE BARRIER"
_NO_READ_BARRIER = "NO READ BARRIER"
_OTHER_BARRIER = "OTHER BARRIER"
_MISSPELT = "MISSPELT"
_ELSEWHERE = "ELSEWHERE"
_DISAGREES = "NOT WHAT THE COMMENT NAMES"
_NOT_THIS_ONE = "NOT THIS ONE"
HIGHLIGHTED = (
    _NOT_THIS_ONE,
    _NO_READ_BARRIER,
    _DISAGREES,
    _MISSING,
    _NO_WRITE_BARRIER,
    _OTHER_BARRIER,
    _ELSEWHERE,
    _MISSPELT,
    pair_order.MISORDERED,
)
STATUS_NAMES: dict[Status, str] = {
    "ok": "found",
    "missing": "missing",
    "no-write-barrier": "without a write barrier",
    "other-barrier": "with another barrier",
    "elsewhere": "in another file",
    "misspelt": "with a misspelt primitive",
    "not-in-part": "not in this part of the tree",
}


def facts_of(entry: FilePair) -> list[str]:
    """What is said of a pair, a line for each thing to say."""
    parts = comment_lines, code_lines, order_lines, end_lines
    return [line for lines in parts for line in lines(entry)]


def comment_lines(entry: FilePair) -> Iterator[str]:
    """What is on the other side of a barrier, a line for each thing to say."""
    reading = entry.pair.reading
    remark = _REMARKS[reading.pairing] if reading.comment != "none" else "no comment"
    if entry.pair.side == "write":
        remark = remark.replace("writer", "reader")
    if reading.impossible:
        remark = f"the comment names {reading.impossible}, which orders no writes"
    if remark:
        yield remark
    for counterpart in entry.pair.counterparts:
        yield from _writer(counterpart, entry.pair.side)
    if not remark and not entry.pair.counterparts:
        barriers = ", ".join(dict.fromkeys(reading.write_barriers))
        yield f"{barriers or 'another barrier'}, in a function that the comment does not name"


def code_lines(entry: FilePair) -> Iterator[str]:
    """The first partner that the code shows, and whether the comment names another."""
    if entry.partners:
        yield _likeliest(entry, entry.partners[0])


def order_lines(entry: FilePair) -> Iterator[str]:
    """The order of both sides, as far as there is a pair."""
    order = pair_order.in_words(entry.order) if entry.order else ""
    if order:
        yield order


def _likeliest(entry: FilePair, first: Partner) -> str:
    where = f"{first.function}(): {first.barrier}() at {first.path}:{first.line}"
    if first.confident:
        mark = f", {_DISAGREES}" if differs(entry.pair, first) else ""
        return f"by the code: {where}{mark}"
    return f"by the code, perhaps: {where}"


def end_lines(entry: FilePair) -> Iterator[str]:
    """Where the comments at both ends of a pair disagree."""
    for end in entry.ends:
        if not end.agrees:
            names = ", ".join(f"{name}()" for name in end.names)
            place = f"{end.barrier}() at {end.file}:{end.line}"
            yield f"{end.function}(): the comment on {place} names {names}, {_NOT_THIS_ONE}"


def _writer(counterpart: Counterpart, side: Standing) -> Iterator[str]:
    """A counterpart: its name, and where it and its barriers are."""
    called = counterpart.written
    if counterpart.status == "missing":
        alike, data = counterpart.alike, counterpart.data
        yield (
            f"{called}: {_MISSING}"
            + (f" (not a function: {data.name} at {data.path}:{data.region.line})" if data else "")
            + (f" (similar: {alike.name}())" if alike else "")
        )
    elif counterpart.status == "not-in-part":
        yield f"{called}: {STATUS_NAMES[counterpart.status]}"
    elif counterpart.status == "elsewhere":
        places = ", ".join(f"{d.path}:{d.region.line}" for d in counterpart.definitions[:1])
        yield f"{called}: {_ELSEWHERE} at {places}, not in {counterpart.file}"
    elif counterpart.status == "no-write-barrier":
        places = ", ".join(f"{d.path}:{d.region.line}" for d in counterpart.definitions[:1])
        lacks = _NO_READ_BARRIER if side == "write" else _NO_WRITE_BARRIER
        yield f"{called}: {lacks} at {places}"
    elif counterpart.status == "misspelt":
        yield f"{called}: {_MISSPELT} {counterpart.misspelt}() (similar: {counterpart.primitive}())"
    elif counterpart.barriers:
        if counterpart.status == "other-barrier":
            wanted = " or ".join(f"{name}()" for name in counterpart.holds)
            yield f"{called}: {_OTHER_BARRIER}, not {wanted}:"
        for barrier in counterpart.barriers[:_MOST_BARRIERS]:
            yield f"{called}: {barrier.name}() at {barrier.path}:{barrier.region.line}"
        more = len(counterpart.barriers) - _MOST_BARRIERS
        if more > 0:
            yield f"{called}: and {more} more"
    else:
        places = ", ".join(f"{d.path}:{d.region.line}" for d in counterpart.definitions[:1])
        yield f"{called}: {places}" if places else called
