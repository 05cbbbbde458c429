"""The texts of a file that libclang gets in place of the whole one."""

from __future__ import annotations

import pytest

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.frontend.trimmed_text import texts_around

HEAD = '#include <linux/smp.h>\n#include "own.h"\n#define A 1\nstatic int all[] = { 1, 2 };\n'
OTHER = "static int other(void)\n{\n\treturn all[0];\n}\n"
BLANKED = "static int other(void)\n{\n}\n"
HOLDING = "static int size(struct table *t)\n{\n\tsmp_rmb();\n\treturn t->size;\n}\n"


def texts(text: str) -> list[str]:
    outline = Outline(Source(text))
    return [each.text for each in texts_around(outline, outline.uses(frozenset({"smp_rmb"})))]


def test_each_text_is_longer_than_the_one_before() -> None:
    functions, without, whole = texts(HEAD + OTHER + HOLDING)
    assert functions.split() == ["#define", "A", "1", *HOLDING.split()]
    assert without.split() == [*HEAD.split()[4:], *BLANKED.split(), *HOLDING.split()]
    assert whole.split() == [*HEAD.split(), *BLANKED.split(), *HOLDING.split()]


def test_everything_is_in_its_place() -> None:
    text = HEAD + OTHER + HOLDING
    for each in texts(text):
        assert [len(line) for line in each.split("\n")] == [len(line) for line in text.split("\n")]
        assert each.index("smp_rmb") == text.index("smp_rmb")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("#ifdef CONFIG_SMP\n%s#endif\n", 3),
        ("#if IS_ENABLED(CONFIG_SMP) && !defined(CONFIG_UP)\n%s#endif\n", 3),
        ("#ifndef __ASSEMBLY__\n%s#endif\n", 3),
        ("#ifndef SAMPLE_H\n#define SAMPLE_H\n%s#endif\n", 3),
        ("#ifdef HAVE_TABLE\n%s#endif\n", 1),
        ("#if CONFIG_SHIFT > PAGE_SHIFT\n%s#endif\n", 1),
        ("extern void smp_rmb(void);\n%s", 2),
    ],
)
def test_a_header_could_decide_whether_a_use_is_compiled(text: str, count: int) -> None:
    assert len(texts(text % HOLDING)) == count


@pytest.mark.parametrize(
    ("function", "count"),
    [
        ("void f(void)\n{\n\tif (x) {\n\t\tsmp_rmb();\n\t}\n}\n", 3),
        ("void f(void)\n{\n\twhile ((smp_rmb(), x))\n\t\tg();\n}\n", 3),
        ("void f(void)\n{\n\tg(1); smp_rmb();\n}\n", 3),
        ("void f(void)\n{\n\tLOG(smp_rmb());\n}\n", 1),
        ("void f(void)\n{\n\tWAIT(q, ({ smp_rmb(); x; }));\n}\n", 1),
        ("SYSCALL_DEFINE1(f, int, x)\n{\n\tsmp_rmb();\n}\n", 1),
    ],
)
def test_a_macro_of_a_header_could_make_something_else_of_a_use(function: str, count: int) -> None:
    assert len(texts(function)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("page_t (*f(int x))(int)\n{\n\tsmp_rmb();\n}\n", 1),
        ("int NAMED(f)(int x)\n{\n\tsmp_rmb();\n}\n", 1),
        ("page_t f(page_t x) __must_hold(l)\n{\n\tsmp_rmb();\n}\n", 3),
        ("struct ops {\n\tpage_t (*smp_rmb)(int);\n};\n", 1),
        ("struct ops {\n\tpage_t *smp_rmb;\n};\n", 2),
        ("void f(page_t (*smp_rmb)(int))\n{\n\tsmp_rmb(1);\n}\n", 1),
        ("void f(void)\n{\n\tif (smp_rmb /* last */)\n\t\tg();\n}\n", 1),
    ],
)
def test_a_declarator_could_look_like_a_call_without_its_type(text: str, count: int) -> None:
    assert len(texts(text)) == count
