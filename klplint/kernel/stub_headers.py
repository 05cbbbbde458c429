"""Stand-in headers for what only a kernel build generates, in a folder outside the tree.

One overlay serves one architecture of one kernel. It holds generated/ headers, the asm/ headers
that kbuild would wrap around asm-generic/, the compiler's own headers, and an asm/barrier.h in
which the watched barriers are functions, so that libclang sees each use of one as a call.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from klplint.kernel.tree import Kernel

# What expands each tracepoint of a file into code, at a third of the time of some files.
_NO_TRACE_CODE = "/* The code that tracepoints expand to is nobody's source. */\n"
_DIGEST = "digest"
_DATA = Path(__file__).parent / "stub_headers_data"


class Overlay(NamedTuple):
    """The two folders of an overlay, by their places in the include path.

    `first` holds the asm/barrier.h with the watched barriers and what spares work, `last` all that
    the tree may have of its own: there the stand-ins only stand in.
    """

    first: Path
    last: Path


def build_overlay(
    folder: Path,
    kernel: Kernel,
    architecture: str,
    options: dict[str, str],
    barriers: Iterable[str],
) -> Overlay:
    """The overlay of an architecture in `folder`; written there, unless an earlier run did so.

    `options` are the CONFIG settings (without the prefix) that its autoconf.h defines.
    `barriers` become functions without arguments. It appears whole or not at all.
    """
    if _is_whole(folder):
        with contextlib.suppress(OSError):  # the oldest are those that were not used for longest
            os.utime(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as part:
            whole = Path(part) / "whole"
            _write_overlay(_at(whole), kernel, architecture, options, barriers)
            (whole / _DIGEST).write_bytes(_digest(whole))
            try:
                whole.replace(folder)
            except OSError:
                if not _is_whole(folder):  # else another run was faster
                    raise
    return _at(folder)


def _is_whole(folder: Path) -> bool:
    """Whether a folder holds an overlay as it was written."""
    try:
        return (folder / _DIGEST).read_bytes() == _digest(folder)
    except OSError:
        return False


def _digest(folder: Path) -> bytes:
    """A digest of all headers in a folder."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(folder.glob("*/**/*.h")):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.digest()


def _at(folder: Path) -> Overlay:
    return Overlay(folder / "first", folder / "last")


def _write_overlay(
    overlay: Overlay,
    kernel: Kernel,
    architecture: str,
    options: dict[str, str],
    barriers: Iterable[str],
) -> None:
    _write(overlay.first / "asm" / "barrier.h", _barrier_header(kernel, architecture, barriers))
    _write(overlay.first / "trace" / "define_trace.h", _NO_TRACE_CODE)
    last = overlay.last
    shutil.copytree(_DATA / "generated", last / "generated")
    shutil.copytree(_DATA / "compiler", last, dirs_exist_ok=True)
    _write(last / "generated" / "autoconf.h", _autoconf(options))
    _write(last / "generated" / "utsrelease.h", f'#define UTS_RELEASE "{kernel.version}.0"\n')
    _write(last / "generated" / "uapi" / "linux" / "version.h", _version_header(kernel))
    _write(last / "linux" / "version.h", _version_header(kernel))
    _wrap_generic_headers(last / "asm", kernel, architecture)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _autoconf(settings: dict[str, str]) -> str:
    lines = []
    for name, value in sorted(settings.items()):
        suffix, value = {"y": ("", "1"), "m": ("_MODULE", "1")}.get(value, ("", value))
        lines.append(f"#define CONFIG_{name}{suffix} {value}\n")
    return "".join(lines)


def _version_header(kernel: Kernel) -> str:
    major, minor = kernel.version
    return (
        f"#define LINUX_VERSION_CODE {major << 16 | minor << 8}\n"
        "#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))\n"
        f"#define LINUX_VERSION_MAJOR {major}\n"
        f"#define LINUX_VERSION_PATCHLEVEL {minor}\n"
        "#define LINUX_VERSION_SUBLEVEL 0\n"
    )


def _wrap_generic_headers(asm: Path, kernel: Kernel, architecture: str) -> None:
    """asm/X.h for each asm-generic/X.h that the architecture has no own version of."""
    own = kernel.root / "arch" / architecture / "include"
    for generic in ("include/asm-generic", "include/uapi/asm-generic"):
        for header in sorted((kernel.root / generic).glob("*.h")):
            if not any((own / kind / header.name).exists() for kind in ("asm", "uapi/asm")):
                _write(asm / header.name, f"#include <asm-generic/{header.name}>\n")


def _barrier_header(kernel: Kernel, architecture: str, barriers: Iterable[str]) -> str:
    own = kernel.root / "arch" / architecture / "include" / "asm" / "barrier.h"
    first = (
        "#include_next <asm/barrier.h>\n" if own.exists() else "#include <asm-generic/barrier.h>\n"
    )
    functions = [f"#undef {name}\nextern void {name}(void);\n" for name in sorted(barriers)]
    return first + "".join(functions)
