"""The edits that drop a parameter, file by file, or why that cannot be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from klplint.csource.expressions import canonical, only_reads
from klplint.csource.lexer import Source, Span
from klplint.csource.outline import Outline
from klplint.csource.text_edits import TextEdit
from klplint.facts.file_facts import FileFacts, Occurrence, Reference
from klplint.facts.region import Region
from klplint.index.included_macros import IncludedMacros
from klplint.signature.definitions import Definitions
from klplint.signature.mentions import heading, mentions, parameter_line
from klplint.signature.parameters import ParameterList
from klplint.signature.request import Calls, Obstacle, Request

# Why an occurrence of some kinds cannot be changed without knowing more.
_OBSTACLES = {
    "reference": "its address is taken here, and the pointer's type says which parameters it has",
    "macro-body": "it is in the body of a macro",
    "assembly": "it is called from assembly",
}


class FilePlan:
    """The edits of one C file."""

    def __init__(
        self, source: Source, facts: FileFacts, request: Request, macros: IncludedMacros
    ) -> None:
        self._source = source
        self._facts = facts
        self._request = request
        self._outline = Outline(source)
        self._definitions = Definitions(source, request, partial(macros.may_name, path=facts.path))

    def obstacles(self, calls: Calls) -> Iterator[Obstacle]:
        """The places that cannot be changed."""
        for occurrence in self._occurrences():
            reason = _OBSTACLES.get(occurrence.kind, "")
            if occurrence.kind == "macro-body" and self._passes_value(occurrence):
                reason = ""
            reference = occurrence.reference
            if reference and (reference.keeps_nothing or self._is_mark(reference)):
                reason = ""
            elif reference and reference.kind == "argument":
                reason = f"it is passed to {reference.name}() here, which may call it"
            if not reason and occurrence.kind in ("call", "declaration", "definition"):
                reason = self._unreadable(occurrence) or self._lost(occurrence, calls)
            if reason:
                yield Obstacle(self._facts.path, occurrence.region.line, reason)

    def edits(self, calls: Calls) -> list[TextEdit]:
        """The edits, none of which overlaps another one."""
        edits = list[TextEdit]()
        for occurrence in self._occurrences():
            edits += self._edits_at(occurrence, calls)
        for comment in self._source.comments:
            text = self._source.text[comment.start : comment.end]
            inside = _moved(mentions(text, self._request), comment.start)
            edits += [each for each in inside if not _is_within(each, edits)]
        return sorted(edits)

    def redefines(self, passed: Iterable[Region], path: str) -> Iterator[Obstacle]:
        """The definitions that do more with the parameter than to pass it on.

        `passed` are the arguments that are dropped; `path` is the file that defines the wrapper.
        """
        spans = [*map(self._source.span, passed)]
        for occurrence in self._occurrences():
            body = self._outline.body_behind(self._span(occurrence).end)
            if occurrence.kind != "definition" or body is None:
                continue
            reason = ""
            if self._definitions.uses_parameter(self._span(occurrence), body, spans):
                reason = "it does more with its parameter than to pass it on"
            elif self._definitions.gives_to_macros(self._span(occurrence), body):
                reason = "a macro in it may use its parameter"
            if self._facts.path != path and (reason or not self._facts.path.endswith(".h")):
                reason = "it is defined here, too"
            if reason:
                yield Obstacle(self._facts.path, occurrence.region.line, reason)

    def _edits_at(self, occurrence: Occurrence, calls: Calls) -> Iterable[TextEdit]:
        name = self._span(occurrence)
        match occurrence.kind:
            case "call" if occurrence.region in calls.others:
                return [TextEdit(name.start, name.end, self._request.second)]
            case "call" | "macro-body":
                arguments = ParameterList(self._source, name)
                return [arguments.without(self._request.argument, comments=True)]
            case "reference" if self._marked(occurrence) and not self._defines:
                return [self._definitions.copied_mark(name)]
            case "declaration":
                return self._definitions.prototype(name)
            case "definition":
                return self._at_definition(name)
        return []

    def _at_definition(self, name: Span) -> list[TextEdit]:
        body = self._outline.body_behind(name.end)
        if body is None:
            return []
        if self._definitions.is_stub(name, body):
            return self._definitions.stub(name, body)
        documentation = self._documentation(name, body.head)
        if self._request.only_passed_on:
            return [*self._definitions.stub(name, body), *documentation]
        marks = [
            self._definitions.marked(self._span(each))
            for each in self._occurrences()
            if self._marked(each)
        ]
        return [*self._definitions.definition(name, body, marks), *documentation]

    def _documentation(self, name: Span, head: int) -> list[TextEdit]:
        """The edit of the kernel-doc comment above a definition.

        The comment stays with the body, and so with the second function.
        """
        above = [each for each in self._source.comments if each.end <= head]
        parameter = ParameterList(self._source, name).name_of(self._request.argument)
        if not above or self._source.text[above[-1].end : head].strip() or not parameter:
            return []
        comment = above[-1]
        text = self._source.text[comment.start : comment.end]
        is_kept = bool(self._request.second)
        edit = heading(text, self._request) if is_kept else parameter_line(text, parameter)
        return [*_moved([edit], comment.start)] if edit else []

    def _occurrences(self) -> Iterator[Occurrence]:
        seen = set[tuple[int, int]]()
        for occurrence in (*self._facts.occurrences, *self._facts.further):
            place = (occurrence.region.line, occurrence.region.column)
            if occurrence.name == self._request.name and place not in seen:
                seen.add(place)
                yield occurrence

    def _span(self, occurrence: Occurrence) -> Span:
        region = occurrence.region
        start = self._source.offset(region.line, region.column)
        return Span(start, start + len(self._request.name))

    def _is_mark(self, reference: Reference) -> bool:
        """Whether a macro gets the name that does not depend on the parameters."""
        macros = self._request.marks | self._request.exporters
        return reference.kind == "argument" and reference.name in macros

    def _marked(self, occurrence: Occurrence) -> bool:
        """Whether a macro gets the name that has to get the second function's name, too."""
        reference = occurrence.reference
        return reference is not None and self._request.copied_for_second(reference.name)

    @property
    def _defines(self) -> bool:
        """Whether the second function is defined in this file."""
        return any(
            occurrence.kind == "definition"
            and (body := self._outline.body_behind(self._span(occurrence).end)) is not None
            and not self._definitions.is_stub(self._span(occurrence), body)
            for occurrence in self._occurrences()
        )

    def _passes_value(self, occurrence: Occurrence) -> bool:
        """Whether a call in a macro is written with the value itself."""
        try:
            items = ParameterList(self._source, self._span(occurrence)).items
        except ValueError:
            return False
        if len(items) <= self._request.argument:
            return False
        item = items[self._request.argument]
        return self._source.text[item.start : item.end] == self._request.value

    def _lost(self, occurrence: Occurrence, calls: Calls) -> str:
        """Why an argument cannot be left out; "" if it can, or stays."""
        if occurrence.region not in calls.usual:
            return ""
        arguments = ParameterList(self._source, self._span(occurrence))
        if arguments.loses_lines(self._request.argument):
            return "a comment in its argument would be lost"
        item = arguments.items[self._request.argument]
        argument = self._source.skeleton[item.start : item.end].strip()
        if canonical(argument) in map(canonical, self._request.accepted) or only_reads(argument):
            return ""
        return f"its argument `{argument}` may do more than name a task"

    def _unreadable(self, occurrence: Occurrence) -> str:
        """Why an occurrence has no parameter to drop; "" if it has one."""
        try:
            items = ParameterList(self._source, self._span(occurrence)).items
        except ValueError as error:
            return str(error)
        return "" if len(items) > self._request.argument else "it has too few parameters here"


def _is_within(edit: TextEdit, edits: Iterable[TextEdit]) -> bool:
    """Whether the text of an edit is in that of another one."""
    return any(each.start <= edit.start < each.end for each in edits)


def _moved(edits: Iterable[TextEdit], by: int) -> Iterator[TextEdit]:
    """Edits of a part of a text as edits of the text; the part begins at `by`."""
    return (TextEdit(edit.start + by, edit.end + by, edit.text) for edit in edits)
