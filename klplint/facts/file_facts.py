"""Facts about one source file: what the front end found, and all that checks see of it.

Facts are frozen, typed and serialisable (msgspec structs of plain values). They are passed
between processes and kept in the cache, so no clang object is ever part of one. Lines and
columns count from 1, columns in Unicode code points, ends are exclusive.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Literal, cast

import msgspec

from klplint.facts.livepatch_modules import LivepatchModule
from klplint.facts.parse_variant import ParseVariant
from klplint.facts.region import Fact, Region
from klplint.facts.statements import Call, Function
from klplint.facts.variable_stores import VariableStore
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
CommentPlace = Literal["line", "above", "below", "function", "header", "wrapper", "other"]
Taking = Literal[
    "assigned",
    "initialiser",
    "argument",
    "returned",
    "compared",
    "unevaluated",
    "discarded",
    "called",
    "member",
    "other",
]
_KEEPING_NOTHING = ("compared", "unevaluated", "discarded", "called", "member")


class Reference(Fact, frozen=True):
    """Where the address of a function goes that is named and not called, by the tokens there."""

    kind: Taking
    """`unevaluated` is an operand of sizeof or typeof; `discarded` is cast to void, or a whole
    statement; `called` is an argument that a macro only calls; `member` is behind `.` or `->`,
    and so not a function; `other` is all that is not plainly written."""
    name: str = ""
    """What it is stored in, or an argument of; empty where that is not plainly written."""

    @property
    def keeps_nothing(self) -> bool:
        """Whether nobody can call through the address afterwards."""
        return self.kind in _KEEPING_NOTHING


class Redefinition(Fact, frozen=True):
    """A name to which a file gives another meaning than the kernel's headers do."""

    name: str
    text: str
    """The body of the macro that it is there; empty where it is another function, or nothing."""


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
    heading: str = ""
    """The comment before a declaration or definition of a watched function."""
    redefined: tuple[Redefinition, ...] = ()
    """The watched values in the arguments that mean something else there."""

    @property
    def missed_by_ast(self) -> bool:
        """Whether this is a call or reference that the AST should show but does not."""
        return self.kind in ("call", "reference") and self.how == "tokens"

    @property
    def takes_address(self) -> bool:
        """Whether the AST shows the watched function here, and not as one that is called."""
        kept = self.reference is None or not self.reference.keeps_nothing
        is_function = self.kind == "reference" and self.entity == "function"
        return is_function and self.how == "ast" and kept

    @property
    def callee(self) -> str:
        """The called function, as messages name it."""
        return f"{self.name}()" + (f", through the macro {self.via}," if self.via else "")


class Comment(Fact, frozen=True):
    """A comment near a barrier, or at the head of the function around it."""

    text: str
    region: Region
    place: CommentPlace
    """Where it is: on the barrier's line, `above` or `below` it, elsewhere in the `function`, at
    the function's `header`, at the head of a function that is little more than the barrier
    (`wrapper`), or at another barrier (`other`)."""
    gap: int = 0
    """For a comment above, the statements between it and the barrier; for one at the header, 0 if
    it is right above the function, 1 if it is an earlier one that names the barrier."""


class Barrier(Fact, frozen=True, kw_only=True, cache_hash=True):
    """A use of a memory barrier."""

    name: str
    region: Region
    function: str | None
    """The function, or the macro, that holds it."""
    comments: tuple[Comment, ...]
    """The comments that may be about it, nearest first."""
    how: How = "ast"
    alias: str = ""
    """The name by which it is used, where that is another one."""

    @property
    def written(self) -> str:
        """The name as the code has it."""
        return self.alias or self.name


class Suppression(Fact, frozen=True, kw_only=True):
    """A comment that suppresses findings."""

    codes: tuple[str, ...]
    """The codes of the rules whose findings it suppresses."""
    reason: str
    region: Region
    lines: tuple[int, ...]
    """The lines on which it suppresses findings."""
    fault: str = ""
    """What is wrong with it; with a fault, it suppresses nothing."""
    whole_file: bool = False
    """Whether it suppresses findings in the whole file, and not only on `lines`."""

    def covers(self, code: str, line: int) -> bool:
        """Whether it suppresses findings of `code` on `line`."""
        if self.fault or code not in self.codes:
            return False
        return self.whole_file or line in self.lines


class FileFacts(Fact, frozen=True, kw_only=True, dict=True):
    """All facts about one file."""

    path: str
    occurrences: tuple[Occurrence, ...]
    """All occurrences of the watched names in the text."""
    barriers: tuple[Barrier, ...] = ()
    opposite: tuple[Barrier, ...] = ()
    """Further barriers, whose comments may name one of `barriers`; found by tokens."""
    functions: tuple[Function, ...] = ()
    """The functions around the calls of watched functions, and those that are watched."""
    macros: tuple[MacroDefinition, ...] = ()
    """The macros whose bodies hold a watched name."""
    macro_calls: tuple[Occurrence, ...] = ()
    """The calls of watched functions that uses of macros make, without naming the function."""
    further: tuple[Occurrence, ...] = ()
    """The occurrences of the callees that are followed in addition to the watched functions."""
    context_calls: tuple[Call, ...] = ()
    """The calls of context names (see `Watch`), found by tokens."""
    stores: tuple[VariableStore, ...] = ()
    """Where functions store watched variables."""
    suppressions: tuple[Suppression, ...] = ()
    livepatch: LivepatchModule | None = None
    """What it says of a livepatch module, if it is part of one."""
    problem: str = ""
    """Why the file could not be parsed; empty if it could."""
    parses: int = 0
    """How often the file was parsed."""

    def __reduce__(self) -> tuple[object, ...]:
        """Facts go between processes as msgpack: pickle cannot nest as deep as statements do."""
        try:
            return _decoded, (msgspec.msgpack.encode(self),)
        except UnicodeEncodeError:  # a path that is not UTF-8
            return cast("tuple[object, ...]", super().__reduce__())

    @property
    def is_concerned(self) -> bool:
        """Whether it names what is watched; if not, it was read only for its suppressions."""
        return bool(self.occurrences or self.macro_calls or self.macros)

    def about(self, names: frozenset[str]) -> FileFacts:
        """The facts about some of the watched names; functions and context stay as they are."""
        if all(fact.name in names for fact in (*self.occurrences, *self.macro_calls)):
            return self
        return msgspec.structs.replace(
            self,
            occurrences=tuple(o for o in self.occurrences if o.name in names),
            barriers=tuple(b for b in self.barriers if b.name in names),
            macro_calls=tuple(o for o in self.macro_calls if o.name in names),
        )

    def function_around(self, call: Occurrence) -> Function | None:
        """The function that holds a call, as the parse sees it that shows the call."""
        functions, starts = self._functions_of.get(call.parse, ([], []))
        place = bisect_right(starts, (call.region.line, call.region.column)) - 1
        function = functions[place] if place >= 0 else None
        return function if function and function.region.holds(call.region) else None

    @cached_property
    def _functions_of(
        self,
    ) -> dict[ParseVariant | None, tuple[list[Function], list[tuple[int, int]]]]:
        """The functions of each parse in the order of the file, and where each begins."""
        functions: defaultdict[ParseVariant | None, list[Function]] = defaultdict(list)
        for function in sorted(self.functions, key=lambda f: f.region):
            functions[function.parse].append(function)
        return {
            parse: (each, [(f.region.line, f.region.column) for f in each])
            for parse, each in functions.items()
        }

    def calls_of(self, names: frozenset[str]) -> Iterator[Occurrence]:
        """The calls of any of `names`, also through macros, in the order of the file."""
        by_name = self._calls_by_name
        present = names & by_name.keys()
        if len(present) == 1:
            return iter(by_name[next(iter(present))])
        return iter(sorted((o for n in present for o in by_name[n]), key=lambda o: o.region))

    @cached_property
    def _calls_by_name(self) -> dict[str, list[Occurrence]]:
        """All calls, by the function's name, in the order of the file."""
        calls: defaultdict[str, list[Occurrence]] = defaultdict(list)
        for occurrence in (*self.occurrences, *self.further, *self.macro_calls):
            if occurrence.kind == "call":
                calls[occurrence.name].append(occurrence)
        return {name: sorted(each, key=lambda o: o.region) for name, each in calls.items()}

    @cached_property
    def followed(self) -> dict[str, list[Occurrence]]:
        """The occurrences of callees, and the calls that macros make, by the function's name."""
        followed: defaultdict[str, list[Occurrence]] = defaultdict(list)
        for occurrence in (*self.further, *self.macro_calls):
            followed[occurrence.name].append(occurrence)
        return dict(followed)


def _decoded(content: bytes) -> FileFacts:
    return msgspec.msgpack.decode(content, type=FileFacts)


class Unreadable(msgspec.Struct, frozen=True):
    """A file that could not be read, and why."""

    file: str
    reason: str
