"""What contexts touch by calls of the inline functions that headers define."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from klplint.facts.barrier_contexts import Access, Called, FileContexts

_Touched = Mapping[str, tuple[Access, ...]]


def with_inline_calls(
    files: Sequence[FileContexts], wanted: AbstractSet[str] | None = None
) -> list[FileContexts]:
    """The contexts of files, with the accesses of the inline functions that they call.

    With `wanted`, only those of the files with these paths.
    """
    touched: dict[str, tuple[Access, ...]] = {}
    for file in files:
        for helper in file.helpers:
            touched.setdefault(helper.name, helper.accesses)  # of several with a name the first
    return [_resolved(file, touched) for file in files if wanted is None or file.path in wanted]


def _resolved(file: FileContexts, touched: _Touched) -> FileContexts:
    contexts = tuple(
        msgspec.structs.replace(
            context,
            before=(*context.before, *_called(context.calls_before, touched)),
            after=(*context.after, *_called(context.calls_after, touched)),
        )
        for context in file.contexts
    )
    return FileContexts(file.path, contexts, shared=file.shared)


def _called(calls: Iterable[Called], touched: _Touched) -> Iterator[Access]:
    """The accesses of some calls, each at the place of the call."""
    for call in calls:
        for access in touched.get(call.name, ()):
            yield Access(
                access.name,
                access.structure,
                access.bit,
                access.kind,
                call.line,
                call.column,
                call.distance,
                call.name,
                call.caller,
            )
