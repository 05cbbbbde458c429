"""Calls that a macro makes where it is used: its body with the use's arguments put in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from klplint.facts import MacroDefinition, Watch
from klplint.lexer import Source
from klplint.outline import Outline

_REST = "__VA_ARGS__"


class Expansion(NamedTuple):
    """A call of `name` that the use of a macro makes, with its arguments as they are then."""

    name: str
    arguments: tuple[str, ...]


def calls_through(
    name: str, arguments: tuple[str, ...] | None, watch: Watch
) -> Iterator[Expansion]:
    """The calls of watched functions that a use of the macro `name` with `arguments` makes.

    `arguments` is None where the macro's name stands alone. A macro that is but another name
    for a function (`#define SWITCH klp_patch_task`) takes the use's arguments along; macros in
    macros are followed, those that name themselves once.
    """
    yield from _expanded(name, arguments, watch, frozenset())


def _expanded(
    name: str, arguments: tuple[str, ...] | None, watch: Watch, outer: frozenset[str]
) -> Iterator[Expansion]:
    outer |= {name}
    for macro in watch.macros:
        if macro.name != name or (macro.parameters is not None and arguments is None):
            continue  # a function-like macro's name alone is not expanded
        body = macro.body if macro.parameters is None else _substituted(macro, arguments or ())
        for use in Outline(Source(body)).uses(watch.functions | watch.macro_names - outer):
            given: tuple[str, ...] | None = None
            if use.arguments is not None:
                given = tuple(body[a.start : a.end] for a in use.arguments)
            elif body.strip("() \t") == use.name:
                given = arguments
            if use.name in watch.macro_names:
                yield from _expanded(use.name, given, watch, outer)
            elif given is not None:
                yield Expansion(use.name, given)


def _substituted(macro: MacroDefinition, arguments: tuple[str, ...]) -> str:
    """The body with each parameter replaced; operands of # and ## stay as they are."""
    parameters = macro.parameters or ()
    values = dict(zip(parameters, arguments, strict=False))
    values[_REST] = ", ".join(arguments[len(parameters) :])
    if not values:
        return macro.body
    words = "|".join(map(re.escape, sorted(values)))
    pattern = re.compile(rf"(?<![#\w])(?:{words})\b(?!\s*##)")
    return pattern.sub(lambda match: values[match[0]], macro.body)
