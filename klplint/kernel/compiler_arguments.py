"""The compiler arguments for a file, of a tree that may never have been configured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from klplint.csource.if_conditions import guards_of
from klplint.csource.if_expressions import Value
from klplint.csource.lexer import Source
from klplint.kernel.compile_unit import Unit

_LANGUAGE = ("-x", "c", "-std=gnu11", "-nostdinc", "-fshort-wchar", "-funsigned-char", "-w")
_TOLERANT = ("-ferror-limit=0", "-fno-spell-checking", "-Wno-error", "-fbracket-depth=1024")
# How a precompiled header is taken although headers in it have errors, and what clang would load
# the whole of it for: an alias is of no use to anyone who only reads.
_MODES = (
    *("-Xclang", "-fno-validate-pch", "-Xclang", "-fallow-pch-with-compiler-errors"),
    "-Dalias(...)=",
    "-D__alias__(...)=",
)
# Headers of tracepoints take longer than all else: of each the function that is called is enough.
SHORT_TRACEPOINTS = """\
#ifdef DECLARE_TRACE
#undef DECLARE_TRACE
#define DECLARE_TRACE(name, proto, args) \\
    void trace_##name(proto); _Bool trace_##name##_enabled(void);
#endif
"""
_CONFIG_HEADER = "kconfig.h"
_FIRST_HEADERS = ("compiler-version.h", _CONFIG_HEADER, "compiler_types.h")

# Files that libclang is to read from memory: path and text.
Unsaved = list[tuple[str, str]]


def arguments_for(
    unit: Unit, settings: Mapping[str, Value], source: Source
) -> tuple[list[str], Unsaved]:
    """The arguments for a file, and headers that they name and that are in memory.

    Those of compile_commands.json where it has the file, else as kbuild would give them.
    `settings` are macros that differ from the platform's; a header in memory sets them.
    """
    if unit.prefix is not None:
        return _behind_prefix(unit, unit.prefix, settings, source)
    first, unsaved = _first_headers(unit, settings)
    if unit.commands is not None:
        variant = [word for path, _ in unsaved for word in ("-include", path)]
        overlay = (f"-I{unit.platform.overlay.first}",)
        compiler = (f"-I{unit.platform.overlay.last}",)
        return [*_common(unit), *overlay, *unit.commands, *variant, *compiler], unsaved
    forced = [word for header in first for word in ("-include", str(header))]
    derived = [*_definitions(unit), *_include_path(unit), *forced]
    return [*_common(unit), *derived, *unit.extra], unsaved


def prefix_arguments(unit: Unit) -> list[str]:
    """The arguments for the prefix of a unit's platform; nothing of the unit itself."""
    first, _ = _first_headers(unit, {})
    forced = [word for header in first for word in ("-include", str(header))]
    return [*_common(unit), *_MODES, *_of_platform(unit), *_include_path(unit)[:-1], *forced]


def _behind_prefix(
    unit: Unit, prefix: Path, settings: Mapping[str, Value], source: Source
) -> tuple[list[str], Unsaved]:
    """The arguments behind a prefix; what is the unit's own comes from a header in memory.

    clang holds a prefix to the macros of its own command line, and the prefix may have read the
    very header that is now the file: its guard is taken back.
    """
    own = unit.platform.overlay.last / "generated" / "klplint-unit.h"
    guards = [f"#undef {name}\n" for name in guards_of(source).values()]
    text = "".join([*guards, *_set(settings), *_set(_names_of(unit)), SHORT_TRACEPOINTS])
    forced = ["-include-pch", str(prefix), "-include", str(own)]
    path = [*_of_platform(unit), *_include_path(unit)]
    return [*_common(unit), *_MODES, *path, *forced, *unit.extra], [(str(own), text)]


def _common(unit: Unit) -> list[str]:
    return [*_LANGUAGE, *_TOLERANT, f"--target={unit.platform.architecture.target}"]


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
    names = _names_of(unit).items()
    return [*_of_platform(unit), *(f"-D{name}={value}" for name, value in names)]


def _of_platform(unit: Unit) -> list[str]:
    architecture = unit.platform.architecture
    return [
        "-D__KERNEL__",
        *(f"-D{macro}" for macro in architecture.define),
        *(f"-U{macro}" for macro in architecture.undefine),
    ]


def _names_of(unit: Unit) -> dict[str, str]:
    """The macros by which kbuild tells a file what it is called."""
    module = PurePosixPath(unit.path).stem.replace("-", "_")
    return {
        "KBUILD_MODNAME": f'"{module}"',
        "KBUILD_BASENAME": f'"{module}"',
        "KBUILD_MODFILE": f'"{module}"',
        "__KBUILD_MODNAME": f"kmod_{module}",
    }


def _set(macros: Mapping[str, Value | str]) -> list[str]:
    """The lines of a header that sets macros, or (None) takes them back."""
    return [
        f"#undef {name}\n" + (f"#define {name} {value}\n" if value is not None else "")
        for name, value in sorted(macros.items())
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
    return headers, [(str(variant), "".join(_set(settings)))]
