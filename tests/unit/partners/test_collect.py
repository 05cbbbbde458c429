"""What surrounds a barrier, read by tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.barrier_samples import context_in, contexts, files, shown


def before(body: str, further: str = "") -> list[str]:
    return shown(context_in(body, further).before)


def after(body: str, further: str = "") -> list[str]:
    return shown(context_in(body, further).after)


def test_accesses_come_nearest_first_with_their_distance() -> None:
    context = context_in("a->x = 1; a->y = 2; smp_wmb(); a->z = 3; i = b->w;")
    assert shown(context.before) == ["a.y s", "a.x s"]
    assert [access.distance for access in context.before] == [1, 2]
    assert shown(context.after) == ["a.z s", "b.w l"]


def test_places_are_those_of_the_members() -> None:
    text = "void f(struct a *a)\n{\n\ta->x = 1;\n\tsmp_wmb();\n}\n"
    (context,) = contexts(text)
    assert (context.line, context.column) == (4, 2)
    assert (context.before[0].line, context.before[0].column) == (3, 5)


def test_a_release_stores_its_argument_behind_all_before() -> None:
    context = context_in("a->x = 1; smp_store_release(&a->y, b->v); a->z = 2;")
    assert shown(context.before) == ["a.x s"]
    assert shown(context.after) == ["a.y s"]
    assert context.after[0].distance == 0


def test_an_acquire_loads_its_argument_before_all_that_follows() -> None:
    context = context_in("a->x = 1; i = smp_load_acquire(&a->y); i = a->z;")
    assert shown(context.before) == ["a.y l"]
    assert shown(context.after) == ["a.z l"]


def test_what_stands_in_another_branch_does_not_count() -> None:
    assert before("if (i) a->x = 1; else { a->y = 2; smp_wmb(); }") == ["a.y s"]
    assert after("if (i) { smp_wmb(); a->x = 1; } else a->y = 2; a->z = 3;") == ["a.x s", "a.z s"]


@pytest.mark.parametrize(
    "body",
    [
        "\n#ifdef X\na->x = 1;\n#else\na->y = 2; smp_wmb();\n#endif\n",
        "\n#if X\na->y = 2; smp_wmb();\n#elif Y\na->x = 1;\n#endif\na->z = 1;",
        (
            "\n#ifndef X\n#if Y\na->x = 1;\n#endif\n#else\n"
            "a->y = 2;\n#if Z\nsmp_wmb();\n#endif\n#endif\n"
        ),
    ],
)
def test_what_is_never_compiled_together_does_not_count(body: str) -> None:
    context = context_in(body)
    assert "a.x s" not in shown(context.before) + shown(context.after)
    assert "a.y s" in shown(context.before)


def test_what_may_be_compiled_together_counts() -> None:
    assert before("\n#ifdef X\na->x = 1;\n#endif\n#ifdef Y\nsmp_wmb();\n#endif\n") == ["a.x s"]
    assert after("\n#ifdef X\nsmp_wmb();\n#endif\na->x = 1;") == ["a.x s"]


def test_a_branch_that_returns_does_not_lead_to_the_barrier() -> None:
    assert before("if (a->ready) { a->x = 1; return; } smp_rmb();") == ["a.ready l"]


def test_behind_a_return_nothing_follows() -> None:
    assert after("if (i) { smp_rmb(); return a->x; } a->y = 1;") == ["a.x l"]


def test_a_goto_is_followed_forward() -> None:
    assert after("if (i) { smp_rmb(); goto out; } a->x = 1; out: a->y = 1;") == ["a.y s"]
    assert after("again: a->x = 1; smp_rmb(); goto again;") == []


def test_a_full_barrier_ends_a_context_where_every_way_leads_past_it() -> None:
    text = "void f(struct a *a, int i)\n{{\n\ta->x = 1; {} a->y = 1; smp_wmb();\n}}\n"
    always = contexts(text.format("smp_mb();"))
    assert [shown(c.before) for c in always] == [["a.x s"], ["a.y s"]]
    sometimes = contexts(text.format("if (i) smp_mb();"))
    assert shown(sometimes[1].before) == ["a.y s", "a.x s"]


def test_a_function_of_the_file_is_followed_once() -> None:
    helper = (
        "static void deep(struct a *a) { a->deep = 1; }\n"
        "static void set(struct a *p) { p->x = 1; deep(p); }"
    )
    context = context_in("set(a); smp_wmb();", helper)
    assert shown(context.before) == ["a.x s"]
    assert context.before[0].via == "set"


def test_a_recursive_function_is_followed_once() -> None:
    assert before("f(a, b, i); a->x = 1; smp_wmb();") == ["a.x s"]
    helper = "static void set(struct a *p) { p->x = 1; set(p); }"
    assert before("set(a); smp_wmb();", helper) == ["a.x s"]


def test_a_small_function_has_what_its_callers_touch() -> None:
    text = (
        "static void publish(struct a *a)\n{\n\tsmp_wmb();\n\ta->ready = 1;\n}\n"
        "void fill(struct a *a)\n{\n\ta->x = 1;\n\tpublish(a);\n\ta->y = 1;\n}\n"
    )
    (context,) = contexts(text)
    assert shown(context.before) == ["a.x s"]
    assert shown(context.after) == ["a.ready s", "a.y s"]


def test_a_macro_has_what_is_passed_to_it() -> None:
    text = (
        "#define wait_for(cond) ({ \\\n\twhile (!(cond)) { \\\n\t\tsmp_rmb(); \\\n\t} \\\n})\n"
        "void f(struct a *a)\n{\n\twait_for(a->ready);\n}\n"
    )
    (context,) = contexts(text)
    assert context.function == "wait_for"
    assert "a.ready l" in shown(context.before)


def test_calls_of_other_files_of_the_directory_are_followed() -> None:
    set_it = "void set_it(struct a *a) { a->x = 1; smp_mb(); }"
    use = "void f(struct a *a)\n{\n\tset_it(a);\n\tsmp_wmb();\n}\n"
    here = files(d__one=use, d__two=set_it)
    assert shown(here[0].contexts[0].before) == ["a.x s"]
    elsewhere = files(d__one=use, e__two=set_it)
    assert shown(elsewhere[0].contexts[0].before) == []
    assert [call.name for call in elsewhere[0].contexts[0].calls_before] == ["set_it"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("((struct a *)i)->x = 1; smp_wmb();", ["x s"]),
        ("container_of(b->node, struct a, node)->x = 1; smp_wmb();", ["x s", "b.node l"]),
        ("a->u.lo = 1; smp_wmb();", ["a.u.lo s"]),
        ("a->bits.ready = 1; smp_wmb();", ["a.bits.ready s"]),
        ("a->all[i].x = 1; smp_wmb();", ["a.all.x s"]),
        ("WRITE_ONCE(*&a->x, 1); smp_wmb();", ["a.x s"]),
        ("(*b).x = 1; smp_wmb();", ["x s"]),
        ("i = ({ a->x; }); smp_wmb();", ["a.x l"]),
    ],
)
def test_forms_of_accesses(body: str, expected: list[str]) -> None:
    assert sorted(before(body)) == sorted(expected)


def test_old_style_parameters_have_their_structures() -> None:
    (context,) = contexts("int f(a)\nstruct a *a;\n{\n\ta->x = 1;\n\tsmp_wmb();\n}\n")
    assert shown(context.before) == ["a.x s"]


def test_long_functions_and_many_barriers_are_bounded() -> None:
    body = "".join(f"\ta->m{n} = 1;\n\tsmp_wmb();\n" for n in range(1000))
    many = contexts(f"void f(struct a *a)\n{{\n{body}}}\n")
    assert len(many) == 1000
    assert all(len(c.before) <= 24 and len(c.after) <= 24 for c in many)
    far = "".join(f"\ta->m{n} = 1;\n" for n in range(5_000))
    (context,) = contexts(f"void f(struct a *a)\n{{\n{far}\tsmp_wmb();\n{far}}}\n")
    assert len(context.before) == len(context.after) == 24


def test_a_function_that_is_too_long_is_silent() -> None:
    body = "\ta->m = 1;\n" * 30_000
    assert contexts(f"void f(struct a *a)\n{{\n{body}\tsmp_wmb();\n}}\n") == ()


def test_definitions_of_barriers_are_not_uses() -> None:
    assert contexts("#define smp_wmb() wmb()\nstatic void smp_mb(void)\n{\n\tmb();\n}\n") == ()


def test_comments_are_not_read() -> None:
    code = "a->x = 1; {c} smp_wmb(); {c} a->y = 2;"
    plain = context_in(code.replace("{c}", "/*                           */"))
    said = context_in(code.replace("{c}", "/* pairs with b->z in g()    */"))
    assert plain == said


_PIECES = [*"{}();:", "if ", "else ", "a->x = 1", "smp_wmb()", "do "]


@given(st.lists(st.sampled_from(_PIECES)))
def test_no_body_makes_it_fail(pieces: list[str]) -> None:
    for context in contexts(f"void f(struct a *a)\n{{\n{''.join(pieces)}\n}}\n"):
        assert context.barrier == "smp_wmb"


@pytest.mark.parametrize(
    ("body", "further"),
    [
        ("i = a->x; smp_rmb(); i = a->y; smp_mb(); i = a->x;", ""),
        (f"i = a->x; smp_rmb(); i = a->y; {'i = a->z; ' * 30} i = a->x;", ""),
        (
            "i = a->x; smp_rmb(); i = a->y + outer(a);",
            (
                "int inner(struct a *a)\n{\n\treturn a->x;\n}\n"
                "int outer(struct a *a)\n{\n\treturn inner(a);\n}\n"
            ),
        ),
        ("i = a->x; smp_rmb(); i = a->y + X(a);", "#define X(a) READ_ONCE((a)->x)\n"),
        ("i = a->x; smp_rmb(); i = a->y + THE_X;", "#define THE_X (a->x)\n"),
    ],
)
def test_what_is_accessed_again_far_away_is_seen(body: str, further: str) -> None:
    context = context_in(body, further)
    assert [each.name for each in context.before] == ["x"]
    assert "x" in {each.name for each in context.far_after} - {e.name for e in context.after}
    assert context.far_before == ()


def test_only_objects_near_the_barrier_are_searched_far_away() -> None:
    context = context_in("i = a->x; smp_rmb(); i = a->y; smp_mb(); i = a->z + a->y;")
    assert context.far_after == ()


def test_loops_have_their_first_and_last_lines() -> None:
    def loop(body: str) -> tuple[int, int]:
        context = context_in(body)
        return context.loop_first_line - context.line, context.loop_last_line - context.line

    assert loop("\twhile (i) {\n\t\tsmp_rmb();\n\t\ti = a->y;\n\t}") == (-1, 1)
    assert loop("\tdo {\n\t\tsmp_rmb();\n\t\ti = a->y;\n\t} while (i);") == (0, 2)
    assert loop("again:\n\ti = a->x;\n\tsmp_rmb();\n\tif (i)\n\t\tgoto again;") == (-1, 1)
    without = context_in("while (i) i--; smp_rmb(); i = a->y;")
    assert (without.loop_first_line, without.loop_last_line) == (0, 0)


def test_branches_behind_a_write_barrier_that_control_leaves() -> None:
    context = context_in(
        "\tsmp_wmb();\n\tif (i) {\n\t\ta->x = 1;\n\t\treturn 0;\n\t}\n"
        "\tif (j) {\n\t\ta->y = 1;\n\t\tgoto out;\n\t}\n"
        "\tif (k)\n\t\ta->z = 1;\n\ta->w = 1;\nout:\n\ta->v = 1;"
    )
    lines = [
        tuple(line and line - context.line for line in (e.first_line, e.last_line, e.target_line))
        for e in context.exits
    ]
    assert lines == [(2, 3, 0), (6, 6, 13)]


@pytest.mark.parametrize(
    ("barrier", "near", "far", "count"),
    [
        ("smp_rmb", "i = a->x;", "i = a->x;", 1),
        ("smp_rmb", "i = a->x;", "a->x = 1;", 0),
        ("smp_rmb", "a->x = 1;", "i = a->x;", 0),
        ("smp_wmb", "a->x = 1;", "a->x = 2;", 1),
        ("smp_wmb", "a->x = 1;", "i = a->x;", 0),
        ("smp_wmb", "i = a->x;", "a->x = 1;", 0),
        ("smp_mb", "i = a->x;", "a->x = 1;", 1),
    ],
)
def test_only_what_the_barrier_orders_is_searched_far_away(
    barrier: str, near: str, far: str, count: int
) -> None:
    context = context_in(f"{near} {barrier}(); i = a->y; a->z = 1; smp_mb(); {far}")
    assert [each.name for each in context.far_after] == ["x"] * count
