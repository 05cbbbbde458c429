"""Tokens of C code in which the macros of the same file are expanded.

Each token of an expansion has the place of the macro's use. A macro that is defined more than
once, or elsewhere, is not expanded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from klplint.csource.outline import Macro, Outline

_TOKEN = re.compile(
    r"""(?P<string>\w*"(?:[^"\\\n]|\\.)*") | (?P<char>'(?:[^'\\\n]|\\.)*')
      | (?P<word>[A-Za-z_]\w*) | (?P<number>\.?\d[\w.]*) | (?P<other>\#\#|->|\.\.\.|[^\s\\])""",
    re.VERBOSE,
)
_STEPS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
# An expansion with more tokens than this is given up.
_MOST_TOKENS = 20_000
_DEEPEST = 16
_VARIADIC = "__VA_ARGS__"


class Token(NamedTuple):
    """A token, and where it is in the file: that of the macro's use, if a macro made it."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is a name or a keyword."""
        return self.text[:1].isalpha() or self.text[:1] == "_"

    @property
    def is_string(self) -> bool:
        """Whether it is a string literal."""
        return self.text.endswith('"')


class TooManyTokens(Exception):
    """An expansion grows too large."""


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """The tokens of text[start:end], which has no comments."""
    return [Token(match[0], *match.span()) for match in _TOKEN.finditer(text, start, end)]


class Macros:
    """The macros of a file that can be expanded: those with one definition."""

    def __init__(self, outline: Outline) -> None:
        self._code = outline.source.code
        count = Counter(macro.name for macro in outline.macros)
        self._macros: dict[str, Macro] = {m.name: m for m in outline.macros if count[m.name] == 1}
        self.ambiguous = frozenset(name for name, number in count.items() if number > 1)
        """The macros with several definitions."""

    def __contains__(self, name: str) -> bool:
        return name in self._macros

    def body(self, name: str) -> list[Token]:
        """The tokens of a macro's body."""
        macro = self._macros[name]
        return tokens_of(self._code, macro.body, macro.end)

    def expanded(self, tokens: Sequence[Token]) -> list[Token]:
        """Tokens with all macros replaced; TooManyTokens if that does not end."""
        return self._expanded(tokens, frozenset(), _DEEPEST)

    def _expanded(self, tokens: Sequence[Token], hidden: frozenset[str], depth: int) -> list[Token]:
        out: list[Token] = []
        place = 0
        while place < len(tokens):
            token = tokens[place]
            place += 1
            macro = self._macros.get(token.text) if token.is_word else None
            if macro is None or token.text in hidden:
                out.append(token)
            elif macro.parameters is None:
                body = _pasted(
                    [t._replace(start=token.start, end=token.end) for t in self.body(macro.name)]
                )
                out += self._again(body, hidden | {macro.name}, depth)
            elif place < len(tokens) and tokens[place].text == "(":
                arguments, behind = _arguments(tokens, place)
                end = tokens[behind - 1].end
                span = Token("", token.start, max(end, token.end))
                body = self._substituted(macro, arguments, span, hidden, depth)
                out += self._again(body, hidden | {macro.name}, depth)
                place = behind
            else:
                out.append(token)
            if len(out) > _MOST_TOKENS:
                raise TooManyTokens
        return out

    def _again(self, tokens: list[Token], hidden: frozenset[str], depth: int) -> list[Token]:
        if depth == 0 or len(tokens) > _MOST_TOKENS:
            raise TooManyTokens
        return self._expanded(tokens, hidden, depth - 1)

    def _substituted(
        self,
        macro: Macro,
        arguments: list[list[Token]],
        span: Token,
        hidden: frozenset[str],
        depth: int,
    ) -> list[Token]:
        """The body of a macro with its parameters replaced, strings made and names pasted."""
        values = _by_parameter(macro.parameters or (), arguments)
        if all(token.text != _VARIADIC for token in self.body(macro.name)):
            values = _with_rest(values, macro.parameters or (), arguments)
        body, out = self.body(macro.name), list[Token]()
        for place, token in enumerate(body):
            before = body[place - 1].text if place else ""
            after = body[place + 1].text if place + 1 < len(body) else ""
            value = values.get(token.text)
            if token.text == "#" and after in values:
                continue
            if value is None:
                out.append(token._replace(start=span.start, end=span.end))
            elif before == "#":
                out.append(Token(_string(value), *_extent(value, span)))
            elif "##" in (before, after):
                out += value
            else:
                out += self._again(list(value), hidden, depth)
        return _pasted(out)


def _extent(value: list[Token], span: Token) -> tuple[int, int]:
    return (value[0].start, value[-1].end) if value else (span.start, span.end)


def _by_parameter(
    parameters: Sequence[str], arguments: list[list[Token]]
) -> Mapping[str, list[Token]]:
    """The arguments by the names of the parameters; `__VA_ARGS__` has those beyond."""
    values = {
        name: arguments[number] if number < len(arguments) else []
        for number, name in enumerate(parameters)
    }
    return {**values, _VARIADIC: _joined(arguments[len(parameters) :])}


def _with_rest(
    values: Mapping[str, list[Token]], parameters: Sequence[str], arguments: list[list[Token]]
) -> Mapping[str, list[Token]]:
    """The arguments where the last parameter takes all the rest: `#define f(args...)`."""
    if parameters and len(arguments) > len(parameters):
        return {**values, parameters[-1]: _joined(arguments[len(parameters) - 1 :])}
    return values


def _joined(arguments: list[list[Token]]) -> list[Token]:
    """Arguments with the commas between them."""
    out: list[Token] = []
    for number, argument in enumerate(arguments):
        if number:
            place = argument[0].start if argument else (out[-1].end if out else 0)
            out.append(Token(",", place, place))
        out += argument
    return out


def _arguments(tokens: Sequence[Token], opened: int) -> tuple[list[list[Token]], int]:
    """The arguments of a macro's use, and the place behind the parenthesis that closes them."""
    arguments: list[list[Token]] = [[]]
    depth = 0
    for place in range(opened, len(tokens)):
        token = tokens[place]
        depth += _STEPS.get(token.text, 0)
        if depth == 0:
            return arguments, place + 1
        if depth == 1 and token.text == ",":
            arguments.append([])
        elif not (depth == 1 and place == opened):
            arguments[-1].append(token)
    return arguments, len(tokens)


def _string(value: Iterable[Token]) -> str:
    """What `#parameter` makes of an argument."""
    last, pieces = None, list[str]()
    for token in value:
        if last is not None and token.start > last:
            pieces.append(" ")
        pieces.append(token.text)
        last = token.end
    text = "".join(pieces).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _pasted(tokens: list[Token]) -> list[Token]:
    """Tokens with those on both sides of `##` joined."""
    out: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.text == "##" and out and out[-1].text == ",":  # GNU's `, ##__VA_ARGS__`
            place += 1
            continue
        if token.text == "##" and out and place + 1 < len(tokens):
            last, following = out.pop(), tokens[place + 1]
            start, end = min(last.start, following.start), max(last.end, following.end)
            out.append(Token(last.text + following.text, start, end))
            place += 2
            continue
        out.append(token)
        place += 1
    return out
