"""What the macros in a file and in its headers change.

Behind a precompiled header, a text must not be asked about a function whose name is defined as a
macro: what is written as `probe` may be called `driver_probe` then, or not be a function. And a
header must not be precompiled for a file that defines what the header asks for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from klplint.csource.if_conditions import guards_of
from klplint.csource.includes import Include, includes_in
from klplint.csource.lexer import Source
from klplint.frontend.tree_headers import CHANGED, DEFINED, content_of, tree_headers
from klplint.kernel.argument_words import options_in
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.compiler_arguments import FIRST_HEADERS
from klplint.kernel.existence import is_file
from klplint.kernel.header_wrapper import COMMON_HEADERS, wrapper_for
from klplint.source_text import to_bytes

_INCLUDE_PATH = ("-isystem", "-iquote", "-idirafter", "-I")
_FORCED = ("-include", "-imacros")
_NAME = re.compile(r"(?:\\\r?\n|\s)*(\w+)")


def may_rename(unit: CompileUnit, source: Source, functions: Collection[str]) -> bool:
    """Whether a macro may have the name of one of some functions, whatever the conditions.

    Macros count that the file of `unit`, its wrapper, or a header that these include defines,
    directly or not. `source` is the file's text. True where a macro names a header, so that it is
    not known which one.
    """
    defining = (d.rest for d in source.directives if d.keyword == "define")
    if any(match[1] in functions for text in defining if (match := _NAME.match(text))):
        return True
    names = frozenset(map(to_bytes, functions))
    included = _included(unit, source)
    return included.is_unknown or bool(_defined(unit, included, names))


def define_outside(unit: CompileUnit, source: Source, names: Iterable[str]) -> bool:
    """Whether headers outside of the tree's include directories define one of some names.

    Those headers count that the file of `unit` includes, directly or not, whatever the conditions.
    True where a macro names one.
    """
    wanted = frozenset(map(to_bytes, names))
    included = _included(unit, source)
    return included.is_unknown or any(_names_among(wanted, text) for text in included.outside)


def own_guards(unit: CompileUnit, source: Source) -> list[str]:
    """The guards of a file that no other header defines of those that it or its wrapper includes.

    If it is read once more, behind itself, these must not be defined. Others may be defined when
    it is read first: `#ifndef X` and `#define X` may also give X a value only if it has none.
    """
    guards = {to_bytes(name): name for name in guards_of(source).values()}
    if not guards:
        return []
    included = _included(unit, source)
    others = _defined(unit, included, frozenset(guards))
    return [] if included.is_unknown else [guards[name] for name in guards if name not in others]


def _defined(unit: CompileUnit, included: _Included, names: frozenset[bytes]) -> set[bytes]:
    """Those of some names that headers define, except for the file of a unit."""
    defined = {name for content in included.outside for name in _names_among(names, content)}
    tree = tree_headers(unit).defined(names - defined, included.tree, str(unit.file))
    return defined | tree


def includes_itself(unit: CompileUnit, headers: Iterable[str], source: Source) -> bool:
    """Whether a file includes some of the tree's headers itself, and they may as well come first.

    That is, whether they are among those that it or its wrapper includes, directly or not, and
    nothing that it or its own headers define matters to them. All conditions count as true.
    """
    options = {option for option, _ in options_in(unit.extra, _INCLUDE_PATH)}
    included = _included(unit, source)
    if included.is_unknown or not options <= {*_INCLUDE_PATH}:
        return False
    names = {
        n for content in (content_of(str(unit.file)), *included.outside) for n in _names(content)
    }
    tree = tree_headers(unit)
    return not tree.include(str(unit.file), headers) and tree.include_unchanged(
        names, included.tree, headers
    )


class _Included(NamedTuple):
    """What a file and its wrapper include, directly or not."""

    outside: list[bytes]
    """The contents of the headers that are not in the tree's include directories."""
    tree: list[str]
    """The headers of the tree that it or its own headers include, as they name them."""
    is_unknown: bool
    """Whether a macro names a header."""


def _included(unit: CompileUnit, source: Source) -> _Included:
    extra = [path for option, path in options_in(unit.extra, _INCLUDE_PATH) if path]
    first = unit.kernel.root / "include" / "linux"
    forced = [path for option, path in options_in(unit.extra, _FORCED) if option in _FORCED]
    included = _Included([], [*(str(first / name) for name in FIRST_HEADERS), *forced], False)
    if wrapper_for(unit.file, source) is not None:
        included.tree.extend(COMMON_HEADERS)
    waiting, seen = [str(unit.file)], set[str]()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        content = content_of(file)
        if len(seen) > 1:
            included.outside.append(content)
        for include in includes_in(content):
            if not include.name:
                return included._replace(is_unknown=True)
            header = _first(include, os.path.dirname(file), extra)  # noqa: PTH120 - as text
            if header:
                waiting.append(header)
            else:
                included.tree.append(include.name)
                # The directory of the file comes behind those of the tree.
                behind = _first(include._replace(is_quoted=False), "", [str(unit.file.parent)])
                waiting.extend([behind] if behind else [])
    return included


def _first(include: Include, beside: str, directories: Iterable[str]) -> str:
    """The first file that an #include may mean; empty if there is none."""
    for directory in [beside, *directories] if include.is_quoted else directories:
        file = os.path.join(directory, include.name)  # noqa: PTH118 - as text
        if is_file(file):
            return os.path.normpath(file)
    return ""


def _names_among(names: frozenset[bytes], content: bytes) -> frozenset[bytes]:
    """Those of some names that a header defines as macros."""
    is_named = any(name in content for name in names)  # most headers have none of them
    return names.intersection(DEFINED.findall(content)) if is_named else frozenset()


def _names(content: bytes) -> list[bytes]:
    """The macros that a file defines or undefines."""
    return CHANGED.findall(content)
