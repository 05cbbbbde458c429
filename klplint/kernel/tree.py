"""A kernel tree: where its root is, its version and its architectures."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

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

    @classmethod
    def at(cls, directory: Path) -> Kernel | None:
        """The kernel tree whose root is `directory`; None if it is not the root of one."""
        if not (directory / "include" / "linux").is_dir() or not (directory / "arch").is_dir():
            return None
        try:
            text = (directory / "Makefile").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        match = _MAKEFILE_VERSION.search(text)
        return cls(directory, Version(int(match[1]), int(match[2]))) if match else None

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
        directories = (self.root / "arch").iterdir()
        return tuple(sorted(d.name for d in directories if (d / "include").is_dir()))
