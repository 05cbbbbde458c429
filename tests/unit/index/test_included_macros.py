"""Whether macros of a file, or of what it may include, may use a variable without its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.index.included_macros import IncludedMacros

USE = "{ f(current); USE(ta, sk); }"


def may_name(root: Path, files: dict[str, str], text: str = USE, path: str = "a/a.c") -> bool:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return IncludedMacros(root, files).may_name("task", text, path)


@pytest.mark.parametrize(
    ("macros", "expected"),
    [
        ("#define USE() wake(task)\n", True),
        ("#define USE task->pid\n", True),
        ("#define USE() x = \\\n\t&task\n", True),
        ("#define INNER wake(task)\n#define USE() do { INNER; } while (0)\n", True),
        ("#define USE(a, b) wake(a##b)\n", True),
        ("#define USE(a, ...) wake(ta##__VA_ARGS__)\n", True),
        ("#define PASTE(a, b) a##b\n#define USE(a, b) PASTE(t, PASTE(as, k))\n", True),
        ("#define USE(a, b) wake(ta, sk)\n", False),
        ("#if X\n#define USE() wake(0)\n#else\n#define USE() wake(task)\n#endif\n", True),
        ("#define USE(task) wake(task)\n", False),
        ('#define USE() puts("task") /* task */\n', False),
        ("#define OTHER() wake(task)\n", False),
        ("#define USE() USE() + wake(x->task, x.task, (struct task *)0)\n", False),
    ],
)
def test_macros_of_the_file(tmp_path: Path, macros: str, expected: bool) -> None:
    assert may_name(tmp_path, {"a/a.c": macros}) == expected


@pytest.mark.parametrize("call", ["USE(ta, s)", "USE(task_, x)", "USE(a, task_flags)", "USE(,)"])
def test_other_names_that_are_pasted(tmp_path: Path, call: str) -> None:
    macros = "#define PASTE(a, b) a##b\n#define USE(a, b) wake(PASTE(a, b), tasks)\n"
    assert not may_name(tmp_path, {"a/a.c": macros}, call)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a/a.c": '#include "b.h"', "a/b.h": "#define USE() task\n"}, True),
        ({"a/a.c": '#include "b.h"', "b/b.h": "#define USE() task\n"}, True),
        (
            {"a/a.c": '#include "b.h"', "a/b.h": "", "b/b.h": "#define USE() task\n"},
            False,
        ),
        ({"a/a.c": "#include <x/b.h>", "include/x/b.h": "#define USE() task\n"}, True),
        ({"a/a.c": "#include <x/b.h>", "include/y/b.h": "#define USE() task\n"}, False),
        (
            {
                "a/a.c": "#ifdef X\n#include <b.h>\n#endif\n",
                "include/b.h": '#include "../c.h"\n#define USE() INNER\n',
                "c.h": "#define INNER task\n",
            },
            True,
        ),
        ({"a/a.c": "", "a/b.c": '#define USE() task\n#include "a.c"\n'}, True),
        ({"a/a.c": "", "a/b.c": "#define USE() task\n"}, False),
        ({"a/a.c": "", "include/linux/compiler_types.h": "#define USE() task\n"}, True),
        ({"a/a.c": '#include "gone.h"\n#include HEADER\n'}, False),
    ],
)
def test_macros_of_headers(tmp_path: Path, files: dict[str, str], expected: bool) -> None:
    assert may_name(tmp_path, files) == expected
