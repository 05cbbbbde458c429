"""Which comments stand near a barrier, and in which place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from klplint.csource import lexer, suppressions
from klplint.csource import outline as outline_module
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.csource.suppressions import is_directive
from klplint.facts.file_facts import Comment
from klplint.frontend import barrier_comments
from klplint.frontend.barrier_comments import CommentSearch
from tests.support.work import Meter, counted_source, growth


def near(text: str, which: int = 0) -> list[Comment]:
    source = Source(text)
    outline = Outline(source)
    return list(CommentSearch(source, outline).near(outline.uses(frozenset({"smp_rmb"}))[which]))


def places(text: str, which: int = 0) -> list[tuple[str, str, int]]:
    """Text, place and gap of the comments near a barrier in a function's body."""
    return [(c.text.strip("/* "), c.place, c.gap) for c in near(text, which)]


def in_function(body: str) -> list[tuple[str, str, int]]:
    return places(f"int f(void)\n{{\n{body}\n}}\n")


@pytest.mark.parametrize(
    ("body", "place", "gap"),
    [
        ("smp_rmb(); /* C */", "line", 0),
        ("/* C */ smp_rmb();", "line", 0),
        ("smp_rmb(/* C */);", "line", 0),
        ("smp_rmb(\n); /* C */", "line", 0),
        ("/* C */\nsmp_rmb();", "above", 0),
        ("/* C */\n\nsmp_rmb();", "above", 0),
        ("// C\nsmp_rmb();", "above", 0),
        ("/* C */\nif (a)\n\tsmp_rmb();", "above", 1),
        ("/* C */\nif (a) {\n\tsmp_rmb();\n}", "above", 1),
        ("/* C */\na = b;\nsmp_rmb();", "above", 1),
        ("/* C */\na(b;c);\nd();\nsmp_rmb();", "above", 2),
        ("/* C */\ncase A:\nout:\nsmp_rmb();", "above", 0),
        ("/* C */\n#ifdef A\nsmp_rmb();\n#endif", "above", 0),
        ("/* C */\n#define A b; c; d; e;\nsmp_rmb();", "above", 0),
        ("/* C */\na;\nb;\nc;\nsmp_rmb();", "function", 0),
        ("{\n/* C */\n}\nsmp_rmb();", "function", 0),
        ("/* C */\nsmp_wmb();\nsmp_rmb();", "other", 0),
        ("smp_wmb(); /* C */\nsmp_rmb();", "other", 0),
        ("smp_rmb();\n/* C */", "below", 0),
        ("smp_rmb();\n/* C */\na;", "below", 0),
    ],
)
def test_the_place_of_a_comment(body: str, place: str, gap: int) -> None:
    assert in_function(body) == [("C", place, gap)]


@pytest.mark.parametrize(
    "body",
    [
        "a = 1; /* C */\nsmp_rmb();",
        "} /* C */\nsmp_rmb();",
        "smp_rmb();\n\n/* C */",
        "smp_rmb();\na;\n/* C */",
        "smp_rmb();\n/* C */\nsmp_wmb();",
    ],
)
def test_a_comment_on_something_else_is_no_candidate(body: str) -> None:
    assert in_function(body) == []


def test_the_nearest_comment_comes_first() -> None:
    got = in_function("/* Far. */\n/* Near. */\nsmp_rmb();\n/* below */")
    assert [text for text, _, _ in got] == ["Near.", "below", "Far."]


def test_comments_of_other_functions_are_none_of_this_one() -> None:
    text = "int f(void)\n{\n/* A */\nsmp_rmb();\n}\nint g(void)\n{\nsmp_rmb();\n}\n"
    assert places(text, 1) == []


def test_the_comment_at_a_functions_head() -> None:
    head = "/* H */\n#ifdef A\nstatic int f(void)\n{\nsmp_rmb();\n}\n#endif\n"
    assert places(head) == [("H", "wrapper", 0)]
    assert places("int a; /* A */\n" + head.replace("/* H */", "")) == []
    assert places("/* A */\nint a;\n" + head.replace("/* H */", "")) == []
    assert places("/* A */\n#define B c\n" + head.replace("/* H */", "")) == []


def test_an_earlier_comment_on_this_barrier_is_remembered() -> None:
    text = "/* smp_rmb here */\nint a;\n/* H */\nint f(void)\n{\nsmp_rmb();\n}\n"
    assert places(text) == [("H", "wrapper", 0), ("smp_rmb here", "header", 1)]


def test_a_macro_that_is_only_a_barrier_has_the_comment_above_it() -> None:
    assert places("/* C */\n#define A() smp_rmb()\n") == [("C", "above", 0)]
    assert places("/* C */\n#define A() do { a(); smp_rmb(); } while (0)\n") == [("C", "header", 0)]
    inside = "#define A() \\\n\ta(); \\\n\t/* C */ \\\n\tsmp_rmb()\n"
    assert places(inside) == [("C", "above", 0)]


def test_a_comments_region_and_text_are_as_written() -> None:
    (comment,) = near("int f(void)\n{\n\t/* é\n\t * b */\n\tsmp_rmb();\n}\n")
    assert comment.text == "/* é\n\t * b */"
    assert (comment.region.line, comment.region.column) == (3, 2)
    assert (comment.region.end_line, comment.region.end_column) == (4, 9)


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (lambda n: "int f(void)\n{\n" + "/* smp_rmb */\nsmp_rmb();\n" * n + "}\n", 50),
        (lambda n: "int f(void)\n{\n" + "/* a */\nb;\n" * n + "smp_rmb();\n}\n", 5_000),
        (lambda n: "#define A b\n" * 3 * n + "int f(void)\n{\nsmp_rmb();\n}\n" * n, 200),
        (lambda n: "int f(void)\n{\n/* a */" + "case a " * n + "smp_rmb();\n}\n", 50_000),
    ],
    ids=["pairs", "comments", "functions", "one statement"],
)
def test_a_huge_file_takes_no_endless_time(
    made: Callable[[int], str], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(size: int, meter: Meter) -> None:
        source = counted_source(made(size), meter)
        outline = Outline(source)
        uses = outline.uses(frozenset({"smp_rmb"}))
        search = CommentSearch(source, outline)
        assert [search.near(use) for use in uses]

    # Fewer comments are looked at than are written, as in a file of thousands.
    monkeypatch.setattr(barrier_comments, "_MOST_COMMENTS", 10)
    assert growth(measured, size, lexer, outline_module, barrier_comments, suppressions) < 2.3


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("\t// Pairs with the one\n\t// in foo().\n\tsmp_rmb();", ["Pairs with the one in foo()."]),
        ("\tsmp_rmb(); // Pairs with\n\t           // foo().", ["Pairs with foo()."]),
        ("\t// Another.\n\n\t// Pairs.\n\tsmp_rmb();", ["Pairs.", "Another."]),
        ("\t// klplint: ignore[KLP001] why\n\t// Pairs.\n\tsmp_rmb();", ["Pairs."]),
    ],
)
def test_line_comments_below_each_other_are_one(body: str, texts: list[str]) -> None:
    comments = near(f"int f(void)\n{{\n{body}\n}}\n")
    assert [" ".join(c.text.replace("//", " ").split()) for c in comments] == texts


def test_a_directive_is_no_comment_on_a_barrier() -> None:
    text = (
        "/* Pairs with a(). */\n/* klplint: ignore[KLP003] smp_rmb() pairs with z() */\n"
        "int f(void)\n{\n\t/* Pairs with b(). */\n\t/* klplint: bad, pairs with z() */\n"
        "\tsmp_rmb(); // klplint: ignore[KLP003] pairs with z()\n}\n"
    )
    outline = Outline(source := Source(text))
    near = CommentSearch(source, outline).near(outline.uses(frozenset({"smp_rmb"}))[0])
    assert [(c.text, c.place) for c in near] == [
        ("/* Pairs with b(). */", "above"),
        ("/* Pairs with a(). */", "wrapper"),
    ]
    assert not is_directive("/* Pairs with klplint: ignore[] */")
