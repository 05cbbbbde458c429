"""What the macros in a file and in its headers change.

Behind a precompiled header, a text must not be asked about a function whose name is defined as a
macro: what is written as `probe` may be called `driver_probe` then, or not be a function. And a
header must not be precompiled for a file that defines what the header asks for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from functools import cached_property
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


class HeaderMacros:
    """What the macros in the file of a unit, and in the headers that it includes, change.

    `source` is the file's text. All conditions count as true.
    """

    def __init__(self, unit: CompileUnit, source: Source) -> None:
        self._unit = unit
        self._source = source

    def may_rename(self, functions: Collection[str]) -> bool:
        """Whether a macro may have the name of one of some functions.

        Macros count that the file, its wrapper, or a header that these include defines, directly
        or not. True where a macro names a header, so that it is not known which one.
        """
        defining = (d.rest for d in self._source.directives if d.keyword == "define")
        if any(match[1] in functions for text in defining if (match := _NAME.match(text))):
            return True
        names = frozenset(map(to_bytes, functions))
        return self._included.is_unknown or bool(self._defined(names))

    def define_outside(self, names: Iterable[str]) -> bool:
        """Whether headers outside of the tree's include directories define one of some names.

        Those headers count that the file includes, directly or not. True where a macro names one.
        """
        wanted, included = frozenset(map(to_bytes, names)), self._included
        return included.is_unknown or any(_names_among(wanted, text) for text in included.outside)

    @cached_property
    def own_guards(self) -> list[str]:
        """The guards of the file that no other header defines of those that it includes.

        If it is read once more, behind itself, these must not be defined. Others may be defined
        when it is read first: `#ifndef X` and `#define X` may also give X a value only if it has
        none.
        """
        guards = {to_bytes(name): name for name in guards_of(self._source).values()}
        if not guards or self._included.is_unknown:
            return []
        others = self._defined(frozenset(guards))
        return [guards[name] for name in guards if name not in others]

    def allow_before(self, headers: Iterable[str]) -> bool:
        """Whether some of the tree's headers may as well come before the file.

        That is, whether they are among those that it or its wrapper includes, directly or not, and
        nothing that it or its own headers define matters to them.
        """
        options = {option for option, _ in options_in(self._unit.extra, _INCLUDE_PATH)}
        file, included = str(self._unit.file), self._included
        if included.is_unknown or not options <= {*_INCLUDE_PATH}:
            return False
        names = {n for content in (content_of(file), *included.outside) for n in _names(content)}
        tree = tree_headers(self._unit)
        return not tree.include(file, headers) and tree.include_unchanged(
            names, included.tree, headers
        )

    def _defined(self, names: frozenset[bytes]) -> set[bytes]:
        """Those of some names that headers define, except for the file itself."""
        included = self._included
        defined = {name for content in included.outside for name in _names_among(names, content)}
        tree = tree_headers(self._unit)
        return defined | tree.defined(names - defined, included.tree, str(self._unit.file))

    @cached_property
    def _included(self) -> _Included:
        return _included(self._unit, self._source)


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
