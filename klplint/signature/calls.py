"""The calls of a switching function and of its wrappers, by what they pass for the task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from klplint.facts.file_facts import Occurrence
from klplint.facts.watch import Callee


class WrapperParameter(msgspec.Struct, frozen=True, order=True):
    """A parameter of a function that passes it on to a switching function."""

    callee: Callee
    argument: int
    """The number of the parameter, from 0."""


class SwitchCall(msgspec.Struct, frozen=True):
    """A call of a switching function, or of a wrapper of one."""

    file: str
    call: Occurrence
    argument: str
    """What it passes for the task, as written."""
    is_usual: bool
    """Whether it passes what the rule accepts, on all ways."""
    target: WrapperParameter | None = None
    """The wrapper that is called; None for a switching function itself."""
    passes: WrapperParameter | None = None
    """The parameter that it passes on, if it can pass nothing else."""

    @property
    def is_written(self) -> bool:
        """Whether the call is written out, and not made by a macro."""
        return not self.call.via

    @property
    def where(self) -> str:
        """The place, as messages name it."""
        return f"{self.file}:{self.call.region.line}"


class DroppedWrappers(msgspec.Struct, frozen=True):
    """The wrappers that lose their parameter too, and why the others keep it."""

    dropped: frozenset[WrapperParameter]
    kept: dict[WrapperParameter, str]

    def is_usual(self, call: SwitchCall) -> bool:
        """Whether a call needs no argument: it passes the value, or what is dropped there."""
        return call.is_usual or call.passes in self.dropped


def dropped_wrappers(
    calls: Sequence[SwitchCall],
    obstacle: Callable[[WrapperParameter, frozenset[WrapperParameter]], str],
) -> DroppedWrappers:
    """The wrappers that only pass the value on, whoever calls them.

    `obstacle` says why a wrapper cannot be changed, if it and others are. One that keeps its
    parameter is a reason for those that it calls, and for its callers, to keep theirs.
    """
    dropped = frozenset(call.passes for call in calls if call.passes)
    kept: dict[WrapperParameter, str] = {}
    while True:
        reasons = {
            each: next(_reasons(each, dropped, calls), "") or obstacle(each, dropped)
            for each in sorted(dropped)
        }
        new = {each: reason for each, reason in reasons.items() if reason}
        if not new:
            return DroppedWrappers(dropped, kept)
        kept |= new
        dropped -= new.keys()


def _reasons(
    wrapper: WrapperParameter,
    dropped: Collection[WrapperParameter],
    calls: Sequence[SwitchCall],
) -> Iterator[str]:
    """Why a wrapper keeps its parameter, by the calls in it and of it."""
    if sum(each.callee == wrapper.callee for each in dropped) > 1:
        yield "it passes on several parameters"
    for call in calls:
        if call.passes == wrapper and call.target and call.target not in dropped:
            yield f"{call.call.name}() keeps its parameter, too"
    callers = [call for call in calls if call.target == wrapper]
    if not callers:
        yield "nothing in the tree calls it"
    for call in callers:
        if not call.is_usual and call.passes not in dropped:
            yield f"`{call.argument}` is passed at {call.where}"
