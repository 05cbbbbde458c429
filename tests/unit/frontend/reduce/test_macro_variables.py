"""Variables that macros declare: what the AST says they hold, and where their names mean them."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.region import Region
from klplint.facts.statements import Assign, Function, MacroCall, events_of
from klplint.frontend.parse import ParseInput, TranslationUnitView
from klplint.frontend.reduce.function import reduce_function

HEAD = """\
typedef struct task { int a; struct task *next; } task_t;
void use(task_t *t); task_t *get(void); int test(void); void change(task_t **t);
#define SELF ((task_t *)get())
"""


def reduced(macro: str, body: str) -> Function:
    """A function with this body, in which one macro is defined."""
    head = f"{HEAD}#define {macro}\nvoid f(task_t *p, task_t *q)\n"
    source = Source(f"{head}{{\n{body}\n}}\n")
    outline = Outline(source)
    view = TranslationUnitView(
        source, ParseInput(Path("/nowhere/a.c"), ["-x", "c", "-std=gnu11", "-w"])
    )
    cursor = view.function_at(len(head))
    assert cursor is not None
    function = reduce_function(view, outline, cursor, frozenset({"use"}))
    assert function is not None
    return function


def assigned(macro: str, body: str) -> list[tuple[str, str | None]]:
    """The variables that get a value, each with that value."""
    events = events_of(reduced(macro, body).body)
    return [(event.target, event.value) for event in events if isinstance(event, Assign)]


@pytest.mark.parametrize(
    ("macro", "use", "value"),
    [
        ("M(t) do { task_t *v = (t); use(v); } while (0)", "M(p);", "p"),
        ("M(t) do { task_t *v = t; use(v); } while (0)", "M(p->next);", "p->next"),
        ("M(t) do { typeof(t) v = (t); use(v); } while (0)", "M(SELF);", "SELF"),
        ("M(t) { __auto_type v = (t); if (v) use(v); }", "M(p)", "p"),
        ("M(t) ({ task_t *v = (task_t *)(t); use(v); })", "M(get());", "get()"),
        ("M() do { task_t *v = SELF; use(v); } while (0)", "M();", "get()"),
        ("M() task_t *v = get()", "M();", "get()"),
        ("M(v) task_t *v = get()", "M(v);", "get()"),
        ("M(t) do { task_t *v = (t); if (v != q) use(v); } while (0)", "M(p);", "p"),
        # What no text says.
        ("M(t) do { task_t *v = (t)->next; use(v); } while (0)", "M(p);", None),
        ("M(t, u) do { task_t *v = t ?: u; use(v); } while (0)", "M(p, q);", None),
        ("M(t) do { task_t *v = (t)->lost; use(v); } while (0)", "M(p);", None),
        # Code of the macro may write to it later, or has before.
        ("M(t) do { task_t *v = (t); if (test()) v = q; use(v); } while (0)", "M(p);", None),
        ("M(t) do { task_t *v = (t); change(&v); use(v); } while (0)", "M(p);", None),
        ("M(v) { task_t *v = get(); while (test()) { use(v); v = q; } }", "M(v)", None),
        # The macro's variable hides what its argument names.
        ("M(t) do { task_t *p = (t); use(p); } while (0)", "M(p);", None),
    ],
)
def test_what_a_macro_initialises_its_variable_with(
    macro: str, use: str, value: str | None
) -> None:
    assert assigned(macro, use)[0][1] == value


def test_the_operand_of_typeof_is_no_value() -> None:
    assert assigned("M(t) do { typeof(t) v; use(v); } while (0)", "M(p);") == [("v", None)]


def test_a_comparison_in_a_macro_is_no_assignment() -> None:
    assert assigned("M(v) (v == q)", "task_t *t = p; if (M(t)) use(t);") == [("t", "p")]
    assert assigned("M(v) (v = q)", "task_t *t = p; if (M(t)) use(t);")[1:] == [("t", None)]


def test_a_call_in_a_macro_comes_behind_what_the_macro_declares() -> None:
    function = reduced("M(t) do { task_t *v = (t); use(v); } while (0)", "M(p);")
    kinds = [type(event).__name__ for event in events_of(function.body)]
    assert kinds == ["Call", "Assign", "MacroCall"]
    (call,) = (event for event in events_of(function.body) if isinstance(event, MacroCall))
    assert (call.name, call.region.line, call.region.column) == ("use", 7, 1)


def test_a_macros_variable_means_nothing_behind_the_macro() -> None:
    body = "task_t *v = p;\nM(q);\nuse(v);"
    function = reduced("M(t) do { task_t *v = (t); use(v); } while (0)", body)
    outer, inner = function.variables
    (call,) = (event for event in events_of(function.body) if isinstance(event, MacroCall))
    assert function.variable("v", call.region) == inner
    behind = Region(9, 5, 9, 6)
    assert function.variable("v", behind) == outer


def test_a_variable_of_a_for_means_nothing_behind_the_loop() -> None:
    body = "task_t *v = p;\nfor (task_t *v = q; v; v = v->next)\n\tuse(v);\nuse(v);"
    function = reduced("UNUSED", body)
    outer, inner = function.variables
    inside, behind = (Region(line, 6, line, 7) for line in (9, 10))
    assert function.variable("v", inside) == inner
    assert function.variable("v", behind) == outer
