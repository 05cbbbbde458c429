"""A function's body, reduced to what flow analysis asks: events in order, and what steers.

Names are those written in the source, before macro expansion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from klplint.facts.region import Fact, Region

LoopKind = Literal["for", "while", "do"]
JumpKind = Literal["break", "continue", "return", "goto"]


class Call(Fact, frozen=True, tag="call"):
    """A call of a function or function-like macro, arguments as written."""

    name: str
    arguments: tuple[str, ...]
    region: Region


class Assign(Fact, frozen=True, tag="assign"):
    """A value stored in a plain variable; `value` is its text, None where not plainly readable."""

    target: str
    value: str | None
    region: Region


class AddressTaken(Fact, frozen=True, tag="address"):
    """The address of a local variable is taken: others may write to it from here on."""

    variable: str
    region: Region


class Store(Fact, frozen=True, tag="store"):
    """A value is stored in a member: `task->patch_state = state`; `target` is as written."""

    target: str
    member: str
    region: Region


Event = Call | Assign | AddressTaken | Store


class Simple(Fact, frozen=True, tag="simple"):
    """Straight-line code: a declaration or an expression, as its events in order."""

    events: tuple[Event, ...]
    region: Region


class Block(Fact, frozen=True, tag="block"):
    """Statements in braces: a scope."""

    statements: tuple[Statement, ...]
    region: Region


class If(Fact, frozen=True, tag="if"):
    """A branch; `condition_text` is the condition as written."""

    condition: Simple
    condition_text: str
    then: Statement
    otherwise: Statement | None
    region: Region


class Loop(Fact, frozen=True, tag="loop"):
    """A loop. `macro` is the name of the macro that makes it (`for_each_process`), if one does.

    `endless` says that its condition is absent or a constant that is not zero, `once` that it
    is `do ... while (0)`. `condition_text` is the condition as written; empty if a macro's.
    """

    kind: LoopKind
    before: Simple | None
    condition: Simple | None
    after: Simple | None
    body: Statement
    endless: bool
    once: bool
    macro: str
    region: Region
    condition_text: str = ""


class Switch(Fact, frozen=True, tag="switch"):
    """A switch; its `Case` labels stand among the statements of the body."""

    condition: Simple
    body: Statement
    region: Region


class Case(Fact, frozen=True, tag="case"):
    """A `case` or `default` label."""

    default: bool
    region: Region


class Label(Fact, frozen=True, tag="label"):
    """A target of goto."""

    name: str
    region: Region


class Jump(Fact, frozen=True, tag="jump"):
    """A statement that leaves the straight way; `label` only for goto (empty if computed)."""

    kind: JumpKind
    value: Simple | None
    label: str
    region: Region


Statement = Simple | Block | If | Loop | Switch | Case | Label | Jump


def events_of(statement: Statement | None) -> Iterator[Event]:
    """All events of a statement and of those within it, in the order of the source."""
    match statement:
        case Simple():
            yield from statement.events
        case Block():
            for inner in statement.statements:
                yield from events_of(inner)
        case If():
            yield from statement.condition.events
            yield from events_of(statement.then)
            yield from events_of(statement.otherwise)
        case Loop():
            for part in (statement.before, statement.condition, statement.body, statement.after):
                yield from events_of(part)
        case Switch():
            yield from statement.condition.events
            yield from events_of(statement.body)
        case Jump():
            yield from events_of(statement.value)


class Local(Fact, frozen=True):
    """A local variable: where it is declared, and the scope in which its name means it."""

    name: str
    region: Region
    scope: Region


class VariableKey(NamedTuple):
    """Identifies the variable that a name means: two local variables may share a name."""

    name: str
    declared: Region | None = None
    """Where a local variable is declared; None for a parameter, a global or a member."""


class Function(Fact, frozen=True):
    """A function that holds a call worth following, or is watched itself, with its body reduced."""

    name: str
    region: Region
    static: bool
    parameters: tuple[str, ...]
    variables: tuple[Local, ...]
    body: Block
    variant: str = ""

    def variable(self, name: str, region: Region) -> Local | None:
        """The local variable that `name` means at `region`; None for parameters and globals."""
        meant = None
        for variable in self.variables:
            visible = variable.name == name and variable.scope.holds(region)
            if visible and (meant is None or meant.scope.holds(variable.scope)):
                meant = variable
        return meant

    def variable_key(self, name: str, region: Region) -> VariableKey:
        """Identifies the variable that `name` means at `region`."""
        variable = self.variable(name, region)
        return VariableKey(name, variable.region if variable else None)
