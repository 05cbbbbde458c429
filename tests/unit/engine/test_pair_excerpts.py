"""The source around both sides of pairs, on files written for it."""

from __future__ import annotations

from pathlib import Path

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.pair_excerpts import with_sides
from klplint.engine.pair_listing import pair_up
from klplint.engine.pair_sides import Excerpt, PairSides
from klplint.engine.plan import Execution, Plan
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.barrier_samples import RING
from tests.support.paths import MINIKERNEL

_LINES_BETWEEN = "\n" * 100
_REMARK = "/* pairs with gauge_write() */"


def sides_of(directory: Path, text: str) -> PairSides:
    """Both sides of the only read barrier of a file."""
    (directory / "a.c").write_text(text)
    sources = find_sources([directory], MINIKERNEL, DEFAULT_EXCLUDES)
    rules = select_rules(load_catalogue(), ("KLP003",), ())
    pairs = pair_up(Plan(sources, rules, Execution(jobs=1)), Silence())
    (entry,) = with_sides(pairs, sources.root).pairs
    assert entry.sides is not None
    return entry.sides


def numbered(excerpt: Excerpt) -> dict[int, str]:
    """The lines of an excerpt, by number."""
    return {
        number: line
        for chunk in excerpt.chunks
        for number, line in enumerate(chunk.lines, chunk.first)
    }


def test_a_short_function_is_shown_as_a_whole(tmp_path: Path) -> None:
    sides = sides_of(tmp_path, RING)
    lines = RING.split("\n")
    shown = numbered(sides.barrier)
    assert shown == {number: lines[number - 1] for number in range(12, 19)}
    assert [chunk.function for chunk in sides.barrier.chunks] == ["ring_pop"]
    assert [(each.function, each.barrier, each.line) for each in sides.others] == [
        ("ring_push", "smp_wmb", 8)
    ]


def test_of_a_long_function_its_head_the_barrier_and_the_accesses_are_shown(tmp_path: Path) -> None:
    text = RING.replace("\tsmp_rmb();", f"{_LINES_BETWEEN}\tsmp_rmb();")
    sides = sides_of(tmp_path, text)
    shown = numbered(sides.barrier)
    lines = text.split("\n")
    assert all(lines[number - 1] == line for number, line in shown.items())
    assert "int ring_pop(struct ring *ring)" in shown.values()
    assert "\tif (!READ_ONCE(ring->head))" in shown.values()
    assert any("smp_rmb" in line for line in shown.values())
    assert len(sides.barrier.chunks) == 2
    assert len(shown) < 30


def test_a_long_comment_elsewhere_is_shown_around_its_sentence(tmp_path: Path) -> None:
    story = "".join(f" * Line {number}.\n" for number in range(60))
    comment = f"/*\n{story} * Pairs with smp_wmb() in ring_push().\n *\n{story} */"
    sides = sides_of(tmp_path, RING.replace(f"smp_rmb(); {_REMARK}", f"{comment}\n\tsmp_rmb();"))
    shown = [*numbered(sides.barrier).values()]
    assert " * Pairs with smp_wmb() in ring_push()." in shown
    assert " * Line 20." not in shown
    assert any("smp_rmb" in line for line in shown)


def test_a_named_function_without_a_barrier_is_shown_where_it_is_defined(tmp_path: Path) -> None:
    text = (
        RING.replace(_REMARK, "/* Pairs with smp_wmb() in empty(). */") + "void empty(void)\n{\n}\n"
    )
    sides = sides_of(tmp_path, text)
    other = next(each for each in sides.others if each.function == "empty")
    assert (other.barrier, other.is_named, other.status) == ("", True, "no-write-barrier")
    assert [*numbered(other.excerpt).values()] == ["void empty(void)", "{", "}"]


def test_a_place_outside_of_functions_has_the_lines_around_it(tmp_path: Path) -> None:
    macro = "/* Above. */\n" * 20 + "#define settle() smp_wmb()\n" + "int after;\n" * 20
    text = RING.replace(_REMARK, "/* Pairs with smp_wmb() in settle(). */") + macro
    sides = sides_of(tmp_path, text)
    line = text[: text.index("#define")].count("\n") + 1
    other = next(each for each in sides.others if each.line == line)
    assert [*numbered(other.excerpt)] == [*range(line - 6, line + 7)]
