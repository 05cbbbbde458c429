"""What a function accesses on a side of a barrier where its context does not look.

A context ends at a full barrier and after some accesses, and of a function that is called it has
the first accesses only. That is enough to find a partner. It does not show that an object is
accessed on one side alone, so what is farther away is searched for the objects near the barrier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from klplint.csource.accesses import Seen
from klplint.facts.barrier_contexts import Access
from klplint.partners.access_rules import AccessRules
from klplint.partners.functions import Function, Functions

# Statements on each side of a barrier: more of them, with many barriers, would take too long.
MOST_STEPS = 100
# As many calls as are followed into wrappers.
_DEEPEST = 3
_WORD = re.compile(r"[A-Za-z_]\w*")
# Not a member.
_CALLABLE = re.compile(r"(?<![\w.])(?<!->)[A-Za-z_]\w*")
_What = tuple[str, str, str, str]
Walk = tuple[Function, Iterable[int]]
"""Some steps of a function."""


class Wanted(NamedTuple):
    """The objects near a barrier, by their names; those without one by their bits."""

    names: frozenset[str]
    bits: frozenset[str]

    def holds(self, seen: Seen) -> bool:
        """Whether an access may be to one of the objects."""
        return seen.name in self.names if seen.name else seen.bit in self.bits


def wanted_of(accesses: Iterable[Access]) -> Wanted:
    """The objects of some accesses."""
    every = [*accesses]
    return Wanted(
        frozenset(each.name for each in every if each.name),
        frozenset(each.bit for each in every if not each.name),
    )


class FarAccesses:
    """Searches the functions of one file, and the macros and functions that they call."""

    def __init__(self, functions: Functions, rules: AccessRules) -> None:
        self._functions = functions
        self._rules = rules
        self._words: dict[Function, frozenset[str]] = {}
        self._callable: dict[Function, list[str]] = {}

    def of(
        self,
        walks: Iterable[Walk],
        function: Function,
        wanted: Wanted,
        near: Iterable[Access],
        outside: Callable[[str], Iterable[Seen]],
    ) -> tuple[Access, ...]:
        """The accesses of steps to the wanted objects that are not like one of those near.

        The calls of `function` are followed, but not those of its callers, which do much else.
        `outside` says what a function touches that another file of the directory defines.
        """
        nearby = {_what(each) for each in near}
        more: dict[_What, Access] = {}
        for walked, numbers in walks:
            called = dict[str, None]()
            accesses = [
                (seen, seen.via) for seen in self._of_steps(walked, numbers, wanted, called)
            ]
            if walked is function:
                called.pop(function.name, None)
                accesses += self._of_calls(called, function.name, wanted, outside)
            for seen, via in accesses:
                if wanted.holds(seen) and (what := _what(seen)) not in nearby:
                    access = Access(seen.name, seen.structure, seen.bit, seen.kind, 0, 0, 0, via)
                    more.setdefault(what, access)
        return tuple(more[what] for what in sorted(more))

    def _of_steps(
        self,
        function: Function,
        numbers: Iterable[int],
        wanted: Wanted,
        called: dict[str, None],
    ) -> Iterator[Seen]:
        """The accesses of some steps; what these may call is added to `called`."""
        for number in numbers:
            step = function.flow.steps[number]
            text = function.text[step.start : step.end]
            called |= dict.fromkeys(_CALLABLE.findall(text))
            if self._may_hold(_WORD.findall(text), wanted):
                yield from function.part(number).accesses

    def _of_calls(
        self,
        called: Iterable[str],
        caller: str,
        wanted: Wanted,
        outside: Callable[[str], Iterable[Seen]],
    ) -> Iterator[tuple[Seen, str]]:
        """The accesses of what is called, each with the function whose call makes it."""
        for name in called:
            if name in self._functions.outline.by_name:
                yield from ((seen, name) for seen in self._inside(name, caller, wanted))
            else:
                yield from ((seen, name) for seen in outside(name))

    def _inside(self, name: str, caller: str, wanted: Wanted) -> Iterator[Seen]:
        """The accesses of a function or macro, and of those that it calls, but for its caller."""
        level, passed = {name: None}, {caller}
        for _ in range(_DEEPEST):
            following = dict[str, None]()
            for each in level:
                passed.add(each)
                for function in self._functions.defined(each):
                    if self._may_hold(self._words_of(function), wanted):
                        steps = range(len(function.flow.steps))
                        yield from (s for n in steps for s in function.part(n).accesses)
                    following |= dict.fromkeys(self._called(function))
            level = {each: None for each in following if each not in passed}

    def _words_of(self, function: Function) -> frozenset[str]:
        if function not in self._words:
            self._words[function] = frozenset(_WORD.findall(function.text, *function.span))
        return self._words[function]

    def _called(self, function: Function) -> list[str]:
        """The functions and macros of the file that one names."""
        if function not in self._callable:
            words = dict.fromkeys(_CALLABLE.findall(function.text, *function.span))
            defined = self._functions.outline.by_name
            self._callable[function] = [word for word in words if word in defined]
        return self._callable[function]

    def _may_hold(self, words: Iterable[str], wanted: Wanted) -> bool:
        """Whether a text with some words may access an object that is wanted."""
        if not wanted.names.isdisjoint(words):
            return True
        effects = map(self._rules.effects, words) if wanted.bits else ()
        return any(each is not None and each.object in wanted.bits for each in effects)


def _what(each: Access | Seen) -> _What:
    return each.name, each.structure, each.bit, each.kind
