"""Helpers that switch the task without a test of the pending flag: their callers have to test.

A call of such a helper is the switch, for the code around it. Other files may call a helper;
helpers of helpers are followed in their file, to a depth. A macro whose body switches is one, too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from klplint.analysis.call_graph import callee_of, calls_of, not_shared
from klplint.csource.body_text import body_of_macro
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.memo import Memo
from klplint.facts.region import Region
from klplint.facts.statements import Call, Function, events_of
from klplint.facts.watch import Callee, MacroDefinition
from klplint.livepatch.pending_guards import Guards
from klplint.livepatch.pending_tests import PendingTests
from klplint.livepatch.test_results import Between

_DEEPEST = 3
"""How many helpers are followed up from a switch. Real code has one."""
_MOST_FILES = 12
"""What more files call is part of a subsystem's interface, and no helper for switching."""
_WORD = re.compile(r"[A-Za-z_]\w*")
TestsIn = Mapping[str, PendingTests]
"""The tests in each file, by its path."""


class Helper(NamedTuple):
    """A function that switches the task on some way without a test."""

    callee: Callee
    facts: FileFacts
    function: Function
    switch: Region
    """The call in it that switches the task."""
    inner: Helper | None
    """The helper that it calls; None if it calls a switching function."""


class Switch(NamedTuple):
    """A call that switches the task, by itself or through a helper."""

    facts: FileFacts
    call: Occurrence
    helper: Helper | None


class MacroSwitch(NamedTuple):
    """What lies before a call of a switching function in the body of a macro."""

    tests: tuple[Between, ...]
    """The tests in the body that guard it; none if some way leads through no test."""
    since_entry: tuple[Between, ...]
    """The same, with the beginning of the body as a test."""


class Switches:
    """The calls that switch a task, in all files whose facts are given."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        functions: frozenset[str],
        tests_in: TestsIn,
        memo: Memo,
    ) -> None:
        """Find the helpers around calls of `functions`; `memo` keeps the flow of each function."""
        self._files = files
        self._functions = functions
        self._tests_in = tests_in
        self._memo = memo
        self.all: list[Switch] = []
        self.helpers: dict[Callee, Helper] = {}
        self._macros: defaultdict[str, list[MacroDefinition]] = defaultdict(list)
        for facts in files.values():
            for macro in facts.macros:
                self._macros[macro.name].append(macro)
        pending = [
            Switch(facts, call, None)
            for facts in files.values()
            for call in facts.calls_of(functions)
        ]
        for depth in range(_DEEPEST + 1):
            self.all += pending
            around = self._around(pending) if depth < _DEEPEST else ()
            pending = [switch for helper in list(around) for switch in self._calls(helper)]

    def guards(self, switch: Switch) -> tuple[Between, ...]:
        """The tests that guard a switch in the function around it."""
        function = switch.facts.function_around(switch.call)
        if function is None:
            return ()
        return self._guards(function, switch.facts).of(switch.call.region)

    def entered(self, helper: Helper) -> Iterator[Call]:
        """The calls that a helper may make before it switches, on a way without a test."""
        guards = self._guards(helper.function, helper.facts, is_guarded=True)
        for between in guards.of(helper.switch):
            if between.test.kind == "entry":
                yield from between.calls

    def in_macro(self, switch: Switch) -> Iterator[MacroSwitch]:
        """The switch that a call through a macro makes, as the body of the macro has it."""
        for macro in self._macros.get(switch.call.via, ()) if switch.helper is None else ():
            body = self._memo.once(_body, macro, self._arguments(switch))
            for event in events_of(body.body) if body else ():
                if isinstance(event, Call) and event.name == switch.call.name and body:
                    once = self._guards(body, switch.facts).of(event.region)
                    since_entry = self._guards(body, switch.facts, is_guarded=True)
                    yield MacroSwitch(once, since_entry.of(event.region))

    def _arguments(self, switch: Switch) -> tuple[str, ...]:
        """What the macro gets through which a call is made."""
        function = switch.facts.function_around(switch.call)
        calls = self._memo.once(_calls_in, function) if function else {}
        call = calls.get(switch.call.region)
        return call.arguments if call and call.name == switch.call.via else ()

    def _guards(self, function: Function, facts: FileFacts, is_guarded: bool = False) -> Guards:
        return self._memo.once(Guards, function, self._tests_in[facts.path], is_guarded)

    def _around(self, switches: list[Switch]) -> Iterator[Helper]:
        """The new helpers around some switches."""
        for facts, call, inner in switches:
            function = facts.function_around(call)
            if function is None or function.name in self._functions:
                continue
            if self._guards(function, facts).is_open(call.region):
                callee = msgspec.structs.replace(callee_of(facts, function), most_files=_MOST_FILES)
                if inner is not None:  # the callers of callers are too many in a kernel
                    callee = not_shared(callee)
                if callee not in self.helpers:
                    self.helpers[callee] = Helper(callee, facts, function, call.region, inner)
                    yield self.helpers[callee]

    def _calls(self, helper: Helper) -> Iterator[Switch]:
        """The calls of a helper."""
        for facts, call in calls_of(helper.callee, self._files):
            yield Switch(facts, call, helper)


def _calls_in(function: Function) -> dict[Region, Call]:
    """The calls in a function by their regions; of several with one the first."""
    calls = [event for event in events_of(function.body) if isinstance(event, Call)]
    return {call.region: call for call in reversed(calls)}


def _body(macro: MacroDefinition, arguments: tuple[str, ...]) -> Function | None:
    """The body of a macro with the arguments that it gets, which may be statements."""
    body = macro.body
    if arguments and macro.parameters and len(arguments) == len(macro.parameters):
        given = dict(zip(macro.parameters, arguments, strict=True))
        body = _WORD.sub(lambda word: given.get(word[0], word[0]), body)
    return body_of_macro(macro.name, body)
