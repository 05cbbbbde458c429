"""Macros that call watched functions: which of them a file sees, and the calls that a use makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from klplint.csource.brackets import outward
from klplint.csource.casts import without_casts
from klplint.csource.if_conditions import conditions_at
from klplint.csource.lexer import Source
from klplint.csource.macro_arguments import REST, substituted
from klplint.csource.outline import Macro, Outline, Use
from klplint.facts.file_facts import Reference
from klplint.facts.watch import MacroDefinition, Watch
from klplint.frontend.address_uses import how_taken

_DEFINING = ("define", "undef")
_NAME = re.compile(r"\w+")
_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_CALLED_IN_PARENTHESES = re.compile(r"\(\s*\*?\s*([A-Za-z_]\w*)\s*\)\s*\(")
_NAME_BEFORE = re.compile(r"[A-Za-z_]\w*\s*$")
_LONGEST_NAME = 200
# Macros in macros can double what they are given. Kernel code stays far below this limit.
_MOST_EXPANSIONS = 1000


class Expansion(NamedTuple):
    """A call that the use of a macro makes."""

    name: str
    arguments: tuple[str, ...]
    """The arguments of the call, those of the use put in."""


class Taken(NamedTuple):
    """A function that a macro's body names, but does not call, where the macro is used."""

    name: str
    reference: Reference | None
    """Where its address goes; None for the whole value of the macro, which goes where that goes."""


def calls_through(
    name: str, arguments: tuple[str, ...] | None, watch: Watch
) -> Iterator[Expansion]:
    """The calls of watched functions that a use of a macro makes; see `expanded`."""
    return (each for each in expanded(name, arguments, watch) if isinstance(each, Expansion))


def expanded(
    name: str, arguments: tuple[str, ...] | None, watch: Watch
) -> Iterator[Expansion | Taken]:
    """What a use of the macro `name` with `arguments` does with the watched functions.

    `arguments` is None where no argument list follows the macro's name. A macro that is only
    another name for a function (`#define SWITCH klp_patch_task`) passes on the arguments of the
    use. Macros in macros are followed; one that names itself is followed once. Each call is
    given once, however often it is made. A function that the arguments name is not taken: it is
    written out.
    """
    yield from _Expander(watch).expanded(name, arguments, frozenset())


def aliased(name: str, watch: Watch) -> set[str]:
    """The watched functions for which the macro `name` is only another name."""
    functions, names = set(), {name}
    for _ in watch.macros:  # a chain of names is no longer than there are macros
        if not names:
            break
        bodies = {
            _bare(macro.body)
            for macro in watch.macros
            if macro.name in names and macro.parameters is None
        }
        functions |= bodies & watch.functions
        names = bodies - watch.functions
    return functions


class _Expander:
    """Expands one use, and nothing in it twice."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._names = watch.functions | watch.macro_names
        self._seen: set[tuple[str, tuple[str, ...] | None]] = set()

    def expanded(
        self, name: str, arguments: tuple[str, ...] | None, outer: frozenset[str]
    ) -> Iterator[Expansion | Taken]:
        """What a use does inside the expansions of the macros `outer`."""
        if (name, arguments) in self._seen or len(self._seen) > _MOST_EXPANSIONS:
            return
        self._seen.add((name, arguments))
        outer |= {name}
        for macro in self._watch.macros:
            if macro.name != name or (macro.parameters is not None and arguments is None):
                continue  # a function-like macro's name alone is not expanded
            body = macro.body
            if macro.parameters is not None:
                body = substituted(body, macro.parameters, arguments or (), macro.rest)
            body = _CALLED_IN_PARENTHESES.sub(self._called, body)
            outline = Outline(Source(body))
            for use in outline.uses(self._names - outer):
                passed: tuple[str, ...] | None = None
                if use.arguments is not None:
                    passed = outline.argument_texts(use)
                elif macro.parameters is None and _bare(body) == use.name:
                    passed = arguments
                else:
                    yield from self._taken(use, outline.source, is_inner=outer != {name})
                if use.name in self._watch.macro_names:
                    yield from self.expanded(use.name, passed, outer)
                elif passed is not None and (use.name, passed) not in self._seen:
                    self._seen.add((use.name, passed))
                    yield Expansion(use.name, passed)

    def _taken(self, use: Use, source: Source, *, is_inner: bool) -> Iterator[Taken]:
        """The functions that a name in an expansion means, which is not called there."""
        text = source.skeleton
        before, behind = text[: use.start], text[use.end :]
        if before.rstrip().endswith("#") or behind.lstrip().startswith("##"):
            return
        is_macro = use.name in self._watch.macro_names
        for name in sorted(aliased(use.name, self._watch) if is_macro else {use.name}):
            if not is_inner and not before.strip("(&* \t") and not behind.strip(") \t"):
                yield Taken(name, None)
                continue
            reference = how_taken(text, use.start, use.end)
            is_passed_on = (
                reference.kind == "argument" and reference.name in self._watch.macro_names
            )
            if not is_passed_on:  # else what that macro expands to shows it
                yield Taken(name, reference)

    def _called(self, called: re.Match[str]) -> str:
        """`(name)(` without the first parentheses, if the name is followed."""
        return f"{called[1]}(" if called[1] in self._names else called[0]


def _bare(body: str) -> str:
    """The body of a macro without casts, and without parentheses around it."""
    return without_casts(body).strip("() \t")


def macros_around(uses: Iterable[Use], outline: Outline, path: str) -> tuple[MacroDefinition, ...]:
    """The macros of the file at `path` whose bodies hold any of `uses`."""
    macros = {macro.start: macro for use in uses if (macro := outline.macro_at(use.start))}
    return definitions_of(macros.values(), outline, path)


def definitions_of(
    macros: Iterable[Macro], outline: Outline, path: str
) -> tuple[MacroDefinition, ...]:
    """The definitions of macros of the file at `path`."""
    source = outline.source
    return tuple(
        MacroDefinition(
            path=path,
            name=macro.name,
            parameters=macro.parameters,
            body=_CONTINUED.sub(" ", source.code[macro.body : macro.end]).strip(),
            region=source.region(macro.start, macro.end),
            rest=macro.rest,
        )
        for macro in macros
    )


def visible(
    macros: tuple[MacroDefinition, ...], outline: Outline, path: str
) -> tuple[MacroDefinition, ...]:
    """Those of `macros` that a file sees: its own, and those of headers, unless redefined."""
    defined_here = {macro.name for macro in outline.macros}
    return tuple(
        macro
        for macro in macros
        if macro.path == path or (macro.path.endswith(".h") and macro.name not in defined_here)
    )


def in_force(
    macros: tuple[MacroDefinition, ...], outline: Outline, path: str, use: Use
) -> tuple[MacroDefinition, ...]:
    """Those of `macros` that are in force at a use in the file at `path`.

    A definition ends at the next `#define` or `#undef` of the name, if that is compiled wherever
    the use is: if each `#if` condition around it is also around the use.
    """
    source = outline.source
    around_use = set(conditions_at(source, use.start))
    latest: dict[str, int] = {}
    defining = _defining_directives(source)
    for name in {macro.name for macro in macros if macro.path == path}:
        for start in defining.get(name, ()):
            if start < use.start and set(conditions_at(source, start)) <= around_use:
                latest[name] = start
    return tuple(
        macro
        for macro in macros
        if macro.path != path
        or source.offset(macro.region.line, macro.region.column) >= latest.get(macro.name, 0)
    )


@lru_cache(maxsize=2)
def _defining_directives(source: Source) -> dict[str, list[int]]:
    """Where each macro is defined and undefined in a file, in order."""
    starts: dict[str, list[int]] = {}
    for directive in source.directives:
        name = _NAME.match(directive.rest) if directive.keyword in _DEFINING else None
        if name:
            starts.setdefault(name[0], []).append(directive.start)
    return starts


def called_by_macro(
    use: Use, outline: Outline, path: str, watch: Watch
) -> tuple[Use, tuple[Expansion, ...]] | None:
    """What a macro of the file at `path` calls, of which the name at a use is an argument.

    `CALL(fn, task)` calls fn(task) if the macro is `#define CALL(f, t) f(t)`. None if the macro
    does anything else with that argument, or is not defined in the file.
    """
    outer = _use_around(use, outline)
    defined = [macro for macro in outline.macros if outer and macro.name == outer.name]
    if outer is None or not defined or outer.arguments is None:
        return None
    definitions = in_force(definitions_of(defined, outline, path), outline, path, outer)
    place = next(
        (n for n, each in enumerate(outer.arguments) if each.start <= use.start < each.end), -1
    )
    arguments = outline.argument_texts(outer)
    if arguments[place].strip("()& \t") != use.name:
        return None
    if not all(_only_calls(macro, place) for macro in definitions):
        return None
    with_macro = msgspec.structs.replace(watch, macros=(*watch.macros, *definitions))
    calls = calls_through(outer.name, arguments, with_macro)
    return outer, tuple(call for call in calls if call.name == use.name)


def _use_around(use: Use, outline: Outline) -> Use | None:
    """The call or the use of a macro of which a name is an argument."""
    text = outline.source.statements
    for place in outward(text, use.start):
        if text[place] in ";{}":
            return None
        if text[place] == "(":
            name = _NAME_BEFORE.search(text, max(0, place - _LONGEST_NAME), place)
            if name:
                return outline.use_at(name.start())
    return None


def _only_calls(macro: MacroDefinition, place: int) -> bool:
    """Whether a macro uses one of its parameters only to call it."""
    parameters = macro.parameters or ()
    if place >= len(parameters) or parameters[place] == REST:
        return False
    name = re.escape(parameters[place])
    uses = re.findall(rf"(?<![\w#])\(?\b{name}\b\)?(\s*\()?", macro.body)
    return bool(uses) and all(uses)
