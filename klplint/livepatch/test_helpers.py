"""Functions and macros that return the result of a test of the pending flag, or its opposite.

They are read by their text, wherever the tree defines them: `if (ring_must_switch())` is a test
if each way in which ring_must_switch() returns true leads through one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.analysis.callees import architecture_for, meant
from klplint.analysis.name_patterns import fits_any
from klplint.csource.body_text import FALSE, TRUE, body_of_function, body_of_macro
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Definition, DefinitionsOf, Query, TreeFacts
from klplint.facts.statements import Call, Function, events_of
from klplint.livepatch.pending_guards import Guards
from klplint.livepatch.pending_tests import HelperTest, PendingTests
from klplint.livepatch.tested_names import conditions_in

_CALLED = re.compile(r"(?<![\w.>])([A-Za-z_]\w*)\s*\(")
_DEEPEST = 3
"""How many helpers may call each other down to a test. Real code has one."""


class HelperTests:
    """The helpers that the conditions of a file call, according to the answers so far."""

    def __init__(self, tests: PendingTests, facts: FileFacts, tree: TreeFacts) -> None:
        """`tests` has the tests that the rules' data lists."""
        self._tests = tests
        self._path = facts.path
        self._tree = tree
        self._architecture = architecture_for(facts.path, tree)
        self._names = sorted(
            {name for function in facts.functions for name in self._asked_in(function)}
        )

    def queries(self) -> Iterator[Query]:
        """What the called functions and macros are, and those that these call in turn."""
        pending, seen = list(self._names), set[str]()
        for _ in range(_DEEPEST):
            names, pending = [name for name in pending if name not in seen], []
            for name in names:
                seen.add(name)
                yield DefinitionsOf(name, self._path)
                for definition in self._definitions(name):
                    body = self._tree.memo.once(_body, definition)
                    pending += self._asked_in(body) if body else ()

    def all(self) -> PendingTests:
        """The tests in the file, those of helpers included."""
        return self._with_helpers(self._names, _DEEPEST)

    def _with_helpers(self, names: list[str], depth: int) -> PendingTests:
        helpers = (self._helper(name, depth) for name in names)
        return self._tests._replace(helpers=tuple(helper for helper in helpers if helper))

    def _asked_in(self, function: Function) -> list[str]:
        """The names in the conditions of a function that may be helpers."""
        tests = self._tests
        listed = frozenset({*tests.functions, *tests.transparent, TRUE, FALSE})
        names = {n for text in conditions_in(function.body) for n in _CALLED.findall(text)}
        return sorted(n for n in names - listed if not fits_any(n, tests.flag_functions))

    def _definitions(self, name: str) -> list[Definition]:
        """The definitions that a call in the file may mean."""
        kinds = ("function", "macro")
        answer = self._tree.definitions(DefinitionsOf(name, self._path))
        whole = [definition for definition in answer if definition.kind in kinds]
        return meant(whole, self._path, self._architecture)

    def _helper(self, name: str, depth: int) -> HelperTest | None:
        """The helper that a name is; None if some definition of it is not a test.

        A definition that always returns the same value, as a stub does, does not matter.
        """
        if not depth:
            return None
        helpers = set[HelperTest]()
        for definition in self._definitions(name):
            body = self._tree.memo.once(_body, definition)
            if body is None:
                return None
            sites = {event.name for event in events_of(body.body) if isinstance(event, Call)}
            if sites.issuperset((TRUE, FALSE)):
                helper = self._as_helper(definition, body, depth)
                if helper is None:
                    return None
                helpers.add(helper)
        if len({helper.is_same for helper in helpers}) != 1:
            return None
        calls = {call for helper in helpers for call in helper.calls}
        return HelperTest(name, next(iter(helpers)).is_same, tuple(sorted(calls)))

    def _as_helper(self, definition: Definition, body: Function, depth: int) -> HelperTest | None:
        """The helper that one definition is."""
        tests = self._with_helpers(self._asked_in(body), depth - 1)
        guards = self._tree.memo.once(Guards, body, tests)
        calls = [event for event in events_of(body.body) if isinstance(event, Call)]
        for value, is_same in ((TRUE, True), (FALSE, False)):
            sites = [guards.of(call.region) for call in calls if call.name == value]
            if all(sites):
                between = {call for site in sites for each in site for call in each.calls}
                return HelperTest(definition.name, is_same, self._placed(between, definition))
        return None

    def _placed(self, calls: set[Call], definition: Definition) -> tuple[Call, ...]:
        """Calls of a helper at their places; none if it is in another file."""
        if definition.path != self._path:
            return ()
        names = {call.name for call in calls}
        return tuple(
            Call(mention.name, mention.arguments, mention.region)
            for mention in definition.calls
            if mention.name in names
        )


def _body(definition: Definition) -> Function | None:
    """The body of a definition as statements; None if it cannot be read."""
    if not definition.body:
        return None
    read = body_of_function if definition.kind == "function" else body_of_macro
    return read(definition.name, definition.body)
