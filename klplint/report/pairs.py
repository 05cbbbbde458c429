"""Pairs in the formats for listings; as text, for people, here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from rich.text import Text

from klplint.barriers.counterparts import Counterpart, Status
from klplint.barriers.pairing import Standing, differs
from klplint.config.choices import Format
from klplint.engine.pair_listing import FilePair, PairList
from klplint.facts.partners import Partner
from klplint.printable import one_line
from klplint.report import pair_order, pairs_json
from klplint.report.base import Appearance
from klplint.report.counts import counted
from klplint.report.rich_text import as_text
from klplint.report.terminal_cells import wrap

_MOST_BARRIERS = 3
"""Barriers of one counterpart that the text form shows; JSON has all."""
_REMARKS = {
    "explicit": "",
    "implicit": "the comment names the writer, but not its barrier",
    "none": "the comment names no partner",
}
_INDENT = "  "
_MISSING = "MISSING"
_NO_WRITE_BARRIER = "NO WRITE BARRIER"
_NO_READ_BARRIER = "NO READ BARRIER"
_OTHER_BARRIER = "OTHER BARRIER"
_MISSPELT = "MISSPELT"
_ELSEWHERE = "ELSEWHERE"
_DISAGREES = "NOT WHAT THE COMMENT NAMES"
_NOT_THIS_ONE = "NOT THIS ONE"
_HIGHLIGHTED = (
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
_STATUS_NAMES: dict[Status, str] = {
    "ok": "found",
    "missing": "missing",
    "no-write-barrier": "without a write barrier",
    "other-barrier": "with another barrier",
    "elsewhere": "in another file",
    "misspelt": "with a misspelt primitive",
    "not-in-part": "not in this part of the tree",
}
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
        for sentence in sentences(entry):
            first, *rest = wrap(sentence, width - len(indent), width - len(indent) - 2)
            for line in (first, *(f"  {line}" for line in rest)):
                text = Text(indent + line)
                text.highlight_words(_HIGHLIGHTED, "bold yellow")
                yield text


def sentences(entry: FilePair) -> Iterator[str]:
    """What is on the other side of a barrier, by its comment and by the code."""
    yield from (*_writers(entry), *_from_code(entry), *_ends(entry))


def _writers(entry: FilePair) -> Iterator[str]:
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


def _from_code(entry: FilePair) -> Iterator[str]:
    """The first partner that the code shows, whether the comment names another, and the order."""
    order = pair_order.in_words(entry.order) if entry.order else ""
    if entry.partners:
        yield _likeliest(entry, entry.partners[0])
    if order:
        yield order


def _likeliest(entry: FilePair, first: Partner) -> str:
    where = f"{first.function}(): {first.barrier}() at {first.path}:{first.line}"
    if first.confident:
        mark = f", {_DISAGREES}" if differs(entry.pair, first) else ""
        return f"by the code: {where}{mark}"
    return f"by the code, perhaps: {where}"


def _ends(entry: FilePair) -> Iterator[str]:
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
        alike = counterpart.alike
        yield f"{called}: {_MISSING}" + (f" (similar: {alike.name}())" if alike else "")
    elif counterpart.status == "not-in-part":
        yield f"{called}: {_STATUS_NAMES[counterpart.status]}"
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


def _summary(pairs: PairList, width: int) -> str:
    counts = Counter(entry.pair.reading.pairing for entry in pairs.pairs)
    listed = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("explicit", "implicit", "none"))
    statuses = Counter(c.status for entry in pairs.pairs for c in entry.pair.counterparts)
    names = ", ".join(
        f"{statuses[status]:,} {name}"
        for status, name in _STATUS_NAMES.items()
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
