"""Facts about one source file: what the front end found, and all that checks may know.

Facts are frozen, typed and serialisable (msgspec structs of plain values). They are what
crosses process borders and what a cache may keep; no clang object is ever part of one.
Lines and columns count from 1, columns in Unicode code points, ends are exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

OccurrenceClass = Literal[
    "call",
    "reference",
    "macro-body",
    "declaration",
    "definition",
    "directive",
    "comment",
    "string",
    "assembly",
    "excluded",
]
How = Literal["ast", "tokens", "text"]
CommentPlace = Literal["line", "above", "below", "function", "header", "other"]
LoopKind = Literal["for", "while", "do"]
JumpKind = Literal["break", "continue", "return", "goto"]
Taking = Literal[
    "assigned", "initialiser", "argument", "returned", "compared", "unevaluated", "member", "other"
]


class Fact(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Base of all facts: immutable, comparable, serialisable."""


class Region(Fact, frozen=True):
    """A stretch of source text; `end_line`, `end_column` point just behind it."""

    line: int
    column: int
    end_line: int
    end_column: int

    def holds(self, other: Region) -> bool:
        """Whether `other` lies wholly within this region."""
        return (self.line, self.column) <= (other.line, other.column) and (
            other.end_line,
            other.end_column,
        ) <= (self.end_line, self.end_column)


class Reference(Fact, frozen=True):
    """What becomes of a function that is named and not called, by the tokens around the name.

    `name` is the variable or member that it is stored in, or what it is an argument of; empty
    where that is not plainly written. `unevaluated` is an operand of sizeof and typeof, `member`
    something after `.` or `->`, which is no function.
    """

    kind: Taking
    name: str = ""


class Occurrence(Fact, frozen=True):
    """One textual occurrence of a watched name, and what became of it.

    `how` tells who judged it: libclang's AST, the tokens of a place that no parse reached,
    or the bare text (comments, strings, directives). `reason` says why, where not the AST.
    `variant` names the parse that reached it; `is_dead` says that no configuration compiles it
    (`#if 0`).
    """

    name: str
    region: Region
    kind: OccurrenceClass
    how: How
    function: str | None = None
    variant: str = ""
    reason: str = ""
    arguments: tuple[str, ...] = ()
    argument_regions: tuple[Region, ...] = ()
    whole: Region | None = None
    """The whole call with its parentheses; None where the name is not called."""
    is_dead: bool = False
    via: str = ""
    """The macro whose use makes this call; empty where the call is written out."""
    reference: Reference | None = None
    """What becomes of the name where it is not called; None where it is."""

    @property
    def callee(self) -> str:
        """What is called, as messages name it."""
        return f"{self.name}()" + (f", through the macro {self.via}," if self.via else "")


class MacroDefinition(Fact, frozen=True):
    """A macro whose body holds a watched name; `parameters` is None for an object-like one."""

    path: str
    name: str
    parameters: tuple[str, ...] | None
    body: str
    region: Region


class Callee(Fact, frozen=True):
    """A function whose calls are followed as those of a watched one are, for it makes one.

    One that is not `shared`, being static in a C file, is known in the file at `path` alone.
    """

    name: str
    path: str
    shared: bool

    def visible_in(self, path: str) -> bool:
        """Whether the file at `path` may mean this function by its name."""
        return self.shared or path == self.path


class Watch(Fact, frozen=True):
    """The names that a rule needs to know of.

    `functions` are called, and each call is followed through its function's flow; `barriers`
    are read with the comments around them; calls of `context` names are only listed. A file
    that names none of `functions` and `barriers` is not read at all. `macros` are known to
    call one of `functions`: each use of one is such a call. `loads` are those of `barriers`
    that take an argument and give the value that is loaded from there.
    """

    functions: frozenset[str] = frozenset()
    barriers: frozenset[str] = frozenset()
    context: frozenset[str] = frozenset()
    macros: tuple[MacroDefinition, ...] = ()
    loads: frozenset[str] = frozenset()
    callees: tuple[Callee, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that make a file worth reading."""
        return self.functions | self.barriers

    @property
    def macro_names(self) -> frozenset[str]:
        """The names of the macros that call a watched function."""
        return frozenset(macro.name for macro in self.macros)

    def __or__(self, other: Watch) -> Watch:
        return Watch(
            self.functions | other.functions,
            self.barriers | other.barriers,
            self.context | other.context,
            tuple(sorted({*self.macros, *other.macros})),
            self.loads | other.loads,
            tuple(sorted({*self.callees, *other.callees})),
        )

    def followed_in(self, path: str) -> frozenset[str]:
        """The names of further functions whose calls in the file at `path` are followed."""
        return frozenset(c.name for c in self.callees if c.visible_in(path)) - self.names


class Comment(Fact, frozen=True):
    """A comment that stands near a barrier, and how it stands to it.

    `place` is its own line, directly above or below it, elsewhere in the function, at the
    function's head, or at another barrier (`other`). `gap` counts the statements between a
    comment above and the barrier; at the head it tells how many heads away it stands.
    """

    text: str
    region: Region
    place: CommentPlace
    gap: int = 0


class Barrier(Fact, frozen=True):
    """A use of a memory barrier with the comments that may speak of it, nearest first."""

    name: str
    region: Region
    function: str | None
    comments: tuple[Comment, ...]
    how: How = "ast"


class Suppression(Fact, frozen=True):
    """A comment that asks klplint to leave findings out: which, why, and on which `lines`.

    `fault` says what is wrong with it; one that has a fault suppresses nothing.
    """

    codes: tuple[str, ...]
    reason: str
    region: Region
    lines: tuple[int, ...]
    fault: str = ""

    def covers(self, code: str, line: int) -> bool:
        """Whether it is for findings of `code` on `line`."""
        return not self.fault and code in self.codes and line in self.lines


# A function's body, reduced to what flow analysis asks: evaluated events in order, and the
# statements that steer. Names are those written in the source, before macro expansion.


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


class Local(Fact, frozen=True):
    """A local variable: where it is declared, and the scope in which its name means it."""

    name: str
    region: Region
    scope: Region


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


class FileFacts(Fact, frozen=True):
    """All that is known of one file.

    `further` are the occurrences of the callees that are followed besides.
    `macro_calls` are the calls that uses of watched macros make: they name no watched function
    in the text. `context_calls` are calls of names that rules need to know of besides the
    watched ones (who starts a kthread with which function), found by tokens. `problem` says why
    the file could not be parsed; empty if it could. `parses` counts how often it was.
    """

    path: str
    occurrences: tuple[Occurrence, ...]
    barriers: tuple[Barrier, ...] = ()
    functions: tuple[Function, ...] = ()
    macros: tuple[MacroDefinition, ...] = ()
    macro_calls: tuple[Occurrence, ...] = ()
    further: tuple[Occurrence, ...] = ()
    context_calls: tuple[Call, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    problem: str = ""
    parses: int = 0

    @property
    def is_concerned(self) -> bool:
        """Whether it names what is watched; else it was read for its suppressions alone."""
        return bool(self.occurrences or self.macro_calls or self.macros)

    def function_around(self, call: Occurrence) -> Function | None:
        """The function that holds a call, as the parse saw it that reached the call."""
        for function in self.functions:
            if function.variant == call.variant and function.region.holds(call.region):
                return function
        return None

    def calls_of(self, names: frozenset[str]) -> Iterator[Occurrence]:
        """The calls of any of `names`, those through macros too, in the order of the file."""
        calls = (
            o for o in (*self.occurrences, *self.further, *self.macro_calls) if o.kind == "call"
        )
        return iter(sorted((o for o in calls if o.name in names), key=lambda o: o.region))
