"""The pairs that a change touches: a side of them, or what is said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from klplint.compare.causes import edited_functions
from klplint.compare.changed_lines import At, Changes
from klplint.engine.pair_listing import ChangedPair, ChangedPairs, FilePair, PairList, Touched
from klplint.facts.partners import Partner

_Facts = tuple[object, ...]


def changed_pairs(before: PairList, after: PairList, changes: Changes) -> ChangedPairs:
    """The pairs that a change touches, with their state before and after it."""
    touching = _Touching(changes)
    rows = []
    for old, new in _matched(before.pairs, after.pairs, changes):
        touched = tuple(touching.of(old, new))
        if touched:
            rows.append(ChangedPair(old, new, touched))
    return ChangedPairs(tuple(sorted(rows, key=_place)), len(after.pairs))


def _place(row: ChangedPair) -> tuple[str, int, bool]:
    entry = row.after or row.before
    assert entry is not None
    return entry.file, entry.pair.barrier.region.line, row.after is None


def _matched(
    before: Sequence[FilePair], after: Sequence[FilePair], changes: Changes
) -> Iterator[tuple[FilePair | None, FilePair | None]]:
    """Each pair before with the same one after: by its line, else by its function and barrier."""
    by_line = {(each.file, each.pair.barrier.region.line, _name(each)): each for each in before}
    left: list[FilePair] = []
    for new in after:
        origin = changes.origin(new.file, new.pair.barrier.region.line)
        old = by_line.pop((*origin, _name(new)), None) if origin else None
        if old is None:
            left.append(new)
        else:
            yield old, new
    alike: defaultdict[tuple[str, str | None, str], list[FilePair]] = defaultdict(list)
    for old in by_line.values():
        alike[changes.renamed(old.file), old.pair.barrier.function, _name(old)].append(old)
    for new in left:
        others = alike[new.file, new.pair.barrier.function, _name(new)]
        yield (others.pop(0) if others else None), new
    for others in alike.values():
        yield from ((old, None) for old in others)


def _name(entry: FilePair) -> str:
    return entry.pair.barrier.written


class _Touching:
    """What a change touches, asked by pairs."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._functions = edited_functions(changes)

    def of(self, before: FilePair | None, after: FilePair | None) -> Iterator[Touched]:
        """What of a pair is touched; nothing if the pair is as it was."""
        states = [(each, is_new) for each, is_new in ((before, False), (after, True)) if each]
        if any(self._is_touched(_barrier(each), is_new=is_new) for each, is_new in states):
            yield "barrier"
        if any(self._is_touched(_comment(each), is_new=is_new) for each, is_new in states):
            yield "comment"
        if any(self._is_edited([(e.file, e.pair.barrier.function)]) for e, _ in states):
            yield "function"
        if any(self._is_touched(_others(each), is_new=is_new) for each, is_new in states):
            yield "other-side"
        if any(self._is_edited(_other_functions(each)) for each, _ in states):
            yield "other-function"
        if (before and self._facts(before)) != (after and self._facts(after)):
            yield "facts"

    def _is_touched(self, places: Iterable[At], *, is_new: bool) -> bool:
        """Whether a line was added, or, of those before the change, removed."""
        if is_new:
            return any(self._changes.origin(*place) is None for place in places)
        return any(self._changes.is_removed(*place) for place in places)

    def _is_edited(self, functions: Iterable[tuple[str, str | None]]) -> bool:
        renamed = ((self._changes.renamed(file), function) for file, function in functions)
        return any(each in self._functions for each in renamed)

    def _facts(self, entry: FilePair) -> _Facts:
        """What is said of a pair, without lines, and with files as they are called afterwards."""
        reading, order = entry.pair.reading, entry.order
        first = _certain(entry)
        return (
            reading.pairing,
            reading.comment == "none",
            [(c.name, c.status, [b.name for b in c.barriers]) for c in entry.pair.counterparts],
            [(each.function, self._changes.renamed(each.path), each.barrier) for each in first],
            order and (order.status, order.reason),
            order and order.order and [
                (o.name, o.reader.side, o.reader.kind, o.writer.side, o.writer.kind)
                for o in order.order.objects
            ],
            [(end.function, end.names, end.agrees) for end in entry.ends],
        )  # fmt: skip


def _barrier(entry: FilePair) -> list[At]:
    return [(entry.file, entry.pair.barrier.region.line)]


def _comment(entry: FilePair) -> list[At]:
    """The lines of the comment that was read."""
    source = entry.pair.reading.source
    if source is None:
        return []
    return [(entry.file, n) for n in range(source.region.line, source.region.end_line + 1)]


def _others(entry: FilePair) -> list[At]:
    """The barriers on the other side: those that the comment names, and the certain one."""
    places = [(b.path, b.region.line) for c in entry.pair.counterparts for b in c.barriers]
    places += [(partner.path, partner.line) for partner in _certain(entry)]
    return places + [(end.file, end.line) for end in entry.ends]


def _other_functions(entry: FilePair) -> list[tuple[str, str | None]]:
    functions: list[tuple[str, str | None]] = [
        (d.path, d.name) for c in entry.pair.counterparts for d in c.definitions
    ]
    return functions + [(partner.path, partner.function) for partner in _certain(entry)]


def _certain(entry: FilePair) -> list[Partner]:
    """The partner that the code shows, if it is certain: others come and go with any change."""
    return [partner for partner in entry.partners[:1] if partner.confident]
