"""What a folder's Makefile adds to the compiler's arguments, where it is plainly readable.

Read are ccflags-y, subdir-ccflags-y (of this folder and of those above), CFLAGS_file.o and the
older EXTRA_CFLAGS, and -$(CONFIG_X) forms of them; of these -I, -D, -U, -include and -isystem.
Source: Documentation/kbuild/makefiles.rst. Variables that the same Makefile sets plainly are
put in; a word with any other variable or function in it is left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from klplint.csource.if_expressions import Value
from klplint.kernel.argument_words import options_in

NAMES = ("Kbuild", "Makefile")  # kbuild prefers the first
_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:export[ \t]+)?([\w.$(){}/-]+)[ \t]*(?::{0,3}|\+|\?)=[ \t]*(.*)$"
)
_VARIABLE = re.compile(r"\$[({]([\w-]+)[)}]")
_CONDITION = re.compile(r"\$[({](CONFIG_\w+)[)}]")
_MACROS = ("-D", "-U")
_WITH_VALUE = ("-include", "-isystem", "-iquote", "-I", *_MACROS)
_MOST_DEPTH = 10


class Makefiles:
    """The Makefiles of the folders up to `root`, each read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[Path, _Makefile | None] = {}

    def arguments(self, file: Path, settings: Mapping[str, Value]) -> list[str]:
        """Arguments that the Makefiles from `file`'s folder up to the root add for it.

        `settings` say which CONFIG options are on, for flags that hang on one.
        """
        if not file.is_relative_to(self._root):
            return []  # a file of the kernel, which another project's leads to
        arguments: list[str] = []
        nearest = True
        for folder in (file.parent, *file.parent.parents):
            makefile = self._in(folder)
            if makefile:
                wanted = {"subdir-ccflags"} | ({"ccflags", "EXTRA_CFLAGS"} if nearest else set())
                own = f"CFLAGS_{file.relative_to(folder).with_suffix('.o').as_posix()}"
                arguments = [*makefile.flags(wanted | {own}, settings), *arguments]
                nearest = False
            if folder == self._root:
                break
        return arguments

    def _in(self, folder: Path) -> _Makefile | None:
        if folder not in self._read:
            lines = _lines(folder)
            self._read[folder] = _Makefile(lines, folder, self._root) if lines else None
        return self._read[folder]


def _lines(folder: Path) -> list[str]:
    """The logical lines of a folder's Makefile, comments off; none where there is no Makefile."""
    for name in NAMES:
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        return [line.split("#")[0].rstrip() for line in text.replace("\\\n", " ").split("\n")]
    return []


class _Makefile:
    """One Makefile's plain assignments."""

    def __init__(self, lines: list[str], folder: Path, root: Path) -> None:
        self._root = root
        self._assignments = [
            (match[1], match[2]) for line in lines if (match := _ASSIGNMENT.match(line))
        ]
        self._flags: list[tuple[str, str, str]] = []
        for name, value in self._assignments:
            stem, _, condition = name.partition("-$")
            if "FLAGS" in stem.upper():
                self._flags.append((stem.removesuffix("-y"), condition, value))
        source = folder.relative_to(root).as_posix()
        self._variables = {
            "srctree": str(root),
            "src": source,
            "obj": source,
            "objtree": str(root),
            "M": str(folder),
            "PWD": str(folder),
            "CURDIR": str(folder),
        }
        known = set(self._variables)
        for name, value in self._assignments:
            if name not in known and "$(" not in name:
                self._variables.setdefault(name, value)

    def flags(self, wanted: set[str], settings: Mapping[str, Value]) -> Iterator[str]:
        """The arguments among the values of the wanted variables."""
        for plain, condition, value in self._flags:
            option = _CONDITION.fullmatch(f"${condition}") if condition else None
            if plain in wanted and (not condition or (option and settings.get(option[1]))):
                yield from self._arguments(value)

    def _arguments(self, value: str) -> Iterator[str]:
        try:
            words = shlex.split(self._expanded(value, 0))
        except ValueError:  # quotes that do not close: not plainly readable
            return
        for flag, operand in options_in(words, _WITH_VALUE):
            if not operand or "$" in operand:
                continue
            # $(src) is relative to the tree's root up to 6.12, absolute from then on.
            yield flag
            yield operand if flag in _MACROS else str(self._root / operand)

    def _expanded(self, value: str, depth: int) -> str:
        """`value` with known variables put in; what is not known keeps its `$`."""

        def known(match: re.Match[str]) -> str:
            inner = self._variables.get(match[1])
            if inner is None or depth >= _MOST_DEPTH:
                return match[0]
            return self._expanded(inner, depth + 1)

        return _VARIABLE.sub(known, value)
