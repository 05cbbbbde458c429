"""Wrappers: functions that pass a parameter of theirs on to a switching function.

Each call of a wrapper is as good, or as bad, as the call in it would be with that argument.
Wrappers of wrappers are followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from klplint.analysis.call_graph import callee_of, calls_of
from klplint.analysis.local_values import LocalValues, Parameter, Values
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.memo import Memo
from klplint.facts.watch import Callee


class Target(msgspec.Struct, frozen=True):
    """A function whose argument number `argument` (from 0) is of concern.

    `passes_on` is the wrapper that it is; None for a switching function itself.
    """

    name: str
    argument: int
    passes_on: Wrapper | None = None


class Wrapper(msgspec.Struct, frozen=True):
    """A function that calls `target` with its own parameter, in the file at `path`."""

    callee: Callee
    static: bool
    parameter: str
    call: Occurrence
    path: str
    target: Target

    def chain(self) -> Iterator[Wrapper]:
        """This wrapper and those that it goes through, down to the switching function."""
        yield self
        if self.target.passes_on is not None:
            yield from self.target.passes_on.chain()


class Wrappers:
    """The wrappers of some switching functions in the files whose facts are known."""

    def __init__(
        self, files: Mapping[str, FileFacts], functions: Iterable[str], argument: int, memo: Memo
    ) -> None:
        """Look for wrappers in `files`; `memo` keeps what is found out about each function."""
        self._files = files
        self._memo = memo
        self.bases = tuple(Target(name, argument) for name in sorted(functions))
        self.found: dict[tuple[Callee, int], Wrapper] = {}
        pending = list(self.bases)
        while pending:
            for wrapper, target in self._around(pending.pop()):
                if (wrapper.callee, target.argument) not in self.found:
                    self.found[wrapper.callee, target.argument] = wrapper
                    pending.append(target)

    def calls(self) -> Iterator[tuple[FileFacts, Occurrence, Target]]:
        """All calls that matter, with their files and what they call."""
        for facts in self._files.values():
            for target in self.targets_in(facts.path):
                for call in self.calls_in(facts, target):
                    yield facts, call, target

    def targets_in(self, path: str) -> Iterator[Target]:
        """All whose calls matter in the file at `path`: the functions themselves, and wrappers."""
        yield from self.bases
        for (callee, argument), wrapper in self.found.items():
            if callee.visible_in(path):
                yield Target(callee.name, argument, wrapper)

    def calls_in(self, facts: FileFacts, target: Target) -> Iterator[Occurrence]:
        """The calls of a target in a file."""
        if target.passes_on is None:
            yield from facts.calls_of(frozenset({target.name}))
        else:
            files = {facts.path: facts}
            sites = calls_of(target.passes_on.callee, files)
            yield from sorted((s.occurrence for s in sites), key=lambda call: call.region)

    def values(self, facts: FileFacts, call: Occurrence, argument: int) -> Values:
        """What the argument of a call may be; see LocalValues."""
        local = self._memo.once(LocalValues, facts.function_around(call))
        return local.at_call(call.arguments[argument], call.region)

    def _around(self, target: Target) -> Iterator[tuple[Wrapper, Target]]:
        """The functions that pass a parameter on to `target`, each as a target of its own."""
        for facts in (facts for facts in self._files.values() if facts.functions):
            for call in self.calls_in(facts, target):
                function = facts.function_around(call)
                if function is None or len(call.arguments) <= target.argument:
                    continue
                values = self.values(facts, call, target.argument)
                for place, name in enumerate(function.parameters):
                    if Parameter(name) in values:
                        callee = callee_of(facts, function)
                        wrapper = Wrapper(callee, function.static, name, call, facts.path, target)
                        yield wrapper, Target(function.name, place, wrapper)
