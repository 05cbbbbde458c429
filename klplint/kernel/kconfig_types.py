"""Whether an option of Kconfig can be `m`: only then what it selects can be a module."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

_CONFIG = re.compile(r"^[ \t]*(?:menu)?config[ \t]+(\w+)[ \t]*$", re.MULTILINE)
_TYPE = re.compile(
    r"^[ \t]+(?:def_)?(bool|boolean|tristate|int|hex|string)\b|^[ \t]*(?:menu)?config[ \t]",
    re.MULTILINE,
)
# Where options are defined that directories all over the tree ask for.
_SHARED = ("init", "arch", "lib", "kernel", "mm", "security", "net", "block", "drivers/base")


class KconfigTypes:
    """The types of the options of a tree; its Kconfig files are read when they are needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._directories: dict[str, dict[str, set[str]]] = {}

    def may_be_module(self, option: str, directory: str) -> bool | None:
        """Whether an option (`CONFIG_X`) that `directory` asks for can be `m`.

        None where none of the Kconfig files near it, or of those for the whole tree, defines it.
        """
        name = option.removeprefix("CONFIG_")
        near = [above.as_posix() for above in (PurePosixPath(directory, "x").parents)]
        for place in dict.fromkeys((*near, *self._below(directory), *_SHARED)):
            types = self._in(place).get(name)
            if types:
                return "tristate" in types
        return None

    def _below(self, directory: str) -> Iterable[str]:
        """The architecture of a directory."""
        parts = PurePosixPath(directory).parts
        return [f"arch/{parts[1]}"] if parts[:1] == ("arch",) and len(parts) > 1 else ["arch/x86"]

    def _in(self, directory: str) -> dict[str, set[str]]:
        """The types that the Kconfig files of a directory give to options."""
        if directory not in self._directories:
            types: dict[str, set[str]] = {}
            for path in sorted((self._root / directory).glob("Kconfig*")):
                _add_types(path, types)
            self._directories[directory] = types
        return self._directories[directory]


def _add_types(path: Path, types: dict[str, set[str]]) -> None:
    """Add the types in a Kconfig file; none where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for match in _CONFIG.finditer(text):
        typed = _TYPE.search(text, match.end())
        if typed and typed[1]:
            types.setdefault(match[1], set()).add(typed[1])
