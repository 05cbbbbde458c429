"""The definition, the prototypes and the stubs of a function that loses a parameter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from klplint.csource.lexer import Source, Span
from klplint.csource.outline import Body
from klplint.csource.text_edits import TextEdit
from klplint.csource.words import words_in
from klplint.fixes.placement import line_end
from klplint.signature.parameters import ParameterList
from klplint.signature.request import Request

_DECLARATION = re.compile(r"\s*(?!return\b|goto\b)\w+[\w\s*]*[\s*]\w+\s*[=;,\[]")
_SPACE = re.compile(r"\s*")
_VOID = re.compile(r"\bvoid\b(?!\s*\*)")


class Definitions:
    """Edits of one file's definitions and declarations."""

    def __init__(
        self, source: Source, request: Request, may_name: Callable[[str, str], bool]
    ) -> None:
        """`may_name` says whether macros in a text may use a parameter that it does not name."""
        self._source = source
        self._request = request
        self._may_name = may_name

    def prototype(self, name: Span) -> list[TextEdit]:
        """The edits for a declaration; the second function gets one of its own behind it."""
        parameters = ParameterList(self._source, name)
        edits = [parameters.without(self._request.argument, empty="void")]
        end = self._source.skeleton.find(";", parameters.end) + 1
        if self._request.shared and end:
            edits.append(self._copy(self._start_of(name), name, end))
        return edits

    def stub(self, name: Span, body: Body) -> list[TextEdit]:
        """The edits for a definition that does not use the parameter."""
        parameters = ParameterList(self._source, name)
        edits = [parameters.without(self._request.argument, empty="void")]
        if self._request.shared:
            edits.append(self._copy(body.head, name, body.end))
        return edits

    def is_stub(self, name: Span, body: Body) -> bool:
        """Whether a definition does not use the parameter."""
        return not (self.uses_parameter(name, body, ()) or self.gives_to_macros(name, body))

    def uses_parameter(self, name: Span, body: Body, passed: Iterable[Span]) -> bool:
        """Whether a definition uses the parameter outside of some arguments."""
        parameter = ParameterList(self._source, name).name_of(self._request.argument)
        text = self._source.skeleton[body.start : body.end]
        places = [body.start + place for place in words_in(text, parameter)] if parameter else []
        spans = [*passed]
        return any(not any(s.start <= place < s.end for s in spans) for place in places)

    def gives_to_macros(self, name: Span, body: Body) -> bool:
        """Whether macros may use the parameter, where a definition does not name it."""
        parameter = ParameterList(self._source, name).name_of(self._request.argument)
        text = self._source.skeleton[body.start : body.end]
        return bool(parameter) and self._may_name(parameter, text)

    def marked(self, name: Span) -> str:
        """The use of a macro that gets the function by name, for the second function."""
        end = self._source.skeleton.find(";", name.end) + 1 or name.end
        return self._for_second(self._start_of(name), name, end)

    def copied_mark(self, name: Span) -> TextEdit:
        """The edit that adds this use of a macro behind the first function's."""
        end = self._source.skeleton.find(";", name.end) + 1 or name.end
        return self._copy(self._start_of(name), name, end)

    def definition(self, name: Span, body: Body, marks: Sequence[str] = ()) -> list[TextEdit]:
        """The edits for the definition.

        With a second function, this one gets its name, with `marks` behind it, and a new one calls
        it.
        """
        if self._request.second:
            return self._split(name, body, marks)
        parameters = ParameterList(self._source, name)
        item = parameters.items[self._request.argument]
        written = " ".join(self._source.text[item.start : item.end].split())
        edits = [parameters.without(self._request.argument, empty="void")]
        end = line_end(self._source, self._source.position(body.start)[0])
        variable = f"{end}\t{written} = {self._request.value};"
        behind = self._source.statements[body.start + 1 : body.end]
        blank = "" if _DECLARATION.match(behind) else end
        edits.append(TextEdit(body.start + 1, body.start + 1, f"{variable}{blank}"))
        return edits

    def _split(self, name: Span, body: Body, marks: Sequence[str]) -> list[TextEdit]:
        """The definition under the second name, and behind it the function that calls it."""
        source, request = self._source, self._request
        parameters = ParameterList(source, name)
        end = line_end(source, source.position(body.end - 1)[0])
        start = self._start_of(name)
        head = source.text[start : name.start]
        returns = not _VOID.search(head)
        arguments = [parameters.name_of(number) for number in range(len(parameters.items))]
        arguments[request.argument] = request.value
        kept = parameters.without(request.argument, empty="void")
        shorter = source.text[parameters.start : kept.start] + kept.text
        shorter += source.text[kept.end : parameters.end]
        call = f"{'return ' if returns else ''}{request.second}({', '.join(arguments)});"
        new = "".join(f"{end}{mark}" for mark in marks)
        new += f"{end}{end}{head}{request.name}({shorter}{end}{{{end}\t{call}{end}}}"
        edits = [TextEdit(name.start, name.end, request.second), TextEdit(body.end, body.end, new)]
        if request.is_local and not re.search(r"\bstatic\b", head):
            edits.append(TextEdit(start, start, "static "))
        return edits

    def _start_of(self, name: Span) -> int:
        """Where the declaration with a name begins, behind the one before it."""
        text = self._source.statements
        start = max(text.rfind(sign, 0, name.start) for sign in ";}") + 1
        match = _SPACE.match(text, start, name.start)
        return match.end() if match else start

    def _copy(self, start: int, name: Span, end: int) -> TextEdit:
        """A copy of some text for the second function, on the lines behind it."""
        copy = self._for_second(start, name, end)
        return TextEdit(end, end, f"{line_end(self._source, self._source.position(end)[0])}{copy}")

    def _for_second(self, start: int, name: Span, end: int) -> str:
        text = self._source.text
        return f"{text[start : name.start]}{self._request.second}{text[name.end : end]}"
