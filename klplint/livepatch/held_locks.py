"""Which locks may be held before a call: a flow analysis over lock and unlock calls.

The functions that lock are data (`LockKind`). A lock taken by a call that may fail counts as held
only in the branch in which the call succeeded.
"""

from __future__ import annotations

import msgspec

from klplint.analysis.branch_conditions import (
    Condition,
    condition_of,
    conditions_of_calls,
    is_changed,
)
from klplint.analysis.dataflow import Analysis, NotSettled, states_before_calls
from klplint.analysis.name_patterns import fits_any
from klplint.csource.cleanup_classes import object_made
from klplint.facts.region import Region
from klplint.facts.statements import Assign, Block, Call, Event, If, Loop, Store, events_of, walk
from klplint.livepatch.guards import Guards, asked_in
from klplint.livepatch.tried_calls import calls_without_result, is_negated, tried_in

# Locks that nest deeper are not distinguished; code that people write does not get there.
_DEEPEST = 4


class LockKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A kind of lock: patterns for the functions that take and drop one."""

    name: str
    """The kind, as messages name it."""
    acquire: tuple[str, ...]
    """Patterns for the functions that take the lock."""
    release: tuple[str, ...]
    """Patterns for the functions that drop the lock."""
    acquire_if: tuple[str, ...] = ()
    """Patterns for the functions that take the lock only if they return true (`*_trylock`)."""
    acquire_unless: tuple[str, ...] = ()
    """Patterns for the functions that take the lock only if they return 0 (`*_interruptible`)."""
    but: tuple[str, ...] = ()
    """Patterns for functions that match `acquire` and take no lock."""
    any_release: bool = False
    """Whether a release of any kind of lock on the same object drops it."""
    nests: bool = False
    """Whether it has to be dropped as often as it was taken (`rcu_read_lock()`)."""

    def takes(self, name: str) -> bool:
        """Whether a call of a function takes the lock, whatever it returns."""
        return fits_any(name, self.acquire) and not fits_any(name, (*self.acquire_if, *self.but))

    def may_take(self, name: str) -> bool:
        """Whether a call of a function may take the lock, with some of its results."""
        may = fits_any(name, (*self.acquire, *self.acquire_if, *self.acquire_unless))
        return may and not fits_any(name, self.but)

    def drops(self, name: str) -> bool:
        """Whether a call of a function drops the lock."""
        return fits_any(name, self.release)


class Held(msgspec.Struct, frozen=True, order=True):
    """A lock that may be held."""

    kind: str
    """The name of its kind; "guard" for one that lasts until a scope ends."""
    call: str
    """The function or macro that took it."""
    object: str
    """The lock as written (`&port->lock`); empty for what has none (preemption)."""
    region: Region
    """Where it was taken."""
    scope: Region | None = None
    """For a guard, the block or loop with which the lock ends."""
    guard: str = ""
    """The name of a guard, if it has one: `ACQUIRE(mutex_intr, guard)(&lock)`."""
    tried: str = ""
    """The variable that says whether the lock was taken, until a branch asks it."""
    unless: bool = False
    """Whether it was taken if that variable is 0, and not if it is true."""
    when: frozenset[Condition] = frozenset()
    """The conditions under which it was taken, as long as nothing changes them."""
    depth: int = 1
    """How often it may be held then, if it nests."""

    def __str__(self) -> str:
        return f"{self.call}({self.object})"


_State = frozenset[Held]


def locks_before_calls(
    body: Block, kinds: tuple[LockKind, ...], guards: Guards
) -> dict[Region, tuple[Held, ...]]:
    """The locks that may be held before each call in a body, in the order of the source.

    Raises NotSettled.
    """
    states = states_before_calls(body, _Locks(body, kinds, guards))
    names = [kind.name for kind in kinds]
    order = {name: -place for place, name in enumerate(names)}
    return {
        region: tuple(
            # A lock may be held under several conditions. Of its kinds, the first one counts.
            {
                held.region: held
                for held in sorted(state, key=lambda h: (h.region, order.get(h.kind, 1), h.depth))
                if (held.unless or not held.tried) and _lasts_to(held, region)
            }.values()
        )
        for region, state in states.items()
    }


def holds_before_any(names: frozenset[str], body: Block, kinds: tuple[LockKind, ...]) -> bool:
    """Whether a lock may be held before a call of one of `names` in a body."""
    try:
        held = locks_before_calls(body, kinds, Guards(()))
    except NotSettled:
        return False
    calls = (event for event in events_of(body) if isinstance(event, Call))
    return any(call.name in names and held.get(call.region) for call in calls)


def _lasts_to(held: Held, region: Region) -> bool:
    """Whether a lock can still be held at `region`: a guard ends with its scope.

    A jump back to a place before the guard ends it, too.
    """
    return held.scope is None or (held.scope.holds(region) and held.region < region)


class _Locks(Analysis[_State]):
    """The analysis: a state is the set of locks that may be held."""

    def __init__(self, body: Block, kinds: tuple[LockKind, ...], guards: Guards) -> None:
        self._kinds = kinds
        self._conditions = conditions_of_calls(body)
        self._guards = guards
        self._dropped_with_any = {kind.name for kind in kinds if kind.any_release}
        statements = list(walk(body))
        # A macro loop such as scoped_guard() is a scope, too.
        self._scopes = [
            s.region
            for s in statements
            if isinstance(s, Block) or (isinstance(s, Loop) and s.macro)
        ]
        self._loops = {s.region for s in statements if isinstance(s, Loop)}
        self._without_result = calls_without_result(body)
        conditions = [s.condition for s in statements if isinstance(s, Loop) and s.condition]
        self._awaited = {event.region for simple in conditions for event in simple.events}
        """The calls in the conditions of loops, which may wait until a lock is taken."""

    def start(self) -> _State:
        return frozenset()

    def join(self, one: _State, other: _State) -> _State:
        return one | other

    def event(self, state: _State, event: Event) -> _State:
        if any(is_changed(condition, event) for held in state for condition in held.when):
            state = _unconditional(state)
        if isinstance(event, Assign | Store):
            return self._assigned(state, event)
        if not isinstance(event, Call):
            return state
        if self._guards.holds(event):
            return state | {self._guard(event)}
        if event.name in self._guards.around:
            state |= {self._guard(event)} if self._begins_scope(event) else frozenset()
        for kind in self._kinds:
            if kind.drops(event.name):
                state = self._released(state, kind, event)
            elif kind.takes(event.name) or self._may_have_taken(kind, event):
                state |= {self._held(kind, event, state)}
        return state

    def _may_have_taken(self, kind: LockKind, event: Call) -> bool:
        """Whether a call that may fail is awaited, or nobody asks whether it failed."""
        is_awaited = event.region in self._awaited  # while (!spin_trylock(lock))
        is_unasked = event.region in self._without_result
        return (is_awaited or is_unasked) and fits_any(event.name, kind.acquire_if)

    def _assigned(self, state: _State, event: Assign | Store) -> _State:
        """The state after `got = spin_trylock(&lock)`: `got` says whether the lock is held."""
        state = frozenset(
            msgspec.structs.replace(held, tried="", unless=False)
            if held.tried == event.target
            else held
            for held in state
            if held.unless or held.tried != event.target
        )
        asked = asked_in(event.value or "")
        if asked:  # ret = ACQUIRE_ERR(mutex_intr, &guard)
            state = frozenset(
                msgspec.structs.replace(h, tried=event.target, unless=not asked.taken_if)
                if h.guard == asked.object
                else h
                for h in state
            )
        for name, lock in tried_in(event.value or ""):
            for kind in self._kinds:
                unless = fits_any(name, kind.acquire_unless)
                if unless or fits_any(name, kind.acquire_if):
                    taken = {
                        h for h in state if (h.kind, h.call, h.object) == (kind.name, name, lock)
                    }
                    tried = Held(kind.name, name, lock, event.region, tried=event.target)
                    state = (state - taken) | {msgspec.structs.replace(tried, unless=unless)}
        return state

    def _held(self, kind: LockKind, event: Call, state: _State) -> Held:
        when = self._conditions.get(event.region, frozenset())
        taken = Held(kind.name, event.name, _object(event), event.region, when=when)
        if not kind.nests:
            return taken
        outer = (
            held.depth
            for held in state
            if (held.kind, held.object) == (taken.kind, taken.object)
            and held.region != taken.region
        )
        depth = min(max(outer, default=0) + 1, _DEEPEST)
        return msgspec.structs.replace(taken, depth=depth)

    def _begins_scope(self, event: Call) -> bool:
        """Whether what a macro makes is a scope, with the statements in its arguments."""
        start = event.region.line, event.region.column
        return any((scope.line, scope.column) == start for scope in self._scopes)

    def _guard(self, event: Call) -> Held:
        """A guard's lock, which lasts until the innermost block or macro loop around it ends."""
        around = [scope for scope in self._scopes if scope.holds(event.region)]
        innermost = max(around, key=lambda scope: (scope.line, scope.column), default=event.region)
        name = object_made(event.name, event.arguments)
        return Held("guard", event.name, ", ".join(event.arguments), event.region, innermost, name)

    def _released(self, state: _State, kind: LockKind, event: Call) -> _State:
        """The state without what an unlock drops: the lock of that object, else all of the kind.

        Of a lock that nests, only the innermost one.
        """
        of_kind = {held for held in state if held.kind == kind.name}
        same = {
            held
            for held in state
            if held.object == _object(event)
            and (held.kind == kind.name or held.kind in self._dropped_with_any)
        }
        if kind.nests and same & of_kind:
            innermost = max(held.depth for held in same & of_kind)
            same = {held for held in same if held.depth == innermost or held.kind != kind.name}
        return state - (same if same & of_kind else of_kind | same)

    def branch(self, state: _State, statement: If) -> tuple[_State, _State]:
        """The states of both branches.

        A lock that was tried is held in one of them only, and so is one that was taken where the
        same condition was true.
        """
        then, otherwise = self._branch_on_calls(state, statement)
        text = statement.condition_text
        asked = asked_in(text)
        if asked and asked.taken_if and "&&" not in text:
            otherwise = frozenset(h for h in otherwise if h.guard != asked.object)
        elif asked and not asked.taken_if and "||" not in text:
            then = frozenset(h for h in then if h.guard != asked.object)
        condition = None if statement.region in self._loops else condition_of(statement)
        if condition:
            then = frozenset(h for h in then if condition.negated not in h.when)
            otherwise = frozenset(h for h in otherwise if condition not in h.when)
        for held in state:
            negated = held.tried and is_negated(statement.condition_text, held.tried)
            if held.tried and negated is not None:
                negated = negated != held.unless
                taken = {msgspec.structs.replace(held, tried="", unless=False)}
                then, otherwise = then - {held}, otherwise - {held}
                then, otherwise = (
                    (then, otherwise | taken) if negated else (then | taken, otherwise)
                )
        return then, otherwise

    def _branch_on_calls(self, state: _State, statement: If) -> tuple[_State, _State]:
        """The states of both branches after the first call in the condition that may lock."""
        for event in statement.condition.events:
            if not isinstance(event, Call):
                continue
            tried = [
                (kind, fits_any(event.name, kind.acquire_unless))
                for kind in self._kinds
                if fits_any(event.name, (*kind.acquire_if, *kind.acquire_unless))
            ]
            negated = is_negated(statement.condition_text, event.name)
            then = otherwise = state
            for kind, unless in tried:
                held = {self._held(kind, event, state)}
                is_free = negated is not None and negated != unless
                then = then - held if is_free else then | held
                is_free = negated is not None and negated == unless
                otherwise = otherwise - held if is_free else otherwise | held
            if tried:
                return then, otherwise
        return state, state

    def leave(self, state: _State, scope: Region) -> _State:
        if scope in self._loops:
            state = _unconditional(state)  # another turn may find another condition
        return frozenset(h for h in state if h.scope is None or not scope.holds(h.scope))


def _unconditional(state: _State) -> _State:
    return frozenset(msgspec.structs.replace(h, when=frozenset()) if h.when else h for h in state)


def _object(event: Call) -> str:
    return event.arguments[0].replace(" ", "") if event.arguments else ""
