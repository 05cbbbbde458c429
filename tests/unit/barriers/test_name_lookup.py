"""What a name means: the nearest definition of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from klplint.barriers.name_lookup import NameLookup
from klplint.barriers.named_functions import Named
from klplint.facts.kernel_version import Version
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    Mention,
    NamedLike,
    Query,
    StoredAs,
    TreeFacts,
)
from klplint.facts.region import Region

PLACE = Region(1, 1, 1, 5)
NAME = Named("push", "function")


def at(path: str, *, static: bool = False) -> Definition:
    return Definition(kind="function", name="push", path=path, region=PLACE, static=static)


def meant(
    path: str, *definitions: Definition, name: Named = NAME, stored: tuple[Definition, ...] = ()
) -> list[str]:
    """The paths of the definitions that a name means in the file at `path`."""
    answers: Mapping[Query, tuple[Definition, ...]] = {
        DefinitionsOf(name.name): definitions,
        StoredAs(name.name, path): stored,
    }
    lookup = NameLookup(path, TreeFacts(Version(6, 12), answers=answers))
    return [definition.path for definition in lookup.definitions(name)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("net/a/r.c", ["net/a/w.c"]),
        ("net/c/r.c", ["net/a/w.c"]),
        ("drivers/net/r.c", ["drivers/net/w.c"]),
        ("arch/x86/r.c", ["arch/x86/kernel/w.c"]),
        ("arch/arm/r.c", ["net/a/w.c", "drivers/net/w.c", "include/w.h"]),
        ("mm/r.c", ["net/a/w.c", "drivers/net/w.c", "include/w.h"]),
    ],
)
def test_the_nearest_definition_is_meant(path: str, expected: list[str]) -> None:
    others = ("net/a/w.c", "drivers/net/w.c", "include/w.h", "arch/x86/kernel/w.c")
    assert meant(path, *map(at, others)) == expected


def test_of_many_architectures_all_are_meant_where_nothing_is_shared() -> None:
    assert meant("mm/r.c", at("arch/x86/w.c"), at("arch/arm/w.c")) == [
        "arch/x86/w.c",
        "arch/arm/w.c",
    ]


def test_what_others_see_comes_before_what_is_static_nearby() -> None:
    assert meant("mm/r.c", at("lib/w.c"), at("mm/w.c", static=True)) == ["lib/w.c"]
    assert meant("mm/r.c", at("mm/w.c", static=True)) == ["mm/w.c"]


def test_a_static_function_of_the_file_comes_before_a_headers() -> None:
    assert meant("mm/r.c", at("include/w.h"), at("mm/r.c", static=True)) == ["mm/r.c"]


def test_a_short_name_may_be_that_of_a_member_in_the_file() -> None:
    stored = (at("mm/r.c"),)
    assert meant("mm/r.c", at("net/socket.c"), stored=stored) == ["mm/r.c"]
    long_name = Named("push_it", "function")
    assert meant("mm/r.c", at("net/w.c"), name=long_name, stored=stored) == ["net/w.c"]


def test_a_member_means_no_other_function_and_is_missing_if_no_code_has_the_name() -> None:
    member = Named("push", "function", member=True)
    assert meant("mm/r.c", at("mm/r.c"), name=member) == []
    declared = msgspec.structs.replace(at("a.h"), kind="object")
    for answer, is_missing in (((), True), ((declared,), False), ((at("mm/r.c"),), False)):
        answers: Mapping[Query, tuple[Definition, ...]] = {DefinitionsOf("push"): answer}
        lookup = NameLookup("mm/r.c", TreeFacts(Version(6, 12), answers=answers))
        assert lookup.is_missing(member) is is_missing
        assert lookup.how(member)[0].startswith("nowhere" if is_missing else "a member")
    assert not NameLookup("mm/r.c", TreeFacts(Version(6, 12))).is_missing(member)


LONG = Named("ring_push", "function")


def short_for(name: Named, reader: str = "", **longer: str) -> tuple[str, list[str]]:
    """How a name that is nowhere is resolved in a/r.c, where StoredAs or NamedLike gives some."""
    place = {"stored": StoredAs(name.name, "a/r.c"), "like": NamedLike(name.name, "a/r.c")}
    answers: dict[Query, tuple[Definition, ...]] = {DefinitionsOf(name.name): ()}
    for kind, written in longer.items():
        path, _, function = written.partition(":")
        answers[place[kind]] = (msgspec.structs.replace(at(path), name=function),)
    lookup = NameLookup("a/r.c", TreeFacts(Version(6, 12), answers=answers))
    how, definitions = lookup.how(name, reader)
    return how, [each.name for each in definitions]


def test_a_name_that_is_nowhere_may_be_short_for_one() -> None:
    of_file = ("short for a function of this file", ["disk_ring_push"])
    assert short_for(LONG, stored="a/r.c:disk_ring_push") == of_file
    assert short_for(LONG, like="a/r.c:disk_ring_push") == of_file
    assert short_for(LONG, like="a/w.c:disk_ring_push") == (
        "short for a function of this directory",
        ["disk_ring_push"],
    )
    assert short_for(LONG, stored="a/r.c:__ring_push") == ("nowhere", [])
    assert short_for(LONG, like="a/r.c:ring_pushed") == ("nowhere", [])
    assert short_for(NAME, like="a/r.c:disk_push") == ("nowhere", [])
    word = Named("ring_push", "function", called=False)
    assert short_for(word, like="a/r.c:disk_ring_push") == of_file


def test_no_name_is_short_for_the_function_of_the_barrier() -> None:
    reader = "disk_ring_push"
    for place in ("stored", "like"):
        assert short_for(LONG, reader, **{place: f"a/r.c:{reader}"}) == ("nowhere", [])
        assert short_for(LONG, reader, **{place: "a/r.c:net_ring_push"})[1] == ["net_ring_push"]
        assert short_for(LONG, reader, **{place: f"a/w.c:{reader}"})[1] == [reader]


def test_a_word_without_parentheses_is_not_meant_by_its_end() -> None:
    longer = (msgspec.structs.replace(at("a/r.c"), name="disk_ring_push"),)
    answers: Mapping[Query, tuple[Definition, ...]] = {
        DefinitionsOf("ring_push"): (),
        NamedLike("ring_push", "a/r.c"): longer,
    }
    lookup = NameLookup("a/r.c", TreeFacts(Version(6, 12), answers=answers))
    assert lookup.is_meant(LONG)
    assert not lookup.is_meant(Named("ring_push", "function", called=False))
    assert not lookup.is_missing(LONG)


def test_what_is_only_ordered_and_called_here_is_not_meant() -> None:
    inside = msgspec.structs.replace(at("a/r.c"), calls=(Mention("push", PLACE),))
    answers: Mapping[Query, tuple[Definition, ...]] = {DefinedIn("reader", "a/r.c"): (inside,)}
    lookup = NameLookup("a/r.c", TreeFacts(Version(6, 12), answers=answers))
    ordered = Named("push", "function", ordered=True)
    assert lookup.not_called_in("reader", (NAME, ordered)) == (NAME,)
    assert lookup.not_called_in("other", (NAME, ordered)) == (NAME, ordered)


def test_how_a_name_was_resolved_is_said() -> None:
    answers: Mapping[Query, tuple[Definition, ...]] = {DefinitionsOf("push"): (at("mm/w.c"),)}
    lookup = NameLookup("mm/r.c", TreeFacts(Version(6, 12), answers=answers))
    assert lookup.how(NAME)[0] == "shared, in the same directory"
    assert lookup.how(Named("pull", "function"))[0] == "nowhere"
