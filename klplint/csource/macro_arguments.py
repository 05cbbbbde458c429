"""The arguments of a macro's use in the macro's body, as the preprocessor puts them in."""

from __future__ import annotations

import re

from klplint.csource.brackets import closing

REST = "__VA_ARGS__"
_OPTIONAL = re.compile(r"\b__VA_OPT__\s*\(")
_LITERAL = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
# Macros in macros can double what they are given. Kernel code stays far below this limit.
_LONGEST_BODY = 100_000


def substituted(
    body: str, parameters: tuple[str, ...], arguments: tuple[str, ...], rest: str
) -> str:
    """The body with each parameter replaced; literals and operands of # and ## stay as they are.

    `rest` is the name of the arguments in excess, `__VA_ARGS__` or that of the last parameter;
    empty if there are none. Behind a comma, `##` before it only drops the comma if it is empty.
    """
    values = dict(zip(parameters, arguments, strict=False))
    text = body
    if rest:
        first = len(parameters) - (rest in parameters)
        values[rest] = ", ".join(arguments[first:])
        has_rest = bool(values[rest].strip())
        text = _without_options(text, has_rest)
        text = re.sub(rf",\s*##\s*{rest}\b", f", {rest}" if has_rest else "", text)
    words = "|".join(map(re.escape, sorted(values)))
    if not words:
        return text
    pattern = re.compile(rf"{_LITERAL}|(#\s*)?\b({words})\b(?!\s*##)")
    text = pattern.sub(
        lambda match: match[0] if match[1] or not match[2] else values[match[2]], text
    )
    return text if len(text) <= _LONGEST_BODY else body


def _without_options(body: str, has_rest: bool) -> str:
    """A body with what is in `__VA_OPT__()` where there is a rest, and without it elsewhere."""
    while option := _OPTIONAL.search(body):
        end = closing(body, option.end())
        if end is None:
            return body
        inside = body[option.end() : end - 1] if has_rest else ""
        body = body[: option.start()] + inside + body[end:]
    return body
