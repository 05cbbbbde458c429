"""The macros that a file may use: its own, and those of all headers that it may include.

What is not here is in no configuration. Not seen is a header that only files of other directories
include before this one (and see `included_files`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from klplint.csource.includes import Include
from klplint.csource.lexer import Source
from klplint.csource.macro_names import MacroBody, macro_body, may_come_to, words_of
from klplint.csource.outline import Outline
from klplint.index.included_files import IncludedFiles
from klplint.kernel.compiler_arguments import FIRST_HEADERS
from klplint.source_text import bytes_or_nothing, decode_source

_DEFINED = re.compile(rb"#[ \t]*define[ \t\\\r\n]+(\w+)")


class IncludedMacros:
    """The macros of the files of a tree."""

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        """`files` are below `root`."""
        self._root = root
        self._included = IncludedFiles(root, files)
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
            included = self._included
            starts = included.with_includers(path) | included.meant(path, forced)
            for file in included.reachable(starts):
                for name in _DEFINED.findall(bytes_or_nothing(self._root / file)):
                    defining[name.decode()].add(file)
        return self._seen_from[path]
