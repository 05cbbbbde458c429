"""What runs a function: the calls that hand it over, in its own file and in others."""

from __future__ import annotations

import pytest

from klplint.facts.file_facts import FileFacts
from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition, HandedOver, Mention, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.facts.watch import Callee
from klplint.livepatch.entry_points import Handover, Start, handed, starts_of

THREADS = Handover(what="a kthread", calls=("kthread_run", "thread_fn"), argument=0)
TIMERS = Handover(what="a timer's function", calls=("timer_setup",), argument=1)
HERE, THERE = Region(3, 2, 3, 13), Region(9, 2, 9, 13)
PRIVATE, SHARED = Callee("f", "a.c", shared=False), Callee("f", "a.c", shared=True)


def tree_with(*calls: Call, elsewhere: tuple[Definition, ...] = ()) -> TreeFacts:
    """A tree whose file a.c makes some calls, and whose other files hand f() over."""
    files = {"a.c": FileFacts(path="a.c", occurrences=(), context_calls=calls)}
    return TreeFacts(Version(6, 12), files, {HandedOver("f"): elsewhere})


@pytest.mark.parametrize(
    ("name", "arguments", "becomes"),
    [
        ("kthread_run", ("f", "NULL", '"name"'), ["a kthread"]),
        ("kthread_run", ("&f", "NULL", '"name"'), ["a kthread"]),
        ("kthread_run", ("(thread_function *)f", "NULL", '"name"'), ["a kthread"]),
        ("kthread_run", ("g", "f", '"name"'), []),
        ("kthread_run", ("f_more", "NULL", '"name"'), []),
        ("kthread_run", ("f(x)", "NULL", '"name"'), []),
        ("kthread_run", (), []),
        ("kthread_stop", ("f",), []),
        ("thread_fn", ("f",), ["a kthread"]),
        ("timer_setup", ("&timer", "f", "0"), ["a timer's function"]),
        ("timer_setup", ("f", "g", "0"), []),
        ("timer_setup", ("f",), ["a timer's function"]),
    ],
)
def test_a_call_hands_over_the_function_in_its_argument(
    name: str, arguments: tuple[str, ...], becomes: list[str]
) -> None:
    tree = tree_with(Call(name, arguments, HERE))
    starts = list(starts_of(PRIVATE, tree, (THREADS, TIMERS)))
    assert starts == [Start("a.c", HERE, what) for what in becomes]


def test_a_call_may_hand_over_two_functions() -> None:
    handler = Handover(what="a handler", calls=("request",), argument=0)
    thread = Handover(what="a thread", calls=("request",), argument=1)
    tree = tree_with(Call("request", ("f", "f"), HERE))
    assert [s.what for s in starts_of(PRIVATE, tree, (handler, thread))] == [
        "a handler",
        "a thread",
    ]


def test_only_a_shared_function_is_handed_over_elsewhere() -> None:
    call = Mention("kthread_run", THERE, ("f", "NULL"))
    tree = tree_with(
        elsewhere=(Definition(kind="use", name="f", path="b.c", region=THERE, calls=(call,)),)
    )
    assert list(starts_of(SHARED, tree, (THREADS,))) == [Start("b.c", THERE, "a kthread")]
    assert list(starts_of(PRIVATE, tree, (THREADS,))) == []


def test_a_call_in_the_functions_file_counts_once() -> None:
    mention = Mention("kthread_run", HERE, ("f", "NULL"))
    tree = tree_with(
        Call("kthread_run", ("f", "NULL"), HERE),
        elsewhere=(Definition(kind="use", name="f", path="a.c", region=HERE, calls=(mention,)),),
    )
    assert list(starts_of(SHARED, tree, (THREADS,))) == [Start("a.c", HERE, "a kthread")]


def test_a_function_of_a_file_that_was_not_read_has_no_start() -> None:
    tree = TreeFacts(Version(6, 12))
    assert list(starts_of(SHARED, tree, (THREADS,))) == []
    assert handed(SHARED) == HandedOver("f")
