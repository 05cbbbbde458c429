"""Functions reduced for flow analysis: small pieces of C, parsed by libclang without a kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.errors import TooDeep
from klplint.facts.statements import (
    AddressTaken,
    Assign,
    Block,
    Call,
    Case,
    Event,
    Function,
    If,
    Jump,
    Label,
    Loop,
    MacroCall,
    Simple,
    Statement,
    Store,
    Switch,
    events_of,
    walk,
)
from klplint.frontend.parse import ParseInput, TranslationUnitView
from klplint.frontend.reduce.function import reduce_function
from tests.support.single_file import errors_of

HEADER = """\
typedef struct task { int a; struct task *next; } task_t;
void use(task_t *t); void other(void); void done(void);
int test(void); int lock(int n); task_t *get(void);
#define true 1
#define SELF ((task_t *)get())
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define CALL(t) use(t)
#define BOTH(t) do { use(t); other(); } while (0)
#define for_each(t) for ((t) = get(); (t); (t) = (t)->next)
#define scoped_guard(kind, lock) for (int once = kind(lock); once; once = 0)
#define max(a, b) ({ int x_ = (a), y_ = (b); x_ > y_ ? x_ : y_; })
#define forever for (;;)
#define always while (1)
#define until(c) while (!(c))
#define await(c) ({ int n_ = 0; while (!(c)) n_++; n_; })
#define WITH(stmt) do { other(); stmt; } while (0)
"""


def reduced(body: str, head: str = "static int f(task_t *p, int n)") -> Function:
    """The function with this body, whose first line is number 1."""
    lines = HEADER.count("\n")
    source = Source(HEADER + f"{head}\n{{\n{body}\n}}\n")
    outline = Outline(source)
    view = TranslationUnitView(
        source, ParseInput(Path("/nowhere/a.c"), ["-x", "c", "-std=gnu11", "-w"])
    )
    assert errors_of(view) == []
    cursor = view.function_at(source.offset(lines + 2, 1))
    assert cursor is not None
    function = reduce_function(view, outline, cursor)
    assert function is not None
    return function


def shape(statement: Statement) -> Any:
    """A statement as nested lists: what steers by name, events as short texts."""
    match statement:
        case Simple():
            return [short(event) for event in statement.events]
        case Block():
            return tuple(s for s in map(shape, statement.statements) if s != [])
        case If():
            otherwise = shape(statement.otherwise) if statement.otherwise else None
            return ("if", statement.condition_text, shape(statement.then), otherwise)
        case Loop():
            flags = [name for name in ("endless", "once") if getattr(statement, name)]
            parts = (statement.before, statement.condition, statement.after)
            control = [shape(part) if part else None for part in parts]
            return (statement.macro or statement.kind, *flags, control, shape(statement.body))
        case Switch():
            return ("switch", shape(statement.body))
        case Case():
            return "default" if statement.default else "case"
        case Label():
            return statement.name + ":"
        case Jump():
            value = shape(statement.value) if statement.value else []
            return (statement.kind, *([statement.label] if statement.kind == "goto" else []), value)


def short(event: Event) -> str:
    match event:
        case Call():
            return f"{event.name}({', '.join(event.arguments)})"
        case Assign():
            return f"{event.target}={event.value}"
        case MacroCall():
            return f"{event.name} in a macro"
        case AddressTaken():
            return f"&{event.variable}"
        case Store():
            return f"{event.target} stored"


def shapes(body: str) -> Any:
    return shape(reduced(body).body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("use(p); other();", (["use(p)"], ["other()"])),
        ("task_t *t = p; t = get();", (["t=p"], ["get()", "t=get()"])),
        ("n |= 2; n &= ~(n); n += 1;", (["n=n | (2)"], ["n=n & (~(n))"], ["n=None"])),
        ("test() ? use(p) : other();", (("if", "test()", (["use(p)"],), (["other()"],)),)),
        ("(void)(test() && (use(p), 1));", (("if", "test()", (["use(p)"],), None),)),
        ("test() || test();", (("if", "test()", (), (["test()"],)),)),
        ("use((task_t *)(p));", (["use((task_t *)(p))"],)),
        ("if (test()) use(p); else other();", (("if", "test()", (["use(p)"],), (["other()"],)),)),
        ("while (n) use(p);", (("while", [None, [], None], (["use(p)"],)),)),
        ("do { other(); } while (test());", (("do", [None, ["test()"], None], (["other()"],)),)),
        ("do { other(); } while (0);", (("do", "once", [None, [], None], (["other()"],)),)),
        ("while (1) other();", (("while", "endless", [None, [], None], (["other()"],)),)),
        ("goto x; x: other(); return n;", (("goto", "x", []), "x:", ["other()"], ("return", []))),
        ("return test();", (("return", ["test()"]),)),
    ],
)
def test_plain_statements(body: str, expected: object) -> None:
    assert shapes(body) == expected


@pytest.mark.parametrize(
    ("header", "control"),
    [
        ("p = get(); test(); other()", [["get()", "p=get()"], ["test()"], ["other()"]]),
        ("; test(); other()", [None, ["test()"], ["other()"]]),
        ("p = get(); ; other()", [["get()", "p=get()"], None, ["other()"]]),
        ("p = get(); test();", [["get()", "p=get()"], ["test()"], None]),
        (";;other()", [None, None, ["other()"]]),
        (";;", [None, None, None]),
        ("int i = test(); i; i++", [["test()", "i=test()"], [], ["i=None"]]),
    ],
)
def test_any_part_of_a_for_may_be_missing(header: str, control: list[object]) -> None:
    flags = ("endless",) if control[1] is None else ()
    assert shapes(f"for ({header}) done();") == (("for", *flags, control, (["done()"],)),)


def test_cases_stand_among_the_statements_of_a_switch() -> None:
    body = "switch (n) { case 1: case 2: use(p); break; default: other(); }"
    inner: tuple[object, ...] = ("case", "case", ["use(p)"], ("break", []), "default", ["other()"])
    assert shapes(body) == (("switch", inner),)


def test_macros_are_calls_with_their_arguments_as_written() -> None:
    assert shapes("CALL(p);") == (["CALL(p)"],)
    assert shapes("BOTH( p );") == (["BOTH(p)"],)


def test_a_loop_that_a_macro_opens_has_the_statements_behind_it() -> None:
    call, (macro, *_, inner) = shapes("for_each(p)\n\tuse(p);")
    assert (call, macro, inner) == (["for_each(p)"], "for_each", (["use(p)"],))
    call, (macro, *_, inner) = shapes("scoped_guard(lock, n) { use(p); other(); }")
    assert (call, macro) == (["scoped_guard(lock, n)"], "scoped_guard")
    assert inner == (["use(p)"], ["other()"])


def test_the_loop_of_a_macro_reaches_from_the_macro_to_its_bodys_end() -> None:
    function = reduced("for_each(p) {\n\tuse(p);\n}\nother();")
    (loop,) = (s for s in function.body.statements if isinstance(s, Loop))
    first = HEADER.count("\n") + 3
    assert (loop.region.line, loop.region.column) == (first, 1)
    assert (loop.region.end_line, loop.region.end_column) == (first + 2, 2)
    calls = [e for e in events_of(function.body) if isinstance(e, Call) and e.name == "use"]
    assert [loop.region.holds(call.region) for call in calls] == [True]


@pytest.mark.parametrize(
    ("code", "endless", "walks"),
    [
        ("forever use(p);", True, False),
        ("always use(p);", True, False),
        ("until(n) use(p);", False, False),
        ("for_each(p) use(p);", False, True),
    ],
)
def test_a_loop_of_a_macro_is_endless_or_walks(code: str, endless: bool, walks: bool) -> None:
    (loop,) = (s for s in reduced(code).body.statements if isinstance(s, Loop))
    assert (loop.endless, loop.walks, loop.once) == (endless, walks, False)


@pytest.mark.parametrize(
    "code", ["n = await(test());", "await(({ use(p); test(); }));", "await(n && test());"]
)
def test_a_macro_that_repeats_its_argument_makes_a_loop_around_it(code: str) -> None:
    function = reduced(code)
    (loop,) = (s for s in walk(function.body) if isinstance(s, Loop))
    calls = [e for e in events_of(function.body) if isinstance(e, Call)]
    assert (loop.macro, loop.walks, loop.endless) == ("await", True, False)
    assert all(loop.region.holds(call.region) for call in calls if call.name != "await")


def test_a_macro_that_repeats_no_code_of_the_file_makes_no_loop() -> None:
    assert not any(isinstance(s, Loop) for s in walk(reduced("n = await(n);").body))


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ("WITH(use(p));", {"WITH", "use"}),
        ("n = max(test(), 2);", {"max", "test"}),
        ("CALL(get());", {"CALL", "get"}),
    ],
)
def test_calls_in_a_macros_arguments_are_seen(body: str, called: set[str]) -> None:
    assert {e.name for e in events_of(reduced(body).body) if isinstance(e, Call)} == called


def test_a_statement_expression_is_a_block_before_its_statement() -> None:
    assert shapes("n = ({ other(); test(); });")[0] == (["other()"], ["test()"])


def test_operands_come_before_what_uses_them() -> None:
    assert shapes("use(get());") == (["get()", "use(get())"],)
    assert shapes("if (test() && get()) done();") == (
        ("if", "test() && get()", (["done()"],), None),
    )


def test_values_that_are_not_plainly_assigned_are_unknown() -> None:
    assert shapes("n += 2;") == (["n=None"],)
    assert shapes("n++; --n;") == (["n=None"], ["n=None"])
    assert shapes("n = n && (p = get());") == (["get()", "p=None", "n=n && (p = get())"],)
    assert shapes("p->a = 1; *p = *get();") == (
        ["p->a stored"],
        ["get()"],
    )


def test_stores_in_members_are_events() -> None:
    assert shapes("p->next->a = test();") == (["test()", "p->next->a stored"],)
    assert shapes("(p->a)++; p[1].a += 2;") == (["p->a stored"], ["p[1].a stored"])
    (store,) = events_of(reduced("p->next->a = 1;").body)
    assert isinstance(store, Store)
    assert store.member == "a"


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("if (UNLIKELY(n) && test())", "UNLIKELY(n) && test()"),
        ("if (test() &&\n\t!UNLIKELY(n))", "test() && !UNLIKELY(n)"),
        ("while (UNLIKELY(n) || test())", "UNLIKELY(n) || test()"),
        ("for (; n && test(); n++)", "n && test()"),
    ],
)
def test_conditions_are_reported_whole(head: str, text: str) -> None:
    (got,) = reduced(f"{head} other();").body.statements
    assert isinstance(got, If | Loop)
    assert got.condition_text == text


def test_what_goes_on_behind_a_macro_belongs_to_the_value() -> None:
    assert shapes("p = SELF->next;") == (["SELF()", "p=SELF->next"],)
    assert shapes("n = UNLIKELY(n) + 1;") == (["UNLIKELY(n)", "n=UNLIKELY(n) + 1"],)


def test_an_address_taken_is_an_event() -> None:
    assert shapes("task_t t; use(&t);") == (["&t", "use(&t)"],)
    assert shapes("int *q = &p->a;") == (["q=&p->a"],)


def test_locals_of_one_name_are_distinguished_by_scope() -> None:
    function = reduced("task_t *t = p;\n{\n\ttask_t *t = get();\n\tuse(t);\n}\nuse(t);")
    inner, outer = (e.region for e in events_of(function.body) if short(e) == "use(t)")
    first = HEADER.count("\n") + 3
    meant = [function.variable("t", region) for region in (inner, outer)]
    assert [local and local.region.line for local in meant] == [first + 2, first]
    assert function.variable("p", inner) is None


def test_what_is_known_of_the_function_itself() -> None:
    function = reduced("done();")
    assert (function.name, function.static) == ("f", True)
    assert function.parameters == ("p", "n")
    assert not reduced("done();", "void g(void)").static


def test_regions_count_characters_not_bytes() -> None:
    (call,) = events_of(reduced("/* é\U0001f600 */ use(p);").body)
    assert (call.region.column, call.region.end_column) == (10, 13)


@pytest.mark.parametrize("depth", [20, 150])
def test_a_long_chain_of_else_if_is_followed(depth: int) -> None:
    chain = "".join(f"if (n == {i}) other(); else " for i in range(depth)) + "use(p);"
    names = [e.name for e in events_of(reduced(chain).body) if isinstance(e, Call)]
    assert names == ["other"] * depth + ["use"]


def test_what_nests_too_deep_is_refused_not_cut() -> None:
    with pytest.raises(TooDeep, match="statements nest more than 200 levels"):
        reduced("if (n) { " * 210 + "use(p);" + " }" * 210)
    with pytest.raises(TooDeep, match="an expression nests more than 250 levels"):
        reduced("n = n" + " + n" * 400 + ";")
