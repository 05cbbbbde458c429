"""What the macros in a file and in its headers change.

A text without headers must not be asked about a function whose name a header defines as a macro:
what is written as `probe` may be called `driver_probe` then, or not be a function. And a header
must not be precompiled for a file that defines what the header asks for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from klplint.csource.includes import Include, includes_in
from klplint.csource.lexer import Source
from klplint.kernel.argument_words import options_in
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.compiler_arguments import FIRST_HEADERS, include_directories
from klplint.kernel.existence import files_in, is_file
from klplint.kernel.header_wrapper import COMMON_HEADERS, wrapper_for
from klplint.source_text import to_bytes

_INCLUDE_PATH = ("-isystem", "-iquote", "-idirafter", "-I")
_DEFINED = re.compile(rb"#[ \t]*define[ \t]+(\w+)")
_CHANGED = re.compile(rb"^[ \t]*#[ \t]*(?:define|undef)[ \t]+(\w+)", re.MULTILINE)
# A header that gives a macro a value only if there is none: it does not matter when. For a macro
# without a value, such as an include guard, it does: it decides what else is read.
_DEFAULT = re.compile(rb"#[ \t]*ifndef[ \t]+(\w+)\s*#[ \t]*define[ \t]+\1\b(?=\(|[ \t]+[^\s/])")
_ASKED = re.compile(rb"^[ \t]*#[ \t]*(?:el)?if(?:n?def)?\b((?:[^\\\n]|\\\r?\n|\\)*)", re.MULTILINE)
_WORD = re.compile(rb"[A-Za-z_]\w*")


def define_one_of(
    unit: CompileUnit, source: Source, functions: Collection[str], others: Collection[str]
) -> bool:
    """Whether headers define a macro with one of some names, whatever the conditions.

    Those of `functions` count in all headers that the file of `unit` or its wrapper includes,
    directly or not; `others` only in those that are not in the tree's include directories. The file
    itself, whose text is `source`, does not count. True where a macro names a header, so that it is
    not known which one.
    """
    function_names = frozenset(map(to_bytes, functions))
    all_names = function_names.union(map(to_bytes, others))
    included = _included(unit, source)
    if included.is_unknown or any(_is_defining(content, all_names) for content in included.outside):
        return True
    return _tree_headers(unit).define_one_of(function_names, included.tree)


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
        n for content in (_content(str(unit.file)), *included.outside) for n in _names(content)
    }
    tree = _tree_headers(unit)
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
    included = _Included([], [f"linux/{name}" for name in FIRST_HEADERS], is_unknown=False)
    if wrapper_for(unit.file, source) is not None:
        included.tree.extend(COMMON_HEADERS)
    waiting, seen = [str(unit.file)], set[str]()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        content = _content(file)
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
    return included


class _Headers(NamedTuple):
    """What headers hold, each read once, for all compile targets."""

    includes: dict[str, list[Include]]
    """What each header includes."""
    defining: dict[bytes, list[str]]
    """The headers that define each macro."""
    listed: dict[str, frozenset[str]]
    """The files in each directory that was asked about."""

    def has(self, path: str) -> bool:
        """Whether there is a header: to list directories takes less time than to ask for each."""
        directory, _, name = path.rpartition("/")
        if directory not in self.listed:
            self.listed[directory] = files_in(directory)
        return name in self.listed[directory]

    def read(self, header: str) -> list[Include]:
        """What a header includes."""
        if header not in self.includes:
            content = _content(header)
            for name in set(_DEFINED.findall(content)):
                self.defining.setdefault(name, []).append(header)
            self.includes[header] = [i for i in dict.fromkeys(includes_in(content)) if i.name]
        return self.includes[header]


class _TreeHeaders:
    """The headers in the include directories of a compile target."""

    def __init__(self, directories: tuple[str, ...], headers: _Headers) -> None:
        self._directories = directories
        self._headers = headers
        self._places: dict[str, str] = {}
        self._includes: dict[str, list[str]] = {}
        self._asked_by: dict[tuple[str, ...], frozenset[bytes]] = {}

    def define_one_of(self, names: Iterable[bytes], included: list[str]) -> bool:
        """Whether a header defines one of `names` that is included by `included`, or one of them.

        All are named as in an #include.
        """
        roots = self._roots(included)
        defining = {header for name in names for header in self._headers.defining.get(name, ())}
        return bool(defining) and any(header in defining for header in self._all_of(roots))

    def include_unchanged(
        self, names: set[bytes], included: Iterable[str], headers: Iterable[str]
    ) -> bool:
        """Whether `headers` are among what `included` include, and do not depend on `names`."""
        first = self._roots(headers)
        if not {*first} <= {*self._all_of(self._roots(included))}:
            return False
        return names.isdisjoint(self._asked(tuple(first)))

    def include(self, file: str, headers: Iterable[str]) -> bool:
        """Whether a file is among some headers and what they include."""
        return file in self._all_of(self._roots(headers))

    def _roots(self, names: Iterable[str]) -> list[str]:
        """The places of some headers, which are read with all that they include."""
        roots = [place for name in names if (place := self._place(name))]
        self._read(roots)
        return roots

    def _asked(self, headers: tuple[str, ...]) -> frozenset[bytes]:
        """The macros that some headers, and all that they include, ask for or define."""
        if headers not in self._asked_by:
            names = (name for header in self._all_of(list(headers)) for name in _asked(header))
            self._asked_by[headers] = frozenset(names)
        return self._asked_by[headers]

    def _read(self, roots: list[str]) -> None:
        """Read headers, and all that they include."""
        waiting = [root for root in roots if root not in self._includes]
        while waiting:
            header = waiting.pop()
            if header in self._includes:
                continue
            beside = os.path.dirname(header)  # noqa: PTH120 - as text
            places = (
                (self._first(each.name, (beside,)) if each.is_quoted else "")
                or self._place(each.name)
                for each in self._headers.read(header)
            )
            self._includes[header] = [place for place in places if place]
            waiting += self._includes[header]

    def _all_of(self, roots: list[str]) -> Iterator[str]:
        """Headers that were read, and all that they include."""
        waiting, seen = [*roots], set[str]()
        while waiting:
            header = waiting.pop()
            if header not in seen:
                seen.add(header)
                yield header
                waiting += self._includes[header]

    def _place(self, name: str) -> str:
        """Where the header is that an #include names; empty if in none of the directories."""
        if name not in self._places:
            self._places[name] = self._first(name, self._directories)
        return self._places[name]

    def _first(self, name: str, directories: Iterable[str]) -> str:
        """The first header of a name in some directories; empty if there is none."""
        paths = (os.path.join(each, name) for each in directories)  # noqa: PTH118 - as text
        return next((os.path.normpath(path) for path in paths if self._headers.has(path)), "")


@lru_cache(maxsize=1)
def _headers(_root: Path) -> _Headers:
    """The headers of a kernel."""
    return _Headers({}, {}, {})


def _tree_headers(unit: CompileUnit) -> _TreeHeaders:
    """The headers of the compile target of a unit."""
    return _headers_in(unit.kernel.root, tuple(map(str, include_directories(unit))))


@lru_cache(maxsize=1)
def _headers_in(root: Path, directories: tuple[str, ...]) -> _TreeHeaders:
    """The headers of a compile target; its files come one after the other."""
    return _TreeHeaders(directories, _headers(root))


def _first(include: Include, beside: str, directories: Iterable[str]) -> str:
    """The first file that an #include may mean; empty if there is none."""
    for directory in [beside, *directories] if include.is_quoted else directories:
        file = os.path.join(directory, include.name)  # noqa: PTH118 - as text
        if is_file(file):
            return os.path.normpath(file)
    return ""


def _is_defining(content: bytes, names: frozenset[bytes]) -> bool:
    """Whether a header defines a macro with one of some names."""
    is_named = any(name in content for name in names)  # most headers have none of them
    return is_named and not names.isdisjoint(_DEFINED.findall(content))


def _names(content: bytes) -> list[bytes]:
    """The macros that a file defines or undefines."""
    return _CHANGED.findall(content)


def _asked(header: str) -> set[bytes]:
    """The macros that a header asks for or defines, without those to which it gives a default."""
    content = _DEFAULT.sub(b"#if 0", _content(header))
    names = {*_CHANGED.findall(content)}
    return names.union(word for text in _ASKED.findall(content) for word in _WORD.findall(text))


def _content(file: str) -> bytes:
    """The content of a file; empty if it cannot be read."""
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - read_bytes() takes twice as long
            return opened.read()
    except OSError:
        return b""
