"""What a directory's Makefile adds to the compiler's arguments, where it is plainly readable.

klplint reads ccflags-y, subdir-ccflags-y (of this directory and of those above), CFLAGS_file.o and
the older EXTRA_CFLAGS, also in their -$(CONFIG_X) forms; of their words it uses -I, -D, -U,
-include and -isystem. Source: Documentation/kbuild/makefiles.rst. Variables that the same Makefile
sets plainly are expanded; a word with any other variable or a function in it is left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from klplint.csource.if_expressions import Value
from klplint.kernel.argument_words import options_in

NAMES = ("Kbuild", "Makefile")
"""The names of a directory's Makefile; kbuild prefers the first."""

_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:export[ \t]+)?([\w.$(){}/-]+)[ \t]*(?::{0,3}|\+|\?)=[ \t]*(.*)$"
)
_VARIABLE = re.compile(r"\$[({]([\w-]+)[)}]")
_CONDITION = re.compile(r"\$[({](CONFIG_\w+)[)}]")
_MACROS = ("-D", "-U")
_WITH_VALUE = ("-include", "-isystem", "-iquote", "-I", *_MACROS)
_MOST_NESTED = 10  # variables in the values of variables


class Makefiles:
    """The Makefiles of the directories below `root`, each read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._makefiles: dict[Path, _Makefile | None] = {}

    def arguments(self, file: Path, settings: Mapping[str, Value]) -> list[str]:
        """The arguments that the Makefiles from the root down to `file`'s directory add for it.

        `settings` are CONFIG_ macros, for flags that depend on one. The nearest Makefile counts as
        the one that builds the file: of those above it only what they set for subdirectories.
        """
        if not file.is_relative_to(self._root):
            return []  # a file of the kernel that another project's file includes
        arguments: list[str] = []
        is_nearest = True
        for directory in (file.parent, *file.parent.parents):
            makefile = self._in(directory)
            if makefile:
                wanted = {"subdir-ccflags"}
                if is_nearest:
                    wanted |= {"ccflags", "EXTRA_CFLAGS"}
                # Named by the path from the Makefile: arch/x86/ sets CFLAGS_kernel/irq.o.
                wanted.add(f"CFLAGS_{file.relative_to(directory).with_suffix('.o').as_posix()}")
                arguments = [*makefile.flags(wanted, settings), *arguments]
                is_nearest = False
            if directory == self._root:
                break
        return arguments

    def _in(self, directory: Path) -> _Makefile | None:
        """The Makefile of a directory; None if it has none."""
        if directory not in self._makefiles:
            lines = _lines(directory)
            makefile = _Makefile(lines, directory, self._root) if lines else None
            self._makefiles[directory] = makefile
        return self._makefiles[directory]


def _lines(directory: Path) -> list[str]:
    """The logical lines of a directory's Makefile, without comments; none without a Makefile."""
    for name in NAMES:
        try:
            text = (directory / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        return [line.split("#")[0].rstrip() for line in text.replace("\\\n", " ").split("\n")]
    return []


class _Flags(NamedTuple):
    """An assignment of flags for the compiler."""

    variable: str
    """What is assigned to, without what makes it conditional: `ccflags` for `ccflags-y`."""
    condition: str
    """The option that has to be set: `(CONFIG_X)` for `ccflags-$(CONFIG_X)`, empty for `-y`."""
    value: str
    """The flags as written."""


class _Makefile:
    """The assignments of one Makefile."""

    def __init__(self, lines: list[str], directory: Path, root: Path) -> None:
        """`lines` are its logical lines; relative paths in it are relative to `root`."""
        self._root = root
        matches = filter(None, map(_ASSIGNMENT.match, lines))
        assignments = [(match[1], match[2]) for match in matches]
        self._flags = list(_flags(assignments))
        source = directory.relative_to(root).as_posix()
        self._variables = {
            "srctree": str(root),
            "src": source,
            "obj": source,
            "objtree": str(root),
            "M": str(directory),
            "PWD": str(directory),
            "CURDIR": str(directory),
        }
        for name, value in assignments:
            if "$(" not in name:
                self._variables.setdefault(name, value)  # what make itself sets stays

    def flags(self, wanted: set[str], settings: Mapping[str, Value]) -> Iterator[str]:
        """The arguments in the values of some variables, those whose condition holds."""
        for variable, condition, value in self._flags:
            option = _CONDITION.fullmatch(f"${condition}") if condition else None
            if variable in wanted and (not condition or (option and settings.get(option[1]))):
                yield from self._arguments(value)

    def _arguments(self, value: str) -> Iterator[str]:
        """The arguments that are plainly readable in the value of a variable."""
        try:
            words = shlex.split(self._expanded(value, 0))
        except ValueError:  # quotes that do not close
            return
        for flag, operand in options_in(words, _WITH_VALUE):
            if not operand or "$" in operand:
                continue
            # $(src) is relative to the tree's root up to 6.12, absolute from then on.
            yield flag
            yield operand if flag in _MACROS else str(self._root / operand)

    def _expanded(self, value: str, depth: int) -> str:
        """`value` with its variables expanded; those that are not known stay, with their `$`."""

        def expand(match: re.Match[str]) -> str:
            inner = self._variables.get(match[1])
            if inner is None or depth >= _MOST_NESTED:
                return match[0]
            return self._expanded(inner, depth + 1)

        return _VARIABLE.sub(expand, value)


def _flags(assignments: list[tuple[str, str]]) -> Iterator[_Flags]:
    """The assignments of flags among some assignments of variables."""
    for name, value in assignments:
        variable, _, condition = name.partition("-$")
        if "FLAGS" in variable.upper():
            yield _Flags(variable.removesuffix("-y"), condition, value)
