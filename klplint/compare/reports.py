"""Two reports in JSON compared: what only one of them has, also through renamed files.

No tree is needed. A finding is recognised as a baseline does: by its rule, file and function, and
by the text of its line. What is left then may have another line, or may be in a file that has
another name or is in another directory. At last, a function may have another name: if as many
findings with the same line are left in a file of both reports, they are taken for the same.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter
from pathlib import Path, PurePosixPath

import msgspec

from klplint.errors import UsageError
from klplint.findings.differences import Differences, Item, Kind, Match
from klplint.findings.resolve import normalised

STANDARD_INPUT = "-"
"""The path that stands for standard input."""
VERSION = 1
"""The version of both forms of report."""

_Key = Callable[[Item], Hashable | None]
"""What two items have to have in common; None for an item that it cannot recognise."""


class _Finding(msgspec.Struct):
    code: str
    level: str
    message: str
    file: str
    line: int
    function: str | None = None
    excerpt: str = ""
    suppressed: bool = False


class _Counterpart(msgspec.Struct):
    name: str
    status: str


class _Partner(msgspec.Struct):
    function: str
    confident: bool


class _Order(msgspec.Struct):
    status: str


class _Pair(msgspec.Struct):
    file: str
    line: int
    barrier: str
    pairing: str
    function: str | None = None
    counterparts: tuple[_Counterpart, ...] = ()
    partners: tuple[_Partner, ...] = ()
    order: _Order | None = None


class _Document(msgspec.Struct):
    """What is needed of either form; other fields do not matter."""

    findings: tuple[_Finding, ...] | None = None
    barriers: tuple[_Pair, ...] | None = None
    version: int = VERSION  # `klplint pairs` of before the first release writes none


class Report(msgspec.Struct, frozen=True):
    """The findings or the pairs of a file."""

    kind: Kind
    items: tuple[Item, ...]


def read_report(path: Path) -> Report:
    """The report in a file; UsageError if it is not one of findings or pairs."""
    try:
        document = msgspec.json.decode(_content(path), type=_Document)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a report of klplint in JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: not a report of klplint in JSON: nests too deep") from None
    if document.version != VERSION:
        raise UsageError(
            f"{path}: has version {document.version} of the format, and this klplint reads "
            f"version {VERSION}; write both reports with the same klplint"
        )
    if document.findings is not None:
        listed = (_finding(each) for each in document.findings if not each.suppressed)
        return Report("finding", tuple(listed))
    if document.barriers is not None:
        return Report("pair", tuple(map(_pair, document.barriers)))
    raise UsageError(
        f"{path}: neither findings nor pairs; write it with `klplint check -f json` or "
        "`klplint pairs -f json`"
    )


def _content(path: Path) -> bytes:
    """The content of a file, or of standard input. Raises OSError, and UsageError if closed."""
    if str(path) != STANDARD_INPUT:
        return path.read_bytes()
    if sys.stdin is None:  # where a caller closed it
        raise UsageError("-: standard input is closed; pipe the report in, or give a file")
    return sys.stdin.buffer.read()


def compared(old: Report, new: Report) -> Differences:
    """What two reports differ in; UsageError if one has findings and the other pairs."""
    if old.kind != new.kind:
        raise UsageError(
            "one file has findings and the other has pairs; compare two of `klplint check` or "
            "two of `klplint pairs`"
        )
    place = attrgetter("file", "line", "name")
    # In order of place, or those that look the same would be matched crosswise.
    left, fresh = sorted(old.items, key=place), sorted(new.items, key=place)
    both: list[Match] = []
    for key in (_exact, _other_line, _same_name, _anywhere):
        matches, left, fresh = _matched(left, fresh, key)
        both += matches
    matches, left, fresh = _matched(left, fresh, _equally_many(left, fresh))
    both += matches
    return Differences(
        old.kind,
        tuple(sorted(left, key=place)),
        tuple(sorted(fresh, key=place)),
        tuple(sorted(both, key=lambda match: place(match.new))),
    )


def _matched(
    old: Iterable[Item], new: Iterable[Item], key: _Key
) -> tuple[list[Match], list[Item], list[Item]]:
    """The items that a key finds in both, one for one in their order; then those left in each."""
    waiting: defaultdict[Hashable, list[Item]] = defaultdict(list)
    for item in old:
        waiting[key(item)].append(item)
    matches, left = [], []
    for item in new:
        others = waiting[key(item)] if key(item) is not None else []
        if others:
            matches.append(Match(others.pop(0), item))
        else:
            left.append(item)
    return matches, [item for others in waiting.values() for item in others], left


def _exact(item: Item) -> Hashable:
    return item.name, item.file, item.function, item.excerpt


def _other_line(item: Item) -> Hashable | None:
    return (item.name, item.file, item.function) if item.function else None


def _same_name(item: Item) -> Hashable | None:
    """The same function in a file that is called the same, in another directory."""
    if not item.function:
        return None
    return item.name, PurePosixPath(item.file).name, item.function, item.excerpt


def _anywhere(item: Item) -> Hashable | None:
    return (item.name, item.function, item.excerpt) if item.function else None


def _equally_many(old: Iterable[Item], new: Iterable[Item]) -> _Key:
    """The line in a file, where both have it equally often."""

    def line(item: Item) -> Hashable:
        return item.name, item.file, item.excerpt

    counts = Counter(map(line, old)), Counter(map(line, new))
    equal = {key for key, count in counts[0].items() if count == counts[1][key]}
    return lambda item: line(item) if item.function and line(item) in equal else None


def _finding(finding: _Finding) -> Item:
    return Item(
        name=finding.code,
        file=finding.file,
        line=finding.line,
        function=finding.function or "",
        state=finding.level,
        text=finding.message,
        excerpt=normalised(finding.excerpt),
    )


def _pair(pair: _Pair) -> Item:
    return Item(
        name=pair.barrier,
        file=pair.file,
        line=pair.line,
        function=pair.function or "",
        state=", ".join(_state(pair)),
        text="",
    )


def _state(pair: _Pair) -> Iterable[str]:
    """What is said of a pair, in the words of its JSON."""
    yield pair.pairing
    yield from (f"{each.name} {each.status}" for each in pair.counterparts)
    yield from (f"by the code {p.function}" for p in pair.partners[:1] if p.confident)
    if pair.order is not None:
        yield pair.order.status
