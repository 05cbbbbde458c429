"""Counterparts looked up: what is asked, what the answers make of a name, and of a pointer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from klplint.barriers.counterparts import Counterpart, Resolver
from klplint.barriers.primitives import Primitives
from klplint.barriers.reading import Reader
from klplint.barriers.verdicts import Pairing
from klplint.catalogue.load import load_families
from klplint.facts.kernel_version import Version
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionKind,
    DefinitionsOf,
    Mention,
    NamedLike,
    Query,
    SourceFile,
    StoredAs,
    TreeFacts,
)
from klplint.facts.region import Region

FAMILIES = load_families()
READER = Reader(Primitives(FAMILIES))
PLACE = Region(1, 1, 1, 5)
PAIRS = "/* Pairs with %s. */"
Answers = Mapping[Query, tuple[Definition, ...]]


def defined(
    *calls: str,
    kind: DefinitionKind = "function",
    path: str = "w.c",
    static: bool = False,
    comments: tuple[str, ...] = (),
    name: str = "push",
) -> Definition:
    mentions = tuple(Mention(call, PLACE) for call in calls)
    return Definition(
        kind=kind,
        name=name,
        path=path,
        region=PLACE,
        static=static,
        calls=mentions,
        comments=comments,
    )


def asked(name: str, near: str = "") -> Query:
    return DefinitionsOf(name, near)


def resolver(answers: Answers) -> Resolver:
    return Resolver("r.c", TreeFacts(Version(6, 12), answers=dict(answers)), FAMILIES, READER)


def resolved(text: str, answers: Answers) -> tuple[Pairing, list[Counterpart]]:
    reading, counterparts = resolver(answers).resolved(READER.read_comment(text))
    return reading.pairing, list(counterparts)


def only(*definitions: Definition, more: Answers | None = None, text: str = "") -> Counterpart:
    """The one counterpart of a comment that pairs with push()."""
    answers = {asked("push"): definitions, **(more or {})}
    (counterpart,) = resolved(text or PAIRS % "push()", answers)[1]
    return counterpart


@pytest.mark.parametrize(
    ("definitions", "status"),
    [
        ([], "missing"),
        ([defined("smp_wmb")], "ok"),
        ([defined("spin_unlock")], "ok"),
        ([defined("memcpy")], "no-write-barrier"),
        ([defined("rmb", "cmpxchg_relaxed")], "no-write-barrier"),
        ([defined("memcpy", kind="macro")], "no-write-barrier"),
        ([defined(kind="assembly", path="w.S")], "ok"),
        ([defined(kind="use")], "ok"),
        ([defined(kind="object")], "ok"),
        ([defined("memcpy"), defined(kind="assembly", path="w.S")], "ok"),
        ([defined("memcpy"), defined("smp_mb", path="x.c")], "ok"),
    ],
)
def test_the_status_of_a_counterpart(definitions: list[Definition], status: str) -> None:
    assert only(*definitions).status == status


def test_nothing_is_claimed_of_what_was_not_asked() -> None:
    (counterpart,) = resolved(PAIRS % "push()", {})[1]
    assert (counterpart.status, counterpart.definitions) == ("ok", ())


def test_a_barrier_by_trade_is_reported_before_what_implies_one() -> None:
    assert [b.name for b in only(defined("spin_unlock", "smp_wmb")).barriers] == ["smp_wmb"]
    assert [b.name for b in only(defined("spin_unlock", "wake_up")).barriers] == [
        "spin_unlock",
        "wake_up",
    ]


def test_this_file_comes_first_then_what_all_see_then_other_statics() -> None:
    here = defined(path="r.c", static=True)
    shared = defined(path="a.c")
    header = defined(path="a.h", static=True)
    other = defined(path="b.c", static=True)
    assert only(here, shared, header, other).definitions == (here,)
    assert only(shared, header, other).definitions == (shared, header)
    assert only(other).definitions == (other,)


def test_one_static_function_elsewhere_is_classified_and_several_are_not() -> None:
    first, second = defined(path="a.c", static=True), defined(path="b.c", static=True)
    assert only(first).status == "no-write-barrier"
    assert only(first, second).status == "ok"


def test_what_is_called_directly_counts_too() -> None:
    nothing: tuple[Definition, ...] = ()
    callee = {
        DefinedIn("store", "w.c"): nothing,
        asked("store", "w.c"): (defined("smp_wmb", name="store", path="v.c"),),
    }
    counterpart = only(defined("store"), more=callee)
    assert counterpart.status == "ok"
    assert [(b.name, b.path) for b in counterpart.barriers] == [("smp_wmb", "v.c")]
    deeper: Answers = {DefinedIn("store", "w.c"): (defined("further", name="store"),)}
    assert only(defined("store"), more=deeper).status == "no-write-barrier"


def test_how_a_read_barrier_is_built_makes_no_write_barrier() -> None:
    built: Answers = {DefinedIn("rmb", "w.c"): (defined("mb", name="rmb", kind="macro"),)}
    assert only(defined("rmb"), more=built).status == "no-write-barrier"


def test_a_missing_one_comes_with_what_is_alike() -> None:
    alike: Answers = {NamedLike("push", "r.c"): (defined(name="pushed"),)}
    assert only(more=alike).alike == defined(name="pushed")
    assert only().alike is None


@pytest.mark.parametrize(
    ("definitions", "kind"),
    [
        ([defined("wmb", kind="macro")], "macro"),
        ([defined("wmb", kind="macro"), defined("wmb")], "function"),
        ([], "function"),
    ],
)
def test_the_kind_is_what_the_tree_says(definitions: list[Definition], kind: str) -> None:
    assert only(*definitions).kind == kind


def test_a_use_is_no_place_to_show() -> None:
    assert only(defined(kind="use")).definitions == ()


def test_a_file_is_looked_up_near_the_reader() -> None:
    text = PAIRS % "the write barrier in w.c"
    file = SourceFile("w.c", "r.c")
    got: Answers = {file: (defined("smp_wmb", kind="file", name="w.c"),)}
    assert [c.status for c in resolved(text, got)[1]] == ["ok"]
    assert [c.status for c in resolved(text, {file: ()})[1]] == ["missing"]
    bare: Answers = {file: (defined("memcpy", kind="file", name="w.c"),)}
    assert [c.status for c in resolved(text, bare)[1]] == ["no-write-barrier"]


def test_a_bare_word_that_is_an_object_is_no_counterpart() -> None:
    expected_ones = {asked("push_count"): (defined(kind="object", name="push_count"),)}
    assert resolved(PAIRS % "smp_wmb() before push_count", expected_ones) == ("explicit", [])
    written_as_call = resolved(PAIRS % "smp_wmb() in push_count()", expected_ones)[1]
    assert [c.name for c in written_as_call] == ["push_count"]
    mixed = {asked("push_count"): (*expected_ones[asked("push_count")], defined(name="push_count"))}
    assert len(resolved(PAIRS % "smp_wmb() in push_count", mixed)[1]) == 1


# What the comment says of a counterpart


@pytest.mark.parametrize(
    ("calls", "status"),
    [
        (("smp_wmb",), "ok"),
        (("smp_mb",), "ok"),
        (("spin_unlock",), "other-barrier"),
        (("smp_store_release", "memcpy"), "other-barrier"),
        (("memcpy",), "no-write-barrier"),
    ],
)
def test_the_primitive_that_is_named_has_to_be_there(calls: tuple[str, ...], status: str) -> None:
    assert only(defined(*calls), text=PAIRS % "smp_wmb() in push()").status == status


def test_the_primitive_may_be_in_what_is_called_directly() -> None:
    text = PAIRS % "smp_wmb() in push()"
    deeper: Answers = {DefinedIn("store", "w.c"): (defined("smp_wmb", name="store"),)}
    assert only(defined("spin_unlock", "store"), more=deeper, text=text).status == "ok"
    other: Answers = {DefinedIn("store", "w.c"): (defined("xchg", name="store"),)}
    assert only(defined("spin_unlock", "store"), more=other, text=text).status == "other-barrier"


def test_callees_are_asked_for_until_the_named_primitive_is_there() -> None:
    for calls, asks in ((("smp_wmb", "store"), False), (("spin_unlock", "store"), True)):
        answers: Answers = {asked("push"): (defined(*calls),)}
        reading = READER.read_comment(PAIRS % "smp_wmb() in push()")
        queries = set(resolver(answers).queries(reading))
        assert (DefinedIn("store", "w.c") in queries) is asks


def test_a_function_that_only_calls_another_counts_as_that_one() -> None:
    more: Answers = {
        DefinedIn("store", "w.c"): (defined("deeper", "memcpy", name="store"),),
        DefinedIn("deeper", "w.c"): (defined("smp_wmb", name="deeper"),),
    }
    assert only(defined("store"), more=more).status == "ok"
    assert only(defined("store", "memcpy"), more=more).status == "no-write-barrier"


def test_no_primitive_is_looked_through() -> None:
    built: Answers = {DefinedIn("set_bit", "w.c"): (defined("xchg", name="set_bit"),)}
    assert only(defined("set_bit", "memcpy"), more=built).status == "no-write-barrier"


@pytest.mark.parametrize(
    ("definition", "status"),
    [
        (defined("smp_wmb", path="named.c"), "ok"),
        (defined("smp_wmb", path="header.h", static=True), "ok"),
        (defined(kind="use", path="w.c"), "ok"),
        (defined("smp_wmb", path="w.c"), "elsewhere"),
    ],
)
def test_the_file_of_a_function_may_be_named(definition: Definition, status: str) -> None:
    answers: Answers = {
        SourceFile("named.c", "r.c"): (defined("mb", kind="file", path="named.c"),),
        asked("push"): (definition,),
    }
    counterparts = resolved(PAIRS % "smp_wmb() in push() in named.c", answers)[1]
    assert {c.name: c.status for c in counterparts}["push"] == status


def test_of_several_functions_the_one_in_the_named_file_is_meant() -> None:
    first, second = defined(path="a.c"), defined("smp_wmb", path="b.c", static=True)
    answers: Answers = {
        SourceFile("b.c", "r.c"): (defined("mb", kind="file", path="b.c"),),
        asked("push"): (first, second),
    }
    counterparts = resolved(PAIRS % "push() in b.c", answers)[1]
    assert {c.name: c.definitions for c in counterparts}["push"] == (second,)


@pytest.mark.parametrize(
    ("unlock", "names"),
    [((), ["push_unlock", "push"]), ((defined(name="push_unlock"),), ["push"])],
)
def test_what_looks_like_a_primitive_is_not_a_counterpart_beside_one(
    unlock: tuple[Definition, ...], names: list[str]
) -> None:
    answers = {asked("push_unlock"): unlock, asked("push"): (defined("push_unlock"),)}
    counterparts = resolved(PAIRS % "push_unlock() in push()", answers)[1]
    assert [c.name for c in counterparts] == names


def test_a_barrier_that_is_nowhere_is_the_only_thing_wrong() -> None:
    answers: Answers = {asked("push_wmb"): (), asked("push"): (defined("smp_wmb"),)}
    counterparts = resolved(PAIRS % "push_wmb() in push()", answers)[1]
    assert [c.status for c in counterparts] == ["missing", "ok"]


def test_what_a_part_of_a_tree_lacks_is_not_missing() -> None:
    facts = TreeFacts(Version(6, 12), answers={asked("push"): ()}, gaps=("lib/",))
    part = Resolver("r.c", facts, FAMILIES, READER)
    (counterpart,) = part.resolved(READER.read_comment(PAIRS % "push()"))[1]
    assert counterpart.status == "not-in-part"


# Pointers

SEE = "/* See the comment in push(). */"


@pytest.mark.parametrize(
    ("definition", "pairing"),
    [
        (defined(comments=("/* Pairs with smp_rmb() in pull(). */",)), "explicit"),
        (defined(comments=("/* a first, then b: keep that order */",)), "explicit"),
        (defined(comments=("/* the device may be gone */",)), "none"),
        (defined("smp_wmb", comments=("/* the device may be gone */",)), "explicit"),
        (defined("spin_unlock", comments=("/* the device may be gone */",)), "none"),
        (defined("smp_wmb"), "explicit"),
        (defined(kind="use"), "explicit"),
        (defined(), "none"),
        (defined(kind="assembly", path="w.S"), "explicit"),
    ],
)
def test_a_pointer_counts_if_the_place_speaks_of_barriers(
    definition: Definition, pairing: str
) -> None:
    assert resolved(SEE, {asked("push"): (definition,)})[0] == pairing


def test_a_pointer_to_nowhere_counts_and_is_missing() -> None:
    pairing, (counterpart,) = resolved(SEE, {asked("push"): ()})
    assert (pairing, counterpart.status) == ("explicit", "missing")


def test_a_pointer_to_an_object_is_taken_by_its_word() -> None:
    expected_ones = {asked("push_state"): (defined(kind="object", name="push_state"),)}
    assert resolved("/* See the comment at push_state. */", expected_ones) == ("explicit", [])


def test_where_a_pointer_leads_there_need_not_be_a_barrier() -> None:
    answers = {asked("push"): (defined("memcpy", comments=("/* keep the order */",)),)}
    assert resolved(SEE, answers)[1][0].status == "ok"


# Questions


def queries(text: str, answers: Answers) -> set[Query]:
    return set(resolver(answers).queries(READER.read_comment(text)))


def test_first_the_names_are_asked_for() -> None:
    assert queries(PAIRS % "push() and the barrier in w.c", {}) == {
        asked("push"),
        StoredAs("push", "r.c"),
        SourceFile("w.c", "r.c"),
    }
    assert queries("/* read a before b */", {}) == set()


def test_then_what_is_alike_of_a_missing_one() -> None:
    assert NamedLike("push", "r.c") in queries(PAIRS % "push()", {asked("push"): ()})


def test_then_what_it_calls_unless_it_holds_a_barrier_itself() -> None:
    bare = {asked("push"): (defined("store", "rmb", "smp_load_acquire"),)}
    of_file = DefinedIn("store", "w.c")
    names = {asked("push"), StoredAs("push", "r.c")}
    assert queries(PAIRS % "push()", bare) == names | {of_file}
    elsewhere: tuple[Definition, ...] = ()
    assert asked("store", "w.c") in queries(PAIRS % "push()", {**bare, of_file: elsewhere})
    ours = {asked("push"): (defined("store", "smp_wmb"),)}
    assert queries(PAIRS % "push()", ours) == names
    assert queries(SEE, bare) == names
