"""The facts of one file: every occurrence of a watched name, classified, and what depends on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from klplint.csource.expansion_size import expanding_to_more
from klplint.csource.lexer import Source
from klplint.csource.livepatch_module import livepatch_module
from klplint.csource.outline import Outline, Use, places_of
from klplint.csource.patched_functions_csv import is_csv, module_of_csv
from klplint.csource.suppressions import find_suppressions
from klplint.errors import TooDeep
from klplint.facts.file_facts import Barrier, FileFacts, Occurrence, OccurrenceClass
from klplint.facts.statements import Call
from klplint.facts.variable_stores import VariableStore
from klplint.facts.watch import Watch
from klplint.frontend.address_uses import is_assembly
from klplint.frontend.barrier_comments import CommentSearch
from klplint.frontend.classify import Classifier
from klplint.frontend.configurations import AstUses, find_in_ast
from klplint.frontend.followed_functions import FollowedFunctions
from klplint.frontend.header_macros import HeaderMacros
from klplint.frontend.headings import heading_of
from klplint.frontend.macro_calls import MacroCalls
from klplint.frontend.macro_expansion import macros_around, visible
from klplint.frontend.redefined_names import RedefinedNames
from klplint.frontend.texts_to_parse import texts_with, whole_text
from klplint.frontend.trimmed_text import TrimmedText
from klplint.frontend.variable_stores import variable_stores
from klplint.kernel.compile_unit import CompileUnit
from klplint.source_text import read_source

LARGEST_PARSED = 8 * 1024 * 1024
# A function of a macro that expands to more tokens than this takes a minute to read. The largest
# macro that a file of Linux 6.12 both defines and uses expands to 20,000.
_LARGEST_EXPANSION = 50_000
_DESIGNATED = re.compile(r"\s*=\s*&?\s*([A-Za-z_]\w*)\s*[,}\n]")


def collect_facts(unit: CompileUnit, watch: Watch, problem: str = "") -> FileFacts:
    """The facts of one file. Raises OSError where it cannot be read.

    `problem` says how libclang failed on this file before; then only its tokens are read.
    """
    source = Source(read_source(unit.file))
    if is_csv(unit.path):
        return FileFacts(path=unit.path, occurrences=(), livepatch=module_of_csv(source.text))
    try:
        return _Collector(unit, watch, source, problem).facts()
    except TooDeep as error:
        return _Collector(unit, watch, source, str(error)).facts()


class _Collector:
    """Collects the facts of one file.

    The file's text is searched for the watched names; libclang parses it to find these uses in
    the AST; each use is classified; and the facts that depend on uses (barriers, functions,
    calls through macros) are made for those that need them.
    """

    def __init__(self, unit: CompileUnit, watch: Watch, source: Source, problem: str) -> None:
        self._unit = unit
        self._source = source
        self._outline = Outline(source)
        self._comments = CommentSearch(source, self._outline)
        self._further = watch.followed_in(unit.path)
        self._names = watch.names
        self._watch = msgspec.structs.replace(
            watch,
            macros=visible(watch.macros, self._outline, unit.path),
            functions=watch.functions | self._further,
        )
        self._headers = HeaderMacros(unit, source)
        self._ast_uses = AstUses(problem=problem)
        self._is_assembly = unit.file.suffix == ".S"
        self._redefined = RedefinedNames(watch.values, unit)
        self._classifier = Classifier(source, self._outline, self._ast_uses, self._is_assembly)
        self._macro_calls = MacroCalls(
            self._classifier, self._outline, self._watch, unit.path, self._further
        )

    def facts(self) -> FileFacts:
        """All facts of the file."""
        uses = [self._classifier.as_called(use) for use in self._outline.uses(self._watch.names)]
        macro_uses = self._outline.uses(self._watch.macro_names)
        loads = [use for use in uses if use.name in self._watch.loads]
        self._find_in_ast([use for use in uses if use.name not in self._watch.loads])
        # Barriers that load a value are macros, which an AST shows only if it records macros.
        self._find_in_ast([*macro_uses, *loads], macros=True)
        classified, passed_calls = self._macro_calls.with_passed_calls(
            [(use, self._completed(use, self._classifier.occurrence(use))) for use in uses]
        )
        watched = [(use, o) for use, o in classified if use.name not in self._further]
        macro_calls = [(use, call) for use in macro_uses for call in self._macro_calls.of_use(use)]
        macro_calls += passed_calls
        is_module = bool(self._watch.modules)
        hidden = [self._hidden(offset, name) for offset, name in self._hidden_names()]
        return FileFacts(
            path=self._unit.path,
            occurrences=tuple(sorted([*(o for _, o in watched), *hidden], key=_place)),
            barriers=tuple(self._barrier(use, o) for use, o in watched if self._is_barrier(use, o)),
            opposite=tuple(self._opposite()),
            functions=FollowedFunctions(
                self._outline, self._ast_uses.by_offset, self._watch.functions
            ).reduced(
                [use for use, o in (*classified, *macro_calls) if self._is_analysed(o, "call")],
                [use for use, o in watched if self._is_analysed(o, "definition")],
            ),
            macros=macros_around([*uses, *macro_uses], self._outline, self._unit.path),
            macro_calls=tuple(call for _, call in macro_calls),
            further=tuple(o for use, o in classified if use.name in self._further),
            context_calls=tuple(self._context_calls()),
            stores=tuple(self._stores()),
            suppressions=find_suppressions(self._source),
            livepatch=livepatch_module(self._outline, self._unit.path) if is_module else None,
            problem=self._ast_uses.problem,
            parses=self._ast_uses.parses,
        )

    def _completed(self, use: Use, occurrence: Occurrence) -> Occurrence:
        """A call with the values in its arguments that mean something else in this file.

        A declaration or definition comes with the comment before it.
        """
        if occurrence.name not in self._watch.functions:
            return occurrence
        if occurrence.kind in ("declaration", "definition"):
            heading = heading_of(self._source, use.start)
            return msgspec.structs.replace(occurrence, heading=heading) if heading else occurrence
        if occurrence.kind != "call":
            return occurrence
        in_ast = self._ast_uses.by_offset.get(use.start)
        names = (
            self._redefined.in_arguments(use, in_ast.view)
            if in_ast and occurrence.how == "ast"
            else self._redefined.by_tokens(use, self._outline)
        )
        redefined = tuple(dict.fromkeys(names))
        return msgspec.structs.replace(occurrence, redefined=redefined) if redefined else occurrence

    def _is_code(self, use: Use) -> bool:
        return self._source.directive_at(use.start) is None

    def _find_in_ast(self, uses: list[Use], macros: bool = False) -> None:
        """Find the uses in code in the AST, unless libclang is not to parse the file.

        A trimmed text behind a precompiled header is enough to see that a use is there. Where
        the function around a use is analysed, the file is parsed as its compiler sees it.
        """
        in_code = [use for use in uses if self._is_code(use)]
        if not in_code or self._is_assembly or self._ast_uses.problem:
            return
        if len(self._source.text) > LARGEST_PARSED:
            self._ast_uses.problem = f"the file is larger than {LARGEST_PARSED >> 20} MiB"
            return
        if self._explosive_macros and self._uses_explosive_macros():
            name = min(self._explosive_macros)
            self._ast_uses.problem = (
                f"the macro {name} expands to more than {_LARGEST_EXPANSION:,} tokens"
            )
            return
        followed = self._watch.functions | self._watch.macro_names
        is_analysed = any(use.name in followed for use in in_code)
        headers = self._headers
        if not is_analysed:
            texts = self._trimmed
        else:
            texts = [] if macros else whole_text(self._unit, self._outline, headers, in_code)
        self._ast_uses.add(find_in_ast(self._unit, self._source, in_code, headers, macros, texts))

    @cached_property
    def _explosive_macros(self) -> frozenset[str]:
        outline = self._outline
        return expanding_to_more(outline.macros, self._source.code, _LARGEST_EXPANSION)

    def _uses_explosive_macros(self) -> bool:
        return any(map(self._is_code, self._outline.uses(self._explosive_macros)))

    @cached_property
    def _trimmed(self) -> list[TrimmedText]:
        return texts_with(self._unit, self._outline, self._headers, self._watch.names)

    def _hidden_names(self) -> list[tuple[int, str]]:
        """The watched names in comments and literals, with their offsets."""
        return [
            (start, name)
            for start, name in places_of(self._names, self._source.text)
            if self._source.comment_at(start) or self._source.string_at(start)
        ]

    def _hidden(self, offset: int, name: str) -> Occurrence:
        """A name in a comment or a string; a string of inline assembly is code."""
        region = self._source.region(offset, offset + len(name))
        if self._source.comment_at(offset):
            return Occurrence(name=name, region=region, kind="comment", how="text")
        if not is_assembly(self._source.skeleton, offset):
            return Occurrence(name=name, region=region, kind="string", how="text")
        body = self._outline.body_at(offset)
        function = body.called if body else None
        return Occurrence(
            name=name, region=region, kind="assembly", how="tokens", function=function
        )

    # Facts that depend on the occurrences

    def _is_barrier(self, use: Use, occurrence: Occurrence) -> bool:
        """Whether a watched barrier is used here.

        In a macro's body, the name may be part of something else. A barrier that is made of
        another one (`#define rmb() mb()`) is checked where it is used itself.
        """
        if occurrence.name not in self._watch.barriers:
            return False
        macro = self._outline.macro_at(use.start)
        if macro is None:
            return occurrence.kind == "call"
        if macro.name in self._watch.barriers:
            return False
        body = self._source.code[macro.body : macro.end].strip("() \t")
        is_alias = body == use.name
        return use.arguments is not None or is_alias

    def _barrier(self, use: Use, occurrence: Occurrence) -> Barrier:
        macro = self._outline.macro_at(use.start)
        return Barrier(
            name=use.name,
            region=occurrence.region,
            function=macro.name if macro else occurrence.function,
            comments=self._comments.near(use),
            how=occurrence.how,
        )

    def _opposite(self) -> Iterator[Barrier]:
        """The barriers of the other side that are used in functions, by their tokens."""
        for use in self._outline.uses(self._watch.opposite - self._names):
            body = self._outline.body_at(use.start)
            if body is not None and use.arguments is not None and self._is_code(use):
                yield Barrier(
                    name=use.name,
                    region=self._source.region(use.start, use.end),
                    function=body.called,
                    comments=self._comments.near(use),
                    how="tokens",
                )

    def _is_analysed(self, occurrence: Occurrence, kind: OccurrenceClass) -> bool:
        """Whether this is a `kind` of a watched function, and so its function is reduced."""
        is_watched = occurrence.name in self._watch.functions
        return is_watched and occurrence.kind == kind and occurrence.how == "ast"

    def _context_calls(self) -> Iterator[Call]:
        """Calls of context names, and designated initialisers (`.name = value`) as such calls."""
        for use in self._outline.uses(self._watch.context):
            region = self._source.region(use.start, use.end)
            arguments = self._arguments(use)
            if arguments is not None:
                yield Call(use.name, arguments, region)
            elif match := _DESIGNATED.match(self._source.code, use.end):
                yield Call(use.name, (match[1],), region)

    def _stores(self) -> Iterator[VariableStore]:
        watch = self._watch
        return variable_stores(self._source, self._outline, watch.variables, watch.storing)

    def _arguments(self, use: Use) -> tuple[str, ...] | None:
        """The arguments of a use as written; None where it has no argument list."""
        if use.arguments is None:
            return None
        return self._outline.argument_texts(use)


def _place(occurrence: Occurrence) -> tuple[int, int]:
    return occurrence.region.line, occurrence.region.column
