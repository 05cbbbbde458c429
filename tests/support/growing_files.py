"""Files of any size, each all of one kind: what somebody writes who wants a run not to end."""

from __future__ import annotations

from collections.abc import Callable

_HEAD = "#include <linux/sched.h>\n#include <linux/livepatch.h>\n"
_CALL = "klp_update_patch_state(t);"
_THREAD = (
    "static int f{i}(void *d) { while (!kthread_should_stop()) klp_update_patch_state(current); }"
)
_SUPPRESSION = "/* klplint: ignore[KLP001] it is checked elsewhere */\n"


def _each(form: str, count: int) -> str:
    """A line for each number, which stands for `{i}` in it."""
    return "".join(form.replace("{i}", str(number)) + "\n" for number in range(count))


def _function(body: str) -> str:
    return f"void ca(struct task_struct *t, int x)\n{{\n{body}\n}}\n"


def _thread(turn: str) -> str:
    """A kthread that does something in each turn."""
    loop = f"while (!kthread_should_stop()) {{\n{turn}\nklp_update_patch_state(current);\n}}"
    return f"static int f(void *d)\n{{\n{loop}\n}}\n" + _function('kthread_run(f, 0, "f");')


GROWING: dict[str, tuple[int, Callable[[int], str]]] = {
    "cases": (100, lambda n: _function("switch (x) {\n" + _each("case {i}: " + _CALL, n) + "}")),
    "empty cases": (
        200,
        lambda n: _function("switch (x) {\n" + _each("case {i}:", n) + _CALL + "}"),
    ),
    "functions": (100, lambda n: _each("void f{i}(struct task_struct *t) { " + _CALL + " }", n)),
    "static functions": (
        25,
        lambda n: (
            _each("static void f{i}(struct task_struct *t) { " + _CALL + " }", n)
            + _function(_each("f{i}(t);", n))
        ),
    ),
    "callers": (
        50,
        lambda n: (
            f"static void f(struct task_struct *t) {{ {_CALL} }}\n"
            + _each("void g{i}(struct task_struct *t) { f(t); }", n)
        ),
    ),
    "macro of itself": (
        20,
        lambda n: "int (m)(int x);\n#define m(x) " + "m(x); " * n + "m(x)\n" + _thread("m(1);"),
    ),
    "else if": (
        50,
        lambda n: _function(f"if (x) {_CALL}\n" + _each("else if (x == {i}) " + _CALL, n)),
    ),
    "pairs in a line": (
        250,
        lambda n: (
            "void co(void)\n{\n\t/*"
            + " pairs with foo() or bar() in baz.c" * n
            + " */\n\tsmp_rmb();\n}\n"
        ),
    ),
    "pairs in sentences": (
        250,
        lambda n: (
            "void co(void)\n{\n\t/*"
            + " It pairs with foo() in baz.c." * n
            + " */\n\tsmp_rmb();\n}\n"
        ),
    ),
    "pairs in comments": (
        250,
        lambda n: (
            "void co(void)\n{\n" + "\t/* pairs with foo() in baz.c */\n" * n + "\tsmp_rmb();\n}\n"
        ),
    ),
    "barriers": (
        150,
        lambda n: "void co(void)\n{\n" + "\t/* pairs with f() */\n\tsmp_rmb();\n" * n + "}\n",
    ),
    "barriers in functions": (
        100,
        lambda n: _each("/* pairs with g() */\nvoid f{i}(void)\n{\n\tsmp_rmb();\n}", n),
    ),
    "parentheses": (50, lambda n: _function(f"x = {'(' * n}x{')' * n}; {_CALL}")),
    "long expression": (100, lambda n: _function(f"x = x{' + x' * n}; {_CALL}")),
    "long condition": (100, lambda n: _function(f"if (x{' && x' * n}) {_CALL}")),
    "long argument": (100, lambda n: _function(f"klp_update_patch_state(t{' + x' * n});")),
    "blocks": (100, lambda n: _function("{" * n + _CALL + "}" * n)),
    "nested loops": (50, lambda n: _function("while (x) {" * n + _CALL + "}" * n)),
    "loops": (100, lambda n: _function(f"while (x) {{ {_CALL} }}\n" * n)),
    "nested conditions": (
        50,
        lambda n: _function(_each("#ifdef A{i}", n) + _CALL + "\n" + "#endif\n" * n),
    ),
    "conditions": (100, lambda n: _function(_each("#ifdef A{i}\n" + _CALL + "\n#endif", n))),
    "macros": (200, lambda n: _each("#define M{i}(t) klp_update_patch_state(t)", n)),
    "uses of macros": (
        100,
        lambda n: (
            _each("#define M{i}(t) klp_update_patch_state(t)", n) + _function(_each("M{i}(t);", n))
        ),
    ),
    "continued macro": (
        500,
        lambda n: (
            "#define M(t) do { \\\n" + "x; \\\n" * n + _CALL + " } while (0)\n" + _function("M(t);")
        ),
    ),
    "long line": (5000, lambda n: f"int a[] = {{ {'1, ' * n}}}; {_function(_CALL)}"),
    "table": (500, lambda n: "int a[] = {\n" + "{ 1, 2, 3 },\n" * n + "};\n" + _function(_CALL)),
    "table of functions": (
        600,
        lambda n: "void *a[] = {\n" + "klp_update_patch_state,\n" * n + "};\n",
    ),
    "enumerators": (
        500,
        lambda n: "enum e {\n" + _each("E{i} = {i},", n) + "};\n" + _function(_CALL),
    ),
    "labels": (100, lambda n: _function(_each("l{i}: " + _CALL + "\nif (x) goto l{i};", n))),
    "gotos": (100, lambda n: _function(_each("if (x == {i}) goto out;", n) + f"out: {_CALL}")),
    "suppressions": (300, lambda n: _function(_SUPPRESSION * n + _CALL)),
    "suppressed calls": (100, lambda n: _function(f"{_SUPPRESSION}{_CALL}\n" * n)),
    "calls": (100, lambda n: _function(f"{_CALL}\n" * n)),
    "assignments": (100, lambda n: _function("t = t->parent;\nklp_update_patch_state(t);\n" * n)),
    "locks": (100, lambda n: _function(f"spin_lock(&l); {_CALL} spin_unlock(&l);\n" * n)),
    "comments": (300, lambda n: _function("/* klp_update_patch_state */\n" * n + _CALL)),
    "strings": (300, lambda n: _function('x = "klp_update_patch_state";\n' * n + _CALL)),
    "local variables": (50, lambda n: _function(_each("int v{i} = x;", n) + _CALL)),
    "local tasks": (
        50,
        lambda n: _function(
            _each("struct task_struct *t{i} = t;", n) + _each("klp_update_patch_state(t{i});", n)
        ),
    ),
    "chained locals": (
        50,
        lambda n: _function(
            "struct task_struct *a0 = t;\n"
            + "".join(f"struct task_struct *a{i + 1} = a{i};\n" for i in range(n))
            + f"klp_update_patch_state(a{n});"
        ),
    ),
    "macros used once": (
        50,
        lambda n: (
            _each("#define M{i}(t) klp_update_patch_state(t)", n)
            + _each("void f{i}(struct task_struct *t) { M{i}(t); }", n)
        ),
    ),
    "chained macros": (
        25,
        lambda n: (
            "#define M0(t) klp_update_patch_state(t)\n"
            + "".join(f"#define M{i + 1}(t) M{i}(t)\n" for i in range(n))
            + _function(f"M{n}(t);")
        ),
    ),
    "plain macros": (500, lambda n: _each("#define M{i} {i}", n) + _function(_CALL)),
    "tables of operations": (
        50,
        lambda n: (
            _each("static void f{i}(struct task_struct *t) { " + _CALL + " }", n)
            + _each("struct ops o{i} = { .call = f{i} };", n)
        ),
    ),
    "chained functions": (
        50,
        lambda n: (
            f"static void f0(struct task_struct *t) {{ {_CALL} }}\n"
            + "".join(
                f"static void f{i + 1}(struct task_struct *t) {{ f{i}(t); }}\n" for i in range(n)
            )
        ),
    ),
    "threads": (
        25,
        lambda n: _each(_THREAD, n) + _function(_each('kthread_run(f{i}, 0, "f");', n)),
    ),
    "names of a thread": (
        50,
        lambda n: (
            _THREAD.replace("{i}", "")
            + "\n"
            + _each("#define N{i} ((fn_t)f)\nstatic fn_t v{i} = (fn_t)N{i};", n)
            + _function(_each('kthread_run(N{i}, v{i}, ""); (*v{i})(t);', n))
        ),
    ),
    "pairs with many": (
        50,
        lambda n: (
            _each("void w{i}(void)\n{\n\tsmp_wmb();\n}", n)
            + _each(
                "/* pairs with the smp_wmb() in w{i}() */\nvoid r{i}(void)\n{\n\tsmp_rmb();\n}", n
            )
        ),
    ),
    "pairs with nobody": (
        50,
        lambda n: _each(
            "/* pairs with the smp_wmb() in gone_{i}() */\nvoid r{i}(void)\n{\n\tsmp_rmb();\n}", n
        ),
    ),
    "pending tests": (
        50,
        lambda n: _function("if (klp_patch_pending(t)) klp_update_patch_state(t);\n" * n),
    ),
    "sleeps": (100, lambda n: _function("msleep(1);\n" * n + _CALL)),
    "guards": (50, lambda n: _function(f"{{ guard(mutex)(&m); {_CALL} }}\n" * n)),
    "nested locks": (50, lambda n: _function(_each("spin_lock(&l{i});", n) + _CALL)),
    "joined strings": (500, lambda n: _function("f(" + '"x" ' * n + f"); {_CALL}")),
    "declarations": (
        200,
        lambda n: _each("void klp_update_patch_state(struct task_struct *);", n),
    ),
    "members": (300, lambda n: "struct s {\n" + _each("int m{i};", n) + "};\n" + _function(_CALL)),
    "addresses": (100, lambda n: _function(_each("f = &klp_update_patch_state;", n))),
    "nested else": (
        25,
        lambda n: _function("if (x) { t = 0; } else {\n" * n + _CALL + "}" * n),
    ),
    "initialisers": (
        25,
        lambda n: (
            "struct w { int n; int (*run)(void *d); };\n"
            + _each(_THREAD, n)
            + "static struct w all[] = {\n"
            + _each("{ {i}, f{i} },", n)
            + '};\nvoid go(struct w *w) { kthread_run(w->run, 0, "f"); }\n'
        ),
    ),
    "structures": (
        50,
        lambda n: (
            _each("struct s{i} { int n; union { int (*run)(void *d); } u; };", n)
            + "static int f(void *d) { klp_update_patch_state(current); return 0; }\n"
            + _each("static struct s{i} v{i} = { .u.run = f };", n)
        ),
    ),
    "nested structures": (
        20,
        lambda n: (
            "struct {\n" * n
            + "int (*run)(void *d);\n"
            + "} s;\n" * n
            + "static int f(void *d) { klp_update_patch_state(current); return 0; }\n"
            + "void go(void) { x.s.run = f; }\n"
        ),
    ),
    "copies": (
        50,
        lambda n: _function(
            "struct p { struct task_struct *a; } p0 = { t };\n"
            + "".join(f"struct p p{i + 1} = p{i};\n" for i in range(n))
            + f"klp_update_patch_state(p{n}.a);"
        ),
    ),
    "initialised members": (
        50,
        lambda n: (
            "struct p {\n"
            + _each("struct task_struct *m{i};", n)
            + "};\n"
            + _function(
                "struct p p = {\n"
                + _each("t,", n)
                + "};\n"
                + _each("klp_update_patch_state(p.m{i});", n)
            )
        ),
    ),
    "outcomes of locks": (
        25,
        lambda n: (
            _each("static int l{i}(void) { if (!mutex_trylock(&m)) return -1; return 0; }", n)
            + _thread(_each("if (!l{i}()) mutex_unlock(&m);", n))
        ),
    ),
    "chained outcomes": (
        25,
        lambda n: (
            "static int l0(void) { return mutex_trylock(&m); }\n"
            + "".join(f"static int l{i + 1}(void) {{ return l{i}(); }}\n" for i in range(n))
            + _thread(f"if (l{n}()) mutex_unlock(&m);")
        ),
    ),
    "helpers called twice": (
        20,
        lambda n: (
            "static void l0(void) { klp_update_patch_state(current); }\n"
            + "".join(f"static void l{i + 1}(void) {{ l{i}(); l{i}(); }}\n" for i in range(n - 1))
            + _thread(f"l{n - 1}();")
        ),
    ),
    "choices of barriers": (
        50,
        lambda n: (
            _each("#define r{i}(a) do { if (a) smp_rmb(); else barrier(); } while (0)", n)
            + _function(_each("r{i}(x);", n))
        ),
    ),
    "inline barriers": (
        50,
        lambda n: (
            _each("static inline void r{i}(void)\n{\n\t/* pairs with w() */\n\tsmp_rmb();\n}", n)
            + _function(_each("r{i}();", n))
        ),
    ),
    "undeclared": (100, lambda n: _function("no_function(none->x);\n" * n + _CALL)),
}
"""Kinds of files: a size that takes a noticeable time, and the text of a file of a size."""


def growing_file(kind: str, size: int) -> str:
    """A file of a kind that is `size` times as large as the smallest one."""
    smallest, made = GROWING[kind]
    return _HEAD + made(smallest * size)
