"""The evaluation of #if: compared with a small preprocessor and with Python's arithmetic."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

from klplint.csource.if_conditions import conditions_at, guards_of, is_dead
from klplint.csource.if_expressions import (
    Opaque,
    Value,
    calculated_names,
    compared_with,
    evaluate,
    names_in,
    parse_condition,
)
from klplint.csource.if_solver import Opener
from klplint.csource.lexer import Source
from klplint.source_text import decode_source
from tests.fuzz import seeds
from tests.fuzz.harness import Choices, Harness, pieces

_LARGEST = 256
_NAMES = ("A", "B", "C")
_MOST_LINES = 12
_DEEPEST = 3
_HERE = "HERE"


class _Line(NamedTuple):
    """A directive, and what its condition means in Python."""

    text: str
    meaning: str = ""


def check(data: bytes) -> None:
    """Check a program of directives that the bytes choose, or the bytes as a text."""
    if data[:1] >= b"\x80":
        _check_program(Choices(data[1:]))
    else:
        _check_text(decode_source(data))


def _check_text(text: str) -> None:
    """Every place of any text gets an answer, or the statement that there is none."""
    source = Source(text)
    opener = Opener(source, {"A": 1})
    guards_of(source)
    for directive in source.directives[:_MOST_LINES]:
        conditions = conditions_at(source, directive.end)
        is_dead(conditions)
        assert all(c.at <= directive.start for c in conditions)
        for condition in conditions:
            _expect_opaque_at_most(condition.text)
        try:
            settings = opener.settings_for(conditions)
        except Opaque:
            continue
        assert settings is None or all(settings[n] != {"A": 1}.get(n) for n in settings)


def _expect_opaque_at_most(text: str) -> None:
    try:
        expression = parse_condition(text)
        names = names_in(expression)
        calculated_names(expression)
        for name in names:
            compared_with(name, expression)
        evaluate(expression, dict.fromkeys(names, 1))
    except Opaque:
        pass


def _check_program(choices: Choices) -> None:
    """Settings open a place in a program; where there are none, no values open it."""
    lines = _program(choices)
    base: dict[str, Value] = {n: v for n in _NAMES if (v := choices.number(4)) < 3}
    text = "".join(f"{line.text}\n" for line in lines) + _HERE
    source = Source(text)
    place = text.index(_HERE)
    conditions = conditions_at(source, place)
    try:
        settings = Opener(source, base).settings_for(conditions)
    except Opaque:
        return
    if settings is not None:
        macros = {n: v for n, v in {**base, **settings}.items() if v is not None}
        assert _is_compiled(lines, macros), (text, base, settings)
        return
    for values in itertools.product([None, 0, 1, 3], repeat=len(_NAMES)):
        macros = {n: v for n, v in zip(_NAMES, values, strict=True) if v is not None}
        assert not _is_compiled(lines, dict(macros)), (text, base, macros)


def _program(choices: Choices) -> list[_Line]:
    """Directives that are in order; the place of interest is behind the last."""
    lines: list[_Line] = []
    has_else: list[bool] = []
    for _ in range(choices.number(_MOST_LINES)):
        kind = choices.number(7)
        name = choices.one_of(_NAMES)
        if kind == 0:
            lines.append(_Line(f"#define {name} {choices.number(4)}"))
        elif kind == 1:
            lines.append(_Line(choices.one_of((f"#undef {name}", f"#define {name}"))))
        elif kind == 2:
            has_else.append(False)
            is_not = choices.number(2)
            meaning = f"({'not ' * is_not}d['{name}'])"
            lines.append(_Line(f"#if{'n' * is_not}def {name}", meaning))
        elif kind in (3, 4):
            text, meaning = _condition(choices, 0)
            is_else = kind == 4 and bool(has_else) and not has_else[-1]
            if not is_else:
                has_else.append(False)
            lines.append(_Line(f"#{'el' if is_else else ''}if {text}", meaning))
        elif kind == 5 and has_else and not has_else[-1]:
            has_else[-1] = True
            lines.append(_Line("#else", "True"))
        elif kind == 6 and has_else:
            has_else.pop()
            lines.append(_Line("#endif"))
    return lines


def _condition(choices: Choices, depth: int) -> tuple[str, str]:
    """A condition, and what it means in Python."""
    kind = choices.number(6) if depth < _DEEPEST else choices.number(3)
    name = choices.one_of(_NAMES)
    if kind == 0:
        return f"defined({name})", f"d['{name}']"
    if kind == 1:
        return name, f"v['{name}']"
    if kind == 2:
        operator, number = choices.one_of(("==", "!=", "<", ">=", ">")), choices.number(4)
        return f"{name} {operator} {number}", f"(v['{name}'] {operator} {number})"
    text, meaning = _condition(choices, depth + 1)
    if kind == 3:
        return f"!({text})", f"(not {meaning})"
    other, its_meaning = _condition(choices, depth + 1)
    operator, python = (("&&", "and"), ("||", "or"))[kind == 5]
    return f"({text}) {operator} ({other})", f"({meaning} {python} {its_meaning})"


def _is_compiled(lines: list[_Line], macros: dict[str, int]) -> bool:
    """Whether what stands behind some directives is compiled: a small preprocessor."""
    stack: list[tuple[bool, bool, bool]] = []  # it is open outside; an arm was taken; this one is
    for text, meaning in lines:
        is_open = not stack or stack[-1][2]
        if text.startswith("#if"):
            is_taken = is_open and _is_true(meaning, macros)
            stack.append((is_open, is_taken, is_taken))
        elif text.startswith("#el"):
            outside, was_taken, _ = stack.pop()
            is_taken = outside and not was_taken and _is_true(meaning, macros)
            stack.append((outside, was_taken or is_taken, is_taken))
        elif text == "#endif":
            stack.pop()
        elif is_open:
            _, name, *value = text.split()
            if text.startswith("#undef"):
                macros.pop(name, None)
            else:
                macros[name] = int(value[0]) if value else 1
    return not stack or stack[-1][2]


def _is_true(meaning: str, macros: Mapping[str, int]) -> bool:
    values = {name: macros.get(name, 0) for name in _NAMES}
    defined = {name: name in macros for name in _NAMES}
    return bool(eval(_compiled(meaning), {"v": values, "d": defined}))


@lru_cache(maxsize=4096)
def _compiled(meaning: str) -> CodeType:
    return compile(meaning, "condition", "eval")


HARNESS = Harness(
    check=check,
    seeds=lambda: (
        *(bytes([0x80, 9, *range(n, n + 60)]) for n in range(40)),
        *filter(None, (_directives(p)[:_LARGEST] for p in pieces(seeds.sources(100), 4096))),
    ),
    words=(
        *(b"#if ", b"#ifdef ", b"#ifndef ", b"#elif ", b"#else\n", b"#endif\n", b"#define A "),
        *(b"#undef A\n", b"defined(A)", b"IS_ENABLED(A)", b"KERNEL_VERSION(6, 1, 0)", b"&&", b"||"),
        *(b"<<", b">>", b"/0", b"%", b"?", b":", b"0x1FUL", b"010", b"'a'", b"(", b")", b"\\\n"),
    ),
    largest=_LARGEST,
)


def _directives(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if line.lstrip().startswith(b"#"))
