"""From one file to its facts: every occurrence of a watched name, classified and placed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from klplint.comments.nearby import comments_near
from klplint.conditions import conditions_at, is_dead
from klplint.facts import Barrier, FileFacts, How, Occurrence, OccurrenceClass, Reference
from klplint.frontend.body import reduce_function
from klplint.frontend.macros import aliased, calls_through, in_force, macros_around, visible
from klplint.frontend.reference import how_taken
from klplint.frontend.repair import with_dropped_calls
from klplint.frontend.unit import Unit
from klplint.frontend.variants import Reach, reach
from klplint.lexer import Source
from klplint.outline import Outline, Use
from klplint.statements import Call, Function
from klplint.suppressions import find_suppressions
from klplint.textfile import read_source
from klplint.watch import Watch

LARGEST_PARSED = 8 * 1024 * 1024
_DESIGNATED = re.compile(r"\s*=\s*&?\s*([A-Za-z_]\w*)\s*[,}\n]")
_OPENED = re.compile(r"\([\s*&]*$")
# A comment of assembly before a name on its line; the sign differs by architecture.
_ASSEMBLY_COMMENT = re.compile(r"(?:^|\s)[#@!|](?=\s)")
# The words of a type before a declared name; statements begin with words that are none.
_DECLARING = re.compile(
    r"(?!(?:return|else|do|goto|case|if|while|for|switch)\b)[A-Za-z_][\w\s*()\",]*[\w*)]", re.S
)
# What follows a name and its parentheses outside functions tells a declaration from a call.
_ENDS_OF_HEADS: dict[str, OccurrenceClass] = {"{": "definition", ";": "declaration"}


def collect_facts(unit: Unit, watch: Watch, problem: str = "") -> FileFacts:
    """The facts of one file. Raises OSError where it cannot be read.

    `problem` says how libclang failed on this file before; then its tokens alone are asked.
    """
    return _Collector(unit, watch, Source(read_source(unit.file)), problem).facts()


class _Collector:
    """One file on its way from text to facts."""

    def __init__(self, unit: Unit, watch: Watch, source: Source, problem: str) -> None:
        self._unit = unit
        self._source = source
        self._outline = Outline(source)
        seen = visible(watch.macros, self._outline, unit.path)
        self._further = watch.followed_in(unit.path)
        self._names = watch.names
        followed = watch.functions | self._further
        self._watch = msgspec.structs.replace(watch, macros=seen, functions=followed)
        self._reach = Reach(problem=problem)

    def facts(self) -> FileFacts:
        uses = [self._untangled(use) for use in self._outline.uses(self._watch.names)]
        macro_uses = self._outline.uses(self._watch.macro_names)
        loads = [use for use in uses if use.name in self._watch.loads]
        self._reach_all([use for use in uses if use.name not in self._watch.loads])
        self._reach_all([*macro_uses, *loads], macros=True)
        told = [(use, self._occurrence(use)) for use in uses]
        occurrences = [(use, o) for use, o in told if use.name not in self._further]
        macro_calls = [(use, call) for use in macro_uses for call in self._macro_calls(use)]
        hidden = [self._hidden(offset, name) for offset, name in self._hidden_names()]
        return FileFacts(
            path=self._unit.path,
            occurrences=tuple(sorted([*(o for _, o in occurrences), *hidden], key=_place)),
            barriers=tuple(
                self._barrier(use, o) for use, o in occurrences if self._is_barrier(use, o)
            ),
            functions=self._functions(
                [use for use, o in (*told, *macro_calls) if self._is_followed(o)],
                [use for use, o in occurrences if self._is_followed_definition(o)],
            ),
            macros=macros_around([*uses, *macro_uses], self._outline, self._unit.path),
            macro_calls=tuple(call for _, call in macro_calls),
            further=tuple(o for use, o in told if use.name in self._further),
            context_calls=tuple(self._context_calls()),
            suppressions=find_suppressions(self._source),
            problem=self._reach.problem,
            parses=self._reach.parses,
        )

    @property
    def _is_assembly(self) -> bool:
        return self._unit.file.suffix == ".S"

    def _is_code(self, use: Use) -> bool:
        return self._source.directive_at(use.start) is None

    def _reach_all(self, uses: list[Use], macros: bool = False) -> None:
        """Ask the AST for the uses in code, unless libclang is not to be asked."""
        in_code = [use for use in uses if self._is_code(use)]
        if not in_code or self._is_assembly or self._reach.problem:
            return
        if len(self._source.text) > LARGEST_PARSED:
            self._reach.problem = f"the file is larger than {LARGEST_PARSED >> 20} MiB"
        else:
            self._reach.add(reach(self._unit, self._source, in_code, macros))

    # Occurrences

    def _untangled(self, use: Use) -> Use:
        """A use as it is called: `(name)(argument)` and `(*name)(argument)` are calls too."""
        if use.arguments is not None:
            return use
        text = self._source.skeleton
        before, behind = text[: use.start].rstrip(), self._source.next_visible(use.end)
        if _OPENED.search(before) and text[behind : behind + 1] == ")":
            called = self._outline.call_at(use.name, use.start, use.end, behind + 1)
            return called if called.arguments is not None else use
        return use

    def _occurrence(self, use: Use) -> Occurrence:
        if self._is_assembly:
            return self._in_assembly(use)
        directive = self._source.directive_at(use.start)
        if directive is not None:
            macro = self._outline.macro_at(use.start)
            if macro is not None:
                return self._made(use, "macro-body", "tokens")
            defines_it = directive.keyword == "define"
            return self._made(use, "definition" if defines_it else "directive", "text")
        reached = self._reach.reached.get(use.start)
        if reached is None:
            return self._by_tokens(use)
        meaning = reached.meaning
        if meaning.role == "declaration" and not self._is_declared(use):
            return self._outside_functions(use)  # clang makes a declaration of a lone call
        if meaning.role in ("definition", "declaration"):
            return self._made(
                use, "definition" if meaning.role == "definition" else "declaration", "ast"
            )
        if meaning.role == "other":
            reason = f"{meaning.entity} of this name, not the function"
            return self._made(use, "reference", "ast", meaning.function, reason)
        kind: OccurrenceClass = "reference" if use.arguments is None else "call"
        return self._made(use, kind, "ast", meaning.function or self._function_around(use))

    def _function_around(self, use: Use) -> str | None:
        body = self._outline.body_at(use.start)
        return body.name if body else None

    def _in_assembly(self, use: Use) -> Occurrence:
        """An occurrence in a .S file: a comment's, or code that nothing here follows."""
        line, _ = self._source.position(use.start)
        before = self._source.text[self._source.offset(line, 1) : use.start]
        directive = self._source.directive_at(use.start)
        defines = directive is not None and directive.keyword == "define"
        if _ASSEMBLY_COMMENT.search(before) and not defines:
            return self._made(use, "comment", "text")
        return self._made(use, "assembly", "tokens" if directive is None or defines else "text")

    def _by_tokens(self, use: Use) -> Occurrence:
        """An occurrence that no parse reached, told by its tokens."""
        body = self._outline.body_at(use.start)
        if body is None:
            return self._outside_functions(use)
        before = self._source.skeleton[: use.start].rstrip()
        if before.endswith(("->", ".")):
            return self._made(
                use, "reference", "tokens", body.name, "a member of this name, not the function"
            )
        kind: OccurrenceClass = "reference" if use.arguments is None else "call"
        return self._made(use, kind, "tokens", body.name, self._why_unreached(use))

    def _outside_functions(self, use: Use) -> Occurrence:
        """An occurrence in no function's body: declared only if it looks so, else called."""
        kind: OccurrenceClass = "reference" if use.arguments is None else "call"
        if use.arguments is not None and self._is_declared(use):
            following = self._source.statements[self._source.next_visible(use.close) :][:1]
            kind = _ENDS_OF_HEADS.get(following, "call")
        return self._made(use, kind, "tokens", None, self._why_unreached(use))

    def _is_declared(self, use: Use) -> bool:
        """Whether a type stands before a name, and no expression in the parentheses behind it."""
        text = self._source.statements
        start = max(text.rfind(mark, 0, use.start) for mark in ";{}") + 1
        before = _DECLARING.fullmatch(text[start : use.start].strip())
        inside = text[use.end : use.close]
        return before is not None and not re.search(r"->|\w\s*\.\s*\w|[&=!]|\w\s*\(", inside[1:])

    def _why_unreached(self, use: Use) -> str:
        if use.start in self._reach.reached:
            return "libclang takes it for a declaration"
        return self._reach.reasons.get(use.start, self._reach.problem)

    def _is_dead(self, use: Use) -> bool:
        conditions = conditions_at(self._source, use.start)
        return use.start in self._reach.dead or is_dead(conditions)

    def _made(
        self,
        use: Use,
        kind: OccurrenceClass,
        how: How,
        function: str | None = None,
        reason: str = "",
    ) -> Occurrence:
        called = kind in ("call", "macro-body") and use.arguments is not None
        arguments = use.arguments or () if called else ()
        code, region = self._source.code, self._source.region
        reached = self._reach.reached.get(use.start)
        return Occurrence(
            name=use.name,
            region=region(use.start, use.end),
            kind=kind,
            how=how,
            function=function,
            variant=reached.variant if reached and how == "ast" else "",
            reason=reason,
            arguments=tuple(" ".join(code[a.start : a.end].split()) for a in arguments),
            argument_regions=tuple(region(a.start, a.end) for a in arguments),
            whole=region(use.start, use.close) if called else None,
            is_dead=how == "tokens" and self._is_dead(use),
            reference=self._reference(use, kind),
        )

    def _reference(self, use: Use, kind: OccurrenceClass) -> Reference | None:
        """Where a name goes that is not called."""
        if use.arguments is not None or kind not in ("reference", "macro-body"):
            return None
        macro = self._outline.macro_at(use.start)
        if macro is None:
            return how_taken(self._source.statements, use.start, use.end)
        body = self._source.skeleton[: macro.end]
        return how_taken(body, use.start, use.end, macro.body)

    def _hidden_names(self) -> list[tuple[int, str]]:
        """The watched names that stand in comments and literals."""
        if not self._names:
            return []
        names = "|".join(map(re.escape, sorted(self._names)))
        spans = [*self._source.comments, *self._source.strings]
        return [
            (match.start(), match[0])
            for span in spans
            for match in re.compile(rf"\b(?:{names})\b").finditer(
                self._source.text, span.start, span.end
            )
        ]

    def _hidden(self, offset: int, name: str) -> Occurrence:
        kind: OccurrenceClass = "comment" if self._source.comment_at(offset) else "string"
        return Occurrence(name, self._source.region(offset, offset + len(name)), kind, "text")

    # What hangs on the occurrences

    def _is_barrier(self, use: Use, occurrence: Occurrence) -> bool:
        """Whether a watched barrier is used here.

        In a macro's body the name may be another thing's; and a barrier that is made of another
        (`#define rmb() mb()`) is judged where it is used itself.
        """
        if occurrence.name not in self._watch.barriers:
            return False
        macro = self._outline.macro_at(use.start)
        if macro is None:
            return occurrence.kind == "call"
        if macro.name in self._watch.barriers:
            return False
        body = self._source.code[macro.body : macro.end].strip("() \t")
        return use.arguments is not None or body == use.name  # called, or by another name

    def _barrier(self, use: Use, occurrence: Occurrence) -> Barrier:
        comments = comments_near(self._source, self._outline, use)
        macro = self._outline.macro_at(use.start)
        function = macro.name if macro else occurrence.function
        return Barrier(use.name, occurrence.region, function, comments, occurrence.how)

    def _is_followed(self, occurrence: Occurrence) -> bool:
        return (
            occurrence.name in self._watch.functions
            and occurrence.kind == "call"
            and occurrence.how == "ast"
        )

    def _is_followed_definition(self, occurrence: Occurrence) -> bool:
        return (
            occurrence.name in self._watch.functions
            and occurrence.kind == "definition"
            and occurrence.how == "ast"
        )

    def _functions(self, uses: list[Use], defining: list[Use]) -> tuple[Function, ...]:
        """The functions around `uses`, and those that `defining` define, reduced."""
        reduced: dict[tuple[int, str], Function] = {}
        bodies = [(use, self._outline.body_at(use.start)) for use in uses]
        bodies += [(use, self._outline.body_behind(use.end)) for use in defining]
        for use, body in bodies:
            reached = self._reach.reached[use.start]
            if body is None or (body.start, reached.variant) in reduced:
                continue
            cursor = reached.view.function_at(body.start)
            function = reduce_function(reached.view, self._outline, cursor) if cursor else None
            if function:
                whole = with_dropped_calls(function.body, body, self._outline)
                function = msgspec.structs.replace(function, body=whole, variant=reached.variant)
                reduced[body.start, reached.variant] = function
        return tuple(reduced.values())

    def _macro_calls(self, use: Use) -> Iterator[Occurrence]:
        """The calls of watched functions that the use of a macro makes, in code that calls.

        A macro that is but another name for one takes its address where it is not called.
        """
        if not self._is_code(use):
            return
        arguments = None
        if use.arguments is not None:
            arguments = tuple(self._source.code[a.start : a.end] for a in use.arguments)
        written = self._occurrence(use)
        call = self._made(use, "call", written.how, written.function, written.reason)
        macros = in_force(self._watch.macros, self._outline, self._unit.path, use)
        watch = msgspec.structs.replace(self._watch, macros=macros)
        for name in aliased(use.name, watch) if arguments is None else ():
            taken = self._made(use, "reference", written.how, written.function, written.reason)
            yield msgspec.structs.replace(taken, name=name, via=use.name)
        for expansion in calls_through(use.name, arguments, watch):
            same = len(expansion.arguments) == len(call.argument_regions)
            yield msgspec.structs.replace(
                call,
                name=expansion.name,
                arguments=tuple(" ".join(value.split()) for value in expansion.arguments),
                argument_regions=call.argument_regions if same else (),
                via=use.name,
            )

    def _context_calls(self) -> list[Call]:
        """Calls of context names, and what designated initialisers (`.name = value`) give them."""
        found = []
        for use in self._outline.uses(self._watch.context):
            region = self._source.region(use.start, use.end)
            if use.arguments is not None:
                arguments = tuple(self._source.code[a.start : a.end] for a in use.arguments)
                found.append(Call(use.name, arguments, region))
            elif match := _DESIGNATED.match(self._source.code, use.end):
                found.append(Call(use.name, (match[1],), region))
        return found


def _place(occurrence: Occurrence) -> tuple[int, int]:
    return occurrence.region.line, occurrence.region.column
