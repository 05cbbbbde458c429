"""The files that a file may include, directly or not.

An include counts whatever conditions it stands in, and for all files that it may mean by its name.
Not seen is an include whose name a macro gives.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path

from klplint.csource.includes import Include, includes_in
from klplint.source_text import bytes_or_nothing


class IncludedFiles:
    """What the files of a tree include."""

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        """`files` are below `root`."""
        self._root = root
        self._files = files
        self._direct: dict[str, AbstractSet[str]] = {}

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """The files by their names without directories."""
        by_name: dict[str, list[str]] = {}
        for each in self._files:
            by_name.setdefault(each.rpartition("/")[2], []).append(each)
        return by_name

    def reachable(self, starts: Iterable[str]) -> set[str]:
        """Some files, and all that they may include, directly or not."""
        waiting = {*starts}
        seen = {*waiting}
        while waiting:
            new = self._included_by(waiting.pop()) - seen
            seen |= new
            waiting |= new
        return seen

    def with_includers(self, path: str) -> set[str]:
        """A file, and those of its directory that include it, directly or not."""
        directory = path.rpartition("/")[0]
        beside = [each for each in self._files if each.rpartition("/")[0] == directory]
        included = {each: self._included_by(each) for each in beside}
        including, count = {path}, 0
        while len(including) > count:
            count = len(including)
            including |= {each for each in beside if not included[each].isdisjoint(including)}
        return including

    def meant(self, file: str, includes: Iterable[Include]) -> set[str]:
        """The files that some includes in a file may mean."""
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

    def _included_by(self, file: str) -> AbstractSet[str]:
        """The files that a file may include itself."""
        if file not in self._direct:
            includes = includes_in(bytes_or_nothing(self._root / file))
            self._direct[file] = self.meant(file, includes)
        return self._direct[file]
