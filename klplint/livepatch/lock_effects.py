"""Which functions and macros of the tree take or drop locks, by what they call.

The functions that lock are data (`LockKind`). A function that calls one which takes a lock, and
none which drops one, takes the lock; and the other way round. What it calls may be such a function
in turn. One that takes and drops locks is expected to drop what it took.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import Literal

import msgspec

from klplint.analysis.callees import DEPTH, Callees, CallPlace
from klplint.analysis.name_patterns import fits_any
from klplint.csource.cleanup_classes import constructed, constructor_of
from klplint.facts.queries import Definition, Query, TreeFacts
from klplint.livepatch.held_locks import LockKind, holds_before_any
from klplint.livepatch.lock_outcomes import Outcome, body_of, outcome_of, with_statements_called

# A function that takes a lock may pass it on to one that drops it: that is looked for farther away.
_FAR = 4
# A function that returns with a lock taken, or drops a lock of its caller, is short. So nobody
# looks into what one with more calls calls; there would be much of the kernel.
_MOST_CALLS = 12
_OUTCOMES_DEEPEST = 2
_DEEPEST = 100
"""How many functions of the file are followed down. Real code has a few."""
_Change = Literal["takes", "drops"]
_Effect = tuple[str, _Change]
"""The name of a kind of lock, and what is done to a lock of this kind."""
_NOTHING = frozenset[_Effect]()
_OTHER: dict[_Change, _Change] = {"takes": "drops", "drops": "takes"}


class LockEffects:
    """What the calls of one file do to locks, as far as the answers of the tree show it."""

    def __init__(
        self,
        kinds: tuple[LockKind, ...],
        path: str,
        tree: TreeFacts,
        waits: tuple[str, ...] = (),
        *,
        in_file: bool = False,
        outcomes: int = _OUTCOMES_DEEPEST,
    ) -> None:
        """`waits` are patterns for functions that wait: they return with the locks of before.

        With `in_file`, nothing is looked for in other files. `outcomes` is how many functions deep
        it is looked for what a result says about a lock.
        """
        self._kinds = kinds
        # A kind that any release drops only says what is held.
        self._changed = tuple(kind for kind in kinds if not kind.any_release)
        self._data = (*waits, *chain.from_iterable(map(_names_of, kinds)))
        self._path = path
        self._tree = tree
        self._deepest = outcomes
        self._is_data_of: dict[str, bool] = {}
        self._outcomes: dict[tuple[str, str, str, int], Outcome | None] = {}
        self._effects: dict[tuple[CallPlace, Callees], frozenset[_Effect]] = {}
        self._effects_by_call: dict[str, frozenset[_Effect]] = {}
        self._effects_by_name: dict[str, frozenset[_Effect]] = {}
        near = 0 if in_file else DEPTH
        far = 0 if in_file else _FAR
        self._callees = Callees(tree, self._is_left_alone, near, _MOST_CALLS)
        self._far = Callees(tree, self._is_left_alone, far, _MOST_CALLS)
        self._constructors = Callees(tree, lambda name: not constructed(name), near)

    @property
    def path(self) -> str:
        """The file whose calls are meant."""
        return self._path

    def of_file(self, path: str, outcomes: int = _OUTCOMES_DEEPEST) -> LockEffects:
        """What the calls of another file do to locks; both look up definitions once.

        The effects of functions that call each other depend on which is asked about first, so they
        are worked out again. All else is the same wherever it is asked.
        """
        other: LockEffects = copy.copy(self)
        other._path = path
        other._deepest = outcomes
        other._effects = {}
        other._effects_by_call = {}
        return other

    def queries(self, names: Iterable[str]) -> Iterator[Query]:
        """What has to be answered to know what calls of `names` do."""
        for name in sorted(names):
            near = tuple(self._callees.queries([name], self._path))
            yield from near
            if self._tree.has_answers(near) and (
                self._net_effects(CallPlace(name, self._path), self._callees)
                or any(self._outcome(name, kind) for kind in self._kinds)
            ):
                yield from self._far.queries([name], self._path)

    def kinds(self, names: Iterable[str]) -> tuple[LockKind, ...]:
        """The kinds of locks, with those of `names` that only take, or only drop, such a lock."""
        called = sorted(names)
        return tuple(self.extended(kind, called) for kind in self._kinds)

    def class_queries(self, class_: str) -> Iterator[Query]:
        """What has to be answered to know whether objects of a class hold a lock."""
        yield from self._constructors.queries([constructor_of(class_)], self._path)
        for definition in self._constructors_of(class_):
            inside = self.of_file(definition.path, self._deepest)
            yield from inside.queries({call.name for call in definition.calls})

    def is_lock_class(self, class_: str) -> bool:
        """Whether an object of a class may hold a lock: its constructor takes one, or tries to."""
        return any(map(self._leaves_locked, self._constructors_of(class_)))

    def definitions(self, name: str) -> tuple[Definition, ...]:
        """The definitions that a call of a name in the file may mean."""
        return self._callees.definitions(CallPlace(name, self._path))

    def _constructors_of(self, class_: str) -> tuple[Definition, ...]:
        return self._constructors.definitions(CallPlace(constructor_of(class_), self._path))

    def _leaves_locked(self, constructor: Definition) -> bool:
        called = sorted({call.name for call in constructor.calls})
        kinds = self.of_file(constructor.path, self._deepest).kinds(called)
        return any(
            any(map(kind.may_take, called)) and not any(map(kind.drops, called))
            for kind in kinds
            if not kind.any_release
        )

    def around(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of `names` that are macros and hold a lock around a statement that they get."""
        return tuple(
            name
            for name in sorted(names)
            for definition in self.definitions(name)
            if self._holds_around(definition)
        )

    def _holds_around(self, macro: Definition) -> bool:
        """Whether a macro holds a lock where it executes one of its parameters."""
        changed, statements = with_statements_called(macro)
        body = self._tree.memo.once(body_of, changed) if statements else None
        if body is None:
            return False
        kinds = self._inside(macro).kinds(call.name for call in macro.calls)
        return holds_before_any(statements, body.body, kinds)

    def _inside(self, definition: Definition) -> LockEffects:
        """The same for what a definition calls."""
        return self.of_file(definition.path, self._deepest - 1)

    def extended(self, kind: LockKind, names: list[str]) -> LockKind:
        """A kind of lock with those of `names` that take or drop such a lock."""
        taken = {name: self._outcome(name, kind) for name in names}
        unless = [name for name in names if taken[name] == "unless"]
        others = [name for name in names if taken[name] is None]
        return msgspec.structs.replace(
            kind,
            acquire=(*kind.acquire, *self._with_effect("takes", kind, others), *unless),
            acquire_if=(*kind.acquire_if, *(name for name in names if taken[name] == "if")),
            acquire_unless=(*kind.acquire_unless, *unless),
            release=(*kind.release, *self._with_effect("drops", kind, others)),
        )

    def _outcome(self, name: str, kind: LockKind) -> Outcome | None:
        """With which results a function returns with a lock taken; None if with any, or none."""
        key = name, kind.name, self._path, self._deepest
        if key not in self._outcomes:
            is_open = self._deepest and not (kind.any_release or self._is_data(name))
            outcomes = set(self._outcomes_of(name, kind)) if is_open else set[Outcome | None]()
            self._outcomes[key] = outcomes.pop() if len(outcomes) == 1 else None
        return self._outcomes[key]

    def _outcomes_of(self, name: str, kind: LockKind) -> Iterator[Outcome | None]:
        """The outcomes of each definition of a function that may take a lock of a kind."""
        for definition, places in self._callees.calls_in(CallPlace(name, self._path)):
            if not any(self._may_lock(place, kind) for place in places):
                continue
            body = self._tree.memo.once(body_of, definition)
            if body is None:
                yield None
                continue
            called = sorted(call.name for call in definition.calls)
            extended = self._inside(definition).extended(kind, called)
            returns_null = "NULL" in definition.returns
            yield from outcome_of(body, extended, returns_null=returns_null)

    def _may_lock(self, called: CallPlace, kind: LockKind, above: int = 0) -> bool:
        """Whether a call, or what it calls, may take a lock of a kind."""
        listed = (*kind.acquire, *kind.acquire_if, *kind.acquire_unless)
        if self._is_data(called.name) or above >= self._deepest:
            return fits_any(called.name, listed)
        return any(
            self._may_lock(place, kind, above + 1)
            for definition, places in self._callees.calls_in(called)
            if not self._callees.is_large(definition)
            for place in places
        )

    def _is_left_alone(self, name: str) -> bool:
        """Whether nobody looks into a function; what a guard locks ends with the caller's scope."""
        return self._is_data(name) or bool(constructed(name))

    def _is_data(self, name: str) -> bool:
        if name not in self._is_data_of:
            self._is_data_of[name] = fits_any(name, self._data)
        return self._is_data_of[name]

    def _with_effect(self, change: _Change, kind: LockKind, names: list[str]) -> Iterator[str]:
        """Those of `names` that only take, or only drop, a lock of a kind."""
        effect = kind.name, change
        return (name for name in names if effect in self._effects_of_call(name))

    def _effects_of_call(self, name: str) -> frozenset[_Effect]:
        """What a call leaves behind, however far a lock that it takes may be passed on."""
        if name not in self._effects_by_call:
            place = CallPlace(name, self._path)
            near = _NOTHING if self._is_data(name) else self._net_effects(place, self._callees)
            effects = near & self._net_effects(place, self._far) if near else near
            self._effects_by_call[name] = effects
        return self._effects_by_call[name]

    def _net_effects(
        self, called: CallPlace, callees: Callees, above: int = 0
    ) -> frozenset[_Effect]:
        """What a call leaves behind: nothing of a kind that it takes and drops, as far as is seen.

        `above` is the number of calls that led here.
        """
        key = called, callees
        if above > _DEEPEST:
            return _NOTHING
        if key not in self._effects:
            self._effects[key] = _NOTHING  # for functions that call each other
            effects = set[_Effect]()
            for definition, places in callees.calls_in(called):
                direct = self._direct_effects(definition)
                if callees.is_large(definition):
                    effects |= {each for each in _net(direct) if each[1] == "drops"}
                else:
                    inner = (self._net_effects(each, callees, above + 1) for each in places)
                    effects |= _net(direct.union(*inner))
            self._effects[key] = _net(effects)
        return self._effects[key]

    def _direct_effects(self, definition: Definition) -> frozenset[_Effect]:
        """What the calls of a definition itself do, without what the called functions call."""
        return _NOTHING.union(*(self._effects_of_name(call.name) for call in definition.calls))

    def _effects_of_name(self, name: str) -> frozenset[_Effect]:
        """What a call of a function does, by its name alone."""
        if name not in self._effects_by_name:
            effects = set[_Effect]()
            for kind in self._changed:
                if kind.takes(name):
                    effects.add((kind.name, "takes"))
                if kind.drops(name):
                    effects.add((kind.name, "drops"))
            self._effects_by_name[name] = frozenset(effects)
        return self._effects_by_name[name]


def _net(effects: AbstractSet[_Effect]) -> frozenset[_Effect]:
    """The effects on those kinds of locks that are only taken, or only dropped."""
    return frozenset(each for each in effects if (each[0], _OTHER[each[1]]) not in effects)


def _names_of(kind: LockKind) -> Iterator[str]:
    """The patterns of all functions that take or drop locks of a kind."""
    return chain(kind.acquire, kind.acquire_if, kind.acquire_unless, kind.release)
