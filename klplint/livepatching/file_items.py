"""What a C file declares and defines outside of function bodies, by its tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from klplint.csource.brackets import closing, outside_parentheses
from klplint.csource.declared_names import KEYWORDS
from klplint.csource.if_conditions import conditions_at, is_dead
from klplint.csource.lexer import Source, Span, blanked
from klplint.csource.outline import Body, Macro, Outline
from klplint.livepatching.assessment import ItemKind

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[A-Za-z_]\w*|\d[\w.]*|\S')
_SPLIT = re.compile(r"[{}();]")
_STORAGE = r"(?:(?:static|extern|const|volatile|__\w+)\s+)*"
_DEFINED_TYPE = re.compile(
    rf"{_STORAGE}(typedef\s+)?{_STORAGE}(struct|union|enum)\b\s*(?:__\w+(?:\([^()]*\))?\s+(?=[A-Za-z_]))*"
    r"([A-Za-z_]\w*)?[^={;()]*\{"
)
_CALL = re.compile(r"(?:(?:static|const|extern|__\w+)\s+)*([A-Za-z_]\w*)\s*\(")
_FIRST_ARGUMENT = re.compile(r"\s*&?\s*([A-Za-z_]\w*)")
_NAMED_LATER = re.compile(r"(?:DEFINE|DECLARE)_PER_CPU")
_PER_CPU = re.compile(r"[^,]*,\s*([A-Za-z_]\w*)")
_DECLARATOR = re.compile(
    r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:(?:__\w+|asm)\s*(?:\([^()]*\)\s*)?)*\Z"
)
_FUNCTION = re.compile(
    r"\b(?!(?:int|void|char|long|short|bool|unsigned)\b)([A-Za-z_]\w*)\s*\((?=.*\))"
)
_POINTER = re.compile(r"\(\s*\*+\s*(?:const\s+)?([A-Za-z_]\w*)")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Item(NamedTuple):
    """A declaration, a definition or a directive outside of function bodies."""

    kind: ItemKind
    name: str
    start: int
    end: int
    conditions: tuple[str, ...]
    """The `#if` conditions around it."""
    text: str
    """Its tokens, with one space between them."""


class FileItems:
    """The functions and items of one state of a file."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.source = Source(text)
        self.outline = Outline(self.source)

    def line(self, offset: int) -> int:
        """The line of an offset."""
        return self.source.position(offset)[0]

    def tokens(self, start: int, end: int) -> str:
        """The tokens between two offsets, without comments."""
        return " ".join(_TOKEN.findall(self.source.code[start:end].replace("\\\n", " ")))

    def conditions(self, offset: int) -> tuple[str, ...]:
        """The `#if` conditions around an offset."""
        return tuple(map(str, conditions_at(self.source, offset)))

    def is_dead(self, offset: int) -> bool:
        """Whether no configuration compiles what is at an offset."""
        return is_dead(conditions_at(self.source, offset))

    @property
    def functions(self) -> list[Body]:
        """The functions, in order."""
        return self.outline.bodies

    @cached_property
    def exported(self) -> frozenset[str]:
        """The names that EXPORT_SYMBOL() and the like export."""
        calls = [item for item in self.items if item.kind == "macro call"]
        return frozenset(c.name.split("(")[1] for c in calls if c.name.startswith("EXPORT_"))

    @cached_property
    def items(self) -> list[Item]:
        """All that is outside of function bodies: macros, includes, declarations, definitions."""
        return [*self._macros(), *self._includes(), *self._statements()]

    def _macros(self) -> Iterator[Item]:
        for macro in self.outline.macros:
            if self.source.code[macro.body : macro.end].strip() or macro.parameters is not None:
                yield self._item("macro", macro.name, macro)

    def _includes(self) -> Iterator[Item]:
        for directive in self.source.directives:
            if directive.keyword == "include":
                yield self._item("include", directive.rest, directive)

    def _item(self, kind: ItemKind, name: str, span: Span | Macro) -> Item:
        text = self.tokens(span.start, span.end)
        return Item(kind, name, span.start, span.end, self.conditions(span.start), text)

    def _statements(self) -> Iterator[Item]:
        """The declarations and definitions, and the macros called, in order."""
        text = blanked(self.source.statements, [Span(b.head, b.end) for b in self.functions])
        for span in _spans(text):
            for kind, name in _classified(text[span.start : span.end]):
                yield self._item(kind, name, span)


def _spans(text: str) -> Iterator[Span]:
    """The statements outside of function bodies: up to a semicolon, or a macro's parenthesis."""
    start, depth, parentheses = 0, 0, 0
    for match in _SPLIT.finditer(text):
        char = match[0]
        if char in "{}":
            is_outer = match.start() == 0 or text[match.start() - 1] == "\n"
            depth = max(depth + (1 if char == "{" else -1), 0)
            depth = 0 if char == "}" and is_outer else depth
        elif char in "()":
            parentheses = max(parentheses + (1 if char == "(" else -1), 0)
        if depth or parentheses or char in "{}(":
            continue
        if char == ")" and not _ends_macro(text, start, match.end()):
            continue
        first = start + len(text[start : match.end()]) - len(text[start : match.end()].lstrip())
        if text[first : match.start()].strip():
            yield Span(first, match.end())
        start = match.end()
    if text[start:].strip():
        yield Span(start + len(text[start:]) - len(text[start:].lstrip()), len(text))


def _ends_macro(text: str, start: int, end: int) -> bool:
    """Whether a macro called without a semicolon ends at `end`: the next line begins another."""
    statement = text[start:end].strip()
    call = _CALL.match(statement)
    if not call or closing(statement, call.end()) != len(statement):
        return False
    line, _, rest = text[end:].partition("\n")
    following = rest.lstrip()[:1]
    return not line.strip() and (following.isalpha() or following in "_#" or not following)


def _classified(statement: str) -> Iterator[tuple[ItemKind, str]]:
    """What a statement declares or defines, and its name. It may be a type and data of it."""
    words = " ".join(statement.split())
    defined = _DEFINED_TYPE.match(words)
    if defined:
        opened = defined.end() - 1
        close = _closing_brace(words, opened)
        behind = words[close:].rstrip("; ")
        kind: ItemKind = "enumeration" if defined[2] == "enum" else "structure"
        declared = _WORD.findall(outside_parentheses(re.sub(r"\b__\w+(?:\([^()]*\))?", "", behind)))
        names = [word for word in declared if word not in ("const", "aligned", "packed")]
        if defined[1]:
            yield kind, names[-1] if names else (defined[3] or "")
            return
        first = _WORD.search(words, defined.end())
        yield kind, defined[3] or (f"with {first[0]}" if first else "(no name)")
        if names:
            yield "data", names[0]
        return
    if words.startswith("typedef "):
        yield "type", _declared_name(words.rstrip("; "))
        return
    yield _plain(words)


def _plain(words: str) -> tuple[ItemKind, str]:
    """The kind and name of a statement that defines no type."""
    has_value = "=" in outside_parentheses(words)
    before = (words.partition("=")[0] if has_value else words).rstrip("; ")
    call = _CALL.match(words)
    if call and _is_macro(call, words):
        pattern = _PER_CPU if _NAMED_LATER.match(call[1]) else _FIRST_ARGUMENT
        argument = pattern.match(words, call.end())
        return "macro call", f"{call[1]}({argument[1] if argument else ''}"
    if words.startswith("extern ") or (not has_value and _is_prototype(before)):
        return "declaration", _declared_name(before)
    if re.fullmatch(r"(?:struct|union|enum)\s+\w+", before):
        return "declaration", before
    return "data", _declared_name(before)


def _is_macro(call: re.Match[str], words: str) -> bool:
    """Whether what looks like a call is one, and not a prototype: `__be32 f(int a);`."""
    has_type = "__" in words[: call.start(1)] and not re.search(r"[A-Z]{3}", call[1])
    is_type = call[1] in KEYWORDS or _POINTER.match(words, call.end() - 1) is not None
    return not (has_type or is_type) and closing(words, call.end()) is not None


def _is_prototype(before: str) -> bool:
    """Whether a declaration without a value declares a function."""
    function = _FUNCTION.search(before)
    pointer = _POINTER.search(before)
    if function is None or "[" in before[: function.start()]:
        return False
    return pointer is None or function.start() < pointer.start()


def _declared_name(declaration: str) -> str:
    """The name that a declaration declares."""
    pointer = _POINTER.search(declaration)
    function = _FUNCTION.search(declaration)
    if pointer and not (function and function.start() < pointer.start()):
        return pointer[1]
    outside = re.split(r"[,(]", outside_parentheses(declaration), maxsplit=1)[0]
    if function and "[" not in declaration[: function.start()]:
        return function[1]
    name = _DECLARATOR.search(outside.rstrip())
    return name[1] if name else outside.strip()[-40:]


def _closing_brace(text: str, opened: int) -> int:
    """The offset behind the brace that closes the one at `opened`."""
    depth = 0
    for place in range(opened, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place + 1
    return len(text)
