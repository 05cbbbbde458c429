"""What a name means: the nearest definition of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from klplint.barriers.name_lookup import NameLookup
from klplint.barriers.named_functions import Named
from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition, DefinitionsOf, Query, StoredAs, TreeFacts
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


def test_a_member_is_never_missing_and_means_no_other_function() -> None:
    member = Named("push", "function", member=True)
    assert meant("mm/r.c", at("mm/r.c"), name=member) == []
    lookup = NameLookup("mm/r.c", TreeFacts(Version(6, 12), answers={DefinitionsOf("push"): ()}))
    assert lookup.is_missing(NAME)
    assert not lookup.is_missing(member)


def test_how_a_name_was_resolved_is_said() -> None:
    answers: Mapping[Query, tuple[Definition, ...]] = {DefinitionsOf("push"): (at("mm/w.c"),)}
    lookup = NameLookup("mm/r.c", TreeFacts(Version(6, 12), answers=answers))
    assert lookup.how(NAME)[0] == "shared, in the same directory"
    assert lookup.how(Named("pull", "function"))[0] == "nowhere"
