"""A kernel tree: where its root is, its version and its architectures."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import msgspec

from klplint.errors import TreeError
from klplint.facts.kernel_version import Version

_MAKEFILE_VERSION = re.compile(
    r"^VERSION\s*=\s*(\d+)\s*$.*?^PATCHLEVEL\s*=\s*(\d+)\s*$", re.MULTILINE | re.DOTALL
)


class Kernel(msgspec.Struct, frozen=True):
    """A kernel source tree."""

    root: Path
    """The directory that holds the kernel's top Makefile."""
    version: Version
    """The version that the top Makefile gives."""
    build: Path | None = None
    """The directory of a build apart from the sources (`make O=`), if --kernel names one."""
    is_absent: bool = False
    """Whether there is no tree: `root` is only the directory that holds the linted files."""

    @property
    def output(self) -> Path:
        """Where a build writes `.config` and the headers that it generates."""
        return self.build or self.root

    @classmethod
    def at(cls, directory: Path) -> Kernel | None:
        """The kernel tree whose root is `directory`; None if it is not the root of one.

        Raises TreeError for one that may not be looked into.
        """
        text = _text_of(directory / "Makefile")
        match = _MAKEFILE_VERSION.search(text)
        if not match or not all(
            map(_is_directory, (directory / "include/linux", directory / "arch"))
        ):
            return None
        return cls(directory, Version(int(match[1]), int(match[2])))

    @classmethod
    def around(cls, path: Path) -> Kernel | None:
        """The kernel tree that `path` lies in; None if it lies in none."""
        for directory in (path, *path.parents):
            kernel = cls.at(directory)
            if kernel:
                return kernel
        return None

    def architectures(self) -> tuple[str, ...]:
        """The names of the directories of arch/ that hold an architecture, sorted."""
        if self.is_absent:
            return ()
        try:
            names = os.listdir(self.root / "arch")  # noqa: PTH208 - only the names count
        except OSError:
            return ()  # the listing of the tree reports it
        return tuple(sorted(name for name in names if self._is_architecture(name)))

    def _is_architecture(self, name: str) -> bool:
        return os.path.isdir(self.root / "arch" / name / "include")  # noqa: PTH112 - it never fails


def _text_of(file: Path) -> str:
    """The text of a file; "" if there is none that can be read."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _is_directory(path: Path) -> bool:
    """Whether a path is a directory; TreeError where permissions hide that."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        raise TreeError(
            f"{path.parent}: permission denied; klplint needs it to compile files: make it readable"
        ) from None
    except OSError:
        return False
