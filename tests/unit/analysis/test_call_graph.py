"""Who calls a function, and who takes its address: facts of small trees, built by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from klplint.analysis.call_graph import (
    Site,
    callee_of,
    calls_of,
    files_called,
    references_to,
)
from klplint.facts.file_facts import Entity, FileFacts, How, Occurrence, OccurrenceClass
from klplint.facts.kernel_version import Version
from klplint.facts.queries import TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Block, Function
from klplint.facts.watch import Callee

NOWHERE = Region(1, 1, 1, 1)


def name(
    called: str,
    kind: OccurrenceClass = "call",
    line: int = 1,
    how: How = "ast",
    entity: Entity = "function",
) -> Occurrence:
    region = Region(line, 1, line, 9)
    return Occurrence(name=called, region=region, kind=kind, how=how, entity=entity)


def tree(**files: Iterable[Occurrence]) -> Mapping[str, FileFacts]:
    """Files by their names, in which `_` stands for the dot, with what they name."""
    facts = {}
    for name, occurrences in files.items():
        path = name.replace("_", ".")
        facts[path] = FileFacts(path=path, occurrences=(), further=tuple(occurrences))
    return facts


def where(sites: Iterable[Site]) -> list[tuple[str, int]]:
    return [(site.facts.path, site.occurrence.region.line) for site in sites]


@pytest.mark.parametrize(
    ("path", "static", "shared"),
    [
        ("kernel/a.c", False, True),
        ("kernel/a.c", True, False),
        ("include/a.h", False, True),
        ("include/a.h", True, True),  # each file that includes it can call it
    ],
)
def test_what_other_files_can_call(path: str, static: bool, shared: bool) -> None:
    function = Function(
        name="f",
        region=NOWHERE,
        static=static,
        parameters=(),
        variables=(),
        body=Block((), NOWHERE),
    )
    facts = FileFacts(path=path, occurrences=())
    assert callee_of(facts, function) == Callee("f", path, shared)


SHARED = Callee("f", "a.c", True)
STATIC = Callee("f", "a.c", False)
DEFINED = name("f", "definition", 9)


@pytest.mark.parametrize(
    ("callee", "files", "expected"),
    [
        (SHARED, tree(), []),
        (SHARED, tree(a_c=[name("f")], b_c=[name("f", line=2)]), [("a.c", 1), ("b.c", 2)]),
        (STATIC, tree(a_c=[name("f")], b_c=[name("f", line=2)]), [("a.c", 1)]),
        (SHARED, tree(a_c=[name("g"), name("f", line=2)]), [("a.c", 2)]),
        # Its own definition makes no difference; with another one, a file means that.
        (SHARED, tree(a_c=[name("f"), DEFINED]), [("a.c", 1)]),
        (SHARED, tree(a_c=[name("f")], b_c=[name("f", line=2), DEFINED]), [("a.c", 1)]),
        (SHARED, tree(b_c=[name("f"), name("g", "definition")]), [("b.c", 1)]),
        # Only what calls it counts.
        (SHARED, tree(a_c=[name("f", "reference"), name("f", "declaration")]), []),
        (SHARED, tree(a_c=[name("f", "comment"), name("f", "macro-body")]), []),
        # Where no parse shows a call, its tokens do.
        (SHARED, tree(a_c=[name("f", how="tokens")]), [("a.c", 1)]),
    ],
)
def test_the_calls_of_a_function(
    callee: Callee, files: Mapping[str, FileFacts], expected: list[tuple[str, int]]
) -> None:
    assert where(calls_of(callee, files)) == expected


def test_calls_through_macros_count() -> None:
    facts = FileFacts(
        path="b.c",
        occurrences=(),
        further=(name("f"),),
        macro_calls=(name("f", line=2), name("g", line=3), name("f", "reference", 4)),
    )
    assert where(calls_of(SHARED, {"b.c": facts})) == [("b.c", 1), ("b.c", 2)]
    assert where(references_to(SHARED, {"b.c": facts})) == [("b.c", 4)]


@pytest.mark.parametrize(
    ("occurrence", "is_taken"),
    [
        (name("f", "reference"), True),
        (name("f", "call"), False),
        (name("g", "reference"), False),
        # Another thing of that name, and a name of which no parse says what it means.
        (name("f", "reference", entity="member"), False),
        (name("f", "reference", entity="variable"), False),
        (name("f", "reference", how="tokens"), False),
    ],
)
def test_where_an_address_is_taken(occurrence: Occurrence, is_taken: bool) -> None:
    sites = references_to(SHARED, tree(b_c=[occurrence]))
    assert where(sites) == ([("b.c", 1)] if is_taken else [])


def test_an_address_is_taken_only_where_the_function_can_be_meant() -> None:
    files = tree(a_c=[name("f", "reference", 3)], b_c=[name("f", "reference")])
    assert where(references_to(STATIC, files)) == [("a.c", 3)]
    files = tree(a_c=[], b_c=[name("f", "reference"), DEFINED])
    assert where(references_to(SHARED, files)) == []


def defining(path: str, defined: str, *called: str, static: bool = False) -> FileFacts:
    """A file with one function, and what it calls."""
    function = Function(
        name=defined,
        region=NOWHERE,
        static=static,
        parameters=(),
        variables=(),
        body=Block((), NOWHERE),
    )
    return FileFacts(
        path=path, occurrences=(), further=tuple(map(name, called)), functions=(function,)
    )


@pytest.mark.parametrize(
    ("linted", "expected"),
    [
        ({"a.c"}, {"a.c", "b.c", "c.h"}),
        ({"b.c"}, {"b.c", "c.h"}),
        ({"c.h"}, {"c.h"}),
        ({"d.c"}, {"d.c"}),
        (None, {"a.c", "b.c", "c.h", "d.c", "e.c"}),
        ({"a.c", "b.c", "c.h", "d.c", "e.c", "gone.c"}, {"a.c", "b.c", "c.h", "d.c", "e.c"}),
    ],
)
def test_files_that_linted_ones_call(linted: set[str] | None, expected: set[str]) -> None:
    """a calls b, and b calls c; what d calls is static in e; nobody calls d."""
    files = [
        defining("a.c", "a", "b"),
        defining("b.c", "b", "c"),
        defining("c.h", "c", static=True),
        defining("d.c", "d", "e"),
        defining("e.c", "e", static=True),
    ]
    wanted = None if linted is None else frozenset(linted)
    tree = TreeFacts(Version(6, 12), {each.path: each for each in files}, linted=wanted)
    assert {facts.path for facts in files_called(tree)} == expected
