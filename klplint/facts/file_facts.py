"""Facts about one source file: what the front end found, and all that checks may know.

Facts are frozen, typed and serialisable (msgspec structs of plain values). They are what
crosses process borders and what a cache may keep; no clang object is ever part of one.
Lines and columns count from 1, columns in Unicode code points, ends are exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from klplint.facts.parse_variant import ParseVariant
from klplint.facts.region import Fact, Region
from klplint.facts.statements import Call, Function
from klplint.facts.watch import MacroDefinition

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
]
How = Literal["ast", "tokens", "text"]
Entity = Literal[
    "function",
    "parameter",
    "variable",
    "member",
    "type",
    "enumerator",
    "structure",
    "label",
    "other",
]
CommentPlace = Literal["line", "above", "below", "function", "header", "other"]
Taking = Literal[
    "assigned", "initialiser", "argument", "returned", "compared", "unevaluated", "member", "other"
]


class Reference(Fact, frozen=True):
    """What becomes of a function that is named and not called, by the tokens around the name.

    `name` is the variable or member that it is stored in, or what it is an argument of; empty
    where that is not plainly written. `unevaluated` is an operand of sizeof and typeof, `member`
    something after `.` or `->`, which is no function.
    """

    kind: Taking
    name: str = ""


class Occurrence(Fact, frozen=True, kw_only=True):
    """One textual occurrence of a watched name, and how it is classified."""

    name: str
    region: Region
    kind: OccurrenceClass
    how: How
    """What it is classified by: libclang's AST, tokens where no parse found it, or the bare text
    of comments, strings and directives."""
    entity: Entity = "function"
    """What the name means here; "function" also where nothing shows that it means another thing."""
    function: str | None = None
    """The function whose body holds it."""
    parse: ParseVariant | None = None
    """The parse that found it in the AST."""
    reason: str = ""
    """For people: why it is classified by tokens, or not as the watched function."""
    arguments: tuple[str, ...] = ()
    argument_regions: tuple[Region, ...] = ()
    whole: Region | None = None
    """The whole call with its parentheses; None where the name is not called."""
    is_dead: bool = False
    """Whether no configuration compiles it (`#if 0`)."""
    via: str = ""
    """The macro whose use makes this call; empty where the call is written out."""
    reference: Reference | None = None
    """What becomes of the name where it is not called; None where it is."""

    @property
    def missed_by_ast(self) -> bool:
        """Whether this is a call or reference that the AST should show, and does not."""
        return self.kind in ("call", "reference") and self.how == "tokens"

    @property
    def takes_address(self) -> bool:
        """Whether the AST shows the watched function here, and not as one that is called."""
        return self.kind == "reference" and self.how == "ast" and self.entity == "function"

    @property
    def callee(self) -> str:
        """What is called, as messages name it."""
        return f"{self.name}()" + (f", through the macro {self.via}," if self.via else "")


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


class Barrier(Fact, frozen=True, kw_only=True):
    """A use of a memory barrier with the comments that may speak of it, nearest first."""

    name: str
    region: Region
    function: str | None
    comments: tuple[Comment, ...]
    how: How = "ast"


class Suppression(Fact, frozen=True, kw_only=True):
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


class FileFacts(Fact, frozen=True, kw_only=True):
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

    def about(self, names: frozenset[str]) -> FileFacts:
        """What is known of some of the watched names; functions and context stay as they are."""
        if all(fact.name in names for fact in (*self.occurrences, *self.macro_calls)):
            return self
        return msgspec.structs.replace(
            self,
            occurrences=tuple(o for o in self.occurrences if o.name in names),
            barriers=tuple(b for b in self.barriers if b.name in names),
            macro_calls=tuple(o for o in self.macro_calls if o.name in names),
        )

    def function_around(self, call: Occurrence) -> Function | None:
        """The function that holds a call, as the parse saw it that reached the call."""
        for function in self.functions:
            if function.parse == call.parse and function.region.holds(call.region):
                return function
        return None

    def calls_of(self, names: frozenset[str]) -> Iterator[Occurrence]:
        """The calls of any of `names`, those through macros too, in the order of the file."""
        calls = (
            o for o in (*self.occurrences, *self.further, *self.macro_calls) if o.kind == "call"
        )
        return iter(sorted((o for o in calls if o.name in names), key=lambda o: o.region))


class Unreadable(msgspec.Struct, frozen=True):
    """A file that could not be read, and why."""

    file: str
    reason: str
