"""What libclang needs to know of an architecture: data, and which one a file belongs to."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from klplint.tomlfile import TomlFile
from klplint.tree import Kernel

FALLBACK_ARCHITECTURE = "x86"
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


def load_architecture(name: str) -> Architecture:
    """The settings of the architecture of that name in arch/; x86's for one that is not known."""
    data = TomlFile.read(_DATA / "architectures.toml")
    table = data.content.get(name, data.content[FALLBACK_ARCHITECTURE])
    assert isinstance(table, dict)  # our own data: every top-level key is a table
    return data.decode(Architecture, table, name)


def architecture_of(path: str, kernel: Kernel, default: str | None = None) -> str:
    """The architecture to parse `path` (relative to the tree's root) for.

    Its own for what lies in arch/, else `default`, else x86, else any that the tree has.
    """
    parts = path.split("/")
    if len(parts) > 2 and parts[0] == "arch" and (kernel.root / "arch" / parts[1]).is_dir():
        return parts[1]
    if default is not None:
        return default
    if (kernel.root / "arch" / FALLBACK_ARCHITECTURE).is_dir():
        return FALLBACK_ARCHITECTURE
    return next(iter(kernel.architectures()), FALLBACK_ARCHITECTURE)


def configuration(name: str, kernel: Kernel) -> dict[str, str]:
    """CONFIG settings (without the prefix) for an architecture of a tree without .config.

    What the architecture cannot do without goes before the tree's own defconfig for it, and
    that before what is common to all.
    """
    architecture = load_architecture(name)
    settings = {
        key: str(value)
        for key, value in TomlFile.read(_DATA / "common-config.toml").content.items()
    }
    for candidate in architecture.defconfig:
        path = kernel.root / "arch" / name / "configs" / candidate
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            settings |= dict(_DEFCONFIG_LINE.findall(text))
            break
    settings |= architecture.config
    return {key: value for key, value in settings.items() if value != "n"}
