"""The head of a function's definition: where it begins, and which name it defines."""

from __future__ import annotations

import re
from itertools import islice

from klplint.csource.brackets import behind_unopened, closing
from klplint.csource.lexer import Span

_NAME_BEFORE_PAREN = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
# `int (name)(int a)`: so a function is defined if there is a macro of its name, too. Without the
# space, as in `SAFE(name)(int a)`, a macro makes the name.
_IN_PARENTHESES = re.compile(r"(?<!\w)(\w*+)(?:\s|\*)\(\s*([A-Za-z_]\w*)\s*\)(?=\s*(\())")
_MOST_ATTRIBUTES = 8  # before such a name, with a space in them
# Words that may have parentheses behind them, but that are not the names of functions.
_NO_NAMES = frozenset({"typeof", "__typeof__", "__attribute__", "__attribute", "_Alignas"})
_TYPES = frozenset({"void", "char", "short", "int", "long", "unsigned", "signed", "bool", "struct"})
# The arguments of an attribute, such as `__printf(1, 2)`, may begin like this; no parameter does.
_CONSTANT = re.compile(r"\s*[\d\"]")
# What may stand between a function's parameters and its body: sparse's annotations, and the
# actual parameters of `SAFE(name)(int a)` or of the pointer that `void (*f(void))(int)` returns.
_ANNOTATION = re.compile(r"\s*(?:__\w+\s*(\()?|(\()|\))")
_PARAMETER_NAMES = re.compile(r"\s*[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*\s*")
_FIRST_NAME = re.compile(r"\s*([A-Za-z_]\w*)\s*[,)]")


def head_before(text: str, opened: int) -> Span:
    """What may be the head of a function before a brace: all from the last `;` or `}` on.

    These may also be in an argument: `DEFINE_GUARD(a, do { b(); } while (0), c = 1)`. The head is
    then behind the parenthesis that closes the arguments.
    """
    start = text.rfind("}", 0, opened) + 1
    last = text.rfind(";", start, opened) + 1
    if last and not text[last:opened].strip():
        return _old_style_head(text, start, last)
    start = max(start, last)
    return Span(start + behind_unopened(text[start:opened]), opened)


def _old_style_head(text: str, start: int, end: int) -> Span:
    """The head of a definition whose parameters are declared before its brace.

    text[start:end] ends with their declarations: `int f(a, b) int a; char *b;`.
    """
    behind = end - 1
    while behind > start:
        begin = text.rfind(";", start, behind) + 1 or start
        for match in _NAME_BEFORE_PAREN.finditer(text, begin, behind):
            names = _PARAMETER_NAMES.match(text, match.end(), behind)
            if names and text[names.end()] == ")" and text[names.end() + 1 : behind].strip():
                return Span(begin, names.end() + 1)
        behind = begin - 1
    return Span(end, end)


def defined_name(head: str) -> tuple[str, str] | None:
    """The function that a definition's head defines, and the macro that makes the head, if any.

    It is the first name with parentheses behind which only annotations follow: this passes over
    what may stand before it (`MODULE_LICENSE("GPL")`, `__printf(1, 2)`).
    """
    in_parentheses = _IN_PARENTHESES.finditer(head) if head.count("(") > 1 else ()
    for match in islice(in_parentheses, _MOST_ATTRIBUTES):
        before, close = head[: match.start()], closing(head, match.end(3))
        is_inner = before.count("(") > before.count(")")
        is_name = not is_inner and match[1] not in _NO_NAMES and match[2] not in _TYPES
        if is_name and close is not None and _is_annotations(head, close):
            return match[2], ""
    attribute = None
    for match in _NAME_BEFORE_PAREN.finditer(head):
        name = match[1]
        close = None if name in _NO_NAMES or name in _TYPES else closing(head, match.end())
        if close is None or not _is_annotations(head, close):
            continue
        if _CONSTANT.match(head, match.end()):
            attribute = attribute or name
            continue
        is_macro = name.isupper() or "DEFINE" in name  # SYSCALL_DEFINE3(read, ...)
        first = _FIRST_NAME.match(head, match.end()) if is_macro else None
        return (first[1], name) if first and first[1] not in _TYPES else (name, "")
    return (attribute, "") if attribute else None


def _is_annotations(head: str, start: int) -> bool:
    """Whether head[start:] holds nothing but what may follow a function's parameters."""
    while head[start:].strip():
        match = _ANNOTATION.match(head, start)
        if match is None:
            return False
        behind = closing(head, match.end()) if match[1] or match[2] else match.end()
        if behind is None:
            return False
        start = behind
    return True
