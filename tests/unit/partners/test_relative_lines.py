"""Relative lines: what changes them, and the way back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from klplint.facts.barrier_contexts import FileContexts
from klplint.partners.relative_lines import contexts_with, line_map
from tests.support.barrier_samples import GAUGE, RING, files

FUNCTIONS = [*RING.split("\n\n"), *GAUGE.split("\n\n")]
"""Definitions that a blank line separates."""


def relative(file: FileContexts) -> FileContexts:
    return contexts_with(line_map(file).to_relative(), file)


@given(st.lists(st.integers(1, 9), min_size=len(FUNCTIONS), max_size=len(FUNCTIONS)))
def test_lines_between_functions_do_not_count(blank: list[int]) -> None:
    one = "\n\n".join(FUNCTIONS)
    other = "".join("\n" * n + text for n, text in zip(blank, FUNCTIONS, strict=True))
    (before,), (after,) = files(one=one), files(one=other)
    assert relative(before) == relative(after)


def test_lines_in_a_function_count() -> None:
    (before,), (after,) = (
        files(one=text) for text in (RING, RING.replace("smp_rmb", "\n\tsmp_rmb"))
    )
    assert relative(before) != relative(after)


def test_the_real_lines_come_back_and_keep_their_order() -> None:
    (file,) = files(one="\n\n\n".join(FUNCTIONS))
    lines = line_map(file)
    assert contexts_with(lines.to_real(), relative(file)) == file
    assert list(lines.relative) == sorted(set(lines.relative))
    assert list(lines.real) == sorted(set(lines.real))


def test_a_macro_in_a_function_is_a_part_of_it() -> None:
    text = "void f(void)\n{\n\tsmp_rmb();\n#define w() smp_wmb()\n\tw(x->y);\n}\n"
    (before,), (after,) = (files(one=each) for each in (text, text.replace("#define", "\n#define")))
    assert len(before.contexts) == 2
    assert relative(before) != relative(after)
    assert contexts_with(line_map(before).to_real(), relative(before)) == before
