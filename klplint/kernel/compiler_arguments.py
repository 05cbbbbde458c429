"""The compiler arguments for a file, of a tree that may never have been configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from klplint.csource.if_expressions import Value
from klplint.kernel.architecture import load_architecture
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.existence import is_file
from klplint.kernel.tree import Kernel

_LANGUAGE = ("-x", "c", "-std=gnu11", "-nostdinc", "-fshort-wchar", "-funsigned-char", "-w")
_TOLERANT = ("-ferror-limit=0", "-fno-spell-checking", "-Wno-error", "-fbracket-depth=1024")
# Accepts a precompiled header in spite of errors in its headers. The macros drop aliases: a linter
# does not need them, and they make clang load the whole precompiled header.
_WITH_PRECOMPILED = (
    *("-Xclang", "-fno-validate-pch", "-Xclang", "-fallow-pch-with-compiler-errors"),
    "-Dalias(...)=",
    "-D__alias__(...)=",
)
# Headers of tracepoints take longer than all else. Of each tracepoint the function that is called
# is enough.
SHORT_TRACEPOINTS = """\
#if __has_include(<linux/tracepoint.h>)
#include <linux/tracepoint.h>
#endif
#ifdef DECLARE_TRACE
#undef DECLARE_TRACE
#define DECLARE_TRACE(name, proto, args) \\
    void trace_##name(proto); _Bool trace_##name##_enabled(void);
#endif
"""
_CONFIG_HEADER = "kconfig.h"
FIRST_HEADERS = ("compiler-version.h", _CONFIG_HEADER, "compiler_types.h")

Unsaved = list[tuple[str, str]]
"""Files that libclang reads from memory: their paths and texts."""


def arguments_for(
    unit: CompileUnit,
    settings: Mapping[str, Value],
    guards: Iterable[str] = (),
    shortens_tracepoints: bool = False,
) -> tuple[list[str], Unsaved]:
    """The arguments for a file, and the headers among them that exist in memory only.

    They are those of compile_commands.json if it lists the file, else those that kbuild would
    pass. `settings` are macros that differ from the compile target's; a header in memory sets them.
    Behind a precompiled header, it undefines `guards`.
    """
    if unit.precompiled is not None:
        header = _unit_header(unit, settings, guards)
        if shortens_tracepoints:
            header += SHORT_TRACEPOINTS
        return _with_precompiled(unit, unit.precompiled, header)
    headers, unsaved = _first_headers(unit, settings)
    if unit.commands is not None:
        overlay = unit.target.overlay
        variant = _forced(path for path, _ in unsaved)
        commands = [f"-I{overlay.first}", *unit.commands, *variant, f"-I{overlay.last}"]
        return [*_common(unit), *commands], unsaved
    derived = [*_definitions(unit), *_include_path(unit), *_forced(headers)]
    return [*_common(unit), *derived, *unit.extra], unsaved


def precompiled_arguments(unit: CompileUnit) -> list[str]:
    """The arguments that make the precompiled header of a unit's target; none is the unit's own."""
    headers, _ = _first_headers(unit, {})
    path = [*_target_definitions(unit), *_include_path(unit)[:-1]]
    return [*_common(unit), *_WITH_PRECOMPILED, *path, *_forced(headers)]


def _unit_header(unit: CompileUnit, settings: Mapping[str, Value], guards: Iterable[str]) -> str:
    """A header that sets the unit's own macros behind a precompiled header.

    This may have read the very header that is parsed as a file now, so its guards are undefined.
    """
    undefined = [f"#undef {name}\n" for name in guards]
    return "".join([*undefined, *_set(settings), *_set(_names_of(unit))])


def _with_precompiled(unit: CompileUnit, precompiled: Path, text: str) -> tuple[list[str], Unsaved]:
    """The arguments behind a precompiled header, and behind a header in memory with a text.

    clang insists that the macros of the command line are those that the precompiled header was made
    with; so the header in memory sets all others.
    """
    header = str(unit.target.overlay.last / "generated" / "klplint-unit.h")
    forced = ["-include-pch", str(precompiled), "-include", header]
    path = [*_target_definitions(unit), *_include_path(unit)]
    arguments = [*_common(unit), *_WITH_PRECOMPILED, *path, *forced, *unit.extra]
    return arguments, [(header, text)]


def _common(unit: CompileUnit) -> list[str]:
    """The arguments that every parse gets."""
    return [*_LANGUAGE, *_TOLERANT, f"--target={unit.target.architecture.triple}"]


def _forced(headers: Iterable[Path | str]) -> list[str]:
    """The arguments that include headers before the file."""
    return [word for header in headers for word in ("-include", str(header))]


def _include_path(unit: CompileUnit) -> list[str]:
    """The arguments for the include directories; the unit's own comes last."""
    return [f"-I{directory}" for directory in (*include_directories(unit), unit.file.parent)]


def include_directories(unit: CompileUnit) -> list[Path]:
    """kbuild's include directories between the two of the overlay.

    The stub headers come behind the tree's, unless the tree has generated its headers for another
    architecture.
    """
    tree = tree_include_path(unit.kernel, unit.target.name)
    overlay = unit.target.overlay
    path = [*tree, overlay.last] if unit.target.is_configured else [overlay.last, *tree]
    return [overlay.first, *path]


def tree_include_path(kernel: Kernel, architecture: str) -> list[Path]:
    """The directories of kbuild's include path, in their order; some need not exist."""
    root, output = kernel.root, kernel.output
    include = root / "arch" / architecture / "include"
    generated = output / "arch" / architecture / "include" / "generated"
    return [
        include,
        generated,
        root / "include",
        *([output / "include"] if output != root else []),
        include / "uapi",
        generated / "uapi",
        root / "include" / "uapi",
        output / "include" / "generated" / "uapi",
        *(root / directory for directory in load_architecture(architecture).include),
    ]


def _definitions(unit: CompileUnit) -> list[str]:
    """The macros that kbuild, or the target's own compiler, would define."""
    names = _names_of(unit).items()
    return [*_target_definitions(unit), *(f"-D{name}={value}" for name, value in names)]


def _target_definitions(unit: CompileUnit) -> list[str]:
    """The macros that are the same for all files of a target."""
    architecture = unit.target.architecture
    return [
        "-D__KERNEL__",
        *(f"-D{macro}" for macro in architecture.define),
        *(f"-U{macro}" for macro in architecture.undefine),
    ]


def _names_of(unit: CompileUnit) -> dict[str, str]:
    """The macros that give a file its module's name, as kbuild sets them."""
    module = PurePosixPath(unit.path).stem.replace("-", "_")
    return {
        "KBUILD_MODNAME": f'"{module}"',
        "KBUILD_BASENAME": f'"{module}"',
        "KBUILD_MODFILE": f'"{module}"',
        "__KBUILD_MODNAME": f"kmod_{module}",
    }


def _set(macros: Mapping[str, Value | str]) -> list[str]:
    """The lines of a header that define macros, or undefine those without a value."""
    return [
        f"#undef {name}\n" + (f"#define {name} {value}\n" if value is not None else "")
        for name, value in sorted(macros.items())
    ]


def _first_headers(unit: CompileUnit, settings: Mapping[str, Value]) -> tuple[list[Path], Unsaved]:
    """The headers that kbuild includes first, and behind kconfig.h one that sets `settings`."""
    directory = unit.kernel.root / "include" / "linux"
    headers = [directory / name for name in FIRST_HEADERS if is_file(directory / name)]
    if not settings:
        return headers, []
    variant = unit.target.overlay.last / "generated" / "klplint-variant.h"
    names = [header.name for header in headers]
    place = names.index(_CONFIG_HEADER) + 1 if _CONFIG_HEADER in names else 0
    headers.insert(place, variant)
    return headers, [(str(variant), "".join(_set(settings)))]
