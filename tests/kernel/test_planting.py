"""Switching calls planted in real kernels: the wrong ones are found, the right ones accepted."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.findings.finding import Finding
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.kernel.planting import NoPlace, Piece, Plant, Planted, code, linked_copy, loop_top, plant
from tests.kernel.plants import IN_6_1, IN_6_12
from tests.kernel.runs import kernel_tree, plan_of
from tests.support.expectations import differences

pytestmark = pytest.mark.kernel

TRANSITION = "kernel/livepatch/transition.c"
_WANTED_RULES = {"KLP001", "KLP002", "KLP005", "KLP006"}


class Harvest(NamedTuple):
    """What was planted, and all that was found in the tree."""

    planted: Planted
    findings: tuple[Finding, ...]
    codes: frozenset[str]

    def of(self, name: str) -> list[str]:
        """Where one plant's findings are not as wanted."""
        wants = [want for want in self.planted.wants[name] if want.code in self.codes]
        ours = tuple(f for f in self.findings if self.plant_at(f) == name)
        return differences(wants, ours)

    def plant_at(self, finding: Finding) -> str | None:
        return self.planted.lines.get((finding.place.file, finding.place.region.line))


def _harvest(version: str, plants: tuple[Plant, ...], target: Path, *paths: str) -> Harvest:
    """Plant in a copy of a kernel, and lint the copy, or some paths of it."""
    tree = linked_copy(kernel_tree(version), target)
    planted = plant(tree, plants)
    codes = frozenset(_WANTED_RULES & {rule.code for rule in load_catalogue()})
    sources = find_sources([tree / path for path in paths or ("",)], None, DEFAULT_EXCLUDES)
    result = lint(plan_of(sources, codes), Silence())
    return Harvest(planted, result.findings, codes)


@pytest.fixture(scope="module")
def in_6_12(tmp_path_factory: pytest.TempPathFactory) -> Harvest:
    return _harvest("6.12", IN_6_12, tmp_path_factory.mktemp("planted") / "linux-6.12")


@pytest.fixture(scope="module")
def in_6_1(tmp_path_factory: pytest.TempPathFactory) -> Harvest:
    target = tmp_path_factory.mktemp("planted") / "linux-6.1"
    return _harvest("6.1", IN_6_1, target, "drivers/vhost")


@pytest.mark.parametrize("each", IN_6_12, ids=lambda each: each.name)
def test_planted_in_6_12(each: Plant, in_6_12: Harvest) -> None:
    assert in_6_12.of(each.name) == [], each.why


@pytest.mark.parametrize("each", IN_6_1, ids=lambda each: each.name)
def test_planted_in_6_1(each: Plant, in_6_1: Harvest) -> None:
    assert in_6_1.of(each.name) == [], each.why


def test_nothing_is_found_beside_the_plants(in_6_12: Harvest, in_6_1: Harvest) -> None:
    """But for the forced transition, which the kernel documents: two calls, two notes each."""
    elsewhere = [f for f in in_6_12.findings if in_6_12.plant_at(f) is None]
    expected_ones = {f.code for f in elsewhere if f.function == "klp_force_transition"}
    assert {(f.place.file, f.level) for f in elsewhere} == {(TRANSITION, "note")}
    assert expected_ones == {"KLP001", "KLP002"}
    assert len(elsewhere) == 4
    assert [f for f in in_6_1.findings if in_6_1.plant_at(f) is None] == []


def test_the_original_is_not_written_to(tmp_path: Path) -> None:
    text = "void f(void)\n{\n\twhile (1) {\n\t\tf();\n\t}\n}\n"
    original = tmp_path / "tree" / "mm" / "a.c"
    original.parent.mkdir(parents=True)
    original.write_text(text, encoding="utf-8")
    copy = linked_copy(tmp_path / "tree", tmp_path / "copy")
    planted = plant(copy, [Plant("one", "", (code("mm/a.c", loop_top("f"), "g();"),))])
    assert planted.lines == {("mm/a.c", 4): "one"}
    assert (copy / "mm" / "a.c").read_text(encoding="utf-8") == text.replace(
        "{\n\t\t", "{\n\tg();\n\t\t"
    )
    assert original.read_text(encoding="utf-8") == text


def test_plants_have_names_of_their_own() -> None:
    for plants in (IN_6_12, IN_6_1):
        assert len({each.name for each in plants}) == len(plants)
    assert len(IN_6_12) >= 24


@pytest.mark.parametrize(
    ("piece", "complaint"),
    [
        (code("mm/none.c", loop_top("f"), "f();"), "this kernel has no mm/none.c"),
        (code("mm/a.c", loop_top("g"), "f();"), r"mm/a.c defines no function g\(\)"),
        (code("mm/a.c", loop_top("f"), "f();"), r"mm/a.c: f\(\) has 0 outermost loops only"),
    ],
)
def test_a_plant_without_a_place_is_reported(piece: Piece, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm/a.c").write_text("void f(void)\n{\n\tf();\n}\n", encoding="utf-8")
    with pytest.raises(NoPlace, match=complaint):
        plant(tmp_path, [Plant("lost", "", (piece,))])
