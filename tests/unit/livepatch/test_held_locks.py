"""Which locks may be held: by hand, and against every path of random bodies taken one by one."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from msgspec.structs import replace

from klplint.facts.region import Region
from klplint.facts.statements import (
    Assign,
    Block,
    Call,
    Case,
    If,
    Jump,
    Loop,
    Simple,
    Statement,
    Store,
    Switch,
    events_of,
)
from klplint.livepatch.guards import Guards
from klplint.livepatch.held_locks import Held, LockKind, locks_before_calls
from tests.support.flow_samples import (
    NOWHERE,
    assign,
    block,
    bodies,
    case,
    jump,
    label,
    loop,
    numbered,
    store,
    switch,
    when,
)

KINDS = (
    LockKind(name="a", acquire=("take_a", "try_a"), release=("drop_a",), acquire_if=("try_*",)),
    LockKind(name="b", acquire=("take_b*",), release=("drop_b",)),
)
GUARDS = Guards(("guard", "scoped_guard"), ("mutex*", "x"))


def held_at_probe(*statements: Statement | str, kinds: tuple[LockKind, ...] = KINDS) -> list[str]:
    body = numbered(block(*statements))
    locks = locks_before_calls(body, kinds, GUARDS)
    (region,) = [e.region for e in events_of(body) if isinstance(e, Call) and e.name == "probe"]
    return [str(held) for held in locks.get(region, ())]


def test_functions_that_are_excepted_take_no_lock() -> None:
    kind = replace(KINDS[1], but=("*_init", "*_held"))
    held = held_at_probe("take_b_init", "take_b_held", "take_b_irq", "probe", kinds=(kind,))
    assert held == ["take_b_irq()"]


def test_a_lock_is_held_until_it_is_dropped() -> None:
    assert held_at_probe("take_a &x", "probe", "drop_a &x") == ["take_a(&x)"]
    assert held_at_probe("take_a &x", "drop_a &x", "probe") == []
    assert held_at_probe("probe", "take_a &x") == []


def test_locks_are_reported_in_the_order_in_which_they_were_taken() -> None:
    assert held_at_probe("take_b_irq &y", "take_a &x", "probe") == ["take_b_irq(&y)", "take_a(&x)"]


def test_an_unlock_drops_the_same_object_or_else_all_of_its_kind() -> None:
    assert held_at_probe("take_a &x", "take_a &y", "drop_a &y", "probe") == ["take_a(&x)"]
    assert held_at_probe("take_a &x", "take_b &y", "drop_a alias", "probe") == ["take_b(&y)"]


def test_an_asserted_lock_is_held_until_any_kind_of_unlock_of_its_object() -> None:
    asserted = LockKind(name="asserted", acquire=("assert_held*",), release=(), any_release=True)
    kinds = (*KINDS, asserted)
    assert held_at_probe("assert_held &x", "probe", kinds=kinds) == ["assert_held(&x)"]
    assert held_at_probe("assert_held &x", "drop_b &x", "probe", kinds=kinds) == []
    assert held_at_probe("assert_held &x", "drop_b &y", "probe", kinds=kinds) == ["assert_held(&x)"]


def test_a_lock_that_nests_is_held_until_it_was_dropped_as_often() -> None:
    kinds = (KINDS[0], replace(KINDS[1], nests=True))
    twice = ("take_b", "take_b", "drop_b")
    assert held_at_probe(*twice, "probe", kinds=kinds) == ["take_b()"]
    assert held_at_probe(*twice, "drop_b", "probe", kinds=kinds) == []
    assert held_at_probe(*twice, "probe") == []
    # Either branch takes it once; a loop that leaks it does not count its turns.
    either = when("c", block("take_b"), block("take_b_irq"))
    assert held_at_probe(either, "drop_b", "probe", kinds=kinds) == []
    assert held_at_probe(loop("take_b"), "probe", "drop_b", kinds=kinds) == ["take_b()"]


def test_a_call_may_take_locks_of_several_kinds() -> None:
    kinds = (KINDS[0], replace(KINDS[1], acquire=("take_a_irq",)))
    assert held_at_probe(
        "take_a_irq &x", "probe", kinds=(replace(kinds[0], acquire=("take_a*",)), kinds[1])
    ) == ["take_a_irq(&x)"]
    assert held_at_probe("take_a_irq &x", "drop_a &x", "probe", kinds=kinds) == ["take_a_irq(&x)"]
    assert held_at_probe("take_a_irq &x", "drop_a &x", "drop_b", "probe", kinds=kinds) == []


def test_a_lock_that_nobody_asks_about_may_be_held() -> None:
    assert held_at_probe("try_a &x", "probe") == ["try_a(&x)"]
    assert held_at_probe("try_a &x", "drop_a &x", "probe") == []


@pytest.mark.parametrize(
    ("value", "is_followed"),
    [
        ("try_a(&x)", True),
        ("(bool)try_a(&x)", False),
        ("likely(try_a(&x))", True),
        ("ready() && try_a(&x)", True),
        ("ready || !!try_a(&x)", True),
        ("!try_a(&x)", False),
        ("f(try_a(&x))", False),
        ("try_a(&x) ? 0 : -1", False),
    ],
)
@pytest.mark.parametrize("kept", ["got", "s->got"])
def test_a_variable_or_member_says_whether_the_lock_was_taken(
    value: str, is_followed: bool, kept: str
) -> None:
    stored = (
        assign("got", value)
        if kept == "got"
        else replace(store("got"), events=(Store(kept, "got", NOWHERE, value),))
    )
    assert held_at_probe(stored, plain(kept, block("probe"))) == (
        ["try_a(&x)"] if is_followed else []
    )
    assert held_at_probe(stored, plain(kept, block("f"), block("probe"))) == []
    assert held_at_probe(stored, plain(f"!{kept}", block("probe"))) == []


def test_a_result_may_be_kept_and_compared_at_once() -> None:
    stored = Assign("got", "try_a(&x)", NOWHERE)
    tried = Call("try_a", ("&x",), NOWHERE)
    for condition, then, otherwise in (
        ("(got = try_a(&x)) == 0", [], ["try_a(&x)"]),
        ("!(got = try_a(&x))", [], ["try_a(&x)"]),
        ("(got = try_a(&x))", ["try_a(&x)"], []),
    ):
        for probed, held in (
            ((block("probe"), block("f")), then),
            ((block("f"), block("probe")), otherwise),
        ):
            branch = replace(plain(condition, *probed), condition=Simple((tried, stored), NOWHERE))
            assert sorted(set(held_at_probe(branch))) == held


def test_a_lock_taken_on_one_way_only_may_be_held() -> None:
    assert held_at_probe(when("c", block("take_a &x")), "probe") == ["take_a(&x)"]
    assert held_at_probe(loop("probe", "take_a &x")) == ["take_a(&x)"]
    assert held_at_probe(loop("probe", "take_a &x", once=True)) == []
    assert held_at_probe("take_a &x", label("l"), "probe", "drop_a &x", jump("goto", "l")) == [
        "take_a(&x)"
    ]


@pytest.mark.parametrize(
    ("condition", "holds_if"),
    [
        ("try_a(&x)", True),
        ("!try_a(&x)", False),
        ("likely(try_a(&x))", True),
        ("unlikely(!try_a(&x))", False),
        ("!likely(try_a(&x))", False),
        ("!(try_a(&x))", False),
        ("!!try_a(&x)", True),
        ("c != d && try_a(&x)", True),
        ("!c && try_a(&x)", True),
        ("!(c) && try_a(&x)", True),
        ("!f(c) && try_a(&x)", True),
        ("c || !try_a(&x)", False),
        ("!(c && try_a(&x))", False),
        ("(got = try_a(&x)) == 0", False),
        ("((got = try_a(&x))) != 0", True),
        ("f(c) == 0 && try_a(&x)", True),
        ("f(c) && (got = try_a(&x)) == 0", False),
    ],
)
def test_a_lock_that_may_fail_is_held_where_the_condition_says_so(
    condition: str, holds_if: bool
) -> None:
    held = ["try_a(&x)"]
    then = when("try_a &x", block("probe"), block("c"), condition)
    otherwise = when("try_a &x", block("c"), block("probe"), condition)
    assert held_at_probe(then) == (held if holds_if else [])
    assert held_at_probe(otherwise) == ([] if holds_if else held)


def test_a_lock_that_a_macro_tries_may_be_held_either_way() -> None:
    assert held_at_probe(when("try_a &x", block("probe"), None, "TRY")) == ["try_a(&x)"]
    assert held_at_probe(when("try_a &x", block("c", jump("return")), None, "TRY"), "probe") == [
        "try_a(&x)"
    ]


def test_a_lock_that_a_loop_waits_for_is_held_behind_it() -> None:
    assert held_at_probe(loop("relax", test="try_a &x"), "probe") == ["try_a(&x)"]


def test_a_guard_lasts_as_long_as_its_block() -> None:
    assert held_at_probe("guard mutex &x", "probe") == ["guard(mutex, &x)"]
    assert held_at_probe(block("guard x"), "probe") == []
    assert held_at_probe(loop("probe", "guard x")) == []
    assert held_at_probe(loop("probe", "guard x", when("c", block(jump("continue"))))) == []
    assert held_at_probe(loop("guard x", "probe")) == ["guard(x)"]
    assert held_at_probe(label("l"), "probe", "guard x", jump("goto", "l")) == []
    leaves = loop(block("guard x", when("c", block(jump("break")))), endless=True)
    assert held_at_probe(leaves, "probe") == []


def test_a_class_of_locks_is_a_guard() -> None:
    assert held_at_probe("CLASS mutex g", "probe") == ["CLASS(mutex, g)"]
    assert held_at_probe(block("CLASS mutex_intr g"), "probe") == []
    assert held_at_probe("CLASS fd f", "probe") == []
    assert held_at_probe("ACQUIRE mutex g", "probe") == ["ACQUIRE(mutex, g)"]
    assert held_at_probe("guard fd", "probe") == []


@pytest.mark.parametrize(
    ("condition", "is_held_then", "is_held_otherwise"),
    [
        ("ACQUIRE_ERR(mutex, &g)", False, True),
        ("!ACQUIRE_ERR(mutex, &g)", True, False),
        ("ACQUIRE_ERR(mutex, &g) == 0", True, False),
        ("ret = ACQUIRE_ERR(mutex, &g)", False, True),
        ("unlikely(ACQUIRE_ERR(mutex, &g))", False, True),
        ("class_mutex_lock_ptr(&g)", True, False),
        ("!class_mutex_lock_ptr(&g)", False, True),
        ("class_mutex_lock_err(&g)", False, True),
        ("__guard_ptr(mutex)(&g)", True, False),
        ("__guard_err(mutex)(&g)", False, True),
        ("ACQUIRE_ERR(mutex, &other)", True, True),
        ("a || ACQUIRE_ERR(mutex, &g)", True, True),
        ("a && !ACQUIRE_ERR(mutex, &g)", True, True),
        ("a || !ACQUIRE_ERR(mutex, &g)", True, False),
    ],
)
def test_a_guard_may_be_asked_whether_it_holds_its_lock(
    condition: str, is_held_then: bool, is_held_otherwise: bool
) -> None:
    held = ["ACQUIRE(mutex, g)"]
    made = "ACQUIRE mutex g"
    then = held_at_probe(made, plain(condition, block("probe")))
    otherwise = held_at_probe(made, plain(condition, block("leave"), block("probe")))
    assert (then, otherwise) == (held * is_held_then, held * is_held_otherwise)


def test_a_variable_may_keep_whether_a_guard_holds_its_lock() -> None:
    held = ["ACQUIRE(mutex, g)"]
    kept = ("ACQUIRE mutex g", assign("ret", "ACQUIRE_ERR(mutex, &g)"))
    assert held_at_probe(*kept, "probe") == held
    assert held_at_probe(*kept, plain("ret", block("probe"))) == []
    assert held_at_probe(*kept, plain("ret", block(jump("return"))), "probe") == held
    assert held_at_probe(*kept, plain("!ret", block(jump("return"))), "probe") == []
    assert held_at_probe(*kept, assign("ret", "0"), plain("ret", block("probe"))) == held


def plain(text: str, then: Block, otherwise: Block | None = None) -> Statement:
    """A branch on a condition without calls."""
    return replace(when("f", then, otherwise, text), condition=Simple((), NOWHERE))


@pytest.mark.parametrize(
    ("first", "second", "between", "is_held"),
    [
        ("x", "x", "f", False),
        ("x->shared", "x->shared", "f", False),
        ("x > 1", "(x>1)", "f", False),
        ("x", "y", "f", True),
        ("x", "!x", "f", True),
        ("x", "x", assign("x", "0"), True),
        ("x->shared", "x->shared", assign("x", "0"), True),
        ("x", "x", assign("y", "0"), False),
        ("task->patched", "task->patched", store("patched"), True),
    ],
)
def test_a_lock_under_a_condition_is_dropped_under_the_same_one(
    first: str, second: str, between: Statement | str, is_held: bool
) -> None:
    held = held_at_probe(
        plain(first, block("take_a &x")), between, plain(second, block("drop_a &x")), "probe"
    )
    assert held == (["take_a(&x)"] if is_held else [])


def test_a_lock_under_a_condition_is_held_where_that_may_be_true() -> None:
    locked = plain("x", block("take_a &x"))
    assert held_at_probe(locked, "probe") == ["take_a(&x)"]
    assert held_at_probe(locked, plain("x", block("probe"))) == ["take_a(&x)"]
    assert held_at_probe(locked, plain("x", block("f"), block("probe"))) == []
    assert held_at_probe(locked, plain("!x", block("probe"))) == []
    # In the next turn, and behind the loop, the condition may be another one.
    assert held_at_probe(loop(plain("x", block("probe"), block("f")), locked)) == ["take_a(&x)"]
    assert held_at_probe(loop(locked), plain("!x", block("probe"))) == ["take_a(&x)"]
    # The condition of a loop is not one that holds behind it.
    assert held_at_probe(locked, loop("f", test="f"), "probe") == ["take_a(&x)"]


def test_a_scoped_guard_lasts_as_long_as_its_statement() -> None:
    call, guarded, after = numbered(
        block("scoped_guard x", loop("inside", macro="scoped_guard"), "after")
    ).statements
    whole = Region(call.region.line, 1, guarded.region.end_line, 1)  # it begins with its macro
    body = Block((call, replace(guarded, region=whole), after), Region(1, 1, 99, 1))
    locks = locks_before_calls(body, KINDS, GUARDS)
    names = {event.region: event.name for event in events_of(body) if isinstance(event, Call)}
    held = {names[region] for region, each in locks.items() if each}
    assert held == {"test", "inside"}


def test_switches_and_early_returns() -> None:
    assert held_at_probe("take_a x", when("c", block("drop_a x", jump("return"))), "probe") == [
        "take_a(x)"
    ]
    cases = switch(case(), "take_a x", jump("break"), case(True), "take_b y", jump("return"))
    assert held_at_probe(cases, "probe") == ["take_a(x)"]


class Paths:
    """Every path through a body without loops and gotos, taken one by one."""

    def __init__(self, body: Block) -> None:
        self.before: dict[Region, set[Held]] = defaultdict(set)
        self._statement(body, frozenset())

    def _call(self, call: Call, held: frozenset[Held], is_statement: bool) -> frozenset[Held]:
        self.before[call.region] |= held
        verb, kind = call.name.split("_") if "_" in call.name else ("", "")
        if verb == "take" or (verb == "try" and is_statement):
            return held | {Held(kind, call.name, "", call.region)}
        return frozenset(h for h in held if verb != "drop" or h.kind != kind)

    def _simple(
        self, simple: Simple, held: frozenset[Held], is_statement: bool = False
    ) -> frozenset[Held]:
        for event in simple.events:
            assert isinstance(event, Call)
            held = self._call(event, held, is_statement)
        return held

    def _statement(
        self, statement: Statement, held: frozenset[Held]
    ) -> set[tuple[str, frozenset[Held]]]:
        """How the statement may end, and what is held then."""
        match statement:
            case Simple():
                return {("", self._simple(statement, held, is_statement=True))}
            case Block():
                return self._sequence(statement.statements, held)
            case Jump():
                return {(statement.kind, held)}
            case If():
                return self._if(statement, held)
            case Loop():
                return self._once(statement, held)
            case Switch():
                return self._switch(statement, held)
            case _:
                return {("", held)}

    def _sequence(
        self, statements: tuple[Statement, ...], held: frozenset[Held]
    ) -> set[tuple[str, frozenset[Held]]]:
        ways = {("", held)}
        for statement in statements:
            going = {state for end, state in ways if not end}
            ways = {way for way in ways if way[0]}
            for state in going:
                ways |= self._statement(statement, state)
        return ways

    def _if(self, statement: If, held: frozenset[Held]) -> set[tuple[str, frozenset[Held]]]:
        held = self._simple(statement.condition, held)
        then = otherwise = held
        for event in statement.condition.events:
            if isinstance(event, Call) and event.name == "try_a":
                taken = held | {Held("a", "try_a", "", event.region)}
                fails = statement.condition_text.startswith("!")
                then, otherwise = (held, taken) if fails else (taken, held)
        ways = self._statement(statement.then, then)
        if statement.otherwise is None:
            return ways | {("", otherwise)}
        return ways | self._statement(statement.otherwise, otherwise)

    def _once(self, statement: Loop, held: frozenset[Held]) -> set[tuple[str, frozenset[Held]]]:
        ways = self._statement(statement.body, held)
        ended = {state for end, state in ways if end in ("", "continue")}
        left = {("", state) for end, state in ways if end == "break"}
        assert statement.condition
        for state in ended:
            left.add(("", self._simple(statement.condition, state)))
        return left | {way for way in ways if way[0] == "return"}

    def _switch(self, statement: Switch, held: frozenset[Held]) -> set[tuple[str, frozenset[Held]]]:
        held = self._simple(statement.condition, held)
        inner = statement.body
        assert isinstance(inner, Block)
        labels = [place for place, s in enumerate(inner.statements) if isinstance(s, Case)]
        defaults = [s.default for s in inner.statements if isinstance(s, Case)]
        ways = set() if any(defaults) else {("", held)}
        for place in labels:
            ways |= self._sequence(inner.statements[place:], held)
        return {("" if end == "break" else end, state) for end, state in ways}


@given(bodies(loops=False))
def test_what_may_be_held_is_what_some_path_holds(body: Block) -> None:
    before = locks_before_calls(body, KINDS, Guards(()))
    expected = Paths(body).before
    assert {region: set(held) for region, held in before.items()} == expected


@pytest.mark.parametrize(
    ("condition", "then", "otherwise"),
    [
        ("got", ["try_a(&x)"], []),
        ("!got", [], ["try_a(&x)"]),
        ("got == 0", [], ["try_a(&x)"]),
        ("other", [], []),
    ],
)
def test_a_variable_says_whether_a_lock_was_taken(
    condition: str, then: list[str], otherwise: list[str]
) -> None:
    got = Assign("got", "try_a(&x)", Region(1, 1, 1, 1))
    tried = Simple((got,), Region(1, 1, 1, 1))
    in_then = when("c", block("probe"), None, condition)
    in_else = when("c", block("other"), block("probe"), condition)
    assert held_at_probe(tried, in_then) == then
    assert held_at_probe(tried, in_else) == otherwise
