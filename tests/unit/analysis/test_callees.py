"""Which definitions a call means: those of its file, its architecture, or all architectures."""

from __future__ import annotations

import pytest

from klplint.analysis.callees import (
    EVERY_ARCHITECTURE,
    Callees,
    CallPlace,
    architecture_for,
    meant,
)
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.kernel_version import Version
from klplint.facts.parse_variant import ParseVariant
from klplint.facts.queries import Definition, DefinitionsOf, Query, TreeFacts
from klplint.kernel.architecture import architecture_of
from tests.support.definitions import HERE, function

X86 = "arch/x86/include/asm/nap.h"
ARM = "/src/linux/arch/arm/include/asm/nap.h"


def tree_with(*definers: str, asker: str = "drivers/a.c", architecture: str = "x86") -> TreeFacts:
    """A tree in which files define nap(), for a file that is compiled for an architecture.

    A file with a plus sign before its path defines a default.
    """
    seen = Occurrence(
        name="go", region=HERE, kind="call", how="ast", parse=ParseVariant(architecture)
    )
    facts = FileFacts(path=asker, occurrences=(seen,))
    answer = tuple(
        function(path.removeprefix("+"), "nap", ["schedule"], replaceable=path.startswith("+"))
        for path in definers
    )
    answers: dict[Query, tuple[Definition, ...]] = {
        DefinitionsOf("nap", asker): answer,
        DefinitionsOf("nap", X86): answer,
    }
    return TreeFacts(Version.parse("6.12"), {asker: facts}, answers)


def paths_meant(tree: TreeFacts, path: str = "drivers/a.c") -> list[str]:
    callees = Callees(tree, lambda name: False)
    return [each.path for each in callees.definitions(CallPlace("nap", path))]


@pytest.mark.parametrize(
    ("definers", "expected"),
    [
        (["include/linux/nap.h", X86, ARM], ["include/linux/nap.h"]),
        ([X86, ARM], [X86]),
        ([ARM], []),
        (["drivers/a.c", X86, "lib/nap.c"], ["drivers/a.c"]),
        (["lib/nap.c", ARM], ["lib/nap.c"]),
    ],
)
def test_definitions_of_other_architectures_are_not_meant(
    definers: list[str], expected: list[str]
) -> None:
    assert paths_meant(tree_with(*definers)) == expected


@pytest.mark.parametrize(
    ("definers", "architecture", "expected"),
    [
        (["+lib/nap.c", X86, ARM], "", ["lib/nap.c", X86]),
        (["+lib/nap.c", ARM], "", ["lib/nap.c"]),
        (["+lib/nap.c", X86, ARM], EVERY_ARCHITECTURE, ["lib/nap.c", X86, ARM]),
        (["+lib/nap.c", "kernel/nap.c", X86], EVERY_ARCHITECTURE, ["lib/nap.c", "kernel/nap.c"]),
        ([X86, ARM], EVERY_ARCHITECTURE, [X86, ARM]),
        (["+drivers/a.c", "lib/nap.c", X86], "", ["drivers/a.c", X86]),
    ],
)
def test_a_default_does_not_hide_those_of_architectures(
    definers: list[str], architecture: str, expected: list[str]
) -> None:
    callees = Callees(tree_with(*definers), lambda name: False)
    place = CallPlace("nap", "drivers/a.c", architecture=architecture)
    assert [each.path for each in callees.definitions(place)] == expected


def test_what_is_static_in_the_file_of_the_call_hides_all_others() -> None:
    inside = function("drivers/a.c", "nap", [], replaceable=True, static=True)
    other = function(X86, "nap", [])
    assert meant([inside, other], "drivers/a.c", "x86") == [inside]


def test_the_architecture_is_that_of_the_parse() -> None:
    assert paths_meant(tree_with(X86, ARM, architecture="arm")) == [ARM]
    assert architecture_for("drivers/a.c", tree_with(architecture="s390")) == "s390"
    assert architecture_for("drivers/b.c", tree_with()) == ""


def test_a_file_of_an_architecture_belongs_to_that() -> None:
    tree = tree_with(ARM, X86, asker="arch/arm/kernel/a.c")
    assert paths_meant(tree, "arch/arm/kernel/a.c") == [ARM]


def test_the_calls_of_a_definition_are_for_the_same_architecture() -> None:
    callees = Callees(tree_with("lib/nap.c"), lambda name: False)
    ((_, (inner,)),) = callees.calls_in(CallPlace("nap", "drivers/a.c"))
    assert inner == CallPlace("schedule", "lib/nap.c", 1, "x86")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("arch/x86/kernel/process.c", "x86"),
        ("/home/me/linux/arch/arm64/include/asm/io.h", "arm64"),
        ("/srv/arch/linux/kernel/fork.c", ""),
        ("/srv/arch/linux/arch/um/kernel/time.c", "um"),
        ("tools/arch/s390/include/x.h", "s390"),
        ("arch/ia64/include/asm/io.h", "ia64"),
        ("/home/me/linux-4.9/arch/tile/kernel/process.c", "tile"),
        ("arch/of_a_vendor/kernel/process.c", "of_a_vendor"),
        ("arch/Kconfig", ""),
        ("arch/x86", ""),
        ("kernel/fork.c", ""),
        ("a.c", ""),
    ],
)
def test_the_architecture_of_a_path(path: str, expected: str) -> None:
    assert architecture_of(path) == expected
