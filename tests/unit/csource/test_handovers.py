"""Where a file hands functions over, by tokens."""

from __future__ import annotations

import pytest

from klplint.csource.handovers import Handovers
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline

Receiver = tuple[str, tuple[str, ...], str | None]


def handed(text: str, name: str = "f") -> list[Receiver]:
    """What gets a function: the name, the arguments, the structure of a member."""
    handovers = Handovers(Outline(Source(text)), "a.c")
    mentions = [mention for use in handovers.of(name) for mention in use.calls]
    return [(mention.name, mention.arguments, mention.structure) for mention in mentions]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("g(f, 1);", [("g", ("f", "1"), None)]),
        ("g(1, (void *)(f));", [("g", ("1", "(void *)(f)"), None)]),
        ("g(h(f));", [("h", ("f",), None)]),
        ("g(x ? f : NULL);", [("g", ("x ? f : NULL",), None)]),
        # Called, declared, compared, a member or a tag of that name.
        ("f(1);", []),
        ("if (f) return;", []),
        ("if (x == f) return;", []),
        ("g(x->f, y.f);", []),
        ("g((struct f *)x);", []),
        ('g("f"); /* g(f) */', []),
        ("return f;", []),
        # Stored in a member.
        ("struct s *p; p->run = f;", [("run", ("f",), "s")]),
        ("struct s p; p.run = &f;", [("run", ("f",), "s")]),
        ("struct s all[2]; all[1].run = (void *)f;", [("run", ("f",), "s")]),
        ("p->run = f;", [("run", ("f",), "")]),
        ("p->inner.run = f;", [("run", ("f",), "")]),
        (
            "struct s { struct t { int run; } in[2]; }; struct s *p; p->in[1].run = f;",
            [("run", ("f",), "t")],
        ),
        # Stored in a variable, and that passed on.
        ("int (*v)(void) = f; g(v, 2);", [("g", ("f", "2"), None)]),
        ("int (*v)(void) = f; v = h; g(v->x);", []),
        ("int (*v)(void) = f; irqreturn_t (*w)(int v);", []),
    ],
)
def test_what_gets_a_function(code: str, expected: list[Receiver]) -> None:
    assert handed(f"void start(void)\n{{\n\t{code}\n}}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("static struct s one = { .run = f };", [("run", ("f",), "s")]),
        ("static const struct s all[] = { [2] = { .run = &f, }, };", [("run", ("f",), "s")]),
        ("work_t one = { .run = f };", [("run", ("f",), "work_t")]),
        ("DEFINE_PER_CPU(struct s, one) = { .run = f };", [("run", ("f",), "s")]),
        ("struct s one = { .inner = { .run = f } };", [("run", ("f",), "")]),
        ("#define START() g(f)\n", [("g", ("f",), None)]),
    ],
)
def test_initialisers_and_macros(text: str, expected: list[Receiver]) -> None:
    assert handed(text) == expected


STRUCTURES = """
struct t { int n, *p; int (*run)(void), (*stop)(void); };
struct s {
	char name[8]; struct t in; union { int (*go)(void); struct t other; }; struct t all[2];
};
struct c {
#ifdef A
	int n;
#endif
	int (*run)(void);
};
struct m { DECLARE(bits); int (*run)(void); };
"""


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("struct t x = { 1, NULL, f };", ("run", "t")),
        ("struct t x[] = { [2] = { 1, NULL, NULL, (void *)&f } };", ("stop", "t")),
        ("struct t x[2][2] = { { { 1, NULL, f } } };", ("run", "t")),
        ("struct t x = { .p = NULL, f };", ("run", "t")),
        ('struct s x = { "name", { 1, NULL, f } };', ("run", "t")),
        ('struct s x = { "name", { 1 }, { f } };', ("go", "s")),
        ("struct s x = { .go = f };", ("go", "s")),
        ("struct s x = { .other.run = f };", ("run", "t")),
        ("struct s x = { .all[1].stop = f };", ("stop", "t")),
        ("struct s x = { .all = { { 1 }, { .run = f } } };", ("run", "t")),
        ("void g(void) { struct t x = { 1, NULL, f }; }", ("run", "t")),
        ("struct s *x = &(struct s){ .in = { 0, NULL, f } };", ("run", "t")),
        # Not plain: braces are omitted, configurations or a macro change the order.
        ('struct s x = { "name", 1, NULL, f };', None),
        ("struct t x = { 1, NULL, NULL, NULL, f };", None),
        ("struct c x = { f };", None),
        ("struct m x = { 1, f };", None),
        ("struct u x = { 1, f };", None),
        ("struct s x = { .all[0].run = NULL, f };", None),
    ],
)
def test_members_in_initialisers(declaration: str, expected: tuple[str, str] | None) -> None:
    wanted = [(expected[0], ("f",), expected[1])] if expected else []
    assert handed(f"{STRUCTURES}{declaration}\n") == wanted


def test_a_local_variable_is_followed_in_its_function_only() -> None:
    local = "void one(void)\n{\n\tint (*v)(void) = f;\n}\nvoid two(void)\n{\n\tg(v);\n}\n"
    shared = "static int (*v)(void) = f;\nvoid two(void)\n{\n\tg(v);\n}\n"
    assert handed(local) == []
    assert handed(shared) == [("g", ("f",), None)]


def test_the_structure_of_a_member_is_that_of_the_nearest_declaration() -> None:
    text = (
        "struct a *p;\n"
        "void one(struct b *p)\n{\n\tp->run = f;\n}\n"
        "void two(void)\n{\n\tp->run = f;\n\tstruct c x, *p = &x;\n\tp->run = f;\n}\n"
    )
    assert [structure for _, _, structure in handed(text)] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("int (*v)(void) = f; v();", True),
        ("int (*v)(void) = f; (*v)();", True),
        ("int (*v)(void) = f; if (v) (v)();", True),
        ("int (*v)(void) = f; return v();", True),
        ("int (*v)(void) = f; g(v());", True),
        ("static int (*v[])(void) = { f }; v[0]();", True),
        ("static int (*v[])(void) = { f }; (*v[0])();", True),
        ("struct s *p = get(); p->v = f; p->v();", True),
        ("int (*v)(void) = f; int (*w)(void) = v;", False),
        ("int (*v)(void) = f; x->v(); y.v();", False),
        ("int (*v)(void) = f; char *(*w)(int v);", False),
        # Which member is called, and of which structure, is not plain.
        ("static struct s v = { f }; v.other();", False),
        ("struct s *p = get(); p->v = f; all.p->v();", False),
        ("struct s *p = get(); p->v = f; struct t *q = get(); q->v();", False),
    ],
)
def test_calls_of_what_a_function_is_stored_in(code: str, called: bool) -> None:
    handovers = Handovers(Outline(Source(f"void start(void)\n{{\n\t{code}\n}}\n")), "a.c")
    mentions = [mention for use in handovers.of("f") for mention in use.calls]
    assert [m.name for m in mentions if m.place is None] == (["v"] if called else [])


def test_a_parameter_with_the_name_of_a_variable_is_another() -> None:
    text = (
        "static int (*v)(void);\nvoid set(void)\n{\n\tv = f;\n}\n"
        "void one(int (*v)(void))\n{\n\tv();\n}\n"
    )
    assert handed(text) == []
    assert handed(f"{text}void two(void)\n{{\n\tv();\n}}\n") == [("v", (), None)]


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("g(f, f);", [0, 1]),
        ("g(1, (work_t)f);", [1]),
        ("p->run = f;", [0]),
        ("work_t v = (work_t)f; g(1, 2, (work_t)v);", [2]),
        ("static work_t v[] = { f }; g(v[0], v, ARRAY_SIZE(v));", [0]),
    ],
)
def test_which_argument_a_function_is(code: str, places: list[int]) -> None:
    handovers = Handovers(Outline(Source(f"void start(void)\n{{\n\t{code}\n}}\n")), "a.c")
    mentions = [mention for use in handovers.of("f") for mention in use.calls]
    assert [mention.place for mention in mentions] == places
    assert all(mention.arguments[mention.place or 0].endswith("f") for mention in mentions)
