"""What a file is compiled as: the kernel, the platform, and where the file lies."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from klplint.csource.if_expressions import Value
from klplint.kernel.architecture import Architecture, configuration, load_architecture
from klplint.kernel.stub_headers import Overlay, build_overlay
from klplint.kernel.tree import Kernel


class Platform(NamedTuple):
    """An architecture of a kernel, ready to compile for.

    `settings` are the CONFIG macros that autoconf.h defines, for #if conditions. `is_configured`
    says that the tree was configured for this architecture: its own generated headers count.
    """

    name: str
    architecture: Architecture
    settings: dict[str, Value]
    overlay: Overlay
    is_configured: bool


class Unit(NamedTuple):
    """A file to analyse: where it is, how reports call it, and what it is compiled against.

    `root` is the folder above which no Makefile counts: the tree's, or an out-of-tree project's.
    `commands` are its arguments from compile_commands.json, None where it has no entry there;
    `extra` are those that its Makefiles add; `prefix` is the platform's precompiled header, if
    there is one.
    """

    file: Path
    path: str
    root: Path
    kernel: Kernel
    platform: Platform
    commands: tuple[str, ...] | None = None
    extra: tuple[str, ...] = ()
    prefix: Path | None = None


def build_platform(folder: Path, kernel: Kernel, name: str, barriers: frozenset[str]) -> Platform:
    """The platform of an architecture, its stand-in headers in `folder`: written if need be.

    `barriers` are those without arguments, which become functions. Raises OSError where the
    stand-ins cannot be written.
    """
    options = configuration(name, kernel)
    overlay = build_overlay(folder, kernel, name, options, barriers)
    settings = settings_of(name, kernel)
    is_configured = (kernel.root / "include" / "generated" / "autoconf.h").is_file() and (
        kernel.root / "arch" / name / "include" / "generated"
    ).is_dir()
    return Platform(name, load_architecture(name), settings, overlay, is_configured)


def settings_of(name: str, kernel: Kernel) -> dict[str, Value]:
    """The CONFIG macros of an architecture of a kernel."""
    return dict(map(_macro, configuration(name, kernel).items()))


def _macro(option: tuple[str, str]) -> tuple[str, Value]:
    """A CONFIG option as the macro it becomes; text counts as defined, no more."""
    name, value = option
    if value == "m":
        return f"CONFIG_{name}_MODULE", 1
    try:
        return f"CONFIG_{name}", 1 if value == "y" else int(value, 0)
    except ValueError:
        return f"CONFIG_{name}", 1
