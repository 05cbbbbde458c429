"""What a function's or macro's body always does, by its tokens: which calls, which results."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.brackets import split_arguments
from klplint.csource.lexer import Source, Span

_TOKEN = re.compile(r"[{}();?]|&&|\|\||\b[A-Za-z_]\w*")
_HEADED = frozenset({"if", "while", "for", "switch"})
_ALTERNATIVES = frozenset({"else", "case", "default"})
_SHORT_CIRCUITS = frozenset({"&&", "||", "?"})
_RETURN = re.compile(r"\breturn\b([^;]*);")
_POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)")
_LAST_NAME = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:__\w+\s*)?\Z")
_LONGEST_RESULT = 200


def unconditional_names(text: str, span: Span) -> set[int]:
    """The offsets of the names in a body that all ways through it lead past, but for returns.

    `text` is without comments, literals and directives. A call in the condition of an `if` is
    made always; one behind `&&`, `||` or `?`, in a branch, or in a loop, is not.
    """
    walk = _Walk()
    return {
        match.start()
        for match in _TOKEN.finditer(text, span.start, span.end)
        if walk.is_always_at(match[0])
    }


class _Walk:
    """The state of a walk along the tokens of a body."""

    def __init__(self) -> None:
        self._blocks = [False]
        """Of each open brace, whether its block is conditional."""
        self._branch = False
        """Whether the current statement is a branch or the body of a loop."""
        self._skipped = [False]
        """Of each open parenthesis, whether an operator before may skip what follows."""
        self._headers: list[int] = []
        """The depths of parentheses at which the headers of branches and loops close."""
        self._awaits_header = False

    def is_always_at(self, token: str) -> bool:
        """Whether `token`, the next one, is a name that control always comes to."""
        if token[0].isalpha() or token[0] == "_":
            return self._word(token)
        if token == "(":
            if self._awaits_header:
                self._headers.append(len(self._skipped))
                self._awaits_header = False
            self._skipped.append(self._skipped[-1])
        elif token == ")":
            self._closed()
        elif token == "{":
            self._blocks.append(self._blocks[-1] or self._branch or self._skipped[-1])
            self._branch = False
        elif token == "}":
            if len(self._blocks) > 1:
                self._blocks.pop()
            self._branch = False
        elif token in _SHORT_CIRCUITS:
            self._skipped[-1] = True
        elif not self._headers:  # a semicolon, but not one of a for's header
            self._branch = False
            self._skipped[-1] = False
        return False

    def _word(self, word: str) -> bool:
        if word in _HEADED:
            self._awaits_header = True
            return False
        if word in _ALTERNATIVES:
            self._branch = True
        return not (self._branch or self._blocks[-1] or self._skipped[-1])

    def _closed(self) -> None:
        if len(self._skipped) > 1:
            self._skipped.pop()
        if self._headers and self._headers[-1] == len(self._skipped):
            self._headers.pop()
            self._branch = True


def parameters_at(source: Source, opening: int) -> tuple[str, ...]:
    """The names of the parameters in the list whose parenthesis opens just before an offset."""
    split = split_arguments(source.skeleton, opening)
    texts = [source.skeleton[each.start : each.end] for each in split[0]] if split else []
    names = (_POINTER.search(t) or _LAST_NAME.search(t) for t in texts if t != "void")
    return tuple(name[1] if name else "" for name in names)


def returned(source: Source, body: Span, parameters: tuple[str, ...]) -> Iterator[str]:
    """What a function returns, as written.

    Empty for a parameter that the body may change, and for a very long text.
    """
    for match in _RETURN.finditer(source.statements, body.start, body.end):
        text = " ".join(source.code[match.start(1) : match.end(1)].split())
        is_changed = text in parameters and _may_change(source.statements, body, text)
        yield "" if is_changed or len(text) > _LONGEST_RESULT else text


def _may_change(text: str, body: Span, name: str) -> bool:
    """Whether a body assigns to a variable, takes its address, or passes it to what may do so.

    A macro may assign to a variable that it gets: `swap(task, other)`.
    """
    word = re.escape(name)
    pattern = (
        rf"(?<![\w.>]){word}\s*(?:[-+*/%|&^]|<<|>>)?=(?!=)|\b{word}\s*(?:\+\+|--)"
        rf"|(?:\+\+|--|(?<!&)&)\s*{word}\b(?!\s*(?:->|\.|\[))"
        rf"|(?<!if )(?<!if)(?<!while )(?<!return )\(\s*{word}\s*\)"
        rf"|[(,]\s*{word}\s*,|,\s*{word}\s*\)"
    )
    return re.compile(pattern).search(text, body.start, body.end) is not None
