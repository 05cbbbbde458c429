"""A C file's outline by its tokens: function bodies, macros, calls with their arguments.

It serves for code that no compiler parsed, and shows the front end what to ask libclang about.
Function bodies are found by braces as kernel style places them: a brace in the first column always
opens or closes one, so that a function whose #if arms do not balance does not spoil the rest of the
file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from operator import attrgetter

import msgspec

from klplint.csource.brackets import outside_parentheses, split_arguments
from klplint.csource.function_heads import defined_name, head_before
from klplint.csource.lexer import Source, Span
from klplint.csource.lines import offsets_of
from klplint.csource.split_names import split_names
from klplint.csource.words import words_in

_WORD = re.compile(r"\b[A-Za-z_]\w*")
# To look for more names one by one takes longer than to look at each word.
_FEW_NAMES = 256
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_REST = re.compile(r"([A-Za-z_]\w*)?\s*\.\.\.\s*$")
_STATIC = re.compile(r"\bstatic\b")
_OPENING_PAREN = re.compile(r"[\s\\]*\(")
_CALL = re.compile(
    r"(?<![\w.>])(?!(?:if|while|for|switch|return|sizeof|typeof|defined)\b)"
    r"[A-Za-z_]\w*(?=\s*\()"
)
_MACRO_HEAD = re.compile(r"[\s\\]*([A-Za-z_]\w*)(\(([^()]*)\))?")
_CONDITIONS = {
    **dict.fromkeys(("if", "ifdef", "ifndef"), "if"),
    **dict.fromkeys(("elif", "else", "elifdef", "elifndef"), "else"),
    "endif": "endif",
}
_SYSTEM_CALL = re.compile(r"(COMPAT_)?SYSCALL(?:32)?_DEFINE")
_START = attrgetter("start")
# How many blank characters may be before a block that opens in the first column.
_MOST_BLANK = 500


class Body(Span, frozen=True, kw_only=True, gc=False):
    """A function's body with its braces."""

    name: str
    """The function's name."""
    head: int
    """The offset at which its definition begins, before the body."""
    static: bool
    """Whether it is defined as `static`."""
    macro: str = ""
    """The macro that makes its head, such as SYSCALL_DEFINE3; "" if none does."""

    @property
    def is_system_call(self) -> bool:
        """Whether it is defined as a system call; C code does not call it by its name."""
        return _SYSTEM_CALL.match(self.macro) is not None

    @property
    def called(self) -> str:
        """What people call the function: sys_read() for SYSCALL_DEFINE3(read, ...)."""
        match = _SYSTEM_CALL.match(self.macro)
        return f"{(match[1] or '').lower()}sys_{self.name}" if match else self.name


class Use(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A name in code or in a directive, with its arguments if an argument list follows."""

    name: str
    """The name, or what the caller of `call_at` takes for it."""
    start: int
    """The offset of the name."""
    end: int
    """The offset behind the name."""
    arguments: tuple[Span, ...] | None
    """The arguments; None if no argument list follows."""
    close: int
    """The offset behind the argument list; `end` if there is none."""


class Macro(Span, frozen=True, kw_only=True, gc=False):
    """A #define."""

    name: str
    """The macro's name."""
    parameters: tuple[str, ...] | None
    """The names of its parameters; None for an object-like macro."""
    rest: str
    """The name of any number of arguments, `__VA_ARGS__` or that of the last parameter; or ""."""
    body: int
    """The offset at which its body begins."""


class Outline:
    """The outline of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def bodies(self) -> list[Body]:
        """All function bodies, in order.

        Each arm of an #if begins at the depth of braces at which the #if stands.
        """
        bodies: list[Body] = []
        depth, opened = 0, 0
        depths_at_if: list[int] = []
        blocks: list[int] = []  # the depths of blocks whose braces are in the first column
        text, conditions = self.source.statements, self._conditions()
        places = [*offsets_of("{", text), *offsets_of("}", text), *conditions]
        for offset in sorted(places):
            event = conditions.get(offset) or text[offset]
            if event == "if":
                depths_at_if.append(depth)
            elif event == "else":
                depth = depths_at_if[-1] if depths_at_if else depth
            elif event == "endif":
                if depths_at_if:
                    depths_at_if.pop()
            elif event == "{":
                if depth and self._opens_block(offset):
                    blocks.append(depth)
                elif depth == 0 or self._in_first_column(offset):
                    depth, opened = 0, offset
                    blocks.clear()
                depth += 1
            elif blocks and self._in_first_column(offset) and depth == blocks[-1] + 1:
                depth = blocks.pop()
            else:
                was_open = depth > 0
                depth = depth - 1 if depth > 1 and not self._in_first_column(offset) else 0
                if was_open and depth == 0:
                    body = self._body(opened, offset + 1)
                    if body and (not bodies or body.start >= bodies[-1].end):
                        bodies.append(body)
        return bodies

    def _conditions(self) -> dict[int, str]:
        """The offsets of conditional directives, and what each is."""
        return {
            directive.start: _CONDITIONS[directive.keyword]
            for directive in self.source.directives
            if directive.keyword in _CONDITIONS
        }

    def _opens_block(self, offset: int) -> bool:
        """Whether a brace in the first column opens a block of statements, and not a function."""
        if not self._in_first_column(offset):
            return False
        before = self.source.statements[max(offset - _MOST_BLANK, 0) : offset].rstrip()
        return before.endswith((";", "{", "}"))

    def _in_first_column(self, offset: int) -> bool:
        return offset == 0 or self.source.text[offset - 1] in "\r\n"

    def _body(self, opened: int, end: int) -> Body | None:
        """The function whose body is between two offsets; None if the braces are not a body's."""
        text = self.source.statements
        span = head_before(text, opened)
        head = text[span.start : span.end].lstrip()
        if ")" not in head or ("=" in head and "=" in outside_parentheses(head)):
            return None
        defined = defined_name(head)
        if defined is None:
            return None
        name, macro = defined
        first = span.end - len(head)
        is_static = "static" in head and _STATIC.search(head) is not None
        return Body(start=opened, end=end, name=name, head=first, static=is_static, macro=macro)

    def body_at(self, offset: int) -> Body | None:
        """The function whose body holds `offset`; None if there is none."""
        place = bisect_right(self.bodies, offset, key=_START) - 1
        return self.bodies[place] if place >= 0 and offset < self.bodies[place].end else None

    def body_behind(self, offset: int) -> Body | None:
        """The function whose head, which stands before its body, holds `offset`; else None."""
        place = bisect_right(self.bodies, offset, key=_START)
        following = self.bodies[place] if place < len(self.bodies) else None
        return following if following and following.head <= offset else None

    def uses(self, names: frozenset[str]) -> list[Use]:
        """All occurrences of `names` in code and directives, in order."""
        skeleton = self.source.skeleton
        whole = [(start, start + len(name), name) for start, name in places_of(names, skeleton)]
        places = sorted([*whole, *split_names(names, self.source)])
        return [self.call_at(name, start, end, end) for start, end, name in places]

    def use_at(self, offset: int) -> Use | None:
        """The name that starts at `offset`, with its arguments; None if none starts there."""
        match = _IDENTIFIER.match(self.source.skeleton, offset)
        return self._use(match[0], offset) if match else None

    def _use(self, name: str, start: int) -> Use:
        return self.call_at(name, start, start + len(name), start + len(name))

    def call_at(self, name: str, start: int, end: int, behind: int) -> Use:
        """The use of `name` at text[start:end], with the argument list that opens at `behind`."""
        skeleton = self.source.skeleton
        directive = self.source.directive_at(start)
        limit = directive.end if directive else len(skeleton)
        opening = _OPENING_PAREN.match(skeleton, behind, limit)
        split = split_arguments(skeleton, opening.end(), limit) if opening else None
        arguments, close = split or (None, end)
        return Use(name=name, start=start, end=end, arguments=arguments, close=close)

    def argument_texts(self, use: Use) -> tuple[str, ...]:
        """The arguments of a use as written, comments blanked; none without an argument list."""
        code = self.source.code
        return tuple(code[argument.start : argument.end] for argument in use.arguments or ())

    @cached_property
    def macros(self) -> list[Macro]:
        """All #defines, in order."""
        macros, text = [], self.source.skeleton
        for directive in self.source.directives:
            if directive.keyword != "define":
                continue
            start = text.index("define", directive.start) + len("define")
            head = _MACRO_HEAD.match(text, start, directive.end)
            if head:
                rest = _REST.search(head[3] or "")
                macro = Macro(
                    start=directive.start,
                    end=directive.end,
                    name=head[1],
                    parameters=None if head[2] is None else tuple(_IDENTIFIER.findall(head[3])),
                    rest=(rest[1] or "__VA_ARGS__") if rest else "",
                    body=head.end(),
                )
                macros.append(macro)
        return macros

    @cached_property
    def by_name(self) -> dict[str, list[Body | Macro]]:
        """The functions and macros of the file, by their names."""
        names: dict[str, list[Body | Macro]] = {}
        for body in self.bodies:
            names.setdefault(body.name, []).append(body)
        for macro in self.macros:
            names.setdefault(macro.name, []).append(macro)
        return names

    def macro_at(self, offset: int) -> Macro | None:
        """The #define whose body holds `offset`; None if there is none."""
        place = bisect_right(self.macros, offset, key=lambda macro: macro.body) - 1
        return self.macros[place] if place >= 0 and offset < self.macros[place].end else None


def places_of(names: frozenset[str], text: str) -> Iterator[tuple[int, str]]:
    """Where `names` are words of a text, in any order."""
    if len(names) > _FEW_NAMES:
        for match in _WORD.finditer(text):
            if match[0] in names:
                yield match.start(), match[0]
        return
    # One by one: re finds a literal many times as fast as an alternation of several.
    for name in names:
        if name in text:
            yield from ((start, name) for start in words_in(text, name))


def call_names(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The names in text[start:end] that a parenthesis follows, without keywords.

    Members (`ops->open(...)`) do not count. `text` is without comments and literals.
    """
    return _CALL.finditer(text, start, end)


def names_in_words(text: str) -> set[str]:
    """All identifiers in a piece of C, keywords included."""
    return set(_IDENTIFIER.findall(text))
