"""Where the comment on a barrier goes, and what it looks like."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.lexer import Source
from klplint.csource.text_edits import edited, same_code
from klplint.facts.region import Region
from klplint.findings.fix import NamedPartner, PartnerComment
from klplint.fixes.partner_comments import edit_for, sentence

PUT = NamedPartner("smp_wmb", "put")


def with_comment(
    text: str, *partners: NamedPartner, extend: bool = True, if_uncommented: bool = False
) -> str | None:
    """A text with a comment on its smp_rmb(), added to the first comment if there is one."""
    source = Source(text)
    offset = text.index("smp_rmb")
    comment = None
    if extend and source.comment_blocks:
        span = source.comment_blocks[0]
        comment = source.region(span.start, span.end)
    region: Region = source.region(offset, offset + len("smp_rmb"))
    change = PartnerComment("a.c", region, partners or (PUT,), comment, if_uncommented)
    edit = edit_for(source, change)
    return None if edit is None else edited(text, [edit])


def check(before: str, after: str) -> None:
    fixed = with_comment(textwrap.dedent(before))
    assert fixed == textwrap.dedent(after)


@pytest.mark.parametrize(
    ("file", "opening"),
    [
        ("net/core/dev.c", "\t/* Pairs"),
        ("drivers/net/tun.c", "\t/* Pairs"),
        ("include/net/sock.h", "\t/*\n\t * Pairs"),
        ("kernel/net/a.c", "\t/*\n\t * Pairs"),
    ],
)
def test_a_long_comment_begins_as_the_directory_has_it(file: str, opening: str) -> None:
    text = "void f(void)\n{\n\tsmp_rmb();\n}\n"
    region = Source(text).region(text.index("smp_rmb"), text.index("smp_rmb") + len("smp_rmb"))
    partners = tuple(NamedPartner("smp_wmb", f"put_{'x' * 20}_{n}") for n in range(3))
    edit = edit_for(Source(text), PartnerComment(file, region, partners))
    assert edit is not None
    assert edit.text.startswith(f"{opening} with smp_wmb() in put_")
    assert edit.text.endswith("_2().\n\t */\n")


def test_a_new_comment_is_above_and_indented() -> None:
    check(
        """
        void f(void)
        {
        \tload();
        \tsmp_rmb();
        }
        """,
        """
        void f(void)
        {
        \tload();
        \t/* Pairs with smp_wmb() in put(). */
        \tsmp_rmb();
        }
        """,
    )


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("{\n\tif (x)\n\t\tsmp_rmb();\n}\n", 3),
        ("{\n\tif (x) smp_rmb();\n}\n", 2),
        ("{\n\tv = x +\n\t\tsmp_rmb();\n}\n", 2),
        ("{\n\tv = f(x,\n\t\tsmp_rmb());\n}\n", 2),
        ("{\nretry:\n\tsmp_rmb();\n}\n", 3),
        ("{\n\tswitch (x) {\n\tcase 1:\n\t\tsmp_rmb();\n\t}\n}\n", 4),
        ("{\n\tfor (i = 0; smp_rmb(); i++)\n\t\tx();\n}\n", 2),
        ("{\n\tx();\n#ifdef X\n\tsmp_rmb();\n#endif\n}\n", 4),
        ("{\n\tif (x) {\n\t\ty();\n\t}\n\tsmp_rmb();\n}\n", 5),
    ],
)
def test_a_new_comment_is_above_the_statement(before: str, line: int) -> None:
    after = with_comment(before)
    assert after is not None
    assert "Pairs with" in after.splitlines()[line - 1]
    assert after.splitlines()[line].lstrip() == before.splitlines()[line - 1].lstrip()


@pytest.mark.parametrize(
    "text",
    [
        "{\n\tdo {\n\t\tx();\n\t} while (smp_rmb());\n}\n",
        "{\n\tif (x) {\n\t\ty();\n\t} else if (smp_rmb()) {\n\t}\n}\n",
        "#define F smp_rmb()\n",
        "#define F \\\n\tx(); smp_rmb()\n",
        "{\n\tv = x +\n#ifdef X\n\t\tsmp_rmb();\n#endif\n}\n",
    ],
)
def test_no_comment_where_no_line_is_right_for_one(text: str) -> None:
    assert with_comment(text) is None


def test_tokens_that_grow_together_are_other_code() -> None:
    assert same_code("int a; /* x */\n", "int\ta;\n")
    assert not same_code("int/* x */a;\n", "inta;\n")
    assert not same_code("a +/* x */+ b;\n", "a ++ b;\n")


def test_a_comment_in_a_macro_keeps_its_backslashes() -> None:
    text = "#define F(x)\t\t\t\\\n\tg(x);\t\t\t\\\n\tsmp_rmb();\t\t\\\n\th(x)\n"
    after = with_comment(text)
    assert after is not None
    assert after.splitlines()[2] == "\t/* Pairs with smp_wmb() in put(). */ \\"
    assert same_code(text, after)
    wide = with_comment(text.replace("\t\t\\\n", "\t\t\t\t\t\\\n"))
    assert wide is not None
    assert wide.splitlines()[2] == "\t/* Pairs with smp_wmb() in put(). */\t\t\\"


@pytest.mark.parametrize(
    ("comment", "longer"),
    [
        ("/* Load first */", "/* Load first. Pairs with smp_wmb() in put(). */"),
        ("/* Load first. */", "/* Load first. Pairs with smp_wmb() in put(). */"),
        ("/* Order these: */", "/* Order these. Pairs with smp_wmb() in put(). */"),
        ("// Load first", "// Load first\n\t// Pairs with smp_wmb() in put()."),
        (
            "/* A comment of such a length that nothing else fits on its line */",
            (
                "/*\n\t * A comment of such a length that nothing else fits on its line. Pairs\n"
                "\t * with smp_wmb() in put().\n\t */"
            ),
        ),
        (
            "/*\n\t * Load the flag first.\n\t */",
            "/*\n\t * Load the flag first.\n\t * Pairs with smp_wmb() in put().\n\t */",
        ),
        (
            "/*\n\t * Load the flag first\n\t */",
            "/*\n\t * Load the flag first.\n\t * Pairs with smp_wmb() in put().\n\t */",
        ),
        (
            "/* Load\n\t * the flag first. */",
            "/* Load\n\t * the flag first.\n\t * Pairs with smp_wmb() in put(). */",
        ),
        (
            "/* Load the flag first.\n\t */",
            "/* Load the flag first.\n\t * Pairs with smp_wmb() in put().\n\t */",
        ),
        (
            "/*\n\t   Load the flag first.\n\t */",
            "/*\n\t   Load the flag first.\n\t   Pairs with smp_wmb() in put().\n\t */",
        ),
        (
            "/*\n\t ** Load the flag\n\t ** first\n\t */",
            ("/*\n\t ** Load the flag\n\t ** first.\n\t ** Pairs with smp_wmb() in put().\n\t */"),
        ),
        (
            "/*\n\t * Steps:\n\t *   1. the flag\n\t */",
            (
                "/*\n\t * Steps:\n\t *   1. the flag\n"
                "\t *\n\t * Pairs with smp_wmb() in put().\n\t */"
            ),
        ),
        (
            "/*\n\t * CPU 0      CPU 1\n\t * x = 1      y = 1\n\t */",
            (
                "/*\n\t * CPU 0      CPU 1\n\t * x = 1      y = 1\n"
                "\t *\n\t * Pairs with smp_wmb() in put().\n\t */"
            ),
        ),
        (
            "/*\n\t *\tx = 1;\n\t */",
            "/*\n\t *\tx = 1;\n\t *\n\t *\tPairs with smp_wmb() in put().\n\t */",
        ),
    ],
)
def test_a_comment_that_is_there_gets_a_sentence(comment: str, longer: str) -> None:
    text = "{{\n\t{}\n\tsmp_rmb();\n}}\n"
    assert with_comment(text.format(comment)) == text.format(longer)


def test_a_comment_behind_code_gets_a_sentence_only_if_there_is_room() -> None:
    short = "{\n\tsmp_rmb(); /* Flag first. */\n}\n"
    assert with_comment(short) == (
        "{\n\tsmp_rmb(); /* Flag first. Pairs with smp_wmb() in put(). */\n}\n"
    )
    long = f"{{\n\tsmp_rmb(); /* {'words ' * 9}*/\n}}\n"
    after = with_comment(long)
    assert after is not None
    assert after.splitlines()[1:] == [
        "\t/* Pairs with smp_wmb() in put(). */",
        *long.splitlines()[1:],
    ]


@pytest.mark.parametrize(
    "before",
    [
        "\tif (x) { /* When set. */\n",
        "\tif (x) /* When set. */\n",
        "\tif (x)\n\t\ty();\n\telse /* When not set. */\n",
        "out: /* The end. */\n",
        "\tcase 3: /* Three. */\n",
        "\tx(); /* Count it,\n\t\ttwice. */\n",
        "\t/* clang-format off */\n",
        "\t// clang-format off\n",
        "\t/* fallthrough */\n",
        "\t/* ---- order ---- */\n",
        "\t/** order */\n",
        "\t/*! order */\n",
        "\t/**************\n\t * Load first *\n\t **************/\n",
    ],
)
def test_a_comment_that_is_for_something_else_stays_as_it_is(before: str) -> None:
    rest = "\tsmp_rmb();\n}\n"
    after = with_comment(f"{{\n{before}{rest}")
    assert after == f"{{\n{before}\t/* Pairs with smp_wmb() in put(). */\n{rest}"


def test_no_comment_in_another_comment() -> None:
    assert with_comment("{\n\tx(); /* Count it,\n\t\ttwice. */ smp_rmb();\n}\n") is None
    assert with_comment('{\n\tx("a\\\nb"); smp_rmb();\n}\n') is None


def test_the_same_comment_is_added_once() -> None:
    once = with_comment("{\n\tif (x) smp_rmb(); else y();\n}\n")
    assert once is not None
    assert with_comment(once, extend=False) is None


def test_what_has_a_comment_keeps_it_where_that_is_asked() -> None:
    text = "{\n\t/* Flag first. */\n\tsmp_rmb();\n}\n"
    assert with_comment(text, extend=False, if_uncommented=True) is None
    assert with_comment(text.replace("/* Flag first. */", "x();"), if_uncommented=True)


@pytest.mark.parametrize(
    ("partners", "words"),
    [
        ([PUT], "Pairs with smp_wmb() in put()."),
        ([PUT, NamedPartner("smp_wmb", "add")], "Pairs with smp_wmb() in put() and add()."),
        (
            [PUT, NamedPartner("smp_mb", "add")],
            "Pairs with smp_wmb() in put() and smp_mb() in add().",
        ),
    ],
)
def test_sentences(partners: list[NamedPartner], words: str) -> None:
    assert sentence(partners) == words


@given(
    st.text(alphabet=" \t\n\r;{}()/*\\#\"'ax:", max_size=60),
    st.text(alphabet=" \t\n\r;{}()/*\\#\"'ax:", max_size=60),
    st.booleans(),
)
def test_no_text_makes_it_fail(before: str, after: str, extend: bool) -> None:
    text = f"{before}smp_rmb(){after}"
    fixed = with_comment(text, extend=extend)
    assert fixed is None or "Pairs with smp_wmb()" in " ".join(fixed.split())
