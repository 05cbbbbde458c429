"""Forward data flow within one function: what may hold just before each call.

An `Analysis` defines the state and how events change it. `states_before_calls` walks the body's
branches, loops, switches and gotos until nothing changes. In the walk, a state of None means that
control does not get there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from klplint.facts.region import Region
from klplint.facts.statements import (
    Block,
    Call,
    Case,
    Event,
    If,
    Jump,
    Label,
    Loop,
    MacroCall,
    Simple,
    Statement,
    Store,
    Switch,
    walk,
)

S = TypeVar("S")
K = TypeVar("K")
_MOST_ROUNDS = 100
_MOST_STEPS = 200_000  # takes some seconds; no function that people write needs as many


class NotSettled(Exception):
    """The states of a function did not settle, so that nothing can be claimed about it."""


class Analysis(ABC, Generic[S]):
    """Base of the data-flow analyses: what the state is, and what changes it.

    States are immutable values that can be compared. Joining states must only ever grow them, in
    finitely many steps: otherwise a loop does not settle.
    """

    @abstractmethod
    def start(self) -> S:
        """The state at the function's entry."""

    @abstractmethod
    def join(self, one: S, other: S) -> S:
        """What may hold where two paths meet."""

    @abstractmethod
    def event(self, state: S, event: Event) -> S:
        """The state after an event."""

    def branch(self, state: S, statement: If) -> tuple[S, S]:
        """The states at the start of an `if`'s two branches; its condition is already evaluated.

        A loop's condition counts as such an `if`, too: its branches are the loop's body, and what
        follows the loop. Override this for an analysis that learns from conditions.
        """
        return state, state

    def case(self, state: S, switch: Switch, case: Case) -> S:
        """The state at a label of a switch, whose condition is evaluated in `state`."""
        return state

    def leave(self, state: S, scope: Region) -> S:
        """The state after control left `scope`, a block or a loop.

        Override this for an analysis of what ends with its scope.
        """
        return state


@dataclass
class States(Generic[S]):
    """The states at the calls of a function that control may get to."""

    before: dict[Region, S] = field(default_factory=dict)
    """The state before each call that is written, and each store in a member, by its region."""
    in_macros: dict[tuple[str, Region], S] = field(default_factory=dict)
    """The state before each call that a macro makes, by the name of what is called, and the
    region of the macro's name."""

    def at_call(self, name: str, region: Region) -> S | None:
        """The state before a call of `name` at a region, where a macro may make the call."""
        return self.in_macros.get((name, region), self.before.get(region))


def states_before_calls(body: Block, analysis: Analysis[S]) -> dict[Region, S]:
    """The state before each call that control may get to, by the call's region.

    Stores in members are included, by the region of the member.

    Raises NotSettled where the states keep changing, or statements nest too deep to be followed.
    """
    return states_at_calls(body, analysis).before


def states_at_calls(body: Block, analysis: Analysis[S]) -> States[S]:
    """As `states_before_calls`, with the states inside macros."""
    walk = _Walk(analysis)
    try:
        for _ in range(_MOST_ROUNDS):
            walk.labels_changed = False
            walk.statement(body, analysis.start())
            if not walk.labels_changed:
                return walk.states
    except RecursionError:
        pass
    raise NotSettled


class _Walk(Generic[S]):
    """One function being walked: states at its calls, and at the targets of its jumps."""

    def __init__(self, analysis: Analysis[S]) -> None:
        self._analysis = analysis
        self.states = States[S]()
        """The state before each call, joined over all paths walked so far."""
        self.labels_changed = False
        """Whether a jump changed the state at a label, so that the body has to be walked again."""
        self._steps = 0
        self._labels: dict[str, S | None] = {}
        """The state that jumps carry to each label; None for a label that no jump got to yet."""
        self._breaks: list[list[S]] = []
        """The states at the `break`s of each loop and switch that is being walked."""
        self._continues: list[list[S]] = []
        """The states at the `continue`s of each loop that is being walked."""
        self._switch_entries: list[tuple[Switch, S | None]] = []
        """Each switch that is being walked, with the state in which it jumps to its cases."""

    def statement(self, statement: Statement, state: S | None) -> S | None:
        """The state after a statement that begins in `state`."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise NotSettled
        match statement:
            case Simple():
                return self._events(statement, state)
            case Block():
                for inner in statement.statements:
                    state = self.statement(inner, state)
                return None if state is None else self._analysis.leave(state, statement.region)
            case If():
                return self._if(statement, state)
            case Loop():
                return self._loop(statement, state)
            case Switch():
                return self._switch(statement, state)
            case Case():
                return self._join(state, self._at_case(statement))
            case Label():
                return self._label(statement.name, state)
            case Jump():
                self._jump(statement, state)
                return None

    def _join(self, one: S | None, other: S | None) -> S | None:
        """What may hold where two paths meet, either of which may be closed."""
        if one is None or other is None:
            return other if one is None else one
        return self._analysis.join(one, other)

    def _events(self, simple: Simple | None, state: S | None) -> S | None:
        """The state after straight-line code; records the states before its calls and stores."""
        if simple is None or state is None:
            return state
        for event in simple.events:
            if isinstance(event, Call | Store):
                self._record(self.states.before, event.region, state)
            elif isinstance(event, MacroCall):
                self._record(self.states.in_macros, (event.name, event.region), state)
            state = self._analysis.event(state, event)
        return state

    def _record(self, states: dict[K, S], key: K, state: S) -> None:
        earlier = states.get(key)
        states[key] = state if earlier is None else self._analysis.join(earlier, state)

    def _if(self, statement: If, state: S | None) -> S | None:
        """The state after both branches of an `if` have met again."""
        state = self._events(statement.condition, state)
        if state is None:
            then: S | None = None
            otherwise: S | None = None
        else:
            then, otherwise = self._analysis.branch(state, statement)
        then = self.statement(statement.then, then)
        if statement.otherwise is not None:
            otherwise = self.statement(statement.otherwise, otherwise)
        return self._join(then, otherwise)

    def _loop(self, loop: Loop, state: S | None) -> S | None:
        """The state after a loop, whose body is walked until another turn changes nothing."""
        head = self._events(loop.before, state)
        for _ in range(_MOST_ROUNDS):
            self._breaks.append([])
            self._continues.append([])
            inside, after = (head, head) if loop.kind == "do" else self._tested(loop, head)
            end = self.statement(loop.body, inside)
            for skipped in self._continues.pop():
                end = self._join(end, skipped)
            end = self._events(loop.after, end)
            if loop.kind == "do":
                end, after = self._tested(loop, end)
            broken = self._breaks.pop()
            if end is not None:
                end = self._analysis.leave(end, loop.region)
            again = self._join(head, end)
            if again == head or loop.once:
                break
            head = again
        else:
            raise NotSettled
        result = None if loop.endless else after
        for state_at_break in broken:
            result = self._join(result, state_at_break)
        return None if result is None else self._analysis.leave(result, loop.region)

    def _tested(self, loop: Loop, state: S | None) -> tuple[S | None, S | None]:
        """The states after a loop's condition: where it is true, and where it is false."""
        state = self._events(loop.condition, state)
        if state is None or loop.condition is None:
            return state, state
        test = If(
            condition=loop.condition,
            condition_text=loop.condition_text,
            then=loop.body,
            region=loop.region,
        )
        return self._analysis.branch(state, test)

    def _switch(self, switch: Switch, state: S | None) -> S | None:
        """The state after a switch; without a default, control may also pass over its body."""
        state = self._events(switch.condition, state)
        self._switch_entries.append((switch, state))
        self._breaks.append([])
        end = self.statement(switch.body, None)
        for broken in self._breaks.pop():
            end = self._join(end, broken)
        self._switch_entries.pop()
        return end if _has_default(switch.body) else self._join(end, state)

    def _at_case(self, case: Case) -> S | None:
        """The state in which the innermost switch jumps to one of its labels."""
        if not self._switch_entries:
            return None
        switch, entry = self._switch_entries[-1]
        return None if entry is None else self._analysis.case(entry, switch, case)

    def _jump(self, jump: Jump, state: S | None) -> None:
        """Carry a state to where a jump leads."""
        state = self._events(jump.value, state)
        if state is None:
            return
        if jump.kind == "break" and self._breaks:
            self._breaks[-1].append(state)
        elif jump.kind == "continue" and self._continues:
            self._continues[-1].append(state)
        elif jump.kind == "goto":
            self._go_to(jump.label, state)

    def _label(self, name: str, state: S | None) -> S | None:
        """The state at a label; a new one needs another walk, for computed gotos before it."""
        if name not in self._labels:
            self._labels[name] = None
            self.labels_changed = True
        return self._join(state, self._labels[name])

    def _go_to(self, label: str, state: S) -> None:
        """Carry a state to a label; a computed goto carries it to all labels seen so far."""
        for name in [label] if label else list(self._labels):
            joined = self._join(self._labels.get(name), state)
            if joined is not None and joined != self._labels.get(name):
                self._labels[name] = joined
                self.labels_changed = True


def _has_default(body: Statement) -> bool:
    """Whether a switch's body has a default label, one of a switch inside it not counted."""
    labels = walk(body, lambda statement: not isinstance(statement, Switch))
    return any(isinstance(label, Case) and label.default for label in labels)
