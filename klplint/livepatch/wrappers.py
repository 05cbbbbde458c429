"""Wrappers: functions that pass one of their parameters on to a switching function.

A call of a wrapper is checked like a call of the switching function with that argument. Wrappers
of wrappers are followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from klplint.analysis.call_graph import callee_of, calls_of
from klplint.analysis.local_values import LocalValues, Parameter, Values
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.memo import Memo
from klplint.facts.watch import Callee


class Target(msgspec.Struct, frozen=True):
    """A function of which one argument is checked in every call."""

    name: str
    argument: int
    """The number of the argument, from 0."""
    passes_on: Wrapper | None = None
    """The wrapper that the function is; None for a switching function itself."""


class Wrapper(msgspec.Struct, frozen=True):
    """A function that passes one of its parameters on to `target`."""

    callee: Callee
    parameter: str
    """The name of the parameter."""
    call: Occurrence
    """The call of `target` in the wrapper."""
    path: str
    """The file of the wrapper."""
    target: Target

    def chain(self) -> Iterator[Wrapper]:
        """This wrapper and those that it goes through, down to the switching function."""
        yield self
        if self.target.passes_on is not None:
            yield from self.target.passes_on.chain()


class Wrappers:
    """The wrappers of some switching functions in a set of files."""

    def __init__(
        self, files: Mapping[str, FileFacts], functions: Iterable[str], argument: int, memo: Memo
    ) -> None:
        """Find the wrappers of `functions`; `memo` keeps what each function's flow gives."""
        self._files = files
        self._memo = memo
        self._bases = tuple(Target(name, argument) for name in sorted(functions))
        self._wrappers: dict[tuple[Callee, int], Wrapper] = {}
        """Each wrapper by its function and the number of the parameter that it passes on."""
        pending = list(self._bases)
        while pending:
            for wrapper, target in self._around(pending.pop()):
                if (wrapper.callee, target.argument) not in self._wrappers:
                    self._wrappers[wrapper.callee, target.argument] = wrapper
                    pending.append(target)

    def callees(self) -> Iterator[Callee]:
        """The wrappers as functions whose calls have to be followed."""
        return (wrapper.callee for wrapper in self._wrappers.values())

    def all(self) -> Iterator[Wrapper]:
        """The wrappers, in the order in which they were found."""
        yield from self._wrappers.values()

    def calls(self) -> Iterator[tuple[FileFacts, Occurrence, Target]]:
        """All calls to check, each with its file and what it calls."""
        for facts in self._files.values():
            for target in self._targets_in(facts.path):
                for call in self._calls_in(facts, target):
                    yield facts, call, target

    def values(self, facts: FileFacts, call: Occurrence, argument: int) -> Values:
        """What the argument of a call may be; see LocalValues."""
        local = self._memo.once(LocalValues, facts.function_around(call))
        written = call.arguments[argument]
        for redefined in call.redefined:
            pieces = re.split(rf"\b{redefined.name}\b", written)
            if len(pieces) > 1 and not redefined.text:
                return frozenset({None})
            written = f"({redefined.text})".join(pieces)
        return local.at_call(written, call.name, call.region)

    def _targets_in(self, path: str) -> Iterator[Target]:
        """The functions and wrappers whose calls in the file at `path` are checked."""
        yield from self._bases
        for (callee, argument), wrapper in self._wrappers.items():
            if callee.visible_in(path):
                yield Target(callee.name, argument, wrapper)

    def _calls_in(self, facts: FileFacts, target: Target) -> Iterator[Occurrence]:
        """The calls of a target in a file."""
        if target.passes_on is None:
            yield from facts.calls_of(frozenset({target.name}))
        else:
            sites = calls_of(target.passes_on.callee, {facts.path: facts})
            yield from sorted((s.occurrence for s in sites), key=lambda call: call.region)

    def _around(self, target: Target) -> Iterator[tuple[Wrapper, Target]]:
        """The wrappers of a target; each is a target itself."""
        for facts in (facts for facts in self._files.values() if facts.functions):
            for call in self._calls_in(facts, target):
                function = facts.function_around(call)
                if function is None or len(call.arguments) <= target.argument:
                    continue
                values = self.values(facts, call, target.argument)
                for place, name in enumerate(function.parameters):
                    if Parameter(name) in values:
                        callee = callee_of(facts, function)
                        wrapper = Wrapper(callee, name, call, facts.path, target)
                        yield wrapper, Target(function.name, place, wrapper)
