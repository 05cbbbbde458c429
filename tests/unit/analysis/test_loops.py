"""Loops of reduced bodies, built by hand: each statement is given the lines that it is on."""

from __future__ import annotations

import pytest

from klplint.analysis.loops import (
    LoopMarks,
    goto_loops,
    loops_around,
    loops_in,
    main_loops,
    marked_loops,
    never_ends,
    outermost_loops,
)
from klplint.facts.region import Region
from klplint.facts.statements import (
    Block,
    Call,
    If,
    Jump,
    Label,
    Loop,
    Simple,
    Statement,
    Switch,
    events_of,
)

GUARDS = ("scoped_guard",)
MARKS = LoopMarks(waits=("kthread_should_stop", "wait_event*"), delays=("*sleep",))
Lines = list[tuple[int, int]]


def lines(first: int, last: int) -> Region:
    return Region(first, 1, last, 9)


def block(first: int, last: int, *statements: Statement) -> Block:
    return Block(statements, lines(first, last))


def call(name: str, line: int) -> Simple:
    return Simple((Call(name, (), lines(line, line)),), lines(line, line))


def loop(first: int, last: int, *body: Statement, macro: str = "", test: str = "test") -> Loop:
    return Loop(
        kind="while",
        condition=call(test, first),
        condition_text=f"{test}()",
        body=block(first, last, *body),
        macro=macro,
        walks=macro.startswith("for_each"),
        region=lines(first, last),
    )


def counting(first: int, last: int, *body: Statement, text: str = "i < 3") -> Loop:
    """`for (i = 0; i < 3; i++)`, or a `while` with a condition of the same kind."""
    nothing = Simple((), lines(first, first))
    inner = block(first, last, *body)
    return Loop(
        kind="for" if "<" in text else "while",
        condition=nothing,
        condition_text=text,
        after=nothing if "<" in text else None,
        body=inner,
        region=lines(first, last),
    )


def endless(first: int, last: int, *body: Statement) -> Loop:
    inner = block(first, last, *body)
    return Loop(kind="for", body=inner, endless=True, region=lines(first, last))


def once(first: int, last: int, *body: Statement) -> Loop:
    """`do { ... } while (0)`."""
    inner = block(first, last, *body)
    return Loop(kind="do", body=inner, once=True, region=lines(first, last))


def branch(first: int, last: int, then: Statement, otherwise: Statement | None = None) -> If:
    return If(
        condition=call("test", first),
        condition_text="test()",
        then=then,
        otherwise=otherwise,
        region=lines(first, last),
    )


def switch(first: int, last: int, *body: Statement) -> Switch:
    return Switch(call("test", first), block(first, last, *body), lines(first, last))


def label(name: str, line: int) -> Label:
    return Label(name, lines(line, line))


def goto(name: str, line: int) -> Jump:
    return Jump("goto", None, name, lines(line, line))


def body(*statements: Statement) -> Block:
    return block(1, 99, *statements)


def places(loops: list[Loop]) -> Lines:
    return [(loop.region.line, loop.region.end_line) for loop in loops]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], []),
        ([call("f", 2)], []),
        ([loop(2, 3), loop(4, 5)], [(2, 3), (4, 5)]),
        ([loop(2, 9, loop(3, 4, loop(3, 3)), loop(5, 6))], [(2, 9), (3, 4), (3, 3), (5, 6)]),
        ([branch(2, 9, block(2, 5, loop(3, 4)), block(5, 9, loop(6, 7)))], [(3, 4), (6, 7)]),
        ([switch(2, 9, loop(3, 4))], [(3, 4)]),
        ([loop(2, 3, macro="for_each_process")], [(2, 3)]),
        ([endless(2, 3)], [(2, 3)]),
        # What repeats nothing is not a loop, but loops inside it are.
        ([once(2, 9, loop(3, 4))], [(3, 4)]),
        ([loop(2, 9, loop(3, 4), macro="scoped_guard")], [(3, 4)]),
    ],
)
def test_loops_in_a_body(statements: list[Statement], expected: Lines) -> None:
    assert places(list(loops_in(body(*statements), GUARDS))) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([label("again", 2), call("f", 3), goto("again", 4)], [(2, 4)]),
        ([label("again", 2), branch(3, 4, block(3, 4, goto("again", 4)))], [(2, 4)]),
        ([label("again", 2), goto("again", 3), goto("again", 4)], [(2, 3), (2, 4)]),
        # A jump forward, a computed one, and one to a label that is not in this body.
        ([goto("out", 2), call("f", 3), label("out", 4)], []),
        ([label("again", 2), goto("", 3)], []),
        ([goto("elsewhere", 2)], []),
        # Out of a loop, to begin it again.
        ([label("again", 2), loop(3, 6, goto("again", 5))], []),
        ([loop(2, 6, label("again", 3), goto("again", 5))], []),
        # Inside a loop, back to a place behind its beginning.
        ([loop(2, 8, call("f", 3), label("again", 4), call("g", 5), goto("again", 6))], [(4, 6)]),
        ([loop(2, 8, block(3, 7, label("again", 3), goto("again", 6)))], []),
        ([loop(2, 9, call("f", 3), label("again", 4), loop(5, 7, goto("again", 6)))], []),
        # Back to an endless loop, which is there already.
        ([label("again", 2), endless(3, 6), call("f", 7), goto("again", 8)], []),
        ([label("again", 2), loop(3, 6), call("f", 7), goto("again", 8)], [(2, 8)]),
        ([label("again", 2), call("f", 3), endless(4, 6), goto("again", 8)], [(2, 8)]),
        # What repeats nothing hides no jump.
        ([label("again", 2), once(3, 6, goto("again", 5))], [(2, 5)]),
        ([label("again", 2), loop(3, 6, goto("again", 5), macro="scoped_guard")], [(2, 5)]),
    ],
)
def test_loops_that_goto_makes(statements: list[Statement], expected: Lines) -> None:
    assert places(list(goto_loops(body(*statements), GUARDS))) == expected


def test_a_loop_that_goto_makes_has_the_events_between_label_and_jump() -> None:
    inside: list[Statement] = [branch(4, 5, call("g", 5)), call("h", 6)]
    statements = [label("again", 3), *inside, goto("again", 7)]
    statements = [call("before", 2), *statements, call("after", 8)]
    (made,) = goto_loops(body(*statements), GUARDS)
    assert [event.name for event in events_of(made) if isinstance(event, Call)] == [
        *("test", "g", "h"),
    ]
    assert not made.endless
    assert not made.macro


@pytest.mark.parametrize(
    ("statements", "line", "expected"),
    [
        ([loop(2, 9, loop(3, 6, call("f", 5)))], 5, [(2, 9), (3, 6)]),
        ([loop(2, 9, loop(3, 6), call("f", 8))], 8, [(2, 9)]),
        ([loop(2, 9), call("f", 11)], 11, []),
        ([loop(2, 9, call("f", 5), macro="scoped_guard")], 5, []),
        ([label("again", 2), loop(3, 6, call("f", 5)), goto("again", 8)], 5, [(2, 8), (3, 6)]),
        ([label("again", 2), call("f", 3), goto("again", 4), goto("again", 6)], 3, [(2, 6)]),
        (
            [loop(2, 9, call("f", 3), label("again", 4), call("g", 5), goto("again", 6))],
            5,
            [(2, 9), (4, 6)],
        ),
    ],
)
def test_loops_around_a_place_outermost_first(
    statements: list[Statement], line: int, expected: Lines
) -> None:
    assert places(loops_around(body(*statements), lines(line, line), GUARDS)) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([loop(2, 9, loop(3, 4)), loop(10, 12)], [(2, 9), (10, 12)]),
        ([loop(2, 9, loop(3, 4), loop(5, 6), macro="scoped_guard")], [(3, 4), (5, 6)]),
        ([label("again", 2), loop(3, 4), goto("again", 6), loop(7, 8)], [(2, 6), (7, 8)]),
        ([label("again", 2), goto("again", 3), goto("again", 6)], [(2, 6)]),
    ],
)
def test_outermost_loops(statements: list[Statement], expected: Lines) -> None:
    assert places(outermost_loops(body(*statements), GUARDS)) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        # An endless loop, or one that calls a mark, in its condition or anywhere inside.
        ([loop(2, 3), endless(4, 9)], [(4, 9)]),
        ([loop(2, 3), loop(4, 9, test="kthread_should_stop")], [(4, 9)]),
        ([loop(2, 3), loop(4, 9, branch(5, 6, call("wait_event_idle", 6)))], [(4, 9)]),
        ([endless(2, 3), loop(4, 9, call("wait_event", 5))], [(2, 3), (4, 9)]),
        # An inner one marks the outer loop, which is where the thread runs.
        ([loop(2, 9, loop(3, 4, call("wait_event", 4))), loop(10, 11)], [(2, 9)]),
        # Without any mark, each loop that is written out may be the main one.
        ([loop(2, 3), loop(4, 9)], [(2, 3), (4, 9)]),
        ([loop(2, 3, macro="for_each_process"), loop(4, 9)], [(4, 9)]),
        ([loop(2, 9, call("wait_event", 3), macro="for_each_process")], []),
        # A macro of one's own that only tests something is like a loop that is written out.
        ([loop(2, 9, call("wait_event", 3), macro="while_running")], [(2, 9)]),
        ([loop(2, 3, macro="while_running")], [(2, 3)]),
        # What only delays or counts is the main loop where there is no other one.
        ([loop(2, 3, call("msleep", 3)), loop(4, 9)], [(2, 3)]),
        ([loop(2, 3, call("msleep", 3)), loop(4, 9, call("wait_event", 5))], [(4, 9)]),
        ([counting(2, 3, call("wait_event", 3)), endless(4, 9)], [(4, 9)]),
        ([counting(2, 3, call("wait_event", 3), text="tries--"), endless(4, 9)], [(4, 9)]),
        ([counting(2, 3, call("wait_event", 3)), loop(4, 9)], [(2, 3)]),
        ([label("again", 2), call("wait_event", 3), goto("again", 4), loop(5, 6)], [(2, 4)]),
        ([call("wait_event", 2)], []),
    ],
)
def test_the_main_loops_of_a_thread(statements: list[Statement], expected: Lines) -> None:
    assert places(main_loops(body(*statements), GUARDS, MARKS)) == expected


def test_only_marked_loops_are_sure_to_be_main_loops() -> None:
    assert marked_loops(body(loop(2, 3), loop(4, 9)), GUARDS, MARKS) == []
    assert places(marked_loops(body(loop(2, 3), endless(4, 9)), GUARDS, MARKS)) == [(4, 9)]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (endless(2, 9, call("f", 3)), True),
        (loop(2, 9, call("f", 3)), False),
        (endless(2, 9, branch(3, 4, Jump("break", None, "", lines(4, 4)))), False),
        (endless(2, 9, branch(3, 4, Jump("return", None, "", lines(4, 4)))), False),
        (endless(2, 9, loop(3, 5, Jump("break", None, "", lines(4, 4)))), True),
        (endless(2, 9, branch(3, 4, goto("out", 4))), False),
        (endless(2, 9, label("again", 3), branch(4, 5, goto("again", 5))), True),
    ],
)
def test_an_endless_loop_that_nothing_leaves(made: Loop, expected: bool) -> None:
    assert never_ends(made) is expected
