"""Whether a header that a file includes defines a macro with the name of one of its functions.

A text without headers must not be asked about such a function: what is written as `probe` may be
called `driver_probe` then, or be no function at all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from klplint.csource.includes import Include, includes_in
from klplint.kernel.argument_words import options_in
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.compiler_arguments import FIRST_HEADERS, include_directories
from klplint.kernel.existence import is_file
from klplint.source_text import to_bytes

_INCLUDE_PATH = ("-isystem", "-iquote", "-idirafter", "-I")
_DEFINED = re.compile(rb"#[ \t]*define[ \t]+(\w+)")


def define_one_of(unit: CompileUnit, functions: Collection[str], others: Collection[str]) -> bool:
    """Whether headers define a macro with one of some names, whatever the conditions.

    Those of `functions` count in all headers that the file of `unit` includes, directly or not;
    `others` only in those that are not in the tree's include directories. The file itself does not
    count. True where a macro names a header, so that it is not known which one.
    """
    named = frozenset(map(to_bytes, functions))
    own = named.union(map(to_bytes, others))
    directories = tuple(map(str, include_directories(unit)))
    extra = [path for option, path in options_in(unit.extra, _INCLUDE_PATH) if path]
    roots = [*(f"linux/{name}" for name in FIRST_HEADERS)]
    waiting, seen = [str(unit.file)], set[str]()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        content = _content(file)
        if len(seen) > 1 and _is_defining(content, own):
            return True
        for include in includes_in(content):
            if not include.name:
                return True
            header = _first(include, os.path.dirname(file), extra)  # noqa: PTH120 - as text
            if header:
                waiting.append(header)
            else:
                roots.append(include.name)
    return _tree_headers(unit.kernel.root, directories).define_one_of(named, roots)


class _Headers(NamedTuple):
    """What headers hold, each read once, for all compile targets."""

    includes: dict[str, list[Include]]
    """What each header includes."""
    defining: dict[bytes, list[str]]
    """The headers that define each macro."""

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

    def define_one_of(self, names: Iterable[bytes], included: list[str]) -> bool:
        """Whether a header defines one of `names` that is included by `included`, or one of them.

        All are named as in an #include.
        """
        roots = [place for name in included if (place := self._place(name))]
        self._read(roots)
        defining = {header for name in names for header in self._headers.defining.get(name, ())}
        return bool(defining) and any(header in defining for header in self._reached(roots))

    def _read(self, roots: list[str]) -> None:
        """Read headers, and all that they include."""
        waiting = [root for root in roots if root not in self._includes]
        while waiting:
            header = waiting.pop()
            if header in self._includes:
                continue
            beside = os.path.dirname(header)  # noqa: PTH120 - as text
            places = (
                (_first(each, beside, ()) if each.is_quoted else "") or self._place(each.name)
                for each in self._headers.read(header)
            )
            self._includes[header] = [place for place in places if place]
            waiting += self._includes[header]

    def _reached(self, roots: list[str]) -> Iterator[str]:
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
            self._places[name] = _first(Include(name, is_quoted=False), "", self._directories)
        return self._places[name]


@lru_cache(maxsize=1)
def _headers(_root: Path) -> _Headers:
    """The headers of a kernel."""
    return _Headers({}, {})


@lru_cache(maxsize=1)
def _tree_headers(root: Path, directories: tuple[str, ...]) -> _TreeHeaders:
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


def _content(file: str) -> bytes:
    """The content of a file; empty if it cannot be read."""
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - read_bytes() takes twice as long
            return opened.read()
    except OSError:
        return b""
