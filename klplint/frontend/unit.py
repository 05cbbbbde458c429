"""What a file is compiled as: the kernel, the platform, and where the file lies."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from klplint.frontend.architecture import Architecture, configuration, load_architecture
from klplint.frontend.overlay import build_overlay
from klplint.macro_values import Value
from klplint.tree import Kernel


class Platform(NamedTuple):
    """An architecture of a kernel, ready to compile for.

    `settings` are the CONFIG macros that the overlay's autoconf.h defines, for #if conditions.
    """

    name: str
    architecture: Architecture
    settings: dict[str, Value]
    overlay: Path


class Unit(NamedTuple):
    """A file to analyse: where it is, how reports call it, and what it is compiled against."""

    file: Path
    path: str
    kernel: Kernel
    platform: Platform


def build_platform(folder: Path, kernel: Kernel, name: str, barriers: frozenset[str]) -> Platform:
    """The platform of an architecture, its stand-in headers written below `folder`."""
    options = configuration(name, kernel)
    overlay = build_overlay(folder, kernel, name, options, barriers)
    settings = dict(map(_macro, options.items()))
    return Platform(name, load_architecture(name), settings, overlay)


def _macro(option: tuple[str, str]) -> tuple[str, Value]:
    """A CONFIG option as the macro it becomes; text counts as defined, no more."""
    name, value = option
    if value == "m":
        return f"CONFIG_{name}_MODULE", 1
    try:
        return f"CONFIG_{name}", 1 if value == "y" else int(value, 0)
    except ValueError:
        return f"CONFIG_{name}", 1
