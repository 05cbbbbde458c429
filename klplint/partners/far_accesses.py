"""What a function accesses on a side of a barrier where its context does not look.

A context ends at a full barrier and after some accesses, and of a function that is called it has
the first accesses only. That is enough to find a partner. It does not show that an object is
accessed on one side alone, so what is farther away is searched for the objects near the barrier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from klplint.csource.accesses import Seen
from klplint.facts.barrier_contexts import LOADS, STORES, Access, Ordering
from klplint.partners.access_rules import AccessRules
from klplint.partners.beside import Beside
from klplint.partners.functions import Function, Functions
from klplint.partners.word_steps import WordSteps

# Statements on each side of a barrier: more of them, with many barriers, would take too long.
MOST_STEPS = 100
# As many calls as are followed into wrappers.
_DEEPEST = 3
# Functions that are searched for a call, and the steps of each that are read for an object.
_MOST_FUNCTIONS = 100
_MOST_CALLED_STEPS = 100
_What = tuple[str, str, str, str]
Walk = tuple[Function, Iterable[int]]
"""Some steps of a function."""


class Wanted(NamedTuple):
    """The objects near a barrier, by their names; those without one by their bits."""

    names: frozenset[str]
    bits: frozenset[str]
    loads: bool
    stores: bool
    """Which accesses to them are wanted."""

    def holds(self, seen: Seen) -> bool:
        """Whether an access may be one that is wanted."""
        is_of_kind = (self.loads and seen.kind != "store") or (self.stores and seen.kind != "load")
        return is_of_kind and (seen.name in self.names if seen.name else seen.bit in self.bits)


def wanted_of(accesses: Iterable[Access], ordering: Ordering, near: Iterable[Access]) -> Wanted:
    """The objects of those accesses that a barrier orders, unless those near show the same."""
    loads, stores = ordering in LOADS, ordering in STORES
    near = [*near]
    loaded = {_object(each) for each in near if each.loads or not loads}
    stored = {_object(each) for each in near if each.stores or not stores}
    shown = loaded & stored
    missing = [
        each
        for each in accesses
        if ((loads and each.loads) or (stores and each.stores)) and _object(each) not in shown
    ]
    return Wanted(
        frozenset(each.name for each in missing if each.name),
        frozenset(each.bit for each in missing if not each.name),
        loads,
        stores,
    )


class FarAccesses:
    """Searches the functions of one file, and the macros and functions that they call."""

    def __init__(self, functions: Functions, rules: AccessRules, beside: Beside) -> None:
        self._functions = functions
        self._rules = rules
        self._beside = beside
        self._searched: dict[Function, _Searched] = {}
        self._closures: dict[tuple[str, str], dict[str, list[_Searched]]] = {}

    def of(
        self, walks: Iterable[Walk], function: Function, wanted: Wanted, near: Iterable[Access]
    ) -> tuple[Access, ...]:
        """The accesses of steps to the wanted objects that are not like one of those near.

        The calls of `function` are followed, but not those of its callers, which do much else.
        """
        if not (wanted.names or wanted.bits):
            return ()
        nearby = {_what(each) for each in near}
        more: dict[_What, Access] = {}
        for seen, via in self._accesses(walks, function, wanted):
            if wanted.holds(seen) and (what := _what(seen)) not in nearby:
                access = Access(seen.name, seen.structure, seen.bit, seen.kind, 0, 0, 0, via)
                more.setdefault(what, access)
        return tuple(more[what] for what in sorted(more))

    def _accesses(
        self, walks: Iterable[Walk], function: Function, wanted: Wanted
    ) -> Iterator[tuple[Seen, str]]:
        """The accesses, each with the function whose call makes it, of what may be wanted."""
        for walked, numbers in walks:
            searched = self._in(walked)
            holding = searched.holding(wanted)
            calls = searched.calls if walked is function else {}
            steps = [*numbers] if holding or calls else []
            for number in steps:
                if number in holding:
                    yield from ((seen, seen.via) for seen in walked.part(number).accesses)
            for name in dict.fromkeys(name for n in steps for name in calls.get(n, ())):
                yield from ((seen, name) for seen in self._of_call(name, function.name, wanted))

    def _of_call(self, name: str, caller: str, wanted: Wanted) -> Iterator[Seen]:
        """The accesses of a function or macro, and of those that it calls, but for its caller."""
        if name not in self._functions.outline.by_name:
            touched = self._beside.touched(name, None) if name != caller else None
            yield from touched or ()
            return
        closure = self._closure(name, "")
        if caller in closure:
            closure = self._closure(name, caller)
        for searched in chain.from_iterable(closure.values()):
            yield from searched.kinds_of_access(wanted)

    def _closure(self, name: str, caller: str) -> dict[str, list[_Searched]]:
        """What is called from a function or macro on, itself included, but not through `caller`."""
        if (name, caller) not in self._closures:
            self._closures[name, caller] = self._called_from(name, caller)
        return self._closures[name, caller]

    def _called_from(self, name: str, caller: str) -> dict[str, list[_Searched]]:
        level, closure = [name], dict[str, list[_Searched]]()
        for _ in range(_DEEPEST):
            following = dict[str, None]()
            for each in level[: _MOST_FUNCTIONS - len(closure)]:
                closure[each] = [*map(self._in, self._functions.defined(each))]
                for searched in closure[each]:
                    following |= dict.fromkeys(searched.called_here)
            level = [each for each in following if each not in closure and each != caller]
        return closure

    def _in(self, function: Function) -> _Searched:
        if function not in self._searched:
            self._searched[function] = _Searched(
                function, self._functions, self._rules, self._beside
            )
        return self._searched[function]


class _Searched:
    """A function or macro whose steps are read only if they have a word that is wanted."""

    def __init__(
        self, function: Function, functions: Functions, rules: AccessRules, beside: Beside
    ) -> None:
        self.function = function
        self._defined = functions.outline.by_name
        self._beside = beside
        self._rules = rules
        self._words = WordSteps(function)
        self._by_name: dict[str, list[Seen]] = {}
        self._by_bit: dict[str, list[Seen]] = {}

    def holding(self, wanted: Wanted) -> frozenset[int]:
        """The numbers of the steps that may access what is wanted."""
        return self._steps_with([*wanted.names, *self._words_for(wanted.bits)])

    def kinds_of_access(self, wanted: Wanted) -> Iterator[Seen]:
        """One of each kind of its accesses to what is wanted."""
        for name in self._words.all & wanted.names:
            if name not in self._by_name:
                self._by_name[name] = _kinds(
                    seen for seen in self._with([name]) if seen.name == name
                )
            yield from self._by_name[name]
        for bit in wanted.bits:
            if bit not in self._by_bit:
                words = self._words_for([bit])
                self._by_bit[bit] = _kinds(seen for seen in self._with(words) if seen.bit == bit)
            yield from self._by_bit[bit]

    def _with(self, words: Iterable[str]) -> Iterator[Seen]:
        """The accesses of the first steps that have one of some words."""
        for number in sorted(self._steps_with(words))[:_MOST_CALLED_STEPS]:
            yield from self.function.part(number).accesses

    def _steps_with(self, words: Iterable[str]) -> frozenset[int]:
        return frozenset[int]().union(*map(self._words.steps_with, words))

    def _words_for(self, bits: Iterable[str]) -> Iterator[str]:
        """The words that name helpers of some bits."""
        return (word for bit in bits for word in self._bits.get(bit, ()))

    @cached_property
    def called_here(self) -> list[str]:
        """What it names, but not as a member, that the file itself defines."""
        return sorted(self._words.callable(self._defined.keys()))

    @cached_property
    def calls(self) -> dict[int, list[str]]:
        """What each step names that the directory defines; not the function itself."""
        names = {*self.called_here} | self._words.callable(self._beside.defined)
        return self._words.by_step(names - {self.function.name})

    @cached_property
    def _bits(self) -> dict[str, list[str]]:
        """The words that name helpers of one bit, by that bit."""
        bits = defaultdict[str, list[str]](list)
        for word in sorted(self._words.all):
            effects = self._rules.effects(word)
            if effects and effects.object:
                bits[effects.object].append(word)
        return bits


def _kinds(accesses: Iterable[Seen]) -> list[Seen]:
    """One access of each kind."""
    return [*{_what(seen): seen for seen in accesses}.values()]


def _what(each: Access | Seen) -> _What:
    return each.name, each.structure, each.bit, each.kind


def _object(each: Access) -> tuple[str, str, str]:
    return each.name, each.structure, each.bit
