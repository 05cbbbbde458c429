"""What libclang needs to know of an architecture: data, and which one a file belongs to."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

from klplint.kernel.tree import Kernel
from klplint.strict_toml import TomlFile

FALLBACK_ARCHITECTURE = "x86"
# Of the architectures that have all that a file asks for, the most used is taken.
_USUAL = (FALLBACK_ARCHITECTURE, "arm64", "arm", "powerpc", "s390", "mips", "riscv")
_ASM_INCLUDE = re.compile(r"#[ \t]*include[ \t]*<asm/([\w/.-]+)>")
_GENERATED = re.compile(r"^gener(?:ated|ic)-y\s*\+=\s*(\S+\.h)", re.M)
# The option that tells a .config's architecture, where it is not the folder's name.
_ARCHITECTURE_OPTION = {"powerpc": "PPC", "sh": "SUPERH", "um": "UML"}
_DATA = Path(__file__).parent
_DEFCONFIG_LINE = re.compile(r'^CONFIG_(\w+)=(y|m|n|-?\w+|".*")\s*$', re.M)


class Architecture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An architecture's compiler settings; architectures.toml says what each field means."""

    target: str
    config: dict[str, str]
    defconfig: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    define: tuple[str, ...] = ()
    undefine: tuple[str, ...] = ()


@cache
def _data(name: str) -> TomlFile:
    """A file of klplint's own data, read once."""
    return TomlFile.read(_DATA / name)


@cache
def load_architecture(name: str) -> Architecture:
    """The settings of the architecture of that name in arch/; x86's for one that is not known."""
    data = _data("architectures.toml")
    table = data.content.get(name, data.content[FALLBACK_ARCHITECTURE])
    assert isinstance(table, dict)  # our own data: every top-level key is a table
    return data.decode(Architecture, table, name)


class Chooser:
    """Says for which architecture of a kernel a file is to be parsed."""

    def __init__(self, kernel: Kernel, default: str | None) -> None:
        """`default` goes before x86 for files that are of no architecture."""
        self._kernel = kernel
        names = kernel.architectures()
        usual = [name for name in (default, *_USUAL) if name in names]
        self._order = list(dict.fromkeys([*usual, *names])) or [FALLBACK_ARCHITECTURE]
        self._found: dict[tuple[str, str], bool] = {}

    def choose(self, path: str, text: str) -> str:
        """The architecture for a file at `path` (from the tree's root) with this text.

        Its own for what lies in arch/; else the first, the default before all, that has every
        asm/ header which the file includes: drivers of one architecture's machines need it.
        """
        parts = path.split("/")
        if len(parts) > 2 and parts[0] == "arch" and parts[1] in self._order:
            return parts[1]
        wanted = set(_ASM_INCLUDE.findall(text))
        fitting = (name for name in self._order if all(self._has(name, w) for w in wanted))
        return next(fitting, self._order[0])

    def _has(self, name: str, header: str) -> bool:
        """Whether an architecture has an asm/ header, its own or one that a build makes."""
        if (name, header) not in self._found:
            root, own = self._kernel.root, self._kernel.root / "arch" / name / "include"
            folders = (own / "asm", own / "uapi/asm", root / "include/asm-generic",
                       root / "include/uapi/asm-generic")  # fmt: skip
            there = any((folder / header).is_file() for folder in folders)
            self._found[name, header] = there or header in self._made(name)
        return self._found[name, header]

    def _made(self, name: str) -> set[str]:
        """The asm/ headers that a build makes for an architecture."""
        own = self._kernel.root / "arch" / name / "include"
        kbuilds = (own / "asm/Kbuild", own / "uapi/asm/Kbuild")
        texts = (file.read_text(errors="replace") for file in kbuilds if file.is_file())
        return {header for text in texts for header in _GENERATED.findall(text)}


def configuration(name: str, kernel: Kernel) -> dict[str, str]:
    """CONFIG settings (without the prefix) for an architecture of a tree.

    Those of the tree's own .config, if it is for this architecture. Else what the architecture
    cannot do without goes before the tree's defconfig for it, and that before what is common
    to all.
    """
    configured = _options_in(kernel.root / ".config")
    if configured and _ARCHITECTURE_OPTION.get(name, name.upper()) in configured:
        return {key: value for key, value in configured.items() if value != "n"}
    architecture = load_architecture(name)
    common = _data("common-config.toml").content
    settings = {key: str(value) for key, value in common.items()}
    for candidate in architecture.defconfig:
        path = kernel.root / "arch" / name / "configs" / candidate
        if path.is_file():
            settings |= _options_in(path)
            break
    settings |= architecture.config
    return {key: value for key, value in settings.items() if value != "n"}


def _options_in(path: Path) -> dict[str, str]:
    """The options that a .config or a defconfig sets; none where there is no such file."""
    try:
        return dict(_DEFCONFIG_LINE.findall(path.read_text(encoding="utf-8", errors="replace")))
    except OSError:
        return {}
