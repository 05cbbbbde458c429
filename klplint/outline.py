"""A C file's outline by its tokens: function bodies, calls with their arguments, #if conditions.

It serves where no compiler reached, and tells the front end where to ask. Function bodies are
told by braces as kernel style places them: a brace in the first column always closes or opens
one, so that a function whose #if arms do not balance does not spoil the rest of the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from klplint.lexer import Directive, Source, Span

_BRACE = re.compile(r"[{}]")
_BRACKET = re.compile(r"[()\[\]{},]")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_NAME_BEFORE_PAREN = re.compile(r"([A-Za-z_]\w*)\s*\(")
_OPENING_PAREN = re.compile(r"(?:\s|\\\r?\n)*\(")
_MACRO_HEAD = re.compile(r"\s*([A-Za-z_]\w*)(\(([^()]*)\))?")
_IF_KEYWORDS = ("if", "ifdef", "ifndef")
_ELSE_KEYWORDS = ("elif", "else", "elifdef", "elifndef")
# What may stand before a definition's name with parentheses of its own.
_ATTRIBUTES = re.compile(
    r"__(attribute(__)?|printf|scanf|section|aligned|declspec|typeof__)|typeof"
)


@dataclass(frozen=True, slots=True)
class Body(Span):
    """A function's body in braces; `head` is where its definition's first line begins."""

    name: str
    head: int
    static: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A name in code, with its arguments if an argument list follows."""

    name: str
    start: int
    end: int
    arguments: tuple[Span, ...] | None
    close: int
    """Behind the closing parenthesis; `end` where nothing is called."""


@dataclass(frozen=True, slots=True)
class Macro(Span):
    """A #define: name, parameters (None if object-like) and where its body begins."""

    name: str
    parameters: tuple[str, ...] | None
    body: int


class Outline:
    """The outline of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def bodies(self) -> list[Body]:
        """All function bodies, in order."""
        text, found = self.source.statements, []
        depth, opened = 0, 0
        saved: list[int] = []
        for offset, event in self._brace_events():
            if event == "if":
                saved.append(depth)
            elif event == "else":
                depth = saved[-1] if saved else depth
            elif event == "endif":
                if saved:
                    saved.pop()
            elif event == "{":
                if depth == 0 or self._in_first_column(offset):
                    depth, opened = 0, offset
                depth += 1
            else:
                depth = 0 if self._in_first_column(offset) else max(depth - 1, 0)
                if depth == 0:
                    body = self._body(text, opened, offset + 1)
                    if body and (not found or body.start >= found[-1].end):
                        found.append(body)
        return found

    def _brace_events(self) -> list[tuple[int, str]]:
        """Braces and conditional directives, in the order of the text."""
        events = [(match.start(), match[0]) for match in _BRACE.finditer(self.source.statements)]
        for directive in self.source.directives:
            for keywords, event in (
                (_IF_KEYWORDS, "if"),
                (_ELSE_KEYWORDS, "else"),
                (("endif",), "endif"),
            ):
                if directive.keyword in keywords:
                    events.append((directive.start, event))
        return sorted(events)

    def _in_first_column(self, offset: int) -> bool:
        return offset == 0 or self.source.text[offset - 1] in "\r\n"

    def _body(self, text: str, opened: int, end: int) -> Body | None:
        """The function whose body is text[opened:end], unless these braces are another thing's."""
        before = max(text.rfind(";", 0, opened), text.rfind("}", 0, opened)) + 1
        head = text[before:opened]
        if ")" not in head or ("=" in head and "=" in _outside_parentheses(head)):
            return None
        for match in _NAME_BEFORE_PAREN.finditer(head):
            if not _ATTRIBUTES.fullmatch(match[1]):
                name = match[1]
                break
        else:
            return None
        if name.isupper() or "DEFINE" in name:  # SYSCALL_DEFINE3(name, ...): the macro names it
            inner = _IDENTIFIER.search(head, match.end())
            name = inner[0] if inner else name
        first = self.source.next_visible(before)
        return Body(opened, end, name, first, bool(re.search(r"\bstatic\b", head)))

    def body_at(self, offset: int) -> Body | None:
        """The function whose body holds `offset`."""
        place = bisect_right(self.bodies, offset, key=lambda body: body.start) - 1
        return self.bodies[place] if place >= 0 and offset < self.bodies[place].end else None

    def uses(self, names: frozenset[str]) -> list[Use]:
        """All occurrences of `names` in code and directives, in order."""
        if not names:
            return []
        pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(names))) + r")\b")
        return [self._use(match) for match in pattern.finditer(self.source.skeleton)]

    def use_at(self, offset: int) -> Use | None:
        """The name that starts at `offset`, with its arguments; None where none does."""
        match = _IDENTIFIER.match(self.source.skeleton, offset)
        return self._use(match) if match else None

    def _use(self, match: re.Match[str]) -> Use:
        return self.call_at(match[0], match.start(), match.end(), match.end())

    def call_at(self, name: str, start: int, end: int, behind: int) -> Use:
        """The use of `name` at text[start:end], with the argument list that opens at `behind`."""
        skeleton = self.source.skeleton
        directive = self.source.directive_at(start)
        limit = directive.end if directive else len(skeleton)
        opening = _OPENING_PAREN.match(skeleton, behind, limit)
        split = _split_arguments(skeleton, opening.end(), limit) if opening else None
        return Use(name, start, end, *split) if split else Use(name, start, end, None, end)

    @cached_property
    def macros(self) -> list[Macro]:
        """All #defines, in order."""
        found = []
        for directive in self.source.directives:
            if directive.keyword != "define":
                continue
            start = self.source.code.index("define", directive.start) + len("define")
            head = _MACRO_HEAD.match(self.source.code, start, directive.end)
            if head:
                names = None if head[2] is None else tuple(_IDENTIFIER.findall(head[3]))
                found.append(Macro(directive.start, directive.end, head[1], names, head.end()))
        return found

    def macro_at(self, offset: int) -> Macro | None:
        """The #define whose body holds `offset`."""
        for macro in self.macros:
            if macro.body <= offset < macro.end:
                return macro
        return None

    def conditions(self, offset: int) -> tuple[str, ...]:
        """The #if conditions that `offset` is behind, outermost first, as they would be written.

        An #else or #elif arm shows the conditions that it excludes: `!(CONFIG_SMP)`.
        """
        stack: list[str] = []
        for directive in self.source.directives:
            if directive.start >= offset:
                break
            if directive.keyword in _IF_KEYWORDS:
                stack.append(_condition(directive))
            elif directive.keyword in _ELSE_KEYWORDS and stack:
                excluded = stack[-1] if stack[-1].startswith("!(") else f"!({stack[-1]})"
                own = _condition(directive)
                stack[-1] = f"{excluded} && {own}" if own else excluded
            elif directive.keyword == "endif" and stack:
                stack.pop()
        return tuple(stack)


def _condition(directive: Directive) -> str:
    text = " ".join(directive.rest.replace("\\\n", " ").split())
    if directive.keyword in ("ifdef", "elifdef"):
        return f"defined({text})"
    if directive.keyword in ("ifndef", "elifndef"):
        return f"!defined({text})"
    return text


def _outside_parentheses(text: str) -> str:
    pieces, depth = [], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth == 0:
            pieces.append(char)
    return "".join(pieces)


def _split_arguments(text: str, start: int, limit: int) -> tuple[tuple[Span, ...], int] | None:
    """The arguments from behind the opening parenthesis on, and where the closing one ends.

    None where the parentheses do not close before `limit`.
    """
    depth, begin, arguments = 0, start, []
    for match in _BRACKET.finditer(text, start, limit):
        if match[0] in "([{":
            depth += 1
        elif match[0] == ",":
            if depth == 0:
                arguments.append(Span(begin, match.start()))
                begin = match.end()
        elif depth:
            depth -= 1
        else:
            if arguments or text[begin : match.start()].strip():
                arguments.append(Span(begin, match.start()))
            return tuple(_trimmed(text, span) for span in arguments), match.end()
    return None


def _trimmed(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.start + len(piece.rstrip())))
