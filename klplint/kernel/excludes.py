"""What `exclude` means: patterns as in .gitignore, relative to the root.

A path that the user names is looked at even if a pattern excludes it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

DEFAULT_EXCLUDES = ("/Documentation/", "/scripts/", "/tools/")

_SURROGATE = re.compile("[\ud800-\udfff]")
"""What Python makes of a byte in a file name that is not UTF-8."""
_CLASS = r"\[[!^]?+\]?+(?:[^\]\\]|\\.)*\]"
_OPEN_CLASS = re.compile(rf"(?:[^\\[]|\\.|{_CLASS})*+\[", re.DOTALL)
"""A `[` that begins a set of characters and has no end. The first character may be a `]` itself."""


class Excludes:
    """Decides which files some patterns exclude. Paths are relative to the root, with slashes."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._spec = _spec_of(patterns)
        self._are_for_directories = all(pattern.endswith("/") for pattern in patterns)
        self._directories: dict[str, bool] = {"": False}

    def covers(self, path: str) -> bool:
        """Whether a file is excluded, by itself or with a directory that holds it."""
        return self.covers_directory(path.rpartition("/")[0]) or self.covers_file(path)

    def covers_directory(self, path: str) -> bool:
        """Whether a directory is excluded, or one that holds it. Each is matched only once."""
        if path not in self._directories:
            parent = path.rpartition("/")[0]
            is_excluded = self.covers_directory(parent) or self._matches(f"{path}/")
            self._directories[path] = is_excluded
        return self._directories[path]

    def covers_file(self, path: str) -> bool:
        """Whether a file is excluded whose directory is not."""
        return not self._are_for_directories and self._matches(path)

    def _matches(self, path: str) -> bool:
        """Whether a pattern matches. A byte that is not UTF-8 counts as a character."""
        return self._spec.match_file(path if path.isascii() else _SURROGATE.sub("\ufffd", path))


def _spec_of(patterns: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # loads further libraries, while the tree is being listed

    return GitIgnoreSpec.from_lines(patterns)


def excludes_beside(patterns: Iterable[str], paths: Iterable[str]) -> list[str]:
    """The patterns that exclude none of the paths that the user names.

    The paths are relative to the root; "." is the root, which no pattern excludes.
    """
    probes = [probe for path in paths if path != "." for probe in (path, f"{path}/x")]
    specs = ((pattern, _spec_of([pattern])) for pattern in patterns)
    return [pattern for pattern, spec in specs if not any(map(spec.match_file, probes))]


def is_pattern(text: str) -> bool:
    """Whether a line of .gitignore can match a file like this; a `[` without its `]` never does."""
    if not text.strip() or _OPEN_CLASS.match(text):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # re warns about some patterns that it accepts
            _spec_of([text])
    except Exception:  # noqa: BLE001 - pathspec's, re's or hyperscan's, as pathspec is installed
        return False
    return True
