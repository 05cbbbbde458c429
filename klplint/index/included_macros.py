"""The macros that a file may use: its own, and those of all headers that it may include.

An include counts whatever conditions it stands in, and for all files that it may mean. So what is
not here is in no configuration. Not seen are an include whose name a macro gives, and a header that
only files of other directories include before this one.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from klplint.csource.includes import Include, includes_in
from klplint.csource.lexer import Source
from klplint.csource.macro_names import MacroBody, macro_body, may_come_to, words_of
from klplint.csource.outline import Outline
from klplint.kernel.compiler_arguments import FIRST_HEADERS
from klplint.source_text import bytes_or_nothing, decode_source

_DEFINED = re.compile(rb"#[ \t]*define[ \t\\\r\n]+(\w+)")


class IncludedMacros:
    """The macros of the files of a tree."""

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        """`files` are below `root`."""
        self._root = root
        self._files = files
        self._by_name: dict[str, list[str]] = {}
        self._seen_from: dict[str, dict[str, set[str]]] = {}
        self._bodies: dict[str, dict[str, list[MacroBody]]] = {}

    def may_name(self, variable: str, text: str, path: str) -> bool:
        """Whether a text of the file at `path` may use a variable by a macro, without its name."""
        words = words_of(text)
        defining = self._defining(path) if words else {}
        return may_come_to(
            variable,
            words,
            lambda names: [body for name in names for body in self._defined(name, defining)],
        )

    def _defined(self, name: str, defining: dict[str, set[str]]) -> Iterator[MacroBody]:
        for file in sorted(defining.get(name, ())):
            if file not in self._bodies:
                source = Source(decode_source(bytes_or_nothing(self._root / file)))
                self._bodies[file] = {}
                for macro in Outline(source).macros:
                    of_name = self._bodies[file].setdefault(macro.name, [])
                    of_name.append(macro_body(source, macro))
            yield from self._bodies[file].get(name, ())

    def _defining(self, path: str) -> dict[str, set[str]]:
        """The files that define each macro which the file at `path` may use."""
        if path not in self._seen_from:
            self._seen_from[path] = defining = defaultdict[str, set[str]](set)
            forced = [Include(f"linux/{name}", is_quoted=False) for name in FIRST_HEADERS]
            waiting = {*self._with_includers(path), *self._included(path, forced)}
            seen = {*waiting}
            while waiting:
                file = waiting.pop()
                for name in _DEFINED.findall(bytes_or_nothing(self._root / file)):
                    defining[name.decode()].add(file)
                new = self._included_by(file) - seen
                seen |= new
                waiting |= new
        return self._seen_from[path]

    def _with_includers(self, path: str) -> set[str]:
        """A file, and those of its directory that include it: their macros are in force, too."""
        directory = path.rpartition("/")[0]
        beside = [each for each in self._files if each.rpartition("/")[0] == directory]
        included = {each: self._included_by(each) for each in beside}
        including, count = {path}, 0
        while len(including) > count:
            count = len(including)
            including |= {each for each in beside if not included[each].isdisjoint(including)}
        return including

    def _included_by(self, file: str) -> AbstractSet[str]:
        """The files that a file may include."""
        return self._included(file, includes_in(bytes_or_nothing(self._root / file)))

    def _included(self, file: str, includes: Iterable[Include]) -> AbstractSet[str]:
        """The files that some includes in a file may mean."""
        if not self._by_name:
            for each in self._files:
                self._by_name.setdefault(each.rpartition("/")[2], []).append(each)
        meant = set[str]()
        for include in includes:
            wanted = os.path.normpath(include.name) if include.name else ""
            beside = os.path.normpath(os.path.join(os.path.dirname(file), include.name))  # noqa: PTH118, PTH120
            ending = wanted.lstrip("./")
            likely = self._by_name.get(ending.rpartition("/")[2], ())
            if include.is_quoted and beside in likely:
                meant.add(beside)
            else:
                meant.update(e for e in likely if e == ending or e.endswith(f"/{ending}"))
        return meant
