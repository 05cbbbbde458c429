"""The headers in the include directories of a compile target, and which macros they define.

They are read as text, whatever their conditions: what a macro that names a header includes is not
known.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from klplint.csource.includes import Include, includes_in
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.compiler_arguments import include_directories
from klplint.kernel.existence import files_in

DEFINED = re.compile(rb"#[ \t]*define[ \t]+(\w+)")
CHANGED = re.compile(rb"^[ \t]*#[ \t]*(?:define|undef)[ \t]+(\w+)", re.MULTILINE)
# A header that gives a macro a value only if there is none: it does not matter when. For a macro
# without a value, such as an include guard, it does: it decides what else is read.
_DEFAULT = re.compile(rb"#[ \t]*ifndef[ \t]+(\w+)\s*#[ \t]*define[ \t]+\1\b(?=\(|[ \t]+[^\s/])")
_ASKED = re.compile(rb"^[ \t]*#[ \t]*(?:el)?if(?:n?def)?\b((?:[^\\\n]|\\\r?\n|\\)*)", re.MULTILINE)
_WORD = re.compile(rb"[A-Za-z_]\w*")


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
            content = content_of(header)
            for name in set(DEFINED.findall(content)):
                self.defining.setdefault(name, []).append(header)
            self.includes[header] = [i for i in dict.fromkeys(includes_in(content)) if i.name]
        return self.includes[header]


class TreeHeaders:
    """The headers in the include directories of a compile target."""

    def __init__(self, directories: tuple[str, ...], headers: _Headers) -> None:
        self._directories = directories
        self._headers = headers
        self._places: dict[str, str] = {}
        self._includes: dict[str, list[str]] = {}
        self._asked_by: dict[tuple[str, ...], frozenset[bytes]] = {}

    def defined(self, names: Iterable[bytes], included: list[str], file: str) -> set[bytes]:
        """Those of `names` that `included`, or headers that these include, define.

        They are named as in an #include. What `file` defines does not count.
        """
        roots = self._roots(included)
        defining = {name: {*self._headers.defining.get(name, ())} - {file} for name in names}
        if not any(defining.values()):
            return set()
        read = {*self._all_of(roots)}
        return {name for name, headers in defining.items() if headers & read}

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
            places = (self._meant(each, beside) for each in self._headers.read(header))
            self._includes[header] = [place for some in places for place in some if place]
            waiting += self._includes[header]

    def _meant(self, include: Include, beside: str) -> list[str]:
        """The headers that an #include in a header may mean; empty texts if there are none."""
        if include.is_next:  # asm/barrier.h of the stub headers includes that of the tree
            return [self._first(include.name, (each,)) for each in self._directories]
        quoted = self._first(include.name, (beside,)) if include.is_quoted else ""
        return [quoted or self._place(include.name)]

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


def tree_headers(unit: CompileUnit) -> TreeHeaders:
    """The headers of the compile target of a unit."""
    return _headers_in(unit.kernel.root, tuple(map(str, include_directories(unit))))


@lru_cache(maxsize=1)
def _headers_in(root: Path, directories: tuple[str, ...]) -> TreeHeaders:
    """The headers of a compile target; its files come one after the other."""
    return TreeHeaders(directories, _headers(root))


def _asked(header: str) -> set[bytes]:
    """The macros that a header asks for or defines, without those to which it gives a default."""
    content = _DEFAULT.sub(b"#if 0", content_of(header))
    names = {*CHANGED.findall(content)}
    return names.union(word for text in _ASKED.findall(content) for word in _WORD.findall(text))


def content_of(file: str) -> bytes:
    """The content of a file; empty if it cannot be read."""
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - read_bytes() takes twice as long
            return opened.read()
    except OSError:
        return b""
