"""What a file is compiled as, and for which target."""

from __future__ import annotations

from pathlib import Path

import msgspec

from klplint.csource.if_expressions import Value
from klplint.kernel.architecture import Architecture, load_architecture
from klplint.kernel.existence import is_directory, is_file
from klplint.kernel.kconfig import config_macros, configuration
from klplint.kernel.stub_headers import Overlay, build_overlay
from klplint.kernel.tree import Kernel


class CompileTarget(msgspec.Struct, frozen=True, kw_only=True):
    """An architecture of a kernel, ready to compile for."""

    name: str
    """The architecture's directory in arch/."""
    architecture: Architecture
    """Its compiler settings."""
    settings: dict[str, Value]
    """The CONFIG_ macros that autoconf.h defines, for #if conditions."""
    overlay: Overlay
    """The stub headers."""
    is_configured: bool
    """Whether the tree was configured for this architecture: then its generated headers count."""


class CompileUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A file to analyse, and what it is compiled against."""

    file: Path
    """Where the file is."""
    path: str
    """What reports call the file: its path relative to `root`."""
    root: Path
    """The tree's root, or that of another project: Makefiles above it do not count."""
    kernel: Kernel
    """The kernel tree whose headers it includes."""
    target: CompileTarget
    """What it is compiled for."""
    commands: tuple[str, ...] | None = None
    """Its arguments in compile_commands.json; None if it is not in there."""
    extra: tuple[str, ...] = ()
    """The arguments that its Makefiles add."""
    is_repeated: bool = False
    """Whether it is parsed again and again, with other texts."""
    precompiled: Path | None = None
    """The precompiled header of its target behind which it is parsed, if there is one."""
    precompiled_headers: tuple[str, ...] = ()
    """The headers in that, if they are the same for all files, as an #include names them."""


def build_target(
    directory: Path, kernel: Kernel, name: str, barriers: frozenset[str]
) -> CompileTarget:
    """The compile target for an architecture, with its stub headers in `directory`.

    They are written unless they are there already. `barriers` are barriers without arguments: they
    become functions. Raises OSError if the stub headers cannot be written.
    """
    overlay = build_overlay(directory, kernel, name, configuration(name, kernel), barriers)
    return CompileTarget(
        name=name,
        architecture=load_architecture(name),
        settings=config_macros(name, kernel),
        overlay=overlay,
        is_configured=is_configured(kernel, name),
    )


def is_configured(kernel: Kernel, name: str) -> bool:
    """Whether a build generated the headers of an architecture."""
    has_autoconf = is_file(kernel.output / "include/generated/autoconf.h")
    return has_autoconf and is_directory(kernel.output / "arch" / name / "include/generated")
