"""Small kernel trees at random, in which what a header means is seen in the findings.

Functions have their names from macros, and headers define these. The first definition counts,
so a finding shows which headers a file includes, in which order, and what is in them.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

_MACROS = 3
_HEADER_DIRECTORIES = (
    "include",
    "include/uapi",
    "include/generated",
    "arch/x86/include",
    "arch/x86/include/uapi",
    "arch/x86/include/generated",
    "arch/arm64/include",
    "lib",
    "lib/more",
    "drivers/d",
    "drivers/extra",
)
_NAMES = (
    "linux/a.h",
    "linux/b.h",
    "linux/sub/c.h",
    "linux/kernel.h",
    "linux/kconfig.h",
    "asm/d.h",
    "asm-generic/d.h",
    "asm/barrier.h",
    "trace/define_trace.h",
    "e.h",
    "f.inc",
)
# What a precompiled header may hold. Behind one, a file may miss what headers elsewhere define.
_PRECOMPILED_DIRECTORIES = ("include", "arch/x86/include", "arch/arm64/include")
_SOURCES = ("lib/one.c", "lib/two.c", "drivers/d/three.c", "drivers/d/four.c", "arch/arm64/five.c")
_FLAGS = (
    "-I$(srctree)/drivers/extra",
    "-I$(src)/more",
    "-isystem $(srctree)/drivers/extra",
    "-iquote $(srctree)/lib",
    "-include $(srctree)/include/linux/b.h",
)


class RandomHeaderTree:
    """A tree that changes at random."""

    has_partners: ClassVar[bool] = False

    def __init__(self, root: Path, seed: int, precompiled: bool) -> None:
        """With `precompiled`, its files mean the same behind a precompiled header and alone."""
        self._root = root
        self._random = random.Random(seed)
        self._is_plain = precompiled
        self._directories = _PRECOMPILED_DIRECTORIES if precompiled else _HEADER_DIRECTORIES
        self._value = 10_000
        self._build()

    def _build(self) -> None:
        for directory in (*_HEADER_DIRECTORIES, "include/linux", "arch/arm64"):
            if "generated" not in directory:
                (self._root / directory).mkdir(parents=True, exist_ok=True)
        self._write("Makefile", "VERSION = 6\nPATCHLEVEL = 12\n")
        for name in ("compiler-version.h", "compiler_types.h", "types.h", "sched.h"):
            self._write(f"include/linux/{name}", "")
        for _ in range(10):
            self._write(self._place(), self._header())
        for file in _SOURCES:
            self._write(file, self._source())

    def change(self) -> str:
        """Change something; what it was."""
        changes: tuple[Callable[[], str], ...] = (
            self._edit,
            self._edit,
            self._edit_unnoticeably,
            self._add,
            self._add,
            self._add_include,
            self._add_include,
            self._remove,
            self._move,
            self._swap,
            self._link,
            self._link_directory,
            self._make_directory,
            self._hide,
            self._edit_source,
            self._edit_makefile,
            self._configure,
        )
        return self._random.choice(changes)()

    def _place(self) -> str:
        return f"{self._random.choice(self._directories)}/{self._random.choice(_NAMES)}"

    def _existing(self) -> str:
        """A header that there is; of a tree without headers, a new one."""
        places = [f"{d}/{n}" for d in self._directories for n in _NAMES]
        there = [place for place in places if os.path.lexists(self._root / place)]
        if not there:
            self._write(place := self._place(), self._header())
            return place
        return self._random.choice(there)

    def _write(self, path: str, text: str) -> None:
        """Write a file, whatever there is at its path or above it."""
        file = self._root / path
        for above in reversed(file.parents):
            is_inside = above.is_relative_to(self._root) and above != self._root
            if is_inside and os.path.lexists(above) and not above.is_dir():
                above.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
        self._clear(file)
        file.write_text(text)

    def _clear(self, file: Path) -> None:
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file)
        elif os.path.lexists(file):
            file.unlink()

    def _include(self) -> str:
        """A line that includes a header, or looks for one."""
        name, other = self._random.choice(_NAMES), self._random.choice(_NAMES)
        plain = [
            f"#include <{name}>",
            f'#include "{name}"',
            f"#if __has_include(<{name}>)\n{self._definition()}\n#endif",
            f"#if 0\n#include <{name}>\n#endif",
            f"#/* */include \\\n <{name}>",
        ]
        if self._is_plain:
            return self._random.choice(plain)
        return self._random.choice(
            [
                *plain,
                f'#include "../{name}"',
                f'#include "../../{self._place()}"',
                f'#include "./{name.rpartition("/")[2]}"',
                f"#include_next <{name}>",
                f'#ifdef M1\n#include <{name}>\n#else\n#include "{other}"\n#endif',
                f"#define H <{name}>\n#include H\n#undef H",
            ]
        )

    def _definition(self) -> str:
        self._value += 1
        macro = f"M{self._random.randrange(_MACROS)}"
        return f"#ifndef {macro}\n#define {macro} fn_{self._value}\n#endif"

    def _header(self) -> str:
        """The text of a header. One in three ends endless inclusion by a guard, others by depth."""
        lines = [self._definition() for _ in range(self._random.randrange(1, 3))]
        lines += [self._include() for _ in range(self._random.choice((0, 1, 1, 2)))]
        if self._random.random() < 0.1:
            lines.append(
                f"static inline void M{self._random.randrange(_MACROS)}(void) {{ smp_rmb(); }}"
            )
        self._random.shuffle(lines)
        self._value += 1
        guard = f"GUARD_{self._value}"
        return "\n".join([f"#ifndef {guard}\n#define {guard}", *lines, "#endif\n"])

    def _source(self) -> str:
        lines = [self._include() for _ in range(self._random.choice((0, 1, 2, 2)))]
        lines = [line for line in lines if "include H" not in line or self._random.random() < 0.3]
        lines += [f"void M{n}(void)\n{{\n\tsmp_rmb();\n}}" for n in range(_MACROS)]
        return "\n".join(lines) + "\n"

    def _edit(self) -> str:
        self._write(place := self._existing(), self._header())
        return f"edit {place}"

    def _edit_unnoticeably(self) -> str:
        """Another value of the same length, under the same time of modification."""
        file = self._root / (place := self._existing())
        try:
            status, text = file.stat(), file.read_text()
        except OSError:
            return self._edit()
        self._value += 1
        digits = str(self._value)
        start = text.find("fn_")
        if start >= 0:
            text = f"{text[: start + 3]}{digits}{text[start + 3 + len(digits) :]}"
        with file.open("r+") as stream:
            stream.write(text)
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        return f"edit unnoticeably {place}"

    def _add(self) -> str:
        self._write(place := self._place(), self._header())
        return f"add {place}"

    def _add_include(self) -> str:
        file = self._root / (place := self._existing())
        try:
            text = file.read_text()
        except OSError:
            return self._edit()
        self._write(place, text.replace("\n", f"\n{self._include()}\n", 2))
        return f"add include to {place}"

    def _remove(self) -> str:
        self._clear(self._root / (place := self._existing()))
        return f"remove {place}"

    def _move(self) -> str:
        old, new = self._existing(), self._place()
        if old == new or new.startswith(f"{old}/") or old.startswith(f"{new}/"):
            return self._edit()
        self._write(new, "")
        if not os.path.lexists(self._root / old):
            return self._edit()
        self._clear(self._root / new)
        (self._root / old).rename(self._root / new)
        return f"move {old} to {new}"

    def _swap(self) -> str:
        old, new = self._existing(), self._existing()
        first, second, third = self._root / old, self._root / new, self._root / "swap"
        if old == new or first.is_dir() or second.is_dir():
            return self._edit()
        first.rename(third)
        second.rename(first)
        third.rename(second)
        return f"swap {old} and {new}"

    def _link(self) -> str:
        target, place = self._existing(), self._place()
        if target == place:
            return self._edit()
        self._write(place, "")
        (self._root / place).unlink()
        (self._root / place).symlink_to(self._root / target)
        return f"link {place} to {target}"

    def _link_directory(self) -> str:
        """A link in place of a directory, to another one or to a directory above."""
        place = f"{self._random.choice(self._directories)}/linux/sub"
        target = self._random.choice([*self._directories, "include/linux", "drivers"])
        if f"{place}/".startswith(f"{target}/") and self._random.random() < 0.8:
            return self._edit()
        self._write(place, "")
        (self._root / place).unlink()
        (self._root / place).symlink_to(self._root / target)
        return f"link {place} to {target}"

    def _make_directory(self) -> str:
        place = self._random.choice((self._existing(), self._place()))
        self._write(place, "")
        (self._root / place).unlink()
        (self._root / place).mkdir()
        return f"directory {place}"

    def _hide(self) -> str:
        """Take the permission to read a header, or give it back."""
        file = self._root / (place := self._existing())
        if not file.exists():
            return self._edit()
        mode = self._random.choice((0, 0o644))
        file.chmod(mode | (0o111 if file.is_dir() and mode else 0))
        return f"chmod {mode:o} {place}"

    def _edit_source(self) -> str:
        self._write(file := self._random.choice(_SOURCES), self._source())
        return f"edit {file}"

    def _edit_makefile(self) -> str:
        directory = self._random.choice(("lib", "drivers", "drivers/d"))
        flags = self._random.sample(_FLAGS, 0 if self._is_plain else self._random.randrange(3))
        self._write(f"{directory}/Makefile", f"subdir-ccflags-y += {' '.join(flags)}\n")
        return f"edit {directory}/Makefile: {' '.join(flags)}"

    def _configure(self) -> str:
        """Configure the tree, or take back a part of it."""
        made = (".config", "include/generated/autoconf.h", "arch/x86/include/generated/x.h")
        for path in made:
            if self._random.random() < 0.5:
                self._clear(self._root / path)
            else:
                self._value += 1
                text = f"CONFIG_X86=y\nCONFIG_A{self._value}=y\n" if path[0] == "." else ""
                self._write(
                    path, text or f"#define CONFIG_A{self._value} 1\n{self._definition()}\n"
                )
        return "configure"
