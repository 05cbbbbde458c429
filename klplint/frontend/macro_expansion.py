"""Macros that call what is watched: which a file sees, and what calls a use of one makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from klplint.csource.if_conditions import conditions_at
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline, Use
from klplint.facts.watch import MacroDefinition, Watch

_DEFINING = ("define", "undef")
_NAME = re.compile(r"\w+")
_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_REST = "__VA_ARGS__"
_LITERAL = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
# Macros in macros double what they are given; what goes beyond this is no kernel code.
_MOST_EXPANSIONS = 1000
_LONGEST_BODY = 100_000


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
    macros are followed, those that name themselves once. A call comes once, however often it
    is made.
    """
    yield from _Expander(watch).expanded(name, arguments, frozenset())


def aliased(name: str, watch: Watch) -> set[str]:
    """The watched functions for which the macro `name` is but another name."""
    found, names = set(), {name}
    for _ in watch.macros:  # a chain of names is no longer than there are macros
        bodies = {
            macro.body.strip("() \t")
            for macro in watch.macros
            if macro.name in names and macro.parameters is None
        }
        found |= bodies & watch.functions
        names = bodies - watch.functions
    return found


class _Expander:
    """Expands one use; remembers what it has expanded, so that nothing is expanded twice."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._names = watch.functions | watch.macro_names
        self._seen: set[tuple[str, tuple[str, ...] | None]] = set()

    def expanded(
        self, name: str, arguments: tuple[str, ...] | None, outer: frozenset[str]
    ) -> Iterator[Expansion]:
        """The calls that a use makes; the macros in `outer` are being expanded around it."""
        if (name, arguments) in self._seen or len(self._seen) > _MOST_EXPANSIONS:
            return
        self._seen.add((name, arguments))
        outer |= {name}
        for macro in self._watch.macros:
            if macro.name != name or (macro.parameters is not None and arguments is None):
                continue  # a function-like macro's name alone is not expanded
            body = macro.body if macro.parameters is None else _substituted(macro, arguments or ())
            outline = Outline(Source(body))
            for use in outline.uses(self._names - outer):
                given: tuple[str, ...] | None = None
                if use.arguments is not None:
                    given = outline.argument_texts(use)
                elif body.strip("() \t") == use.name:
                    given = arguments
                if use.name in self._watch.macro_names:
                    yield from self.expanded(use.name, given, outer)
                elif given is not None and (use.name, given) not in self._seen:
                    self._seen.add((use.name, given))
                    yield Expansion(use.name, given)


def _substituted(macro: MacroDefinition, arguments: tuple[str, ...]) -> str:
    """The body with each parameter replaced; literals and operands of # and ## stay as they are.

    Arguments that are too many are those of a last parameter `rest...`, or of `...`.
    """
    parameters = macro.parameters or ()
    values = dict(zip(parameters, arguments, strict=False))
    values[_REST] = ", ".join(arguments[len(parameters) :])
    if parameters and len(arguments) > len(parameters) and _REST not in macro.body:
        values[parameters[-1]] = ", ".join(arguments[len(parameters) - 1 :])
    words = "|".join(map(re.escape, sorted(values)))
    pattern = re.compile(rf"{_LITERAL}|(#\s*)?\b({words})\b(?!\s*##)")
    body = pattern.sub(
        lambda match: match[0] if match[1] or not match[2] else values[match[2]], macro.body
    )
    return body if len(body) <= _LONGEST_BODY else macro.body


def macros_around(uses: Iterable[Use], outline: Outline, path: str) -> tuple[MacroDefinition, ...]:
    """The macros of the file at `path` in whose bodies `uses` stand."""
    source = outline.source
    found = {macro.start: macro for use in uses if (macro := outline.macro_at(use.start))}
    return tuple(
        MacroDefinition(
            path,
            macro.name,
            macro.parameters,
            _CONTINUED.sub(" ", source.code[macro.body : macro.end]).strip(),
            source.region(macro.start, macro.end),
        )
        for macro in found.values()
    )


def visible(
    macros: tuple[MacroDefinition, ...], outline: Outline, path: str
) -> tuple[MacroDefinition, ...]:
    """Those of `macros` that a file sees: its own, and headers' that it does not define anew."""
    own = {macro.name for macro in outline.macros}
    return tuple(
        macro
        for macro in macros
        if macro.path == path or (macro.path.endswith(".h") and macro.name not in own)
    )


def in_force(
    macros: tuple[MacroDefinition, ...], outline: Outline, path: str, use: Use
) -> tuple[MacroDefinition, ...]:
    """Those of `macros` that hold at a use: what the file at `path` defines anew counts no more."""
    source = outline.source
    here = set(conditions_at(source, use.start))
    latest: dict[str, int] = {}
    for directive in source.directives:
        named = _NAME.match(directive.rest) if directive.keyword in _DEFINING else None
        if not named or directive.start >= use.start:
            continue
        if set(conditions_at(source, directive.start)) <= here:
            latest[named[0]] = directive.start
    return tuple(
        macro
        for macro in macros
        if macro.path != path
        or source.offset(macro.region.line, macro.region.column) >= latest.get(macro.name, 0)
    )
