"""Settings that open conditions: found where there are any, true, and reported apart from none."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from klplint.csource import if_conditions, if_expressions, if_solver, lexer
from klplint.csource.if_conditions import conditions_at
from klplint.csource.if_expressions import Opaque, Value, evaluate, parse_condition
from klplint.csource.if_solver import Opener
from klplint.csource.lexer import Source
from tests.support.work import Meter, growth

Settings = dict[str, Value]


def settings(text: str, base: Mapping[str, Value] | None = None) -> Settings | None:
    """Settings that open the place HERE of a text."""
    source = Source(text)
    return Opener(source, base or {}).settings_for(conditions_at(source, text.index("HERE")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HERE", {}),
        ("#ifdef A\nHERE", {"A": 1}),
        ("#ifndef A\nHERE", {}),
        ("#if A\nHERE", {"A": 1}),
        ("#if !A\nHERE", {}),
        ("#ifdef A\n#if !A\nHERE", {"A": 0}),
        ("#if defined(A)\nHERE", {"A": 1}),
        ("#if defined A && !defined B\nHERE", {"A": 1}),
        ("#if A || B\nHERE", {"A": 1}),
        ("#if (A || B) && !A\nHERE", {"B": 1}),
        ("#if A == 3\nHERE", {"A": 3}),
        ("#if A != 0\nHERE", {"A": 1}),
        ("#if A > 3\nHERE", {"A": 4}),
        ("#if 3 >= A && A > 2\nHERE", {"A": 3}),
        ("#if A < 0\nHERE", {"A": -1}),
        ("#if A >= 0x10UL\nHERE", {"A": 16}),
        ("#if IS_ENABLED(CONFIG_A)\nHERE", {"CONFIG_A": 1}),
        ("#if IS_REACHABLE(CONFIG_A)\nHERE", {"CONFIG_A": 1}),
        ("#if IS_BUILTIN(CONFIG_A)\nHERE", {"CONFIG_A": 1}),
        ("#if IS_MODULE(CONFIG_A)\nHERE", {"CONFIG_A_MODULE": 1}),
        ("#if IS_ENABLED(CONFIG_A) && !defined(CONFIG_A)\nHERE", {"CONFIG_A_MODULE": 1}),
        ("#if CODE >= KERNEL_VERSION(4, 12, 0)\nHERE", {"CODE": 0x40C00}),
        ("#if (A & 6) == 4\nHERE", {"A": 5}),
        ("#ifdef A\n#else\nHERE", {}),
        ("#ifndef A\n#else\nHERE", {"A": 1}),
        ("#if A\n#elif B\nHERE", {"B": 1}),
        ("#if A == 1\n#elif A == 2\n#elif A == 3\nHERE", {"A": 3}),
        ("#if A == 0\n#elif A == 1\n#else\nHERE", {"A": 2}),
        ("#ifdef A\n#if B > 1\n#ifndef C\nHERE", {"A": 1, "B": 2}),
        ("#ifdef A\n#endif\n#ifdef B\nHERE", {"B": 1}),
    ],
)
def test_conditions_are_opened(text: str, expected: Settings) -> None:
    assert settings(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#ifndef A\nHERE", {"A": None}),
        ("#ifdef A\nHERE", {}),
        ("#if A == 1\nHERE", {}),
        ("#if A == 2\nHERE", {"A": 2}),
        ("#if A > 5\nHERE", {"A": 6}),
        ("#if !IS_ENABLED(A)\nHERE", {"A": None}),
        ("#if A && B\nHERE", {"B": 1}),
        ("#if A || B\nHERE", {}),
    ],
)
def test_only_what_differs_from_the_base_is_set(text: str, expected: Settings) -> None:
    assert settings(text, {"A": 1}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "#if 0\nHERE",
        "#if 1\n#else\nHERE",
        "#if 0 && A\nHERE",
        "#if defined(A) && !defined(A)\nHERE",
        "#ifdef A\n#ifndef A\nHERE",
        "#ifdef A\n#else\n#ifdef A\nHERE",
        "#if A\n#elif A\nHERE",
        "#if A > 3\n#if A < 4\nHERE",
        "#if A == 3\n#if A == 4\nHERE",
        "#if A || B\n#elif A\nHERE",
        "#define A\n#ifndef A\nHERE",
        "#define A 0\n#if A\nHERE",
        "#define A 0644\n#if A != 420\nHERE",
        "#undef A\n#ifdef A\nHERE",
        "#define A 1\n#undef A\n#if A\nHERE",
        "#define A (-1)\n#if A > 0\nHERE",
        "#define A 3\n#if A + 1 != 4\nHERE",
        "#ifdef B\n#define A 2\n#else\n#define A 3\n#endif\n#if A == 4\nHERE",
        "#ifdef B\n#define A\n#ifndef A\nHERE",
    ],
)
def test_contradictions_are_found(text: str) -> None:
    assert settings(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "#if __has_include(<linux/x.h>)\nHERE",
        "#if FOO(1)\nHERE",
        "#if A B\nHERE",
        "#if\nHERE",
        "#ifdef A\n#if __has_feature(x)\nHERE",
        "#if (A & 6) == 16\nHERE",
        "#if A + B == 7\nHERE",
        "#undef A\n#if FOO(1)\n#define A 7\n#endif\n#if A == 7\nHERE",
    ],
)
def test_what_only_a_compiler_knows_is_opaque(text: str) -> None:
    with pytest.raises(Opaque):
        settings(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#ifndef GUARD\n#define GUARD\n#ifdef A\nHERE", {"A": 1}),
        ("#ifndef GUARD\n#define GUARD\n#ifdef GUARD\nHERE", {}),
        ("#ifdef B\n#define A\n#endif\n#ifdef A\nHERE", {"B": 1}),
        ("#ifdef B\n#define A 1\n#else\n#define A 2\n#endif\n#if A == 1\nHERE", {"B": 1}),
        ("#ifdef B\n#define A 1\n#else\n#define A 2\n#endif\n#if A == 2\nHERE", {}),
        ("#if B >= 5\n#define A\n#endif\n#ifdef A\nHERE", {"B": 5}),
        ("#ifdef B\n#define A 1\n#endif\n#if A == 2\nHERE", {"A": 2}),
        ("#if A\nHERE\n#endif\n#define A 0", {"A": 1}),
        ("#define A 0\n#undef A\n#define A 1\n#if A\nHERE", {}),
        ("#define A 0644\n#if A == 420 && B\nHERE", {"B": 1}),
        ("#ifdef C\n#define B\n#endif\n#ifdef B\n#define A\n#endif\n#ifdef A\nHERE", {"C": 1}),
    ],
)
def test_the_files_own_macros_count(text: str, expected: Settings) -> None:
    assert settings(text) == expected


def test_a_definition_that_must_not_be_compiled() -> None:
    text = "#ifdef B\n#define A 1\n#endif\n#if !A\nHERE"
    assert settings(text, {"B": 1}) == {"B": None}
    assert settings(text, {}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"#ifdef A{i}\n" for i in range(200)) + "HERE",
        "".join(f"#if A{i} > {i} && !B{i}\n" for i in range(200)) + "HERE",
        "".join(f"#{'el' if i else ''}if A == {i}\n" for i in range(300)) + "HERE",
        "#if " + " && ".join(f"defined(A{i})" for i in range(60)) + "\nHERE",
        "#if " + " || ".join(f"A{i} > {i}" for i in range(60)) + "\n#else\nHERE",
        "".join(f"#if A{i}\n" for i in range(5000)) + "HERE",
        "".join(f"#{'el' if i else ''}if A == {i}\n" for i in range(2000)) + "#else\nHERE",
        "".join(f"#ifdef B{i}\n#define A {i}\n#endif\n" for i in range(200)) + "#if A == 70\nHERE",
        "".join(f"#ifdef B{i}\n#define A {i}\n#endif\n" for i in range(200)) + "#if A == -1\nHERE",
        "#if " + "(" * 2000 + "A" + ")" * 2000 + "\nHERE",
    ],
    ids=lambda text: text[:24].replace("\n", " "),
)
def test_many_and_deep_conditions_take_no_endless_time(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = itertools.count()

    def counted(expression: Any, values: Mapping[str, Value]) -> int:
        next(tried)
        return evaluate(expression, values)

    monkeypatch.setattr(if_solver, "evaluate", counted)
    try:
        got = settings(text)
    except Opaque:
        got = {}
    assert got is not None
    assert next(tried) <= 20_001


@pytest.mark.parametrize(
    "made",
    [
        lambda n: "".join(f"#ifdef A{i}\n" for i in range(n)) + "HERE",
        lambda n: "".join(f"#if A{i} > {i} && !B{i}\n" for i in range(n)) + "HERE",
        lambda n: "".join(f"#{'el' if i else ''}if A == {i}\n" for i in range(n)) + "HERE",
        lambda n: (
            "".join(f"#ifdef B{i}\n#define A {i}\n#endif\n" for i in range(n)) + "#if A == 70\nHERE"
        ),
    ],
    ids=lambda made: made(1).replace("\n", " "),
)
def test_the_work_grows_with_the_conditions(made: Callable[[int], str]) -> None:
    def measured(size: int, meter: Meter) -> None:
        parse_condition.cache_clear()
        settings(made(size))

    assert growth(measured, 100, lexer, if_conditions, if_expressions, if_solver) < 3


def test_nested_200_deep_is_solved() -> None:
    text = "".join(f"#ifdef A{i}\n" for i in range(200)) + "HERE"
    assert settings(text) == {f"A{i}": 1 for i in range(200)}


# Small programs of directives, and what the preprocessor makes of them, reported independently of
# klplint: conditions are written as Python and given to Python.

NAMES = ["A", "B", "C"]
NUMBERS = [0, 1, 2, 3]
ATOMS = [
    *((f"defined({n})", f"d['{n}']") for n in NAMES),
    *((n, f"v['{n}']") for n in NAMES),
    *(
        (f"{n} {operator} {k}", f"v['{n}'] {operator} {k}")
        for n in NAMES
        for operator in ("==", "<", ">=")
        for k in NUMBERS
    ),
]
Condition = tuple[str, str]
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds(lambda c: (f"!({c[0]})", f"(not {c[1]})"), inner),
        st.builds(lambda a, b: (f"({a[0]} && {b[0]})", f"({a[1]} and {b[1]})"), inner, inner),
        st.builds(lambda a, b: (f"({a[0]} || {b[0]})", f"({a[1]} or {b[1]})"), inner, inner),
    ),
    max_leaves=3,
)
Line = tuple[str, str]  # as the preprocessor reads it; what it means, in Python
LINES: st.SearchStrategy[Line] = st.one_of(
    st.builds(lambda c: (f"#if {c[0]}", c[1]), CONDITIONS),
    st.builds(lambda c: (f"#elif {c[0]}", c[1]), CONDITIONS),
    st.sampled_from([(f"#ifdef {n}", f"d['{n}']") for n in NAMES]),
    st.sampled_from([(f"#ifndef {n}", f"not d['{n}']") for n in NAMES]),
    st.sampled_from([("#else", "True"), ("#endif", ""), ("#endif", "")]),
    st.sampled_from([(f"#define {n} {k}", "") for n in NAMES for k in NUMBERS]),
    st.sampled_from([(f"#undef {n}", "") for n in NAMES] + [(f"#define {n}", "") for n in NAMES]),
)
BASES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NUMBERS))


def is_true(meaning: str, macros: Mapping[str, int]) -> bool:
    values = {name: macros.get(name, 0) for name in NAMES}
    defined = {name: name in macros for name in NAMES}
    return bool(eval(meaning, {"v": values, "d": defined}))


def is_compiled(lines: list[Line], macros: dict[str, int]) -> bool:
    """Whether what stands behind the lines is compiled: a small preprocessor."""
    stack: list[tuple[bool, bool, bool]] = []  # outside open; an arm was taken; this one is
    for text, meaning in lines:
        open_here = not stack or stack[-1][2]
        if text.startswith("#if"):
            taken = open_here and is_true(meaning, macros)
            stack.append((open_here, taken, taken))
        elif text.startswith("#el"):
            outside, was_taken, _ = stack.pop()
            taken = outside and not was_taken and is_true(meaning, macros)
            stack.append((outside, was_taken or taken, taken))
        elif text == "#endif":
            stack.pop()
        elif open_here and text.startswith("#undef"):
            macros.pop(text.split()[1], None)
        elif open_here:
            name, value = re.fullmatch(r"#define (\w+) ?(\d*)", text).groups()  # type: ignore[union-attr]
            macros[name] = int(value or 1)
    return not stack or stack[-1][2]


def balanced(lines: list[Line]) -> list[Line]:
    """The lines without those that close or continue nothing, or follow an #else."""
    kept: list[Line] = []
    stack: list[bool] = []  # whether the #else has been
    for line in lines:
        if line[0].startswith("#if"):
            stack.append(False)
        elif line[0].startswith("#el"):
            if not stack or stack[-1]:
                continue
            stack[-1] = line[0] == "#else"
        elif line[0] == "#endif":
            if not stack:
                continue
            stack.pop()
        kept.append(line)
    return kept


@given(st.lists(LINES, max_size=10).map(balanced), BASES)
@example([("#define A 0", ""), ("#ifdef B", "d['B']")], {})
@example([("#if (C && C < 1)", "(v['C'] and v['C'] < 1)")], {})
@example(
    [("#ifdef B", "d['B']"), ("#define A 1", ""), ("#endif", ""), ("#if !A", "not v['A']")],
    {"B": 1},
)
def test_settings_open_the_place(lines: list[Line], base: dict[str, int]) -> None:
    """Whatever is found makes every condition hold; where nothing is, nothing does."""
    got = settings("\n".join([*(text for text, _ in lines), "HERE"]), base)
    if got is not None:
        macros = {n: v for n, v in {**base, **got}.items() if v is not None}
        assert is_compiled(lines, macros)
        return
    for values in itertools.product([None, -1, *range(6)], repeat=len(NAMES)):
        macros = {n: v for n, v in zip(NAMES, values, strict=True) if v is not None}
        assert not is_compiled(lines, macros)
