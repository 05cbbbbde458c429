"""What a comment says of the partner: explicit, implicit or none, and whom it names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.catalogue import load_families
from klplint.comments.primitives import Primitives
from klplint.comments.reading import Pairing, Reader, Reading
from klplint.facts import Barrier, Comment, CommentPlace, Region

PLACE = Region(1, 1, 1, 1)
READER = Reader(Primitives(load_families()))
PHRASES = [
    *(
        "pairs with",
        "the barrier in",
        "foo_bar()",
        "smp_wmb()",
        "smp_rmb()",
        "see comment",
        "a/b.c",
    ),
    *(".", ";", "writer", "set by", "matches", "against", "orders", "(", ")", "*", "\n", "may"),
    *("the other side", "foo:A", "->", "[", "]", "<", ">", "|", "CPU0", "Foo", "FOO_BAR"),
]
SPEECH = st.lists(st.sampled_from(PHRASES), max_size=25).map(" ".join)


def read(text: str) -> Reading:
    return READER.read_comment(f"/* {text} */", frozenset({"smp_rmb", "reader"}))


def names(reading: Reading) -> list[str]:
    return [name.name for name in reading.counterparts]


def judged(*comments: tuple[CommentPlace, int, str], function: str = "reader") -> Reading:
    near = tuple(Comment(f"/* {text} */", PLACE, place, gap) for place, gap, text in comments)
    return READER.read_barrier(Barrier("smp_rmb", PLACE, function, near))


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("Pairs with smp_wmb() in foo()", ["foo"]),
        ("pairs with the barrier in foo_bar", ["foo_bar"]),
        ("Paired with\n * foo_bar().", ["foo_bar"]),
        ("paires with the one in foo()", ["foo"]),
        ("Matchs the smp_mb() in foo()", ["foo"]),
        ("matches foo()", ["foo"]),
        ("See the comment in foo() about barriers", ["foo"]),
        ("read a before b; the wmb is in foo()", ["foo"]),
        ("WMB in foo()", ["foo"]),
        ("counterpart in kernel/a-b/foo.c", ["kernel/a-b/foo.c"]),
        ("pairs with foo() and bar()", ["foo", "bar"]),
        ("pairs with foo(). pairs with foo()", ["foo"]),
        ("pairs with the write barrier on the other CPU", []),
        ("synchronizes with smp_store_release()", []),
        ("pairs with rcu_assign_pointer()", []),
        ("pairs with foo:B", ["foo"]),
    ],
)
def test_explicit_pairing_names_the_other_side(text: str, partners: list[str]) -> None:
    reading = read(text)
    assert reading.pairing == "explicit"
    assert names(reading) == partners


@pytest.mark.parametrize(
    ("text", "pairing"),
    [
        ("a is set by foo()", "implicit"),
        ("read a before b", "none"),
        ("smp_rmb() orders head before tail", "none"),
        ("if the key matches, go on", "none"),
        ("pairs with smp_rmb()", "none"),
        ("pairs with smp_rmb() in reader()", "none"),
        ("pairs with smp_rmb() in foo()", "explicit"),
        ("this barrier orders the reads in foo()", "none"),
        ("might need the smp_wmb()", "none"),
        ("", "none"),
    ],
)
def test_what_says_less_is_less(text: str, pairing: Pairing) -> None:
    assert read(text).pairing == pairing


def test_only_the_sentence_that_pairs_names_the_partners() -> None:
    reading = read("See what foo_bar() does. Pairs with smp_wmb() in set_it(). a is set by bar().")
    assert names(reading) == ["set_it"]
    assert reading.write_barriers == ("smp_wmb()",)


def test_members_parameters_and_constants_are_no_functions() -> None:
    assert names(read("pairs with smp_wmb(): a->b_c @d_e x.f_g A_B &h_i j_k[1] l_m")) == ["l_m"]


@pytest.mark.parametrize(
    ("comments", "attachment", "pairing"),
    [
        ([], "none", "none"),
        ([("line", 0, "pairs with smp_wmb() in foo()")], "attached", "explicit"),
        ([("above", 0, "next, please")], "attached", "none"),
        ([("above", 2, "next, please")], "none", "none"),
        ([("above", 2, "order the reads: the wmb is in foo()")], "attached", "explicit"),
        ([("below", 0, "next, please")], "none", "none"),
        ([("below", 0, "smp_rmb: pairs with foo()")], "attached", "explicit"),
        ([("function", 0, "smp_rmb pairs with smp_wmb in foo()")], "remote", "explicit"),
        ([("function", 0, "pairs with smp_wmb in foo()")], "none", "none"),
        ([("header", 0, "the smp_rmb is for reads")], "none", "none"),
        ([("header", 1, "smp_rmb pairs with smp_wmb in foo()")], "none", "none"),
        ([("other", 0, "pairs with smp_wmb in foo()")], "none", "none"),
        ([("other", 0, "both barriers pair with smp_wmb in foo()")], "attached", "explicit"),
        (
            [("line", 0, "see above"), ("function", 0, "pairs with smp_wmb in foo()")],
            "attached",
            "explicit",
        ),
        (
            [
                ("line", 0, "why"),
                ("above", 0, "pairs with smp_wmb()"),
                ("above", 0, "set by foo()"),
            ],
            "attached",
            "explicit",
        ),
    ],
)
def test_which_comments_belong_to_a_barrier(
    comments: list[tuple[CommentPlace, int, str]], attachment: str, pairing: str
) -> None:
    reading = judged(*comments)
    assert (reading.comment, reading.pairing) == (attachment, pairing)


def test_the_reader_itself_is_no_partner() -> None:
    assert judged(("line", 0, "pairs with the barrier in foo_bar()")).pairing == "explicit"
    assert judged(("line", 0, "pairs with foo_bar()"), function="foo_bar").pairing == "none"


@given(SPEECH | st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    assert "smp_rmb" not in names(reading) and "reader" not in {
        name.name for name in reading.counterparts if not name.labelled
    }
    assert len(set(reading.counterparts)) == len(reading.counterparts)
    assert reading.pairing != "none" or not reading.counterparts


@pytest.mark.parametrize(
    "piece",
    [
        "*",
        " ",
        "a",
        "a_b() ",
        "a_b:C ",
        "see comment in ",
        "pairs with ",
        "abcdefg with ",
        "pairs ",
        "the ",
        "the general ",
        "a/",
        "a/b.c ",
        "a<a|",
        "(",
        ".)",
        ". ",
        "\n",
        "\n * ",
        "smp_wmb() ",
        "comment \\\n",
        "_",
    ],
)
def test_a_huge_comment_takes_no_endless_time(piece: str) -> None:
    text = "/* pairs with" + piece * (50_000 // len(piece))
    start = time.process_time()
    assert READER.read_comment(text).comment == "attached"
    assert judged(("line", 0, text), ("function", 0, text)).source is not None
    assert time.process_time() - start < 5
