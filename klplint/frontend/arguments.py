"""The compiler arguments for a file of a tree that was never configured."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from klplint.frontend.architecture import load_architecture
from klplint.tree import Kernel

_LANGUAGE = ("-x", "c", "-std=gnu11", "-nostdinc", "-fshort-wchar", "-funsigned-char", "-w")
_TOLERANT = ("-ferror-limit=0", "-fno-spell-checking", "-Wno-error", "-fbracket-depth=1024")
_FIRST_HEADERS = ("compiler-version.h", "kconfig.h", "compiler_types.h")


def derive_arguments(path: Path, kernel: Kernel, architecture: str, overlay: Path) -> list[str]:
    """Arguments for `path` as kbuild would give them, overlay's stand-ins before all else.

    Include order: the overlay, the architecture's headers, the common ones, then both uapi
    folders, then what the architecture's Makefile adds, and the file's own folder.
    """
    settings = load_architecture(architecture)
    own = kernel.root / "arch" / architecture / "include"
    folders = [overlay, own, kernel.root / "include", own / "uapi", kernel.root / "include/uapi"]
    folders += [kernel.root / folder for folder in settings.include]
    folders.append(path.parent)
    first = [kernel.root / "include" / "linux" / name for name in _FIRST_HEADERS]
    module = PurePosixPath(path.name).stem.replace("-", "_")
    return [
        *_LANGUAGE,
        *_TOLERANT,
        f"--target={settings.target}",
        "-D__KERNEL__",
        *(f"-D{macro}" for macro in settings.define),
        *(f"-U{macro}" for macro in settings.undefine),
        *(f"-I{folder}" for folder in folders),
        *(word for header in first if header.is_file() for word in ("-include", str(header))),
        f'-DKBUILD_MODNAME="{module}"',
        f'-DKBUILD_BASENAME="{module}"',
        f'-DKBUILD_MODFILE="{module}"',
        f"-D__KBUILD_MODNAME=kmod_{module}",
    ]
