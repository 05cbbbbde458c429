"""Other names for barriers: their uses are checked, and their definitions are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from klplint.catalogue.load import load_families
from klplint.csource.barrier_aliases import AliasPattern
from klplint.csource.lexer import Source
from tests.support.command import klplint
from tests.support.paths import MINIKERNEL

FAMILIES = load_families()
PATTERN = AliasPattern(["smp_rmb"], {*FAMILIES.readers, *FAMILIES.compiler})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#define x_rmb() smp_rmb()\n", ["x_rmb"]),
        ("#define x_rmb smp_rmb\n", ["x_rmb"]),
        ("inline {\neach()\n{ smp_rmb(); }\n", []),
        ("#define x_rmb() \\\n\tdo { smp_rmb(); } while (0)\n", ["x_rmb"]),
        ("static inline void x_rmb(void)\n{\n\tsmp_rmb();\n}\n", ["x_rmb"]),
        (
            "#ifdef A\n#define x_rmb() smp_rmb()\n#else\n#define x_rmb() barrier()\n#endif\n",
            ["x_rmb"],
        ),
        (
            (
                "static inline void x_rmb(int w)\n{\n\tif (w & f(w))\n\t\tsmp_rmb();\n\telse\n"
                "\t\tdma_rmb();\n}\n"
            ),
            ["x_rmb"],
        ),
        (
            (
                "static __always_inline void x_rmb(void)\n{\n#ifdef A\n\tsmp_rmb();\n"
                "#else\n\tmb();\n#endif\n}\n"
            ),
            ["x_rmb"],
        ),
        (
            (
                "static inline void x_rmb(int weak)\n{\n\tif (weak)\n"
                "\t\tx_thread_fence(x_order_acquire);\n\telse\n\t\tsmp_rmb();\n}\n"
            ),
            ["x_rmb"],
        ),
        (
            (
                "static inline void x_rmb(void)\n{\n\tif (likely(kernel_does_it))\n"
                "\t\tx_compiler_barrier();\n\telse\n\t\tsmp_rmb();\n}\n"
            ),
            ["x_rmb"],
        ),
        ("#define x_all() do { smp_rmb(); x_wmb(); } while (0)\n", []),
        ("#define x_rmb(p) do { smp_rmb(); x_fence(p); } while (0)\n", []),
        ("#define x_rmb(a) do { if (a) smp_rmb(); else barrier(); } while (0)\n", ["x_rmb"]),
        ("#define x_rmb(a, ...) /* A choice. */ if (a) barrier(); else smp_rmb()\n", ["x_rmb"]),
        (
            (
                "static inline void x_rmb(int a)\n{\n\tif (a)\n\t\tbarrier(); /* = */\n\telse\n"
                "\t\tsmp_rmb(); // both; {\n}\n"
            ),
            ["x_rmb"],
        ),
        ("#define x_rmb(p) ({ smp_rmb(); *(p); })\n", []),
        ("#define x_rmb() smp_rmb(), smp_wmb()\n", []),
        ("static inline int x_rmb(int *p)\n{\n\tsmp_rmb();\n\treturn *p;\n}\n", []),
        ("static void on_all_cpus(void *data)\n{\n\tsmp_rmb();\n}\n", []),
        ("static inline void x(int *p)\n{\n\tif (*p)\n\t\tsmp_rmb();\n\telse\n\t\tg();\n}\n", []),
        ("/* #define x_rmb() smp_rmb() */\n", []),
        ("static inline void x(void)\n{\n#pragma smp_rmb()\n}\n", []),
        ("static inline void x(void)\n{\n#error use smp_rmb()\n\tbarrier();\n}\n", []),
        ("static inline void x(void)\n{\n\t##smp_rmb();\n}\n", []),
        ("static inline void x(void)\n{\n#define x_rmb() smp_rmb()\n}\n", ["x_rmb"]),
        ("static inline void x(void)\n{\n#if A\n\tsmp_rmb();\n#endif\n}\n", ["x"]),
    ],
)
def test_what_is_an_alias(text: str, names: list[str]) -> None:
    source = Source(text)
    aliases = [each.name for each in PATTERN.aliases_in("a.h", source)]
    assert aliases == names
    assert PATTERN.is_likely(text) or not names


HEADER = """\
%s
/* Pairs with smp_wmb() in put(). */
#define paired_rmb() smp_rmb()
#define chain_rmb() x_rmb()
"""
USER = """\
#include "%s"
int d, f;
void put(void) { d = 1; smp_wmb(); f = 1; }
int bare(void) { int x = f; x_rmb(); return x + d; }
int chained(void) { int x = f; chain_rmb(); return x + d; }
int good(void) { int x = f; /* Pairs with smp_wmb() in put(). */ x_rmb(); return x + d; }
int old(void) { int x = f; /* Pairs with smp_wmb() in put_old_name(). */ x_rmb(); return x + d; }
int spoken_for(void) { int x = f; paired_rmb(); return x + d; }
"""
WAYS = [
    "#define x_rmb() smp_rmb()",
    "#ifdef CONFIG_SMP\n#define x_rmb() smp_rmb()\n#else\n#define x_rmb() barrier()\n#endif",
    "static inline void x_rmb(void)\n{\n\tsmp_rmb();\n}",
]


def reports(*arguments: object) -> list[tuple[str, str, str]]:
    done = klplint("-f", "json", "--no-partners", *arguments)
    return [(f["code"], f["file"], f["function"]) for f in json.loads(done.stdout)["findings"]]


@pytest.mark.parametrize("way", WAYS)
def test_uses_are_checked_in_other_files_and_definitions_are_not(tmp_path: Path, way: str) -> None:
    (tmp_path / "driver").mkdir()
    (tmp_path / "names.h").write_text(HEADER % way)
    (tmp_path / "driver/user.c").write_text(USER % "../names.h")
    file = "driver/user.c"
    wanted = [("KLP003", file, "bare"), ("KLP003", file, "chained")]
    assert reports(tmp_path) == wanted
    assert reports("--kernel", MINIKERNEL, tmp_path) == [*wanted, ("KLP004", file, "old")]


def test_a_file_means_its_own_function_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "names.h").write_text("#define x_rmb() smp_rmb()\n")
    text = "static void x_rmb(void) { }\nint f(void) { x_rmb(); return 0; }\n"
    (tmp_path / "other.c").write_text(text)
    assert reports(tmp_path) == []


def test_a_name_of_another_c_file_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("#define x_rmb() smp_rmb()\nint f(void) { x_rmb(); return 0; }\n")
    (tmp_path / "b.c").write_text("int g(void) { x_rmb(); return 0; }\n")
    assert reports(tmp_path) == [("KLP003", "a.c", "f")]


def test_an_architectures_building_block_is_not_an_alias(tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text("#define __smp_mb() smp_rmb()\n")
    (tmp_path / "b.c").write_text('#include "a.h"\nint f(void) { __smp_mb(); return 0; }\n')
    assert reports(tmp_path) == [("KLP003", "a.h", "__smp_mb")]


@pytest.mark.parametrize("way", ["#define rmb() own_rmb()", "#define rmb own_rmb"])
def test_a_name_of_the_kernel_may_stand_for_a_projects_barrier(tmp_path: Path, way: str) -> None:
    (tmp_path / "klplint.toml").write_text(
        '[families.reader]\nown_rmb = "own_wmb"\n[families.writer]\nown_wmb = "own_rmb"\n'
    )
    (tmp_path / "a.h").write_text(f"{way}\n")
    (tmp_path / "b.c").write_text('#include "a.h"\nint f(void) { rmb(); return 0; }\n')
    assert reports(tmp_path) == [("KLP003", "b.c", "f")]


def test_write_side_aliases_are_checked_with_that_side(tmp_path: Path) -> None:
    (tmp_path / "klplint.toml").write_text('[rule.KLP003]\nsides = ["write"]\n')
    (tmp_path / "a.c").write_text(
        "#define x_wmb() smp_wmb()\nint d;\nvoid f(void) { d = 1; x_wmb(); d = 2; }\n"
    )
    assert reports(tmp_path) == [("KLP003", "a.c", "f")]


def test_pairs_lists_the_name_in_the_code(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("#define x_rmb() smp_rmb()\nint f(void) { x_rmb(); return 0; }\n")
    (pair,) = json.loads(klplint("pairs", tmp_path, "-f", "json").stdout)["barriers"]
    assert (pair["barrier"], pair["alias"], pair["function"]) == ("smp_rmb", "x_rmb", "f")
    assert "x_rmb() in f()" in klplint("pairs", tmp_path).stdout


NAMES = "#define x_rmb() smp_rmb()\n#define x_wmb() smp_wmb()\n"
RING = """\
#include <asm/barrier.h>
#include "names.h"
struct ring { unsigned int head; unsigned int slot; };
%s
"""
PUSH = "void push(struct ring *ring)\n{\n\tring->slot = 1;\n\t%s();\n\tring->head = 2;\n}\n"
PEEK = """\
unsigned int peek(struct ring *ring)
{
	unsigned int head = ring->head;

	%s();
	return head + ring->slot;
}
"""


@pytest.mark.parametrize(
    ("reader", "writer"),
    [("x_rmb", "x_wmb"), ("x_rmb", "smp_wmb"), ("x_rmb", "smp_mb")],
)
@pytest.mark.parametrize("is_apart", [False, True])
def test_the_partner_of_an_alias_is_found_in_the_code(
    tmp_path: Path, reader: str, writer: str, is_apart: bool
) -> None:
    (tmp_path / "names.h").write_text(NAMES)
    push, peek = PUSH % writer, PEEK % reader
    (tmp_path / "a.c").write_text(RING % (peek if is_apart else push + peek))
    if is_apart:
        (tmp_path / "b.c").write_text(RING % push)
    done = klplint("-f", "json", "--kernel", MINIKERNEL, tmp_path)
    (finding,) = json.loads(done.stdout)["findings"]
    assert f'"pairs with {writer}() in push()"' in finding["message"]
    assert f"by the code, the partner is {writer}() in push()" in finding["message"]
    again = klplint("-f", "json", "--kernel", MINIKERNEL, tmp_path)
    assert again.stdout == done.stdout


def test_a_writer_that_shares_nothing_is_not_the_partner_of_an_alias(tmp_path: Path) -> None:
    (tmp_path / "names.h").write_text(NAMES)
    other = "struct bell { int rung, by; };\nvoid ring_it(struct bell *bell)\n"
    other += "{\n\tbell->by = 1;\n\tx_wmb();\n\tbell->rung = 1;\n}\n"
    (tmp_path / "a.c").write_text(RING % (other + PEEK % "x_rmb"))
    done = klplint("-f", "json", "--kernel", MINIKERNEL, tmp_path)
    (finding,) = json.loads(done.stdout)["findings"]
    assert "by the code" not in finding["message"]
