"""Which uses of a file one more parse can show together, and what it changes for that."""

from __future__ import annotations

import pytest

from klplint.csource.if_expressions import Value
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline, Use
from klplint.frontend.condition_groups import ConditionGroups, with_forced


def file(*lines: str) -> tuple[Source, list[Use]]:
    """A file, and its uses of `use`."""
    source = Source("".join(f"{line}\n" for line in lines))
    return source, Outline(source).uses(frozenset({"use"}))


def line_of(source: Source, use: Use) -> int:
    return source.position(use.start)[0]


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (["use();"], []),
        (["#ifdef A", "use();", "#endif"], [({"A": 1}, [2])]),
        (["#ifndef SET", "use();", "#endif"], [({"SET": None}, [2])]),
        # What is compiled already needs no settings.
        (["#ifdef SET", "use();", "#endif"], []),
        # Conditions that can hold together share a parse, others do not.
        (
            ["#ifdef A", "use();", "#endif", "#ifdef B", "use();", "#endif"],
            [({"A": 1, "B": 1}, [2, 5])],
        ),
        (
            ["#if A == 1", "use();", "#elif A == 2", "use();", "#endif"],
            [({"A": 1}, [2]), ({"A": 2}, [4])],
        ),
        (["#ifdef A", "#ifdef B", "use();", "#endif", "#endif"], [({"A": 1, "B": 1}, [3])]),
        # Nothing opens these: they contradict, or only a compiler knows.
        (["#ifdef A", "#ifndef A", "use();", "#endif", "#endif"], []),
        (["#if __has_feature(a)", "use();", "#endif"], []),
    ],
)
def test_groups_by_settings(
    lines: list[str], groups: list[tuple[dict[str, Value], list[int]]]
) -> None:
    source, uses = file(*lines)
    by_settings = ConditionGroups(source, {"SET": 1}).by_settings(uses, 16)
    assert [(g.settings, [line_of(source, u) for u in g.uses]) for g in by_settings] == groups


def test_no_more_groups_than_can_be_parsed() -> None:
    arms = [line for n in range(20) for line in (f"#{'el' if n else ''}if A == {n + 1}", "use();")]
    source, uses = file(*arms, "#endif")
    groups = ConditionGroups(source, {}).by_settings(uses, 4)
    assert [group.settings for group in groups] == [{"A": n + 1} for n in range(5)]


@pytest.mark.parametrize(
    ("lines", "groups"),
    [
        (["use();"], []),
        (["#if __has_feature(a)", "use();", "#endif"], [({1: True}, [2])]),
        (["#if __has_feature(a)", "#else", "use();", "#endif"], [({1: False}, [3])]),
        (
            ["#if __has_feature(a)", "use();", "#elif __has_feature(b)", "use();", "#endif"],
            [({1: True}, [2]), ({1: False, 3: True}, [4])],
        ),
        (
            ["#if __has_feature(a)", "use();", "#endif", "#ifndef A", "use();", "#endif"],
            [({1: True, 4: True}, [2, 5])],
        ),
        (["#ifdef A", "#ifndef A", "use();", "#endif", "#endif"], []),
        # An include guard is left alone: it is open where the file is read for the first time.
        (
            [
                "#ifndef FILE_H",
                "#define FILE_H",
                "#if __has_feature(a)",
                "use();",
                "#endif",
                "#endif",
            ],
            [({3: True}, [4])],
        ),
    ],
)
def test_groups_by_forcing(
    lines: list[str], groups: list[tuple[dict[int, bool], list[int]]]
) -> None:
    source, uses = file(*lines)
    by_forcing = ConditionGroups(source, {}).by_forcing(uses, 9)
    assert [
        (
            {source.position(at)[0]: value for at, value in group.forced.items()},
            [line_of(source, use) for use in group.uses],
        )
        for group in by_forcing
    ] == groups


def test_the_settings_around_a_forced_condition_are_kept() -> None:
    source, uses = file("#ifdef A", "use();", "#endif")
    (group,) = ConditionGroups(source, {}).by_forcing(uses, 9)
    assert group.settings == {"A": 1}


@pytest.mark.parametrize(
    ("lines", "is_contradictory"),
    [
        (["use();"], False),
        (["#ifdef A", "use();", "#endif"], False),
        (["#ifdef A", "#ifndef A", "use();", "#endif", "#endif"], True),
        (["#if A > 1", "#if A < 1", "use();", "#endif", "#endif"], True),
        (["#if __has_feature(a)", "use();", "#endif"], False),
    ],
)
def test_contradictions(lines: list[str], is_contradictory: bool) -> None:
    source, (use,) = file(*lines)
    assert ConditionGroups(source, {}).is_contradictory(use) is is_contradictory


@pytest.mark.parametrize(
    ("directive", "value", "expected"),
    [
        ("#if __has_feature(a)", True, "#if 1               "),
        ("#ifdef ODD", False, "#if 0     "),
        ("#elif A == 2", True, "#elif 1     "),
        ("#if A /* of\ntwo lines */", True, "#if 1      \n            "),
        # No room for the constant: the line stays as it is.
        ("#if", True, "#if"),
        ("#\\\nif A", True, "#\\\nif A"),
    ],
)
def test_forcing_moves_nothing(directive: str, value: bool, expected: str) -> None:
    text = f"#if X\n{directive}\nuse();\n#endif\n"
    source = Source(text)
    assert with_forced(source, text, {6: value}) == f"#if X\n{expected}\nuse();\n#endif\n"
