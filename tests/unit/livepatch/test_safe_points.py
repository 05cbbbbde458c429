"""Places of switching calls: which are safe, and why others are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.analysis.call_graph import Site, callee_of
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.kernel_version import Version
from klplint.facts.queries import TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.facts.watch import Watch
from klplint.livepatch.entry_points import Handover
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.known_locations import KnownLocation
from klplint.livepatch.safe_points import (
    Contract,
    Hazard,
    InHelperLoop,
    InNestedLoop,
    Misplaced,
    OutsideThreadLoop,
    SafePoints,
    UnderLocks,
    UnparsedThread,
    UnsafeCaller,
)
from tests.support.single_file import facts_of

SWITCH = "klp_update_patch_state"
CONTRACT = Contract(
    safe_locations=(KnownLocation("known", "sample.c", "why", "source", until="6.12"),),
    threads=Handover(what="a kthread", calls=("kthread_run",), argument=0),
    callbacks=(Handover(what="a work item", calls=("DECLARE_WORK",), argument=1),),
    loop_marks=("kthread_should_stop", "schedule*"),
    locks=(
        LockKind(name="mutex", acquire=("mutex_lock",), release=("mutex_unlock",)),
        LockKind(name="preemption", acquire=("preempt_disable",), release=("preempt_enable",)),
    ),
    guards=("guard", "scoped_guard"),
    idle_schedulers=("schedule_idle",),
    idle_locks=("preemption",),
)
WATCH = Watch(functions=frozenset({SWITCH}), context=frozenset({"kthread_run", "DECLARE_WORK"}))
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


def hazard_in(directory: Path, code: str, version: str = "6.12") -> Hazard | None:
    """Why the one switching call of a file is not at a safe place."""
    facts = facts_with_callers(directory, code)
    tree = TreeFacts(Version.parse(version), {facts.path: facts})
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
    start = Call(starter, ("thread", "NULL"), Region(9, 2, 9, 9))
    facts = FileFacts(path="a.c", occurrences=(call,), context_calls=(start,))
    tree = TreeFacts(Version(6, 12), {"a.c": facts})
    hazard = SafePoints(CONTRACT, tree).hazard_at(Site(facts, call))
    assert type(hazard) is expected
