"""The search for accesses that are far away from a barrier: how much work it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from klplint.partners.directories import contexts_in
from tests.support.barrier_samples import RULES
from tests.support.work import Meter, growth

AT_BARRIER = "a->x = 1;\n\tsmp_wmb();\n\ta->y = 1;\n"


def many_barriers(size: int) -> str:
    """A function with many barriers and calls, whose functions call each other."""
    called = (
        f"static void g{n}(struct a *a)\n{{\n\ta->x = {n};\n\tg{(n + 1) % size}(a);\n"
        f"\tg{n * 7 % size}(a);\n}}\n"
        for n in range(size)
    )
    body = "".join(f"\tg{n}(a);\n\t{AT_BARRIER}" for n in range(size))
    return f"{''.join(called)}void f(struct a *a)\n{{\n{body}}}\n"


def many_callers(size: int, big: str) -> str:
    """Many functions with a barrier that call one function."""
    callers = (f"void f{n}(struct a *a)\n{{\n\t{AT_BARRIER}\tbig(a);\n}}\n" for n in range(size))
    return f"static void big(struct a *a)\n{{\n{big}}}\n{''.join(callers)}"


def of_a_long_function(size: int) -> str:
    return many_callers(size, "\ta->x = 1;\n" * size)


def of_a_function_that_calls_many(size: int) -> str:
    called = "".join(f"static void g{n}(struct a *a)\n{{\n\ta->x = {n};\n}}\n" for n in range(size))
    return called + many_callers(size, "".join(f"\tg{n}(a);\n" for n in range(size)))


def of_their_caller(size: int) -> str:
    return many_callers(size, "".join(f"\tf{n}(a);\n" for n in range(size)))


@pytest.mark.parametrize(
    "text_of", [many_barriers, of_a_long_function, of_a_function_that_calls_many, of_their_caller]
)
def test_work_grows_as_the_text_does(text_of: Callable[[int], str]) -> None:
    def measured(size: int, meter: Meter) -> None:
        (file,) = contexts_in({"a.c": text_of(size)}, RULES)
        assert len(file.contexts) == size

    assert growth(measured, 300) < 2.3
