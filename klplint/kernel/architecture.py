"""Architectures: what libclang has to be given for each, and which one a file belongs to."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec

from klplint.kernel.existence import is_file
from klplint.kernel.tree import Kernel
from klplint.source_text import source_or_nothing
from klplint.strict_toml import TomlFile

FALLBACK_ARCHITECTURE = "x86"
_DATA = Path(__file__).parent / "architectures.toml"
# Of the architectures that have all headers that a file includes, the most used one is taken.
_USUAL = (FALLBACK_ARCHITECTURE, "arm64", "arm", "powerpc", "s390", "mips", "riscv")
# Those that older kernels have as well, up to 6.6. They have no settings of their own.
_FORMER = (
    *("avr32", "blackfin", "c6x", "cris", "frv", "h8300", "ia64", "m32r", "metag", "mn10300"),
    *("nds32", "score", "tile", "unicore32"),
)
_ASM_INCLUDE = re.compile(r"#[ \t]*include[ \t]*<asm/([\w/.-]+)>")
_GENERATED = re.compile(r"^gener(?:ated|ic)-y\s*\+=\s*(\S+\.h)", re.MULTILINE)


class Architecture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An architecture's compiler settings, as architectures.toml gives them."""

    triple: str
    """clang's name of the target. For an architecture that clang does not know it is another one's
    of the same word size."""
    config: dict[str, str]
    """CONFIG options, without "CONFIG_", that its headers cannot do without."""
    defconfig: tuple[str, ...] = ()
    """Files in the architecture's configs/; the first one that the tree has is used."""
    include: tuple[str, ...] = ()
    """Further include directories, relative to the tree, as its Makefile adds them."""
    define: tuple[str, ...] = ()
    """Macros that its own compiler predefines, as behind -D."""
    undefine: tuple[str, ...] = ()
    """Macros that clang predefines for `triple`, but that do not belong to this architecture."""


@cache
def _architectures() -> TomlFile:
    return TomlFile.read(_DATA)


@cache
def _known() -> frozenset[str]:
    return frozenset((*_architectures().content, *_FORMER))


@cache
def load_architecture(name: str) -> Architecture:
    """The settings of the architecture arch/`name`; those of x86 for one without settings."""
    data = _architectures()
    table = data.content.get(name, data.content[FALLBACK_ARCHITECTURE])
    assert isinstance(table, dict)  # klplint's data: each top-level key is a table
    return data.decode(Architecture, table, name)


def architecture_of(path: str) -> str:
    """The architecture in whose directory a file is; "" for one that all have.

    A path that does not begin in the tree may have directories called arch above it, too.
    """
    if "arch/" not in path:
        return ""
    names = path.split("/")[:-1]
    if names[0] == "arch":
        return "".join(names[1:2])
    inside = [name for above, name in pairwise(names) if above == "arch"]
    return next((name for name in reversed(inside) if name in _known()), "")


class Chooser:
    """Chooses the architecture of a kernel for which a file is parsed."""

    def __init__(self, kernel: Kernel, default: str | None) -> None:
        """`default` is preferred to x86 for files that belong to no architecture."""
        self._kernel = kernel
        names = kernel.architectures()
        usual = [name for name in (default, *_USUAL) if name in names]
        self._order = list(dict.fromkeys([*usual, *names])) or [FALLBACK_ARCHITECTURE]
        self._has_header: dict[tuple[str, str], bool] = {}

    def choose(self, path: str, text: str) -> str:
        """The architecture for a file with this text, at `path` relative to the tree's root.

        A file in arch/ has its directory's. For others it is the first architecture, beginning
        with the default, that has all asm/ headers which the file includes: a driver for machines
        of one architecture needs that one's.
        """
        parts = path.split("/")
        if len(parts) > 2 and parts[0] == "arch" and parts[1] in self._order:
            return parts[1]
        headers = set(_ASM_INCLUDE.findall(text))
        fitting = (name for name in self._order if all(self.has(name, h) for h in headers))
        return next(fitting, self._order[0])

    def asked(self) -> list[tuple[str, str, bool]]:
        """All that was asked about asm/ headers so far: architecture, header, and the answer."""
        return [(name, header, has) for (name, header), has in self._has_header.items()]

    def has(self, name: str, header: str) -> bool:
        """Whether an architecture has an asm/ header: in its directory, generic, or generated."""
        if (name, header) not in self._has_header:
            generic = self._kernel.root / "include"
            directories = [*self._asm(name), generic / "asm-generic", generic / "uapi/asm-generic"]
            exists = any(is_file(directory / header) for directory in directories)
            self._has_header[name, header] = exists or header in self._generated(name)
        return self._has_header[name, header]

    def _generated(self, name: str) -> set[str]:
        """The asm/ headers that a build generates for an architecture."""
        lists = (directory / "Kbuild" for directory in self._asm(name))
        texts = (source_or_nothing(file) for file in lists)
        return {header for text in texts for header in _GENERATED.findall(text)}

    def _asm(self, name: str) -> tuple[Path, Path]:
        """The directories of an architecture's own asm/ headers."""
        include = self._kernel.root / "arch" / name / "include"
        return include / "asm", include / "uapi" / "asm"
