"""What a comment says of the partner: explicit, implicit or none, and whom it names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.barriers import (
    classification,
    deed_rules,
    diagrams,
    links,
    named_functions,
    pairing_rules,
    primitives,
    reading,
    sentences,
    spelling,
    statement,
)
from klplint.barriers.primitives import Site
from klplint.barriers.reading import Reading
from klplint.barriers.verdicts import Pairing
from klplint.facts.file_facts import Barrier, Comment, CommentPlace
from klplint.facts.region import Region
from tests.support.comment_reading import READER, WRITER, names, read
from tests.support.work import Meter, growth

PLACE = Region(1, 1, 1, 1)
MODULES = (
    *(classification, deed_rules, diagrams, links, named_functions, pairing_rules, primitives),
    *(reading, sentences, spelling, statement),
)
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
    *("to ensure that", "see", "after", "in", "RMB", "WMB", "from", "reader:A", "to", "visible."),
    *("does that", "smp_load_acquire()", "foo_v3/4_x()", "a_b()/c()", "f_<a|b>()", "f_{a,b}()"),
    *("...", "with a barrier", "set", "\u2026", "e.g.", "above", "the top of this file", "no", "é"),
    *("the other side", "foo:A", "->", "[", "]", "<", ">", "|", "CPU0", "Foo", "FOO_BAR"),
]
SPEECH = st.lists(st.sampled_from(PHRASES), max_size=25).map(" ".join)


def verdict(*comments: tuple[CommentPlace, int, str], function: str = "reader") -> Reading:
    near = tuple(Comment(f"/* {text} */", PLACE, place, gap) for place, gap, text in comments)
    return READER.read_barrier(
        Barrier(name="smp_rmb", region=PLACE, function=function, comments=near)
    )


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
        ("pairs with smp_rmb() in foo()", "none"),
        ("pairs with the read barrier in foo()", "none"),
        ("smp_wmb() in foo() pairs with smp_rmb() in bar()", "explicit"),
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
        ([("function", 0, "pairs with smp_wmb in foo()")], "remote", "explicit"),
        ([("function", 0, "the smp_wmb in foo() is slow")], "none", "none"),
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
    reading = verdict(*comments)
    assert (reading.comment, reading.pairing) == (attachment, pairing)


def test_the_reader_itself_is_no_partner() -> None:
    assert verdict(("line", 0, "pairs with the barrier in foo_bar()")).pairing == "explicit"
    for text in ("pairs with foo_bar()", "pairs with smp_rmb() in foo_bar()"):
        assert verdict(("line", 0, text), function="foo_bar").pairing == "none"


# Whom a sentence names


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("pairs with smp_wmb() in foo_v3/4_bar()", ["foo_v3_bar", "foo_v4_bar"]),
        ("pairs with the barriers in foo_enable()/disable()", ["foo_enable", "foo_disable"]),
        ("pairs with foo_a()/foo_b()", ["foo_a", "foo_b"]),
        ("pairs with foo_<start|end>()", ["foo_<start|end>"]),
        ("pairs with foo_{start,end}_x()", ["foo_{start,end}_x"]),
        ("pairs with foo_{get,put}_{a,b}()", ["foo_{get,put}_{a,b}"]),
        ("pairs with foo_<get|put>_<a|b>_x()", ["foo_<get|put>_<a|b>_x"]),
        ("pairs with {get,put}_{a,b}_x()", ["{get,put}_{a,b}_x"]),
        ("pairs with the barriers in foo_*()", ["foo_*"]),
        ("pairs with a/b.c:foo()", ["a/b.c", "foo"]),
        ("pairs with the barrier in foo (x)", []),
        ("pairs with the barrier in foo_x (y)", ["foo_x"]),
        ("pairs with wmb(s) in foo_bar", ["foo_bar"]),
        ("pairs with guard() in foo()", ["foo"]),
        ("pairs with complete() in foo()", ["foo"]),
        ("pairs with the smp_wmb() in foo_unlock()", ["foo_unlock"]),
        ("pairs with cmpxchg of the foo_xchg()", ["foo_xchg"]),
        ("pairs with foo_unlock() in foo()", ["foo_unlock", "foo"]),
    ],
)
def test_names_are_understood_as_they_are_shortened(text: str, partners: list[str]) -> None:
    assert names(read(text)) == partners


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("RMB from reader:A to reader:B matching WMB from foo:C to foo:D", ["foo"]),
        ("WMB from foo:C to bar:D matching RMB from some:A to other:B", ["foo", "bar"]),
        ("the smp_rmb() in bar() pairs with the smp_wmb() in foo()", ["foo"]),
        ("the smp_wmb() in foo() pairs with the read barrier in bar_x, of bar_y", ["foo"]),
    ],
)
def test_names_on_the_read_side_are_no_partners(text: str, partners: list[str]) -> None:
    reading = read(text)
    assert reading.pairing == "explicit"
    assert names(reading) == partners


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("pairs with smp_wmb() in foo() to ensure that bar() sees it", ["foo"]),
        ("pairs with foo(), so that bar_x and baz() are fine", ["foo"]),
        ("pairs with smp_wmb(), making sure that bar() sees it", ["bar"]),
        ("pairs with smp_wmb(), making sure that what bar() does is safe", []),
        ("paired with spin_unlock() so that either foo() or bar() is visible here", []),
        ("pairs with smp_wmb() so that the store made by foo() is seen", ["foo"]),
        ("pairs with foo()->bar() after baz()", ["foo", "bar"]),
        ("pairs with the smp_wmb() after foo() in bar()", ["bar"]),
        ("pairs with the smp_wmb() before foo_x in bar_y()", ["bar_y"]),
        ("pairs with the smp_wmb() after foo()", ["foo"]),
        ("pairs with the smp_wmb() after foo() in the loop", ["foo"]),
    ],
)
def test_names_of_a_purpose_or_of_a_spot_are_no_partners(text: str, partners: list[str]) -> None:
    assert names(read(text)) == partners


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("Pairs with smp_wmb(). See foo().", ["foo"]),
        ("Pairs with smp_wmb() in bar(). See foo().", ["bar"]),
        ("Pairs with the wmb. foo() does that before it writes.", ["foo"]),
        ("Pairs with bar(). foo() does that before it writes.", ["bar"]),
        ("Pairs with bar(). The updates from foo() are then visible.", ["bar", "foo"]),
        ("Pairs with bar(). We see what is set by foo().", ["bar", "foo"]),
        ("Pairs with bar(). foo() is called later.", ["bar"]),
        ("Pairs with smp_wmb(). Some words. foo() does that.", []),
    ],
)
def test_the_sentence_that_follows_may_add_a_writer(text: str, partners: list[str]) -> None:
    assert names(read(text)) == partners


# What is said


@pytest.mark.parametrize(
    ("text", "pairing"),
    [
        ("the smp_load_acquire() pairs with smp_store_release() in foo()", "implicit"),
        ("smp_load_acquire() above pairs with foo()", "implicit"),
        ("pairs with smp_load_acquire() in foo()", "none"),
        ("set by hardware", "implicit"),
        ("set by us", "none"),
        ("set by the caller", "none"),
        ("cleared, and then reported with memory barriers", "none"),
        ("published with memory barriers", "implicit"),
        ("foo() sets a", "implicit"),
        ("the producer fills it in foo()", "implicit"),
        ("the producer fills it", "none"),
    ],
)
def test_anothers_pairing_and_mere_deeds_are_less_than_a_pairing(
    text: str, pairing: Pairing
) -> None:
    assert read(text).pairing == pairing


@pytest.mark.parametrize(
    "text",
    [
        "no smp_wmb() needed",
        "without a matching wmb",
        "this might be an smp_wmb(), probably smp_wmb()",
        "the smp_wmb() is not needed",
        "smp_wmb() is missing here",
    ],
)
def test_a_barrier_that_is_denied_is_no_partner(text: str) -> None:
    assert read(text).pairing == "none"


@pytest.mark.parametrize(
    ("text", "by_pointer"),
    [
        ("see the comment in foo()", True),
        ("see foo() for the ordering", True),
        ("described in foo()", True),
        ("see foo()", True),
        ("see the comment in a/b.c", True),
        ("pairs with foo(). See the comment in bar()", False),
        ("pairs with foo()", False),
    ],
)
def test_a_mere_pointer_is_reported_from_a_pairing(text: str, by_pointer: bool) -> None:
    reading = read(text)
    assert reading.pairing == "explicit"
    assert (reading.condition == "pointer") is by_pointer


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a is checked first (see foo())", "pointer"),
        ("a is checked first, see foo_bar", "pointer"),
        ("a, then b; see also foo() and bar()", "pointer"),
        ("either see foo_bar or wait", ""),
        ("we must not see foo() there", ""),
    ],
)
def test_a_pointer_may_stand_within_a_sentence(text: str, condition: str) -> None:
    assert read(text).condition == condition


def test_a_spot_of_a_diagram_is_a_partner_without_a_name() -> None:
    for text in ("pairs with (A)", "pairs with B) below"):
        reading = read(text)
        assert (reading.pairing, names(reading)) == ("explicit", [])


def test_a_comment_that_goes_on_leans_on_the_one_before() -> None:
    before: tuple[CommentPlace, int, str] = ("function", 0, "pairs with smp_wmb() in foo()")
    for text in ("... and then b", "... before the other"):
        assert names(verdict(("line", 0, text), before)) == ["foo"]
    assert verdict(("line", 0, "and then ... b"), before).comment == "remote"


@given(SPEECH | st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    assert "smp_rmb" not in names(reading)
    assert "reader" not in {name.name for name in reading.counterparts if not name.labelled}
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
        "a{b,",
        "a_b{c,d}*",
        "f_v3/4",
        "a_b()/c() ",
        "RMB from a:A to b:B ",
        "to ensure that ",
        "after foo_a in ",
        "smp_load_acquire() x ",
        "set with ",
        "published by ",
        "no matching ",
        "might a b ",
        "see ",
        "foo() does that. ",
        "updates from foo() are visible. ",
        "with\n\n",
        "... ",
    ],
)
def test_a_huge_comment_takes_no_endless_time(piece: str) -> None:
    def measured(length: int, meter: Meter) -> None:
        text = "/* pairs with" + piece * (length // len(piece))
        assert READER.read_comment(text).comment == "attached"
        assert verdict(("line", 0, text), ("function", 0, text)).source is not None

    # Backtracking is not counted, but no sentence is longer than 1,000 characters.
    assert growth(measured, 4_000, *MODULES) < 2.3


@pytest.mark.parametrize(
    ("text", "pairing", "partners"),
    [
        ("Pairs with smp_rmb() in reader()", "explicit", ["reader"]),
        ("This smp_mb() pairs with the smp_rmb() in foo()", "explicit", ["foo"]),
        ("Matches the smp_mb() in foo()", "explicit", ["foo"]),
        ("smp_mb() orders a before b", "none", []),
        ("pairs with smp_rmb()", "explicit", []),
        ("set by foo()", "implicit", ["foo"]),
    ],
)
def test_a_full_barrier_may_pair_with_a_read_barrier(
    text: str, pairing: Pairing, partners: list[str]
) -> None:
    reading = READER.read_comment(f"/* {text} */", Site("smp_mb", "writer"))
    assert (reading.pairing, names(reading)) == (pairing, partners)


@pytest.mark.parametrize(
    "text",
    [
        "Does not pair with foo().",
        "Does not pair with smp_wmb() in foo().",
        "This smp_rmb() is not paired with foo().",
        "Never pairs with smp_wmb() in foo().",
        "No need to pair with foo().",
    ],
)
def test_pairing_that_is_denied_is_none(text: str) -> None:
    assert read(text).pairing == "none"


# What a counterpart is said to hold, and where it is said to be


def test_a_file_may_hold_a_primitive() -> None:
    assert said_of("pairs with smp_wmb() in a/b.c") == {"a/b.c": (("smp_wmb",), "")}
    assert said_of("pairs with foo() in a/b.c")["a/b.c"] == ((), "")
    assert said_of("pairs with foo_wmb() in a/b.c")["a/b.c"] == ((), "")


def said_of(text: str) -> dict[str, tuple[tuple[str, ...], str]]:
    return {name.name: (name.holds, name.file) for name in read(text).counterparts}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("pairs with the smp_wmb() in foo()", ("smp_wmb",)),
        ("pairs with smp_wmb inside foo()", ("smp_wmb",)),
        ("pairs with cmpxchg() or smp_mb() in foo()", ("cmpxchg", "smp_mb")),
        ("pairs with foo_unlock() in foo()", ("foo_unlock",)),
        ("pairs with the wmb in foo()", ()),
        ("pairs with the write barrier in foo()", ()),
        ("pairs with foo()", ()),
        ("pairs with smp_wmb() of foo()", ("smp_wmb",)),
        ("pairs with call_rcu() of foo()", ()),
        ("pairs with the smp_wmb() in a.c:foo()", ("smp_wmb",)),
    ],
)
def test_the_primitives_that_a_counterpart_is_said_to_hold(
    text: str, holds: tuple[str, ...]
) -> None:
    assert said_of(text)["foo"][0] == holds


@pytest.mark.parametrize(
    "text",
    [
        "pairs with foo() in a/b.c",
        "pairs with the smp_wmb() in foo(), in the file a/b.c",
        "pairs with foo() (a/b.c)",
        "pairs with a/b.c:foo()",
        "pairs with a/b.c::foo()",
    ],
)
def test_the_file_that_a_counterpart_is_said_to_be_in(text: str) -> None:
    assert said_of(text)["foo"][1] == "a/b.c"


@pytest.mark.parametrize(
    "text", ["pairs with foo() and a/b.c", "in a/b.c we have what pairs with foo()"]
)
def test_a_file_beside_a_counterpart_is_not_its_file(text: str) -> None:
    assert said_of(text)["foo"][1] == ""


@pytest.mark.parametrize(
    ("text", "impossible"),
    [
        ("pairs with smp_rmb() in foo()", "smp_rmb() in foo()"),
        ("pairs with the smp_load_acquire() in foo()", "smp_load_acquire() in foo()"),
        ("matches barrier() in foo_wmb()", "barrier() in foo_wmb()"),
        ("pairs with the read barrier in foo()", "the read barrier in foo()"),
        ("pairs with smp_rmb() in reader()", ""),
        ("does not pair with smp_rmb() in foo()", ""),
        ("smp_wmb() in foo() pairs with smp_rmb() in bar()", ""),
        ("pairs with smp_rmb() in foo(). The smp_wmb() is in bar().", ""),
        ("pairs with the barrier in foo()", ""),
    ],
)
def test_partners_that_a_read_barrier_cannot_have(text: str, impossible: str) -> None:
    assert read(text).impossible == impossible


SPACES = (0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
REPEATED = {
    "words": "pairs with the barrier in foo_bar() ",
    "a letter": "x",
    "brackets": "(",
    "spaces": " ",
    "primitives": "mb ",
    "sentences": "Pairs with smp_wmb() in foo_one(). ",
    "pointers": "See foo_one(), ",
    "quotes": "\"'`",
    "columns": "CPU 0                    CPU 1\n * ",
    "wide columns": "c" + "  c" * 300 + "\n * ",
    "a chain": "a()->",
    "braces": "{a,b}_",
    "an open brace": "foo_{",
    "alternatives": "foo_<a|b>",
    "directories": "a/b/c/",
    "names": "foo(), ",
    "denials": "not ",
    "letters": "pairs with (A), ",
    "threads": "races with the ",
    "dependencies": "address ",
    "locks": "foo() runs a b c d e ",
    "reads": "read a b c d e f in ",
    "devices": "the device a b c ",
    "the other side": "the other side ",
    "orders": "orders the ",
}


@pytest.mark.parametrize("repeated", REPEATED)
def test_a_comment_of_a_megabyte_takes_the_work_of_its_first_part(repeated: str) -> None:
    def measured(length: int, meter: Meter) -> None:
        text = f"/* {REPEATED[repeated] * (length // len(REPEATED[repeated]))} */"
        READER.read_comment(text, Site("smp_mb", "reader"))
        WRITER.read_comment(text, Site("smp_wmb", "writer"))

    assert growth(measured, 500_000, *MODULES) < 1.1


def test_a_name_is_not_cut_where_reading_ends() -> None:
    for length in range(19_900, 20_100, 7):
        text = "Pairs with smp_wmb() in foo_bar(). " * 600
        assert names(read(f"{' ' * (length % 35)}{text}")) == ["foo_bar"]


@pytest.mark.parametrize("space", [*map(chr, SPACES)])
def test_every_space_of_unicode_is_one(space: str) -> None:
    got = read(space.join(["Pairs", "with", "smp_wmb()", "in", "foo_bar()."]))
    assert (got.pairing, names(got)) == ("explicit", ["foo_bar"])


@pytest.mark.parametrize(
    "text",
    [
        "\u202ePairs\u202c with \u200fsmp_wmb()\u200e in \u2067foo_bar()\u2069.",
        "Pairs with `` 'smp_wmb()' `` in \"'`foo_bar()`'\".",
        "Pairs with \udcff\udcfe smp_wmb() in foo_bar()\udcff.",
        "\ufeffPairs with smp_wmb()\u200b in foo_bar()",
    ],
)
def test_marks_between_words_do_not_matter(text: str) -> None:
    assert names(read(text)) == ["foo_bar"]
