"""Wrappers of a switching function: which functions are some, and what their calls pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.analysis.local_values import Parameter, Values
from klplint.facts.memo import Memo
from klplint.facts.watch import Callee, Watch
from klplint.livepatch.wrappers import Wrappers
from tests.support.single_file import facts_of

SWITCH = "klp_update_patch_state"
HEAD = "#include <linux/livepatch.h>\n#include <linux/sched.h>\n"
TASK = "struct task_struct *"


def wrappers_in(directory: Path, code: str) -> Wrappers:
    """The wrappers in a file; their calls are followed until there are not new ones."""
    watch = Watch(functions=frozenset({SWITCH}))
    while True:
        facts = facts_of(directory, HEAD + code.replace("TASK ", TASK), watch=watch)
        wrappers = Wrappers({facts.path: facts}, [SWITCH], 0, Memo())
        followed = Watch(callees=tuple(wrappers.callees()))
        if watch | followed == watch:
            return wrappers
        watch |= followed


def passed(wrappers: Wrappers) -> list[tuple[str, Values]]:
    """Each call that is checked with what it passes."""
    return [
        (call.name, wrappers.values(facts, call, target.argument))
        for facts, call, target in wrappers.calls()
    ]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("void f(TASK t) { klp_update_patch_state(t); }", ["f"]),
        ("void f(int n, TASK t) { klp_update_patch_state((t)); }", ["f"]),
        ("void f(void) { klp_update_patch_state(current); }", []),
        ("void f(TASK t) { klp_update_patch_state(t->parent); }", []),
        ("void f(TASK t) { klp_update_patch_state(); }", []),
        ("void f(TASK t) { TASK x = t; klp_update_patch_state(x); }", ["f"]),
        ("void f(TASK t) { t = current; klp_update_patch_state(t); }", []),
        ("void f(TASK t) { if (!t) t = current; klp_update_patch_state(t); }", ["f"]),
        ("void f(TASK t) { klp_update_patch_state(t ? t : current); }", ["f"]),
        ("void g(TASK *); void f(TASK t) { g(&t); klp_update_patch_state(t); }", []),
        ("void f(TASK t) { { TASK t = current; klp_update_patch_state(t); } }", []),
        (
            (
                "void f(TASK t) { klp_update_patch_state(t); }\nvoid g(TASK u) { f(u); }\n"
                "void h(TASK v) { g(v); }\n"
            ),
            ["f", "g", "h"],
        ),
        (
            (
                "void g(TASK t);\nvoid f(TASK t) { g(t); }\n"
                "void g(TASK t) { f(t); klp_update_patch_state(t); }"
            ),
            ["f", "g"],
        ),
    ],
)
def test_a_function_that_passes_a_parameter_on_is_a_wrapper(
    tmp_path: Path, code: str, names: list[str]
) -> None:
    callees = wrappers_in(tmp_path, code).callees()
    assert sorted({callee.name for callee in callees}) == names


def test_the_argument_of_a_wrapper_is_the_one_that_it_passes_on(tmp_path: Path) -> None:
    wrappers = wrappers_in(
        tmp_path,
        "void f(int n, TASK t) { klp_update_patch_state(t); }\n"
        "void g(TASK a) { f(1, a->parent); f(2, current); }\n",
    )
    assert passed(wrappers) == [
        (SWITCH, {Parameter("t")}),
        ("f", {"a->parent"}),
        ("f", {"current"}),
    ]


def test_each_parameter_that_may_be_passed_on_is_checked(tmp_path: Path) -> None:
    wrappers = wrappers_in(
        tmp_path,
        "void f(TASK a, int n, TASK b) { klp_update_patch_state(n ? a : b); }\n"
        "void g(TASK x) { f(current, 1, x->parent); }\n",
    )
    (_, *others) = passed(wrappers)
    assert set(others) == {("f", frozenset({"current"})), ("f", frozenset({"x->parent"}))}


def test_a_target_shows_the_way_down_to_the_switching_function(tmp_path: Path) -> None:
    wrappers = wrappers_in(
        tmp_path,
        "static void f(TASK t) { klp_update_patch_state(t); }\nvoid g(TASK u) { f(u); }\n"
        "void h(void) { g(current); }\n",
    )
    targets = {call.name: target for _, call, target in wrappers.calls()}
    assert targets[SWITCH].passes_on is None
    outer = targets["g"].passes_on
    assert outer is not None
    assert [(step.callee.name, step.parameter, step.call.name) for step in outer.chain()] == [
        ("g", "u", "f"),
        ("f", "t", SWITCH),
    ]


def test_a_static_wrapper_is_called_in_its_own_file_only(tmp_path: Path) -> None:
    code = "{} void f(TASK t) {{ klp_update_patch_state(t); }}"
    static = wrappers_in(tmp_path, code.format("static"))
    assert list(static.callees()) == [Callee("f", "sample.c", shared=False)]
    shared = wrappers_in(tmp_path, code.format(""))
    assert list(shared.callees()) == [Callee("f", "sample.c", shared=True)]


def test_a_wrapper_of_another_file_is_not_the_function_of_that_name_here(tmp_path: Path) -> None:
    callee = Callee("f", "inner.c", shared=True)
    watch = Watch(functions=frozenset({SWITCH}), callees=(callee,))
    texts = {
        "inner.c": "void f(TASK t) { klp_update_patch_state(t); }",
        "user.c": "void f(TASK t);\nvoid g(void) { f(current->parent); }",
        "other.c": "static void f(TASK t) { }\nvoid g(void) { f(current->parent); }",
    }
    files = {
        name: facts_of(tmp_path, HEAD + text.replace("TASK ", TASK), name, watch)
        for name, text in texts.items()
    }
    calls = list(Wrappers(files, [SWITCH], 0, Memo()).calls())
    assert [(facts.path, call.name) for facts, call, _ in calls] == [
        ("inner.c", SWITCH),
        ("user.c", "f"),
    ]
