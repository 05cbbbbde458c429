"""The lines of the accesses around barriers, apart from what the search for partners looks at.

The search compares lines only: which one is first, which are the same, which are in a function,
and how far two of a function are apart. A line that is inserted outside of the functions with
barriers changes none of this, although it moves all that is below it. Relative lines do not
change, either, so answers can be kept with these.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import msgspec

from klplint.facts.barrier_contexts import Access, Called, Context, Exit, FileContexts
from klplint.facts.partners import ObjectUse, Order, Partner, ReaderPartners, SharedObject
from klplint.facts.region import Fact

Lines = Mapping[int, int]


class LineMap(Fact, frozen=True, array_like=True):
    """The lines that the contexts of a file mention, in order, as they are and relative."""

    real: tuple[int, ...]
    relative: tuple[int, ...]

    def to_real(self) -> dict[int, int]:
        """The lines by the relative ones."""
        return dict(zip(self.relative, self.real, strict=True))

    def to_relative(self) -> dict[int, int]:
        """The relative lines by the real ones."""
        return dict(zip(self.real, self.relative, strict=True))


def line_map(file: FileContexts) -> LineMap:
    """The lines of a file's contexts: the distance of two counts if they are in one function."""
    starts, ends = _functions(file.contexts)
    real = sorted(set(_lines_in(file)) - {0})
    relative: list[int] = []
    before, last = 0, -1
    for line in real:
        function = bisect_right(starts, line) - 1
        is_inside = function >= 0 and line <= ends[function]
        is_same = is_inside and before >= starts[function]
        relative.append(last + line - before if is_same else max(last, 0) + 1)
        before, last = line, relative[-1]
    return LineMap((0, *real), (0, *relative))  # 0 says that there is no line


def _functions(contexts: Iterable[Context]) -> tuple[list[int], list[int]]:
    """The first and the last lines of functions, in order; those that overlap count as one."""
    starts, ends = list[int](), list[int]()
    for first, last in sorted({(each.first_line, each.last_line) for each in contexts}):
        if ends and first <= ends[-1]:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


def _lines_in(file: FileContexts) -> Iterator[int]:
    for each in file.contexts:
        yield each.line
        yield from (each.first_line, each.last_line, each.arm_first_line, each.arm_last_line)
        yield from (each.loop_first_line, each.loop_last_line)
        yield from (line for way in each.exits for line in _lines_of(way))
        yield from (access.line for access in chain(each.before, each.after, each.beside))
        yield from (call.line for call in chain(each.calls_before, each.calls_after))
    for helper in file.helpers:
        yield from (access.line for access in helper.accesses)


def _lines_of(way: Exit) -> tuple[int, int, int]:
    return way.first_line, way.last_line, way.target_line


def contexts_with(lines: Lines, file: FileContexts) -> FileContexts:
    """The contexts of a file with other lines."""

    def accesses(each: tuple[Access, ...]) -> tuple[Access, ...]:
        return tuple(msgspec.structs.replace(a, line=lines[a.line]) for a in each)

    def calls(each: tuple[Called, ...]) -> tuple[Called, ...]:
        return tuple(msgspec.structs.replace(call, line=lines[call.line]) for call in each)

    contexts = tuple(
        msgspec.structs.replace(
            each,
            line=lines[each.line],
            before=accesses(each.before),
            after=accesses(each.after),
            beside=accesses(each.beside),
            calls_before=calls(each.calls_before),
            calls_after=calls(each.calls_after),
            first_line=lines[each.first_line],
            last_line=lines[each.last_line],
            arm_first_line=lines[each.arm_first_line],
            arm_last_line=lines[each.arm_last_line],
            loop_first_line=lines[each.loop_first_line],
            loop_last_line=lines[each.loop_last_line],
            exits=tuple(Exit(*(lines[line] for line in _lines_of(way))) for way in each.exits),
        )
        for each in file.contexts
    )
    helpers = tuple(
        msgspec.structs.replace(each, accesses=accesses(each.accesses)) for each in file.helpers
    )
    return msgspec.structs.replace(file, contexts=contexts, helpers=helpers)


def answers_with(
    lines: Mapping[str, Lines], path: str, answers: Iterable[ReaderPartners]
) -> tuple[ReaderPartners, ...]:
    """The partners of the barriers of a file, with other lines for each file.

    A file that names its barriers only by macros of its own has neither lines nor answers.
    """
    of_reader = lines.get(path, {})
    return tuple(
        msgspec.structs.replace(
            each,
            line=of_reader[each.line],
            partners=tuple(_partner(p, of_reader, lines[p.path]) for p in each.partners),
        )
        for each in answers
    )


def _partner(partner: Partner, of_reader: Lines, of_writer: Lines) -> Partner:
    def use(each: ObjectUse, lines: Lines) -> ObjectUse:
        return msgspec.structs.replace(each, line=lines[each.line])

    def objects(shared: Iterable[SharedObject]) -> tuple[SharedObject, ...]:
        return tuple(
            SharedObject(each.name, use(each.reader, of_reader), use(each.writer, of_writer))
            for each in shared
        )

    order: Order = msgspec.structs.replace(partner.order, objects=objects(partner.order.objects))
    return msgspec.structs.replace(
        partner, line=of_writer[partner.line], objects=objects(partner.objects), order=order
    )
