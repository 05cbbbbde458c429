"""Diagrams: which lines are one, whose column is whose, and what the other one says."""

from __future__ import annotations

import pytest

from klplint.barriers.diagrams import partner_in, split_off
from klplint.barriers.primitives import Primitives, Site
from klplint.catalogue.load import load_families
from klplint.csource.comment_text import plain_lines

PRIMITIVES = Primitives(load_families())
READ = Site("smp_rmb", "pull")
FULL = Site("smp_mb", "pull")


def drawn(rows: list[str], site: Site = READ) -> tuple[str, list[str]] | None:
    """The partner's barrier and functions in a diagram of some rows, `|` between the columns."""
    lines = [row.replace(" | ", "\t\t\t") for row in rows]
    text = "\n".join(["/*", *(f" * {line}" for line in lines), " */"])
    _, (diagram,) = split_off(plain_lines(text))
    partner = partner_in(diagram, site, PRIMITIVES)
    return partner and (partner.barrier, [name.name for name in partner.names])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["push() | pull()", "a = 1 | r = b", "WMB | RMB", "b = 1 | s = a"], ("WMB", ["push"])),
        (["pull() | push()", "r = b | a = 1", "smp_rmb() | smp_wmb()"], ("smp_wmb()", ["push"])),
        (["CPU 0 | CPU 1", "a = 1 | r = b", "smp_wmb() | smp_rmb()"], ("smp_wmb()", [])),
        (["CPU 0: push() | CPU 1:", "a = 1 | r = b", "MB | RMB"], ("MB", ["push"])),
        (["push() | pull()", "a = 1 | r = b", "b = 1 | smp_rmb()"], ("", ["push"])),
        (["push() | pull()", "a = 1 | r = b", "b = 1 | s = a"], None),
        (["a | b", "0 | 1", "1 | 0"], None),
    ],
)
def test_the_partner_of_a_read_barrier(
    rows: list[str], expected: tuple[str, list[str]] | None
) -> None:
    assert drawn(rows) == expected


def test_of_two_sides_alike_the_function_says_which_is_the_readers() -> None:
    rows = ["push() | pull()", "a = 1 | b = 1", "smp_mb() | smp_mb()"]
    assert drawn(rows, FULL) == ("smp_mb()", ["push"])
    assert drawn(rows, Site("smp_mb", "another")) == ("smp_mb()", [])


def test_lines_that_are_not_in_columns_are_prose() -> None:
    text = "/*\n * One  two.\n *\n * a\t\t\tb\n * c\t\t\td\n * Three.\n */"
    prose, diagrams = split_off(plain_lines(text))
    assert diagrams == []
    assert [line.split() for _, line in prose if line.strip()] == [
        *(["One", "two."], ["a", "b"], ["c", "d"], ["Three."]),
    ]


def test_a_diagram_has_the_place_of_its_first_row() -> None:
    text = "/*\n * Prose.\n *\n * a\t\t\tb\n * c\t\t\td\n *\n * e\t\t\tf\n * More.\n */"
    prose, (diagram,) = split_off(plain_lines(text))
    assert diagram.line == 3
    assert [column.cells for column in diagram.columns] == [("a", "c", "e"), ("b", "d", "f")]
    assert [line.strip() for _, line in prose if line.strip()] == ["Prose.", "More."]


def test_a_long_line_is_not_a_row() -> None:
    line = "x" * 1000 + "\t\t\t" + "y"
    assert split_off([line] * 5)[1] == []
