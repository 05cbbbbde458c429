"""What functions are called behind a precompiled header that knows macros with their names."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from klplint.facts.file_facts import FileFacts
from klplint.frontend.collect import collect_facts
from klplint.frontend.precompiled import headers_of, precompile
from klplint.kernel.compile_unit import CompileUnit
from tests.support.single_file import WATCH, in_code, unit

RENAMED = "#define pull driver_pull\n"
DEFAULT = "#ifndef pull\n#define pull default_pull\n#endif\n"
LIKE_A_FUNCTION = "#define pull(x) driver_pull(x)\n"
# The directories of these have a place before and behind what is precompiled.
FIRST, COMMON, OTHER, OWN = "linux/kconfig.h", "linux/sched.h", "linux/other.h", "linux/own.h"


class Case(NamedTuple):
    """Some headers, what a file has before its function `pull`, and what this is called."""

    headers: dict[str, str]
    head: str
    name: str
    extra: tuple[str, ...] = ()


HIDDEN_DEFAULT = f"#if __has_include(<linux/gone.h>)\n{DEFAULT}#endif\n"
CASES = {
    "no macro": Case({}, "", "pull"),
    "before all files": Case({FIRST: RENAMED}, "", "driver_pull"),
    "before all files, like a function": Case({FIRST: LIKE_A_FUNCTION}, "", "driver_pull"),
    "of the file": Case({}, RENAMED, "driver_pull"),
    "of the file, like a function": Case({}, LIKE_A_FUNCTION, "driver_pull"),
    "undefined by the file": Case({FIRST: RENAMED}, "#undef pull\n", "pull"),
    "a default": Case({}, DEFAULT, "default_pull"),
    "a default that does not count": Case({FIRST: RENAMED}, DEFAULT, "driver_pull"),
    "a default that is never compiled": Case({FIRST: RENAMED}, HIDDEN_DEFAULT, "driver_pull"),
    "a default like a function": Case(
        {FIRST: LIKE_A_FUNCTION}, HIDDEN_DEFAULT.replace("pull d", "pull(x) d"), "driver_pull"
    ),
    "a default in vain": Case({}, HIDDEN_DEFAULT, "pull"),
    "a default, its macro precompiled": Case({COMMON: RENAMED}, HIDDEN_DEFAULT, "pull"),
    "precompiled, and not included": Case({COMMON: RENAMED}, "", "pull"),
    "precompiled, and included": Case({COMMON: RENAMED}, f"#include <{COMMON}>\n", "driver_pull"),
    "precompiled, included before a default": Case(
        {COMMON: RENAMED}, f"#include <{COMMON}>\n{HIDDEN_DEFAULT}", "driver_pull"
    ),
    "not precompiled": Case({OWN: RENAMED}, f"#include <{OWN}>\n", "driver_pull"),
    "undefined by what is precompiled": Case(
        {FIRST: RENAMED, COMMON: "#undef pull\n"}, "", "driver_pull"
    ),
    "undefined by what is included": Case(
        {FIRST: RENAMED, COMMON: "#undef pull\n"}, f"#include <{COMMON}>\n", "pull"
    ),
    "a header that sees what is precompiled": Case(
        {COMMON: "#define SCHED 1\n", OWN: f"#ifndef SCHED\n{RENAMED}#endif\n"},
        f"#include <{OWN}>\n",
        "driver_pull",
    ),
    "the file sees what is precompiled": Case(
        {COMMON: "#define SCHED 1\n"}, f"#ifndef SCHED\n{RENAMED}#endif\n", "driver_pull"
    ),
    "a header that the Makefile includes": Case(
        {COMMON: "#define SCHED 1\n", OWN: f"#ifndef SCHED\n{RENAMED}#endif\n"},
        "",
        "driver_pull",
        ("-include", OWN),
    ),
    "a macro of the Makefile": Case(
        {FIRST: f"#ifdef WITH\n{RENAMED}#endif\n"}, "", "driver_pull", ("-DWITH=1",)
    ),
    "a macro of the Makefile, with its name": Case({}, "", "driver_pull", ("-Dpull=driver_pull",)),
    "another header includes one with the macro": Case(
        {FIRST: f"#include <{OTHER}>\n", OTHER: RENAMED}, HIDDEN_DEFAULT, "driver_pull"
    ),
}
USES = {
    "barrier": ("", "\tsmp_rmb();\n"),
    "analysed": (
        "void klp_update_patch_state(int);\n",
        "\twhile (x)\n\t\tklp_update_patch_state(x);\n",
    ),
}


def written(root: Path, case: Case, text: str) -> CompileUnit:
    """The unit of a file with a text, in a kernel with the headers of a case."""
    headers = dict.fromkeys((FIRST, COMMON, "linux/kernel.h", "linux/compiler_types.h"), "")
    for name, held in (headers | case.headers).items():
        file = root / "include" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        guard = name.upper().translate(str.maketrans("/.", "__"))
        file.write_text(f"#ifndef {guard}\n#define {guard}\n{held}#endif\n")
    (root / "arch/x86/include/asm").mkdir(parents=True)
    (root / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 12\n")
    (root / "lib").mkdir()
    (root / "lib/sample.c").write_text(text)
    extra = tuple(str(root / "include" / word) if word == OWN else word for word in case.extra)
    return msgspec.structs.replace(unit(root / "lib/sample.c", root), extra=extra)


def facts(of: CompileUnit) -> FileFacts:
    """The facts of a file, however often it was parsed."""
    return msgspec.structs.replace(collect_facts(of, WATCH), parses=0)


def behind(of: CompileUnit, headers: list[str], directory: Path) -> CompileUnit:
    """A unit behind a precompiled header."""
    made = precompile(of, headers, directory / "x86.pch")
    assert made is not None
    return msgspec.structs.replace(of, precompiled=made.file, precompiled_headers=made.headers)


@pytest.mark.parametrize("is_included", [False, True], ids=["", "headers included"])
@pytest.mark.parametrize(("before", "body"), USES.values(), ids=USES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_function_has_the_name_that_it_has_alone(
    tmp_path: Path, case: Case, before: str, body: str, is_included: bool
) -> None:
    """The file includes what is precompiled, or does not."""
    end = f"#include <{COMMON}>\n#include <linux/kernel.h>\n" if is_included else ""
    start = f"#include <linux/compiler_types.h>\n{before}{case.head}"
    text = f"{start}void pull(int x)\n{{\n{body}}}\n{end}"
    alone = written(tmp_path / "linux", case, text)
    expected = facts(alone)
    assert [(o.function, o.how) for o in in_code(expected)] == [(case.name, "ast")]
    assert [function.name for function in expected.functions] in ([], [case.name])
    assert facts(behind(alone, headers_of([alone]), tmp_path)) == expected


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("#ifndef WAY\n#define WAY 1\n", "#endif\n"),
        ("#ifndef WAY\n#define WAY 1\n#else\n", "#endif\n"),
        ("#ifndef UNKNOWN\n#define UNKNOWN 1\n", "#endif\n"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {FIRST: "#define WAY 2\n"},
        {COMMON: "#define WAY 2\n"},
        {FIRST: "#define WAY 2\n", COMMON: "#undef WAY\n"},
        {FIRST: "#ifdef NEVER\n#define WAY 2\n#endif\n", COMMON: "#define WAY 2\n"},
    ],
)
def test_a_default_of_the_file_is_none_if_a_header_has_set_the_macro(
    tmp_path: Path, head: str, foot: str, headers: dict[str, str]
) -> None:
    """Which configuration shows the use is part of the facts."""
    text = "#include <linux/compiler_types.h>\n{}void pull(int x)\n{{\n\tsmp_rmb();\n}}\n{}"
    alone = written(tmp_path / "linux", Case(headers, "", ""), text.format(head, foot))
    assert facts(behind(alone, headers_of([alone]), tmp_path)) == facts(alone)


@pytest.mark.parametrize("place", [FIRST, OTHER])
def test_a_default_of_the_file_leaves_the_value_that_a_header_has_set(
    tmp_path: Path, place: str
) -> None:
    head = "#ifndef WAY\n#define WAY 1\n#endif\n#if WAY == 2\n"
    text = f"#include <{place}>\n{head}void pull(int x)\n{{\n\tsmp_rmb();\n}}\n#endif\n"
    headers = {place: "#define WAY 2\n", COMMON: f"#include <{place}>\n"}
    alone = written(tmp_path / "linux", Case(headers, "", ""), text)
    expected = facts(alone)
    assert [str(o.parse) for o in in_code(expected)] == ["x86"]
    assert facts(behind(alone, headers_of([alone]), tmp_path)) == expected


@pytest.mark.parametrize(
    "first", ["", "#define pull pull\n", "#define pull driver_pull\n", "#define HAVE_PULL\n"]
)
@pytest.mark.parametrize(
    ("guard", "rest"),
    [
        ("pull", ""),
        ("pull pull", ""),
        ("HAVE_PULL", ""),
        ("HAVE_PULL", "#else\nvoid other(void);\n"),
    ],
)
def test_a_header_behind_itself(tmp_path: Path, first: str, guard: str, rest: str) -> None:
    """What it defined when it was precompiled does not hide its functions, others may."""
    body = "static inline void pull(int x)\n{\n\tsmp_rmb();\n}\n"
    held = f"#ifndef {guard.split(maxsplit=1)[0]}\n#define {guard}\n{body}{rest}#endif\n"
    alone = written(tmp_path / "linux", Case({FIRST: first, COMMON: held}, "", ""), "")
    file = alone.kernel.root / "include" / COMMON
    header = msgspec.structs.replace(alone, file=file, path=f"include/{COMMON}")
    got = facts(behind(header, headers_of([header]), tmp_path))
    assert got == facts(header)
