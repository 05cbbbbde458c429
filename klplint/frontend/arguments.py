"""The compiler arguments for a file of a tree that was never configured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from klplint.frontend.unit import Unit
from klplint.macro_values import Value

_LANGUAGE = ("-x", "c", "-std=gnu11", "-nostdinc", "-fshort-wchar", "-funsigned-char", "-w")
_TOLERANT = ("-ferror-limit=0", "-fno-spell-checking", "-Wno-error", "-fbracket-depth=1024")
_CONFIG_HEADER = "kconfig.h"
_FIRST_HEADERS = ("compiler-version.h", _CONFIG_HEADER, "compiler_types.h")

# Files that libclang is to read from memory: path and text.
Unsaved = list[tuple[str, str]]


def derive_arguments(unit: Unit, settings: Mapping[str, Value]) -> tuple[list[str], Unsaved]:
    """Arguments as kbuild would give them, the overlay's stand-ins before all else.

    Include order: the overlay, the architecture's headers, the common ones, then both uapi
    folders, then what the architecture's Makefile adds, and the file's own folder. `settings`
    are macros that differ from the platform's; a header in memory sets them.
    """
    platform, root = unit.platform, unit.kernel.root
    own = root / "arch" / platform.name / "include"
    folders = [platform.overlay, own, root / "include", own / "uapi", root / "include" / "uapi"]
    folders += [root / folder for folder in platform.architecture.include]
    folders.append(unit.file.parent)
    module = PurePosixPath(unit.path).stem.replace("-", "_")
    first, unsaved = _first_headers(unit, settings)
    arguments = [
        *_LANGUAGE,
        *_TOLERANT,
        f"--target={platform.architecture.target}",
        "-D__KERNEL__",
        *(f"-D{macro}" for macro in platform.architecture.define),
        *(f"-U{macro}" for macro in platform.architecture.undefine),
        *(f"-I{folder}" for folder in folders),
        *(word for header in first for word in ("-include", str(header))),
        f'-DKBUILD_MODNAME="{module}"',
        f'-DKBUILD_BASENAME="{module}"',
        f'-DKBUILD_MODFILE="{module}"',
        f"-D__KBUILD_MODNAME=kmod_{module}",
    ]
    return arguments, unsaved


def _first_headers(unit: Unit, settings: Mapping[str, Value]) -> tuple[list[Path], Unsaved]:
    """The headers that kbuild includes before all, and behind kconfig.h the one with `settings`."""
    folder = unit.kernel.root / "include" / "linux"
    headers = [folder / name for name in _FIRST_HEADERS if (folder / name).is_file()]
    if not settings:
        return headers, []
    variant = unit.platform.overlay / "generated" / "klplint-variant.h"
    names = [header.name for header in headers]
    place = names.index(_CONFIG_HEADER) + 1 if _CONFIG_HEADER in names else 0
    headers.insert(place, variant)
    lines = [
        f"#undef {name}\n" + (f"#define {name} {value}\n" if value is not None else "")
        for name, value in sorted(settings.items())
    ]
    return headers, [(str(variant), "".join(lines))]
