"""Places of switching calls: which are safe, and why others are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.analysis.call_graph import Site, callee_of
from klplint.analysis.loops import LoopMarks
from klplint.csource.handovers import Handovers
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition, HandedIn, HandedOver, Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.watch import Watch
from klplint.livepatch.entry_points import Handover
from klplint.livepatch.guards import Guards
from klplint.livepatch.hazards import (
    Hazard,
    InHelperLoop,
    InNestedLoop,
    Misplaced,
    OutsideThreadLoop,
    UnderLocks,
    UnparsedThread,
    UnsafeCaller,
)
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.known_locations import KnownLocation
from klplint.livepatch.safe_points import Contract, SafePoints
from tests.support.single_file import facts_of

SWITCH = "klp_update_patch_state"
CONTRACT = Contract(
    safe_locations=(
        KnownLocation("known", "sample.c", "why", "source", until="6.12"),
        KnownLocation("idle", "sample.c", "why", "source", loops=0, may_hold=("preemption",)),
    ),
    handovers=(
        Handover(what="a kthread", calls=("kthread_run",), runs="thread"),
        Handover(what="a turn", calls=("each_turn",), runs="turn"),
        Handover(what="a work item", calls=("DECLARE_WORK",), argument=1),
    ),
    loop_marks=LoopMarks(waits=("kthread_should_stop", "schedule*")),
    locks=(
        LockKind(name="mutex", acquire=("mutex_lock",), release=("mutex_unlock",)),
        LockKind(name="preemption", acquire=("preempt_disable",), release=("preempt_enable",)),
    ),
    guards=Guards(("guard", "scoped_guard"), ("mutex",)),
    idle_schedulers=("schedule_idle",),
    idle_locks=("preemption",),
)
WATCH = Watch(functions=frozenset({SWITCH}))
HEAD = """\
#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
void schedule_idle(void);
static DEFINE_MUTEX(lock);
"""
THREAD = """
static int thread(void *data)
{
	%s
	return 0;
}
void start(void)
{
	kthread_run(thread, NULL, "thread");
}
"""
LOOP = THREAD % "while (!kthread_should_stop()) { %s }"


def facts_with_callers(directory: Path, code: str) -> FileFacts:
    """The facts of a file, in which the calls of all its functions are followed."""
    text = HEAD + code.replace("SWITCH", f"{SWITCH}(current)")
    watch = WATCH
    while True:
        facts = facts_of(directory, text, watch=watch)
        callees = [callee_of(facts, f) for f in facts.functions]
        followed = watch | Watch(callees=tuple(callees))
        if followed == watch:
            return facts
        watch = followed


def answers_in(path: str, text: str) -> dict[Query, tuple[Definition, ...]]:
    """Where a file hands its functions over."""
    outline = Outline(Source(text))
    handovers = Handovers(outline, path)
    answers: dict[Query, tuple[Definition, ...]] = {}
    for name in {body.name for body in outline.bodies} or {"thread"}:
        handed = tuple(handovers.of(name))
        answers |= {HandedIn(name, path): handed, HandedOver(name): handed}
    return answers


def hazard_in(directory: Path, code: str, version: str = "6.12") -> Hazard | None:
    """Why the one switching call of a file is not at a safe place."""
    facts = facts_with_callers(directory, code)
    answers = answers_in(facts.path, HEAD + code)
    tree = TreeFacts(Version.parse(version), {facts.path: facts}, answers)
    (call,) = facts.calls_of(frozenset({SWITCH}))
    return SafePoints(CONTRACT, tree).hazard_at(Site(facts, call))


def kinds(hazard: Hazard | None) -> list[str]:
    """The kind of a hazard and, if it is that of a caller, of the hazards there."""
    if hazard is None:
        return []
    inner = kinds(hazard.hazard) if isinstance(hazard, UnsafeCaller) else []
    return [type(hazard).__name__, *inner]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("void f(void) { SWITCH; }", ["Misplaced"]),
        ("void known(void) { SWITCH; }", []),
        ("void f(void) { while (1) SWITCH; }", ["Misplaced"]),
        ("void f(void) { for (;;) { SWITCH; schedule_idle(); } }", []),
        ("void f(void) { for (;;) { for (;;) SWITCH; schedule_idle(); } }", ["Misplaced"]),
        ("void f(int n) { while (n) { SWITCH; schedule_idle(); } }", ["Misplaced"]),
        (
            "void f(void) { for (;;) { preempt_disable(); SWITCH; schedule_idle(); } }",
            [],
        ),
        (
            "void f(void) { for (;;) { mutex_lock(&lock); SWITCH; schedule_idle(); } }",
            ["UnderLocks"],
        ),
        ("void f(struct work_struct *w) { SWITCH; }\nDECLARE_WORK(work, f);", ["InCallback"]),
        (LOOP % "SWITCH;", []),
        (THREAD % "SWITCH;", ["OutsideThreadLoop"]),
        (THREAD % "SWITCH; for (;;) schedule();", ["OutsideThreadLoop"]),
        (THREAD % "while (!kthread_should_stop()) schedule(); SWITCH;", ["OutsideThreadLoop"]),
        (
            THREAD % "for (int i = 0; i < 3; i++) SWITCH; while (!kthread_should_stop()) ;",
            ["OutsideThreadLoop"],
        ),
        (LOOP % "while (data) SWITCH;", ["InNestedLoop"]),
        (LOOP % "mutex_lock(&lock); SWITCH; mutex_unlock(&lock);", ["UnderLocks"]),
        (LOOP % "mutex_lock(&lock); mutex_unlock(&lock); SWITCH;", []),
        (LOOP % "guard(mutex)(&lock); SWITCH;", ["UnderLocks"]),
    ],
)
def test_a_call_is_safe_by_its_function_and_place(
    tmp_path: Path, code: str, expected: list[str]
) -> None:
    assert kinds(hazard_in(tmp_path, code)) == expected


HELPER = "static void helper(void) { %s }\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (HELPER % "SWITCH;", ["Misplaced"]),
        (HELPER % "SWITCH;" + LOOP % "helper();", []),
        ("void helper(void) { SWITCH; }" + LOOP % "helper();", ["Misplaced"]),
        (HELPER % "SWITCH;" + "void f(void) { helper(); }", ["UnsafeCaller", "Misplaced"]),
        (
            HELPER % "SWITCH;" + "void f(void) { helper(); }" + LOOP % "helper();",
            ["UnsafeCaller", "Misplaced"],
        ),
        (HELPER % "SWITCH;" + THREAD % "helper();", ["UnsafeCaller", "OutsideThreadLoop"]),
        (HELPER % "SWITCH;" + LOOP % "while (data) helper();", ["UnsafeCaller", "InNestedLoop"]),
        (
            HELPER % "SWITCH;" + LOOP % "mutex_lock(&lock); helper(); mutex_unlock(&lock);",
            ["UnsafeCaller", "UnderLocks"],
        ),
        (HELPER % "while (lock.owner.counter) SWITCH;" + LOOP % "helper();", ["InHelperLoop"]),
        (
            HELPER % "mutex_lock(&lock); SWITCH; mutex_unlock(&lock);" + LOOP % "helper();",
            ["UnderLocks"],
        ),
        (
            HELPER % "SWITCH;" + "void (*pointer)(void) = helper;" + LOOP % "helper();",
            ["UnknownCallers"],
        ),
        (
            HELPER % "SWITCH;" + "static void more(void) { helper(); }" + LOOP % "more();",
            [],
        ),
        (
            HELPER % "SWITCH;" + "static void more(void) { helper(); }\nvoid f(void) { more(); }",
            ["UnsafeCaller", "UnsafeCaller", "Misplaced"],
        ),
        (HELPER % "SWITCH; schedule_idle();" + "void f(void) { for (;;) helper(); }", []),
        (
            HELPER % "SWITCH; schedule_idle();" + "void f(void) { helper(); }",
            ["UnsafeCaller", "Misplaced"],
        ),
        (
            "static void more(void);\n"
            + HELPER % "SWITCH; more();"
            + "static void more(void) { helper(); }",
            ["Misplaced"],
        ),
        (
            "static void more(void);\n"
            + HELPER % "SWITCH; more();"
            + "static void more(void) { helper(); }"
            + LOOP % "more();",
            [],
        ),
    ],
)
def test_a_call_in_a_static_function_is_as_safe_as_the_callers(
    tmp_path: Path, code: str, expected: list[str]
) -> None:
    assert kinds(hazard_in(tmp_path, code)) == expected


RUN = "void run(void) { kthread_run(thread, NULL, 0); %s }"
LOOPING = "static int thread(void *data) { while (!kthread_should_stop()) { SWITCH; } return 0; }\n"
IDLING = "static void f(struct work_struct *w) { for (;;) { SWITCH; schedule_idle(); } }\n"
HELPING = "static void helper(void) { while (!kthread_should_stop()) { SWITCH; } }\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # A kthread's function that is called as well.
        (LOOPING + RUN % "", []),
        (LOOPING + RUN % "thread(NULL);", ["UnsafeCaller", "Misplaced"]),
        (LOOPING + RUN % "" + "void *kept = thread;", ["UnknownCallers"]),
        (LOOPING + RUN % "if (kept == thread) return;", []),
        (LOOPING.replace("static ", "") + RUN % "", []),
        (LOOPING + RUN % "DECLARE_WORK(work, thread);", ["InCallback"]),
        (IDLING + "DECLARE_WORK(work, f);", ["InCallback"]),
        # The loop is in a function that the thread's function calls.
        (HELPING + THREAD % "helper();", []),
        (HELPING + THREAD % "helper();" + "void f(void) { helper(); }", ["InHelperLoop"]),
        (HELPING + THREAD % "while (data) helper();", ["InHelperLoop"]),
        (HELPING + THREAD % "helper(); for (;;) schedule();", ["InHelperLoop"]),
        (
            HELPING + THREAD % "mutex_lock(&lock); helper(); mutex_unlock(&lock);",
            ["UnsafeCaller", "UnderLocks"],
        ),
        (HELPER % "while (lock.owner.counter) SWITCH;" + THREAD % "helper();", ["InHelperLoop"]),
        # In each turn of a thread's loop.
        ("static void f(int cpu) { SWITCH; }\nvoid *x = each_turn(f);", []),
        (
            "static void f(int cpu) { while (cpu) SWITCH; }\nvoid *x = each_turn(f);",
            ["InHelperLoop"],
        ),
        ("static void f(int cpu) { for (;;) SWITCH; }\nvoid *x = each_turn(f);", []),
        (
            "static void f(int cpu) { mutex_lock(&lock); SWITCH; }\nvoid *x = each_turn(f);",
            ["UnderLocks"],
        ),
    ],
)
def test_a_call_is_safe_only_if_each_way_to_run_its_function_is(
    tmp_path: Path, code: str, expected: list[str]
) -> None:
    code = code.replace(
        "void *x = each_turn(f);", "void each_turn(void *);\nvoid go(void) { each_turn(f); }"
    )
    assert kinds(hazard_in(tmp_path, code)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("void known(int n) { while (n) { SWITCH; } }", []),
        ("void known(int n) { while (n) { while (n) SWITCH; } }", ["InHelperLoop"]),
        ("void known(int n) { while (n) { mutex_lock(&lock); SWITCH; } }", ["UnderLocks"]),
        ("void known(int n) { preempt_disable(); SWITCH; preempt_enable(); }", ["UnderLocks"]),
        ("void idle(int n) { preempt_disable(); SWITCH; preempt_enable(); }", []),
        ("void idle(int n) { mutex_lock(&lock); SWITCH; mutex_unlock(&lock); }", ["UnderLocks"]),
        ("void idle(int n) { while (n) SWITCH; }", ["InHelperLoop"]),
        (HELPER % "SWITCH;" + "void idle(int n) { helper(); }", []),
        (
            HELPER % "SWITCH;" + "void idle(int n) { while (n) helper(); }",
            ["UnsafeCaller", "InHelperLoop"],
        ),
    ],
)
def test_a_known_location_excuses_the_place_only(
    tmp_path: Path, code: str, expected: list[str]
) -> None:
    assert kinds(hazard_in(tmp_path, code)) == expected


def test_a_known_location_is_safe_in_its_versions_only(tmp_path: Path) -> None:
    code = "void known(void) { SWITCH; }"
    assert hazard_in(tmp_path, code, "6.12") is None
    assert isinstance(hazard_in(tmp_path, code, "6.13"), Misplaced)


def line_of(region: Region | None) -> int | None:
    return region.line - HEAD.count("\n") if region else None


def test_a_hazard_says_where_the_thread_and_its_loops_are(tmp_path: Path) -> None:
    outside = hazard_in(tmp_path, THREAD % "SWITCH;\nfor (;;) schedule();")
    assert isinstance(outside, OutsideThreadLoop)
    assert (line_of(outside.start.region), line_of(outside.loop)) == (10, 5)
    without = hazard_in(tmp_path, THREAD % "SWITCH;")
    assert isinstance(without, OutsideThreadLoop)
    assert without.loop is None
    nested = hazard_in(tmp_path, LOOP % "\nwhile (data)\nSWITCH;")
    assert isinstance(nested, InNestedLoop)
    assert (line_of(nested.outer), line_of(nested.inner)) == (4, 5)
    helper = hazard_in(tmp_path, HELPER % "\nwhile (1)\nSWITCH;" + LOOP % "helper();")
    assert isinstance(helper, InHelperLoop)
    assert line_of(helper.loop) == 2


def test_a_hazard_names_the_locks_and_the_callers_site(tmp_path: Path) -> None:
    locked = hazard_in(tmp_path, LOOP % "\nmutex_lock(&lock);\npreempt_disable();\nSWITCH;")
    assert isinstance(locked, UnderLocks)
    assert locked.place == "kthread loop"
    assert [(str(held), line_of(held.region)) for held in locked.locks] == [
        ("mutex_lock(&lock)", 5),
        ("preempt_disable()", 6),
    ]
    caller = hazard_in(tmp_path, HELPER % "SWITCH;" + "void f(void)\n{ helper(); }")
    assert isinstance(caller, UnsafeCaller)
    assert caller.site.occurrence.function == "helper"
    assert caller.hazard.site.occurrence.function == "f"
    assert line_of(caller.hazard.site.occurrence.region) == 3


@pytest.mark.parametrize(
    ("starter", "expected"), [("kthread_run", UnparsedThread), ("kthread_stop", Misplaced)]
)
def test_a_kthread_that_was_not_parsed_is_known_by_its_name(
    starter: str, expected: type[Hazard]
) -> None:
    region = Region(3, 2, 3, 9)
    call = Occurrence(
        name=SWITCH,
        region=region,
        kind="call",
        how="tokens",
        function="thread",
        reason="not parsed",
    )
    facts = FileFacts(path="a.c", occurrences=(call,))
    answers = answers_in("a.c", f"void start(void)\n{{\n\t{starter}(thread, NULL);\n}}\n")
    answers |= answers_in("a.c", f"#define start() {starter}(thread, NULL)\n")
    tree = TreeFacts(Version(6, 12), {"a.c": facts}, answers)
    hazard = SafePoints(CONTRACT, tree).hazard_at(Site(facts, call))
    assert type(hazard) is expected
