"""What runs a function: the calls and members that get it, in its own file and in others."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from klplint.csource.definitions import definitions_in
from klplint.csource.handovers import Handovers
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.kernel_version import Version
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    HandedIn,
    HandedOver,
    Query,
    TreeFacts,
)
from klplint.facts.watch import Callee
from klplint.livepatch.entry_points import EntryPoints, Handover, Start, handed

THREADS = Handover(what="a kthread", calls=("kthread_run",), runs="thread")
TURNS = Handover(what="a turn", members=("thread_fn",), structure="smp_thread", runs="turn")
TIMERS = Handover(
    what="a timer's function",
    calls=("timer_setup",),
    argument=1,
    members=("function",),
    structure="timer",
)
OLD = Handover(what="an old thread", calls=("old_run",), runs="thread", until="6.4")
HANDOVERS = (THREADS, TURNS, TIMERS, OLD)
PRIVATE, SHARED = Callee("f", "a.c", shared=False), Callee("f", "a.c", shared=True)


def answer(query: Query, files: Mapping[str, str]) -> tuple[Definition, ...]:
    """What the files hold of a query, as the engine would answer it."""
    outlines = {path: Outline(Source(text)) for path, text in files.items()}
    match query:
        case HandedIn(name, file):
            return tuple(Handovers(outlines[file], file).of(name))
        case HandedOver(name):
            return tuple(d for p, o in outlines.items() for d in Handovers(o, p).of(name))
        case DefinedIn(name, file):
            return tuple(definitions_in(outlines[file], file, name))
        case DefinitionsOf(name):
            return tuple(d for p, o in outlines.items() for d in definitions_in(o, p, name))
    raise AssertionError(query)


def starts_in(files: Mapping[str, str], callee: Callee = PRIVATE) -> list[Start]:
    """The starts of a function in some files, once all queries are answered."""
    tree = TreeFacts(Version(6, 12))
    while True:
        queries = set(EntryPoints(HANDOVERS, tree).queries(callee)) - tree.answers.keys()
        if not queries:
            return list(EntryPoints(HANDOVERS, tree).starts(callee))
        answers = {**tree.answers, **{query: answer(query, files) for query in queries}}
        tree = TreeFacts(Version(6, 12), {}, answers)


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("kthread_run(f, NULL, name);", ["a kthread"]),
        ("kthread_run(&f, NULL, name);", ["a kthread"]),
        ("kthread_run((int (*)(void *))f, NULL, name);", ["a kthread"]),
        ("kthread_run(x ? f : g, NULL, name);", ["a kthread"]),
        ("kthread_run((f), NULL, name);", ["a kthread"]),
        ("kthread_run((thread_t)f, NULL, name);", ["a kthread"]),
        ("kthread_run((thread_t)(f), NULL, name);", ["a kthread"]),
        ("kthread_run((bool (*)(void *))&f, NULL, name);", ["a kthread"]),
        ("kthread_run(x ? (thread_t)f : g, NULL, name);", ["a kthread"]),
        ("kthread_run(x && f, NULL, name);", []),
        ("kthread_run(f, f, name);", ["a kthread"]),
        ("kthread_run(g, f, name);", []),
        ("thread_t v = (thread_t)f; kthread_run((thread_t)v, NULL, name);", ["a kthread"]),
        ("kthread_run(f_more, NULL, name);", []),
        ("kthread_run(f(x), NULL, name);", []),
        ("kthread_run(x->f, NULL, name);", []),
        ("kthread_stop(f);", []),
        ("old_run(f);", []),
        ("timer_setup(&timer, f, 0);", ["a timer's function"]),
        ("timer_setup(f, g, 0);", []),
        ("struct timer *t = get(); t->function = f;", ["a timer's function"]),
        ("struct other *t = get(); t->function = f;", []),
        ("all.t->function = f;", []),
        ("if (t->function == f) return;", []),
        ("struct smp_thread s = { .name = 0, .thread_fn = f };", ["a turn"]),
        ("struct action s = { .thread_fn = f };", []),
        ("struct smp_thread s[] = { { .thread_fn = f } };", ["a turn"]),
        ("struct outer s = { .inner = { .thread_fn = f } };", []),
        ("use((struct smp_thread) { .thread_fn = f });", ["a turn"]),
        ("int (*v)(void *) = f; kthread_run(v, NULL, name);", ["a kthread"]),
        ("int (*v)(void *); v = f; kthread_run(v, NULL, name);", ["a kthread"]),
        ("int (*v)(void *) = f; kthread_run(w, NULL, name);", []),
        ("int (*v[])(void *) = { g, f }; kthread_run(v[1], NULL, name);", ["a kthread"]),
        ("struct t v[] = { { .fn = f } }; kthread_run(v[0].fn, NULL, name);", ["a kthread"]),
        ("struct t v[] = { { f } }; kthread_run(v[0].fn, NULL, name);", ["a kthread"]),
        ("struct t *v = get(); v->fn = f; kthread_run(v->fn, NULL, name);", ["a kthread"]),
        (
            "struct t *v; struct u *w; v->fn = f; kthread_run(w->fn, NULL, name);",
            [],
        ),
        ("kthread_run(f, 0, n); timer_setup(t, f, 0);", ["a kthread", "a timer's function"]),
    ],
)
def test_calls_and_members_that_get_a_function(code: str, becomes: list[str]) -> None:
    starts = starts_in({"a.c": f"void start(void)\n{{\n\t{code}\n}}\n"})
    assert sorted(start.what for start in starts) == becomes


WRAPPERS = {
    "static int start(int (*fn)(void *), void *d)\n{\n\treturn kthread_run(fn, d, n);\n}\n": 1,
    "#define start(fn, d) kthread_run(fn, d, #fn)\n": 1,
    "#define start(fn, d) begin((fn), d)\n#define begin(run, d) kthread_run(run, d, n)\n": 1,
    "static int start(int (*fn)(void *), void *d)\n{\n\treturn kthread_run(d, fn, n);\n}\n": 0,
    "static int start(int (*other)(void *), void *fn)\n{\n\treturn kthread_run(fn, 0, n);\n}\n": 0,
    "static int start(int (*fn)(void *), void *d)\n{\n\treturn start(fn, d);\n}\n": 0,
}


@pytest.mark.parametrize(("wrapper", "count"), WRAPPERS.items())
@pytest.mark.parametrize("home", ["a.c", "b.h"])
def test_a_wrapper_that_passes_its_parameter_on(wrapper: str, count: int, home: str) -> None:
    files = {"a.c": "void go(void)\n{\n\tstart(f, NULL);\n}\n", "b.h": ""}
    files[home] += wrapper
    starts = starts_in(files)
    assert [(start.path, start.what, start.runs) for start in starts] == [
        ("a.c", "a kthread", "thread")
    ] * count


def test_a_variable_of_the_file_is_followed_into_its_other_functions() -> None:
    files = {
        "a.c": """\
static int (*run)(void *);
void set(void)
{
	run = f;
}
void start(void)
{
	kthread_run(run, NULL, name);
}
"""
    }
    assert [start.what for start in starts_in(files)] == ["a kthread"]
    files["a.c"] = files["a.c"].replace("\trun = f", "\tint (*run)(void *) = f")
    assert starts_in(files) == []


def test_a_start_says_where_the_call_and_the_function_are() -> None:
    (start,) = starts_in({"a.c": "void go(void)\n{\n\tkthread_run(f, NULL, n);\n}\n"})
    assert (start.region.line, start.region.column) == (3, 9 - 7)
    assert (start.taken.line, start.taken.column) == (3, 14)


def test_only_a_shared_function_is_handed_over_elsewhere() -> None:
    files = {"a.c": "", "b.c": "void go(void)\n{\n\tkthread_run(f, NULL, n);\n}\n"}
    assert [start.path for start in starts_in(files, SHARED)] == ["b.c"]
    assert starts_in(files, PRIVATE) == []


def test_the_queries_of_a_function_depend_on_who_can_name_it() -> None:
    assert handed(SHARED) == HandedOver("f")
    assert handed(PRIVATE) == HandedIn("f", "a.c")


@pytest.mark.parametrize(
    "fields", [{"members": ("a",)}, {"structure": "s", "calls": ("c",)}, {"argument": 1}]
)
def test_a_handover_needs_calls_or_members_of_a_structure(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"`members`"):
        Handover(what="a thread", **fields)  # type: ignore[arg-type] # each wrong in its own way
