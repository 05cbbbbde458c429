"""From one file to its facts: every occurrence of a watched name, classified and placed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from klplint.csource.lexer import Source, words_in
from klplint.csource.outline import Outline, Use
from klplint.csource.suppressions import find_suppressions
from klplint.facts.file_facts import Barrier, FileFacts, Occurrence, OccurrenceClass
from klplint.facts.statements import Call, Function
from klplint.facts.watch import Watch
from klplint.frontend.barrier_comments import comments_near
from klplint.frontend.blanking import without_other_bodies
from klplint.frontend.classify import Classifier
from klplint.frontend.configurations import Lean, Reach, reach
from klplint.frontend.macro_expansion import (
    aliased,
    calls_through,
    in_force,
    macros_around,
    visible,
)
from klplint.frontend.reduce.dropped_calls import with_dropped_calls
from klplint.frontend.reduce.function import reduce_function
from klplint.kernel.compile_unit import CompileUnit
from klplint.source_text import read_source

LARGEST_PARSED = 8 * 1024 * 1024
_DESIGNATED = re.compile(r"\s*=\s*&?\s*([A-Za-z_]\w*)\s*[,}\n]")


def collect_facts(unit: CompileUnit, watch: Watch, problem: str = "") -> FileFacts:
    """The facts of one file. Raises OSError where it cannot be read.

    `problem` says how libclang failed on this file before; then its tokens alone are asked.
    """
    return _Collector(unit, watch, Source(read_source(unit.file)), problem).facts()


class _Collector:
    """One file on its way from text to facts."""

    def __init__(self, unit: CompileUnit, watch: Watch, source: Source, problem: str) -> None:
        self._unit = unit
        self._source = source
        self._outline = Outline(source)
        seen = visible(watch.macros, self._outline, unit.path)
        self._further = watch.followed_in(unit.path)
        self._names = watch.names
        followed = watch.functions | self._further
        self._watch = msgspec.structs.replace(watch, macros=seen, functions=followed)
        self._reach = Reach(problem=problem)
        self._is_assembly = unit.file.suffix == ".S"
        self._classifier = Classifier(source, self._outline, self._reach, self._is_assembly)

    def facts(self) -> FileFacts:
        uses = [self._classifier.untangled(use) for use in self._outline.uses(self._watch.names)]
        macro_uses = self._outline.uses(self._watch.macro_names)
        loads = [use for use in uses if use.name in self._watch.loads]
        self._reach_all([use for use in uses if use.name not in self._watch.loads])
        self._reach_all([*macro_uses, *loads], macros=True)
        told = [(use, self._classifier.occurrence(use)) for use in uses]
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
            followed = self._watch.functions | self._watch.macro_names
            analysed = any(use.name in followed for use in in_code)
            lean = None if analysed or not self._unit.precompiled else self._lean
            self._reach.add(reach(self._unit, self._source, in_code, macros, lean))

    @cached_property
    def _lean(self) -> Lean:
        """The text with all that is not needed to reach what the file names."""
        places = [use.start for use in self._outline.uses(self._watch.names)]
        bodies = {place: body for place in places if (body := self._outline.body_at(place))}
        text = without_other_bodies(self._outline, bodies)
        return Lean(text, {place: body.name for place, body in bodies.items()})

    def _hidden_names(self) -> list[tuple[int, str]]:
        """The watched names that stand in comments and literals."""
        return [
            (start, name)
            for name in sorted(self._names)
            for start in words_in(self._source.text, name)
            if self._source.comment_at(start) or self._source.string_at(start)
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
            arguments = self._outline.argument_texts(use)
        written = self._classifier.occurrence(use)
        call = self._classifier.made(use, "call", written.how, written.function, written.reason)
        macros = in_force(self._watch.macros, self._outline, self._unit.path, use)
        watch = msgspec.structs.replace(self._watch, macros=macros)
        for name in aliased(use.name, watch) if arguments is None else ():
            taken = self._classifier.made(
                use, "reference", written.how, written.function, written.reason
            )
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
                found.append(Call(use.name, self._outline.argument_texts(use), region))
            elif match := _DESIGNATED.match(self._source.code, use.end):
                found.append(Call(use.name, (match[1],), region))
        return found


def _place(occurrence: Occurrence) -> tuple[int, int]:
    return occurrence.region.line, occurrence.region.column
