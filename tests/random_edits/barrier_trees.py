"""Small kernel trees at random, whose barriers have comments that name functions of other files.

What is found about a file depends on its own text, on where the functions that its comments name
are, on what is around the barriers of other files, and on suppressions.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

_FILES = ("lib/a.c", "lib/b.c", "lib/c.c", "drivers/d/d.c", "drivers/d/e.c", "drivers/d/d.h")
_OBJECTS = ("slot", "head", "tail", "state")
_SIDES = ("read", "write", "switch")
_NAMES = tuple(f"fn_{letter}" for letter in "abcdefgh")
_COMMENTS = (
    "",
    "/* Pairs with the {write} in {name}(). */",
    "/* See the comment in {name}(). */",
    "/* {name}() publishes it. */",
    "/* Matches {write} in {name}_more(). */",
    "/* Loads in order. */",
    "/* klplint: ignore[KLP003] -- checked by hand */",
    "/* klplint: ignore[KLP004] -- checked by hand */",
)


class RandomBarrierTree:
    """A tree that changes at random."""

    has_partners: ClassVar[bool] = True

    def __init__(self, root: Path, seed: int) -> None:
        self._root = root
        self._random = random.Random(seed)
        self._functions: dict[str, dict[str, str]] = {}
        self._heads = dict.fromkeys(_FILES, "")
        for directory in ("arch/x86/include/asm", "include/linux", "lib", "drivers/d"):
            (root / directory).mkdir(parents=True, exist_ok=True)
        (root / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 12\n")
        for name in ("compiler-version.h", "compiler_types.h", "types.h", "sched.h"):
            (root / f"include/linux/{name}").write_text("")
        for file in _FILES:
            names = self._random.sample(_NAMES, 3)
            self._functions[file] = {name: self._function(name) for name in names}
            self._write(file)

    def change(self) -> str:
        """Change something; what it was."""
        changes: tuple[Callable[[str], None], ...] = (
            self._move_lines,
            self._edit,
            self._edit,
            self._add,
            self._remove,
            self._move,
            self._rename,
            self._empty,
        )
        change, file = self._random.choice(changes), self._random.choice(_FILES)
        change(file)
        self._write(file)
        return f"{change.__name__} {file}"

    def _write(self, file: str) -> None:
        """Write a file as it is now; one without functions may be missing."""
        functions = self._functions[file]
        text = self._heads[file] + "\n".join(functions.values())
        if functions or self._random.random() < 0.5:
            (self._root / file).write_text(text)
        else:
            (self._root / file).unlink(missing_ok=True)

    def _function(self, name: str) -> str:
        first, second = self._random.sample(_OBJECTS, 2)
        comment = self._random.choice(_COMMENTS).format(
            name=self._random.choice(_NAMES), write=self._random.choice(("smp_wmb()", "barrier"))
        )
        match self._random.choice(_SIDES):
            case "read":
                body = [f"int a = READ_ONCE(r->{first});", comment, "smp_rmb();"]
                body += [f"return a + r->{second};"]
            case "write":
                body = [f"r->{second} = 1;", comment, "smp_wmb();", f"WRITE_ONCE(r->{first}, 1);"]
                body += ["return 0;"]
            case _:
                called = self._random.choice(_NAMES)
                body = [f"klp_update_patch_state({self._random.choice(('t', 'current'))});"]
                body += [f"{called}(r, t);", "return 0;"]
        lines = "".join(f"\t{line}\n" for line in body if line)
        return f"int {name}(struct ring *r, struct task_struct *t)\n{{\n{lines}}}\n"

    def _move_lines(self, file: str) -> None:
        self._heads[file] = self._random.choice(("", "\n", "/* one */\n\n", "#define X 1\n"))

    def _edit(self, file: str) -> None:
        for name in self._some(file):
            self._functions[file][name] = self._function(name)

    def _add(self, file: str) -> None:
        name = self._random.choice(_NAMES)
        self._functions[file][name] = self._function(name)

    def _remove(self, file: str) -> None:
        for name in self._some(file):
            del self._functions[file][name]

    def _move(self, file: str) -> None:
        other = self._random.choice(_FILES)
        for name in self._some(other):
            self._functions[file][name] = self._functions[other].pop(name)
        self._write(other)

    def _rename(self, file: str) -> None:
        for name in self._some(file):
            new = self._random.choice(_NAMES)
            self._functions[file][new] = (
                self._functions[file].pop(name).replace(f"{name}(", f"{new}(")
            )

    def _empty(self, file: str) -> None:
        self._functions[file].clear()

    def _some(self, file: str) -> list[str]:
        """The name of a function in a file, if it has one."""
        names = sorted(self._functions[file])
        return [self._random.choice(names)] if names else []
