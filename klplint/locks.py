"""Which locks may be held before a call: a flow analysis over lock and unlock calls.

What locks is data (`LockKind`): names are patterns, as families of functions are many. A lock
taken by a call that may fail counts as held only where the branch taken says so.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import msgspec

from klplint.facts import Block, Call, Event, If, Loop, Region
from klplint.flow import states_before_calls

_NEGATED = re.compile(r"\s*(?:\(|\b(?:un)?likely\s*\()*\s*!")


class LockKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A family of locks: patterns for the names of the functions that take and drop one.

    `acquire_if` take it only if they return true (`spin_trylock`).
    """

    name: str
    acquire: tuple[str, ...]
    release: tuple[str, ...]
    acquire_if: tuple[str, ...] = ()


class Held(msgspec.Struct, frozen=True, order=True):
    """A lock that may be held: of which kind, as it was taken, where, and until which scope ends.

    `object` is the lock as written (`&port->lock`), "" for what has none (preemption).
    `scope` is set for guards, which end with the block or loop that they stand in.
    """

    kind: str
    call: str
    object: str
    region: Region
    scope: Region | None = None

    def __str__(self) -> str:
        return f"{self.call}({self.object})"


_State = frozenset[Held]


def locks_before_calls(
    body: Block, kinds: tuple[LockKind, ...], guards: tuple[str, ...]
) -> dict[Region, tuple[Held, ...]]:
    """The locks that may be held before each call in a body, in the order in which they were taken.

    `guards` are the macros that hold a lock to the end of a scope. Raises flow.NotSettled.
    """
    states = states_before_calls(body, _Locks(body, kinds, guards))
    return {
        region: tuple(
            sorted(
                (held for held in state if held.scope is None or held.scope.holds(region)),
                key=lambda held: held.region,
            )
        )
        for region, state in states.items()
    }


class _Locks:
    def __init__(self, body: Block, kinds: tuple[LockKind, ...], guards: tuple[str, ...]) -> None:
        self._kinds = kinds
        self._guards = guards
        self._scopes = _block_regions(body)

    def start(self) -> _State:
        return frozenset()

    def join(self, one: _State, other: _State) -> _State:
        return one | other

    def event(self, state: _State, event: Event) -> _State:
        if not isinstance(event, Call):
            return state
        if event.name in self._guards:
            return state | {self._guard(event)}
        for kind in self._kinds:
            if _is_any(event.name, kind.release):
                return self._released(state, kind, event)
            if _is_any(event.name, kind.acquire) and not _is_any(event.name, kind.acquire_if):
                return state | {_held(kind, event)}
        return state

    def _guard(self, event: Call) -> Held:
        """A guard's lock lasts to the end of the innermost block or macro loop around it."""
        around = [scope for scope in self._scopes if scope.holds(event.region)]
        innermost = max(around, key=lambda scope: (scope.line, scope.column), default=event.region)
        return Held("guard", event.name, ", ".join(event.arguments), event.region, innermost)

    def _released(self, state: _State, kind: LockKind, event: Call) -> _State:
        """The state without the lock that an unlock drops: the same object, else all of its kind."""
        of_kind = {held for held in state if held.kind == kind.name}
        same = {held for held in of_kind if held.object == _object(event)}
        return state - (same or of_kind)

    def branch(self, state: _State, statement: If) -> tuple[_State, _State]:
        for event in statement.condition.events:
            for kind in self._kinds:
                if isinstance(event, Call) and _is_any(event.name, kind.acquire_if):
                    taken = state | {_held(kind, event)}
                    negated = _NEGATED.match(statement.condition_text)
                    return (state, taken) if negated else (taken, state)
        return state, state

    def enter_loop(self, state: _State, loop: Loop) -> _State:
        return state

    def leave(self, state: _State, scope: Region) -> _State:
        return frozenset(h for h in state if h.scope is None or not scope.holds(h.scope))


def _held(kind: LockKind, event: Call) -> Held:
    return Held(kind.name, event.name, _object(event), event.region)


def _object(event: Call) -> str:
    return event.arguments[0].replace(" ", "") if event.arguments else ""


def _is_any(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _block_regions(body: Block) -> list[Region]:
    """The regions of all blocks, and of loops that macros make (`scoped_guard()`)."""
    found = [body.region]
    pending = list(body.statements)
    while pending:
        statement = pending.pop()
        match statement:
            case Block():
                found.append(statement.region)
                pending.extend(statement.statements)
            case If():
                pending.append(statement.then)
                if statement.otherwise is not None:
                    pending.append(statement.otherwise)
            case Loop():
                if statement.macro:
                    found.append(statement.region)
                pending.append(statement.body)
            case _:
                body_of = getattr(statement, "body", None)
                if body_of is not None:
                    pending.append(body_of)
    return found
