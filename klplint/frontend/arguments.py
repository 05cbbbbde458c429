"""The compiler arguments for a file, of a tree that may never have been configured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from klplint.frontend.makefile import makefile_arguments
from klplint.frontend.unit import Unit
from klplint.macro_values import Value

_LANGUAGE = ("-x", "c", "-std=gnu11", "-nostdinc", "-fshort-wchar", "-funsigned-char", "-w")
_TOLERANT = ("-ferror-limit=0", "-fno-spell-checking", "-Wno-error", "-fbracket-depth=1024")
_CONFIG_HEADER = "kconfig.h"
_FIRST_HEADERS = ("compiler-version.h", _CONFIG_HEADER, "compiler_types.h")

# Files that libclang is to read from memory: path and text.
Unsaved = list[tuple[str, str]]


def arguments_for(unit: Unit, settings: Mapping[str, Value]) -> tuple[list[str], Unsaved]:
    """The arguments for a file, and headers that they name and that are in memory.

    Those of compile_commands.json where it has the file, else as kbuild would give them.
    `settings` are macros that differ from the platform's; a header in memory sets them.
    """
    target = f"--target={unit.platform.architecture.target}"
    first, unsaved = _first_headers(unit, settings)
    if unit.commands is not None:
        variant = [word for path, _ in unsaved for word in ("-include", path)]
        overlay = (f"-I{unit.platform.overlay.first}",)
        compiler = (f"-I{unit.platform.overlay.last}",)
        own = [*overlay, *unit.commands, *variant, *compiler]
        return [*_LANGUAGE, *_TOLERANT, target, *own], unsaved
    forced = [word for header in first for word in ("-include", str(header))]
    derived = [*_definitions(unit), *_include_path(unit), *forced]
    extra = makefile_arguments(unit.file, unit.root, unit.platform.settings)
    return [*_LANGUAGE, *_TOLERANT, target, *derived, *extra], unsaved


def _include_path(unit: Unit) -> list[str]:
    """kbuild's include order, the overlay around it.

    Stand-ins go behind the tree's own headers, unless what the tree has generated is for
    another architecture.
    """
    platform, root = unit.platform, unit.kernel.root
    own, overlay = root / "arch" / platform.name / "include", platform.overlay
    tree = [
        own,
        own / "generated",
        root / "include",
        own / "uapi",
        own / "generated" / "uapi",
        root / "include" / "uapi",
        root / "include" / "generated" / "uapi",
        *(root / folder for folder in platform.architecture.include),
    ]
    standins = [*tree, overlay.last] if platform.is_configured else [overlay.last, *tree]
    return [f"-I{folder}" for folder in (overlay.first, *standins, unit.file.parent)]


def _definitions(unit: Unit) -> list[str]:
    """The macros that kbuild, or the target's own compiler, would define."""
    architecture = unit.platform.architecture
    module = PurePosixPath(unit.path).stem.replace("-", "_")
    return [
        "-D__KERNEL__",
        *(f"-D{macro}" for macro in architecture.define),
        *(f"-U{macro}" for macro in architecture.undefine),
        f'-DKBUILD_MODNAME="{module}"',
        f'-DKBUILD_BASENAME="{module}"',
        f'-DKBUILD_MODFILE="{module}"',
        f"-D__KBUILD_MODNAME=kmod_{module}",
    ]


def _first_headers(unit: Unit, settings: Mapping[str, Value]) -> tuple[list[Path], Unsaved]:
    """The headers that kbuild includes before all, and behind kconfig.h the one with `settings`."""
    folder = unit.kernel.root / "include" / "linux"
    headers = [folder / name for name in _FIRST_HEADERS if (folder / name).is_file()]
    if not settings:
        return headers, []
    variant = unit.platform.overlay.last / "generated" / "klplint-variant.h"
    names = [header.name for header in headers]
    place = names.index(_CONFIG_HEADER) + 1 if _CONFIG_HEADER in names else 0
    headers.insert(place, variant)
    lines = [
        f"#undef {name}\n" + (f"#define {name} {value}\n" if value is not None else "")
        for name, value in sorted(settings.items())
    ]
    return headers, [(str(variant), "".join(lines))]
