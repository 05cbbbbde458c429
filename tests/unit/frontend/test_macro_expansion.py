"""Calls that a macro makes where it is used."""

from __future__ import annotations

from itertools import starmap
from pathlib import Path

import msgspec
import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.csource import lexer, outline
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.facts.region import Region
from klplint.facts.watch import MacroDefinition, Watch
from klplint.frontend import macro_expansion
from klplint.frontend.macro_expansion import calls_through
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.paths import MINIKERNEL
from tests.support.single_file import WATCH, facts_of
from tests.support.work import Meter, growth

NOWHERE = Region(1, 1, 1, 1)


def macro(name: str, parameters: tuple[str, ...] | None, body: str) -> MacroDefinition:
    """A macro; its last parameter may be `...` or `rest...`."""
    last = "".join((parameters or ())[-1:])
    rest = (last.removesuffix("...") or "__VA_ARGS__") if last.endswith("...") else ""
    names = None
    if parameters is not None:
        names = tuple(each.removesuffix("...") for each in parameters if each != "...")
    return MacroDefinition(
        path="a.h", name=name, parameters=names, body=body, region=NOWHERE, rest=rest
    )


def calls(
    name: str, arguments: tuple[str, ...] | None, *macros: tuple[str, tuple[str, ...] | None, str]
) -> list[tuple[str, tuple[str, ...]]]:
    """What a use calls, where the macros are as given and f and g are watched."""
    expected_ones = tuple(starmap(macro, macros))
    watch = Watch(functions=frozenset({"f", "g"}), macros=expected_ones)
    return [
        (expansion.name, expansion.arguments) for expansion in calls_through(name, arguments, watch)
    ]


@pytest.mark.parametrize(
    ("arguments", "parameters", "body", "expected"),
    [
        (("a",), ("t",), "f(t)", ["a"]),
        (("a, b",), ("t",), "f((t))", ["(a, b)"]),
        (("a->b",), ("t",), "do { h(t); f(t); } while (0)", ["a->b"]),
        (("a",), ("t",), "f(current)", ["current"]),
        (("a", "b"), ("t", "u"), "f(u)", ["b"]),
        (("tt",), ("t",), "f(t ## t)", ["t ## t"]),
        (("a",), ("t",), "f(#t)", ["#t"]),
        (("a",), ("t",), "f(t->t2)", ["a->t2"]),
        (("a",), ("t",), 'f("t")', ['"t"']),
        (("a", "b", "c"), ("t", "rest..."), "f(rest)", ["b", "c"]),
        (("a", "b"), ("t", "rest..."), "f(t)", ["a"]),
        (("a", "b"), ("t", "..."), "f(t)", ["a"]),
        (("a", "b"), ("t", "..."), "f(t, ##__VA_ARGS__)", ["a", "b"]),
        (("a",), ("t", "..."), "f(t, ##__VA_ARGS__)", ["a"]),
        (("a",), ("t", "rest..."), "f(t, ## rest)", ["a"]),
        (
            ("a", "b"),
            ("t", "..."),
            "f(t __VA_OPT__(, (1)) __VA_OPT__(,) __VA_ARGS__)",
            ["a", "(1)", "b"],
        ),
        (("a",), ("t", "..."), "f(t __VA_OPT__(, __VA_ARGS__))", ["a"]),
        (("a", "b"), ("t", "rest..."), "f(t __VA_OPT__(,) rest)", ["a", "b"]),
        (("a",), ("...",), "f(__VA_OPT__(__VA_ARGS__))", ["a"]),
        ((), ("t",), "f(t)", ["t"]),
        ((), (), "f(current)", ["current"]),
    ],
)
def test_arguments_take_the_place_of_parameters(
    arguments: tuple[str, ...], parameters: tuple[str, ...], body: str, expected: list[str]
) -> None:
    assert calls("M", arguments, ("M", parameters, body)) == [("f", tuple(expected))]


def test_a_macro_used_in_assembly_is_counted_as_assembly(tmp_path: Path) -> None:
    """What it would be given there, and when it runs, cannot be seen."""
    kinds = [("SW", ("x",), "klp_patch_task(x)"), ("SWITCH", None, "klp_patch_task")]
    macros = tuple(macro(name, parameters, body) for name, parameters, body in kinds)
    watch = msgspec.structs.replace(WATCH, macros=macros)
    facts = facts_of(tmp_path, "\tcall SWITCH\n\tSW(x0)\n\tnop ; # SW(x0)\n", "a.S", watch)
    assert [(o.kind, o.via, o.region.line) for o in facts.macro_calls] == [
        ("assembly", "SWITCH", 1),
        ("assembly", "SW", 2),
    ]


def test_variadic_macros_pass_on_the_rest() -> None:
    assert calls("M", ("a", "b"), ("M", ("...",), "f(__VA_ARGS__)")) == [("f", ("a", "b"))]
    assert calls("M", ("a", "b"), ("M", ("x", "..."), "f(__VA_ARGS__)")) == [("f", ("b",))]


def test_a_macro_that_is_but_another_name() -> None:
    assert calls("M", ("a",), ("M", None, "f")) == [("f", ("a",))]
    assert calls("M", ("a",), ("M", None, "(f)")) == [("f", ("a",))]
    assert calls("M", None, ("M", None, "f")) == []
    assert calls("M", None, ("M", None, "f(current)")) == [("f", ("current",))]


def test_a_function_like_macros_name_alone_calls_nothing() -> None:
    assert calls("M", None, ("M", ("t",), "f(t)")) == []
    assert calls("M", None, ("M", (), "f(current)")) == []


def test_several_calls_in_one_body() -> None:
    got = calls("M", ("a",), ("M", ("t",), "{ f(t); g(current); f(g(t)); }"))
    assert got == [("f", ("a",)), ("g", ("current",)), ("f", ("g(a)",)), ("g", ("a",))]


def test_macros_in_macros_are_followed() -> None:
    macros = [("M", ("t",), "N(t->leader)"), ("N", ("x",), "O(x)"), ("O", None, "f")]
    assert calls("M", ("a",), *macros) == [("f", ("a->leader",))]


def test_an_empty_or_foreign_use_calls_nothing() -> None:
    assert calls("M", ("a",), ("M", ("t",), "")) == []
    assert calls("X", ("a",), ("M", ("t",), "f(t)")) == []
    assert calls("M", ("a",), ("M", ("t",), "ff(t); f; x.f2(t)")) == []


def test_definitions_that_differ_are_all_followed() -> None:
    assert calls("M", ("a",), ("M", ("t",), "f(t)"), ("M", ("t",), "g(t)")) == [
        ("f", ("a",)),
        ("g", ("a",)),
    ]


def test_a_macro_that_expands_to_itself_ends() -> None:
    assert calls("M", ("a",), ("M", ("t",), "M(t)")) == []
    assert calls("M", ("a",), ("M", ("t",), "M(f(t))")) == [("f", ("a",))]
    mutual = [("M", ("t",), "N(t); f(t)"), ("N", ("t",), "M(t); g(t)")]
    assert calls("M", ("a",), *mutual) == [("g", ("a",)), ("f", ("a",))]


def test_a_call_comes_once() -> None:
    assert calls("M", ("a",), ("M", ("t",), "{ f(t); f(t); }")) == [("f", ("a",))]


@pytest.mark.parametrize("body", ["{0}(t) {0}(t)", "{0}(t + 1) {0}(t + 2)", "{0}(t t)"])
def test_macros_that_double_take_no_endless_time(body: str) -> None:
    def measured(depth: int, meter: Meter) -> None:
        macros = [(f"M{i}", ("t",), body.format(f"M{i + 1}")) for i in range(depth)]
        last = (f"M{depth}", ("t",), "f(current)")
        assert calls("M0", ("a",), *macros, last) == [("f", ("current",))]

    # Each level doubles the uses; beyond the limits, one more level is only one more level.
    assert growth(measured, 40, lexer, outline, macro_expansion) < 3


def test_a_macro_is_known_where_it_is_seen(tmp_path: Path) -> None:
    """Two files may each have a macro of one name; a header's is known to all that lack it."""
    head = "#include <linux/livepatch.h>\n"
    use = "void f(struct task_struct *t) { SWITCH(t); }\n"
    (tmp_path / "own.c").write_text(head + "#define SWITCH(t) klp_patch_task(t)\n" + use)
    (tmp_path / "same_name.c").write_text(
        head + "#define LATER() klp_patch_task(current)\n#define SWITCH(t) (void)(t)\n" + use
    )
    rules = select_rules(load_catalogue(), ["KLP001"], [])
    got = lint(
        Plan(find_sources([tmp_path], MINIKERNEL, ()), rules, Execution(jobs=2)), Silence()
    ).findings
    assert [finding.place.file for finding in got] == ["own.c"]
