"""Stub headers for what only a kernel build generates, in a directory outside the tree.

One overlay serves one architecture of one kernel. It holds generated/ headers, the asm/ headers
that kbuild would wrap around asm-generic/, the compiler's own headers, and an asm/barrier.h in
which the watched barriers are functions, so that libclang sees each use of one as a call.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from klplint.kernel.existence import is_file
from klplint.kernel.tree import Kernel
from klplint.source_text import digest

SHADOWED = "trace/define_trace.h"
"""The header of the tree in whose place a stub header is included that includes nothing."""
# The real header expands each tracepoint of a file into code: a third of the time for some files.
_NO_TRACE_CODE = "/* The code that tracepoints expand to is nobody's source. */\n"
_BARRIERS = "asm/barrier.h"
_DIGEST = "digest"
_DATA = Path(__file__).parent / "stub_headers_data"


class Overlay(NamedTuple):
    """The two directories of stub headers, by their places in the include path."""

    first: Path
    """Before the tree's headers: asm/barrier.h with the watched barriers, and what saves time."""
    last: Path
    """Behind the tree's headers: what a configured tree has itself."""


def build_overlay(
    directory: Path,
    kernel: Kernel,
    architecture: str,
    options: dict[str, str],
    barriers: Iterable[str],
) -> Overlay:
    """The overlay for an architecture in `directory`; written unless an earlier run did so.

    `options` are the CONFIG options (without "CONFIG_") that its autoconf.h defines; `barriers`
    become functions without arguments. It appears complete or not at all. Raises OSError if it
    cannot be written.
    """
    if _is_complete(directory):
        with contextlib.suppress(OSError):  # those that nobody used for longest are removed first
            os.utime(directory)
    else:
        shutil.rmtree(directory, ignore_errors=True)
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{directory.name}.", dir=directory.parent) as part:
            complete = Path(part) / "complete"
            _write_overlay(_overlay_in(complete), kernel, architecture, options, barriers)
            (complete / _DIGEST).write_bytes(_digest(complete))
            try:
                complete.replace(directory)
            except OSError:
                if not _is_complete(directory):  # else another run was faster
                    raise
    return _overlay_in(directory)


def _is_complete(directory: Path) -> bool:
    """Whether a directory holds an overlay just as it was written."""
    try:
        return (directory / _DIGEST).read_bytes() == _digest(directory)
    except OSError:
        return False


def _digest(directory: Path) -> bytes:
    """A digest of all headers in a directory."""
    files = sorted(directory.glob("*/**/*.h"))
    return digest(
        f.relative_to(directory).as_posix().encode() + b"\0" + f.read_bytes() for f in files
    )


def _overlay_in(directory: Path) -> Overlay:
    return Overlay(directory / "first", directory / "last")


def _write_overlay(
    overlay: Overlay,
    kernel: Kernel,
    architecture: str,
    options: dict[str, str],
    barriers: Iterable[str],
) -> None:
    """Write all headers of an overlay. Raises OSError if one cannot be written."""
    real = includes_of_stubs(kernel, architecture)
    _write(overlay.first / _BARRIERS, _barrier_header(real[_BARRIERS], barriers))
    _write(overlay.first / SHADOWED, _NO_TRACE_CODE)
    last = overlay.last
    shutil.copytree(_DATA / "generated", last / "generated")
    shutil.copytree(_DATA / "compiler", last, dirs_exist_ok=True)
    _write(last / "generated" / "autoconf.h", _autoconf(options))
    _write(last / "generated" / "utsrelease.h", f'#define UTS_RELEASE "{kernel.version}.0"\n')
    _write(last / "generated" / "uapi" / "linux" / "version.h", _version_header(kernel))
    _write(last / "linux" / "version.h", _version_header(kernel))
    for name, generic in real.items():
        if generic != name:
            _write(last / name, f"#include <{generic}>\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _autoconf(options: dict[str, str]) -> str:
    """The text of autoconf.h for CONFIG options."""
    lines = []
    for name, value in sorted(options.items()):
        suffix, text = {"y": ("", "1"), "m": ("_MODULE", "1")}.get(value, ("", value))
        lines.append(f"#define CONFIG_{name}{suffix} {text}\n")
    return "".join(lines)


def _version_header(kernel: Kernel) -> str:
    """The text of linux/version.h."""
    major, minor = kernel.version
    return (
        f"#define LINUX_VERSION_CODE {major << 16 | minor << 8}\n"
        "#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))\n"
        f"#define LINUX_VERSION_MAJOR {major}\n"
        f"#define LINUX_VERSION_PATCHLEVEL {minor}\n"
        "#define LINUX_VERSION_SUBLEVEL 0\n"
    )


def includes_of_stubs(kernel: Kernel, architecture: str) -> dict[str, str]:
    """The stub headers that include a header of the tree, with the names of these headers.

    They are asm/barrier.h, and asm/X.h for each asm-generic/X.h of which the architecture has no
    version. All that depends on which headers the tree has is in here.
    """
    include = kernel.root / "arch" / architecture / "include"
    is_own = is_file(include / _BARRIERS)
    real = {}
    for generic in ("include/asm-generic", "include/uapi/asm-generic"):
        for header in sorted((kernel.root / generic).glob("*.h")):
            if not any(is_file(include / kind / header.name) for kind in ("asm", "uapi/asm")):
                real[f"asm/{header.name}"] = f"asm-generic/{header.name}"
    return real | {_BARRIERS: _BARRIERS if is_own else "asm-generic/barrier.h"}


def _barrier_header(real: str, barriers: Iterable[str]) -> str:
    """The text of an asm/barrier.h that includes the real one and makes barriers functions."""
    include = "include_next" if real == _BARRIERS else "include"
    functions = [f"#undef {name}\nextern void {name}(void);\n" for name in sorted(barriers)]
    return f"#{include} <{real}>\n" + "".join(functions)
