"""A function's body, reduced to what flow analysis needs: events in order, and control flow.

Names are those written in the source, before macro expansion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from klplint.facts.parse_variant import ParseVariant
from klplint.facts.region import Fact, Region

LoopKind = Literal["for", "while", "do"]
JumpKind = Literal["break", "continue", "return", "goto", "end"]


class Call(Fact, frozen=True, tag="call"):
    """A call of a function or function-like macro."""

    name: str
    arguments: tuple[str, ...]
    """The arguments as written."""
    region: Region
    """The name that is called, without the arguments."""


class MacroCall(Fact, frozen=True, tag="macro-call"):
    """A call that the body of a macro makes, where that is among what else the macro does."""

    name: str
    """The function that is called."""
    region: Region
    """The name of the macro, where it is used."""


class Assign(Fact, frozen=True, tag="assign"):
    """A value stored in a plain variable."""

    target: str
    value: str | None
    """The value's text; None where it is not plainly written."""
    region: Region


class AddressTaken(Fact, frozen=True, tag="address"):
    """The address of a local variable is taken: others may write to it from here on."""

    variable: str
    region: Region


class Store(Fact, frozen=True, tag="store"):
    """A value stored in a member, as in `task->patch_state = state`."""

    target: str
    """The whole left side as written: `task->patch_state`."""
    member: str
    """The member alone: `patch_state`."""
    region: Region
    value: str | None = None
    """The value's text; None where it is not plainly written."""


Event = Call | MacroCall | Assign | AddressTaken | Store


class Simple(Fact, frozen=True, tag="simple"):
    """Straight-line code: a declaration or an expression, as its events in order."""

    events: tuple[Event, ...]
    region: Region


class Block(Fact, frozen=True, tag="block"):
    """Statements in braces: a scope."""

    statements: tuple[Statement, ...]
    region: Region


class If(Fact, frozen=True, kw_only=True, tag="if"):
    """A branch."""

    condition: Simple
    condition_text: str
    """The condition as written."""
    then: Statement
    otherwise: Statement | None = None
    region: Region


class Loop(Fact, frozen=True, kw_only=True, tag="loop"):
    """A loop, written out or made by a macro."""

    kind: LoopKind
    before: Simple | None = None
    """The first part of a `for (;;)`."""
    condition: Simple | None = None
    condition_text: str = ""
    """The condition as written; empty if it comes from a macro."""
    after: Simple | None = None
    """The last part of a `for (;;)`."""
    body: Statement
    endless: bool = False
    """Whether there is no condition, or a constant that is not zero."""
    once: bool = False
    """Whether it is `do ... while (0)`."""
    macro: str = ""
    """The macro that makes the loop (`for_each_process`); empty if it is written out."""
    walks: bool = False
    """Whether a macro makes the loop to walk a list, or until a condition is true."""
    region: Region


class Switch(Fact, frozen=True, tag="switch"):
    """A switch; its `Case` labels are among the statements of the body."""

    condition: Simple
    body: Statement
    region: Region
    condition_text: str = ""
    """The condition as written."""


class Case(Fact, frozen=True, tag="case"):
    """A `case` or `default` label."""

    default: bool
    region: Region
    value: str = ""
    """The value as written; empty for `default`, and where it comes from a macro."""


class Label(Fact, frozen=True, tag="label"):
    """A target of goto."""

    name: str
    region: Region


class Jump(Fact, frozen=True, tag="jump"):
    """A statement that ends straight-line flow: `break`, `continue`, `return`, `goto`.

    An `end` is behind a call that never returns (`panic()`).
    """

    kind: JumpKind
    value: Simple | None
    """What a `return` returns."""
    label: str
    """The target of a `goto`; empty for other jumps, and for a computed `goto`."""
    region: Region


Statement = Simple | Block | If | Loop | Switch | Case | Label | Jump


def walk(
    statement: Statement | None, enters: Callable[[Statement], bool] = lambda _: True
) -> Iterator[Statement]:
    """A statement and all statements inside it, outer before inner, in the order of evaluation.

    That is the order of the source, but for the last part of a `for (;;)`, which follows the
    body. What a statement evaluates itself (a condition, a returned value) counts as inside it.
    Nothing inside a statement is given where `enters` is false for it.
    """
    # No recursion: generated code nests deeper than Python's stack reaches.
    pending = [statement]
    while pending:
        following = pending.pop()
        if following is not None:
            yield following
            if enters(following):
                pending.extend(reversed(_parts(following)))


def _parts(statement: Statement) -> tuple[Statement | None, ...]:
    """What is directly inside a statement, in the order of evaluation."""
    match statement:
        case Block():
            return statement.statements
        case If():
            return statement.condition, statement.then, statement.otherwise
        case Loop(kind="do"):
            return statement.body, statement.condition
        case Loop():
            return statement.before, statement.condition, statement.body, statement.after
        case Switch():
            return statement.condition, statement.body
        case Jump():
            return (statement.value,)
        case _:
            return ()


def events_of(statement: Statement | None) -> Iterator[Event]:
    """All events of a statement and of those inside it, in the order of evaluation."""
    for inner in walk(statement):
        if isinstance(inner, Simple):
            yield from inner.events


class Local(Fact, frozen=True):
    """A local variable."""

    name: str
    region: Region
    """Where it is declared."""
    scope: Region
    """Where its name means it, unless a variable of the same name hides it."""


class VariableKey(NamedTuple):
    """Identifies the variable that a name means: two local variables may share a name."""

    name: str
    declared: Region | None = None
    """Where a local variable is declared; None for a parameter, a global or a member."""


class Function(Fact, frozen=True, kw_only=True, dict=True):
    """A function with its body reduced: it holds a call that is followed, or is watched itself."""

    name: str
    region: Region
    static: bool
    parameters: tuple[str, ...]
    variables: tuple[Local, ...]
    body: Block
    parse: ParseVariant | None = None
    """The parse in which it looks like this."""
    macro: str = ""
    """The macro that defines all of it, of whose own code only the control flow is known; empty
    if its body is written out."""

    def variable(self, name: str, region: Region) -> Local | None:
        """The local variable that `name` means at `region`; None for parameters and globals."""
        innermost = None
        for variable in self._variables_by_name.get(name, ()):
            visible = variable.scope.holds(region)
            if visible and (innermost is None or innermost.scope.holds(variable.scope)):
                innermost = variable
        return innermost

    @cached_property
    def _variables_by_name(self) -> dict[str, list[Local]]:
        variables: defaultdict[str, list[Local]] = defaultdict(list)
        for variable in self.variables:
            variables[variable.name].append(variable)
        return dict(variables)

    def variable_key(self, name: str, region: Region) -> VariableKey:
        """Identifies the variable that `name` means at `region`."""
        variable = self.variable(name, region)
        return VariableKey(name, variable.region if variable else None)
