"""The edits that drop a parameter, file by file, or why that cannot be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from klplint.csource.expressions import canonical, only_reads
from klplint.csource.lexer import Source, Span
from klplint.csource.outline import Outline
from klplint.csource.text_edits import TextEdit
from klplint.facts.file_facts import FileFacts, Occurrence
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

    def __init__(self, source: Source, facts: FileFacts, request: Request) -> None:
        self._source = source
        self._facts = facts
        self._request = request
        self._outline = Outline(source)
        self._definitions = Definitions(source, request)

    def obstacles(self, calls: Calls) -> Iterator[Obstacle]:
        """The places that cannot be changed."""
        for occurrence in self._occurrences():
            reason = _OBSTACLES.get(occurrence.kind, "")
            if occurrence.kind == "macro-body" and self._passes_value(occurrence):
                reason = ""
            if occurrence.reference and occurrence.reference.keeps_nothing:
                reason = ""
            elif occurrence.reference and occurrence.reference.kind == "argument":
                reason = f"it is passed to {occurrence.reference.name}() here"
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
            edits += _moved(mentions(text, self._request), comment.start)
        return sorted(edits)

    def _edits_at(self, occurrence: Occurrence, calls: Calls) -> Iterable[TextEdit]:
        name = self._span(occurrence)
        match occurrence.kind:
            case "call" if occurrence.region in calls.others:
                return [TextEdit(name.start, name.end, self._request.second)]
            case "call" | "macro-body":
                return [ParameterList(self._source, name).without(self._request.argument)]
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
        return [
            *self._definitions.definition(name, body),
            *self._documentation(name, body.head),
        ]

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
        for occurrence in self._facts.occurrences:
            place = (occurrence.region.line, occurrence.region.column)
            if occurrence.name == self._request.name and place not in seen:
                seen.add(place)
                yield occurrence

    def _span(self, occurrence: Occurrence) -> Span:
        region = occurrence.region
        start = self._source.offset(region.line, region.column)
        return Span(start, start + len(self._request.name))

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
        item = ParameterList(self._source, self._span(occurrence)).items[self._request.argument]
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


def _moved(edits: Iterable[TextEdit], by: int) -> Iterator[TextEdit]:
    """Edits of a part of a text as edits of the text; the part begins at `by`."""
    return (TextEdit(edit.start + by, edit.end + by, edit.text) for edit in edits)
