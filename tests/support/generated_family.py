"""C files with each wrong way to switch inside each construct, and its right twin beside it.

A form is what is wrong: the task, or the place. A construct is what stands around the call. Each
pair of them becomes two functions: one that is wrong in this way alone, one that is right. The
lines say what is wanted of them, as in fixtures (see expectations.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import indent
from typing import NamedTuple

from tests.support.expectations import Want, wants_in_text

_TAB = "\t"
_STEP = "family_step(data);\n"
_HEADER = """\
/* SPDX-License-Identifier: MIT */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

struct family {
	struct task_struct *worker;
	struct task_struct *all[8];
};

extern spinlock_t family_lock;
extern struct mutex family_mutex;

int family_step(void *data);
void family_find(struct task_struct **where);

#define family_do(code)	do { code; } while (0)
"""


class Call(NamedTuple):
    """A call to be placed: for which task, with which wants, in the function of which name."""

    task: str
    wants: str
    name: str

    @property
    def code(self) -> str:
        return f"klp_update_patch_state({self.task})"

    @property
    def statement(self) -> str:
        return f"{self.code};{self.wants}\n"


class Construct(NamedTuple):
    """What stands around a call.

    `around` gives the statements, `beside` those with the call behind the construct, where the
    place in it is wrong whatever the form (`unsafe`: what KLP002 says of it). `macro` gives a
    definition that the statements use. What is `dead` is compiled in no configuration.
    """

    name: str
    around: Callable[[Call], str]
    macro: Callable[[Call], str] = lambda call: ""
    unsafe: str = ""
    beside: Callable[[Call], str] | None = None
    dead: bool = False
    in_header: bool = False


class Form(NamedTuple):
    """What is wrong: the code of the rule, what its message says, and the function's parts.

    `wrong` and `right` are the thread's parts (see _thread), with the construct at `@`.
    """

    code: str
    name: str
    says: str
    task: str
    wrong: tuple[str, str, str]
    right: tuple[str, str, str]
    thread: bool = True


class Case(NamedTuple):
    """A form in a construct, its lines in a file, and what is wanted on them."""

    form: str
    construct: str
    file: str
    lines: range
    wants: list[Want]


def _macro_name(call: Call) -> str:
    return call.name.upper()


def _indented(call: Call) -> str:
    return indent(call.statement, "\t")


CONSTRUCTS = (
    Construct("plain body", lambda call: call.statement),
    Construct("#ifdef, on", lambda call: f"#ifdef CONFIG_SMP\n{call.statement}#endif\n"),
    Construct("#ifdef, off", lambda call: f"#ifdef CONFIG_FAMILY_ODD\n{call.statement}#endif\n"),
    Construct("#else", lambda call: f"#ifdef CONFIG_SMP\n{_STEP}#else\n{call.statement}#endif\n"),
    Construct("#if 0", lambda call: f"#if 0\n{call.statement}#endif\n", dead=True),
    Construct(
        "object-like macro",
        lambda call: f"{_macro_name(call)};{call.wants}\n",
        macro=lambda call: f"#define {_macro_name(call)}\t{call.code}\n\n",
    ),
    Construct(
        "function-like macro",
        lambda call: f"{_macro_name(call)}({call.task});{call.wants}\n",
        macro=lambda call: f"#define {_macro_name(call)}(who)\tklp_update_patch_state(who)\n\n",
    ),
    Construct(
        "do-while(0) macro",
        lambda call: f"{_macro_name(call)}();{call.wants}\n",
        macro=lambda call: f"#define {_macro_name(call)}()\tdo {{ {call.code}; }} while (0)\n\n",
    ),
    Construct("argument of a macro", lambda call: f"family_do({call.code});{call.wants}\n"),
    Construct("header inline function", lambda call: call.statement, in_header=True),
    Construct(
        "scoped_guard() body",
        lambda call: f"scoped_guard(mutex, &family_mutex) {{\n{_indented(call)}}}\n",
        unsafe="under .*(mutex|guard)",
        beside=lambda call: f"scoped_guard(mutex, &family_mutex) {{\n\t{_STEP}}}\n{call.statement}",
    ),
    Construct(
        "statement expression",
        lambda call: f"n += ({{\n{_indented(call)}\tfamily_step(data);\n}});\n",
    ),
    Construct(
        "loop macro without braces",
        lambda call: f"for_each_possible_cpu(cpu)\n{_indented(call)}",
        unsafe="nested",
        beside=lambda call: f"for_each_possible_cpu(cpu)\n\t{_STEP}{call.statement}",
    ),
    Construct(
        "switch case",
        lambda call: (
            f"switch (n) {{\ncase 0:\n\t{_STEP}\tbreak;\ndefault:\n{_indented(call)}\tbreak;\n}}\n"
        ),
    ),
    Construct(
        "behind a label",
        lambda call: f"if (n > 1)\n\tgoto here;\n{_STEP}here:\n{call.statement}",
    ),
)


def _of_task(name: str, says: str, task: str, before_it: str = "", *, thread: bool = True) -> Form:
    """A form of KLP001; the right twin has the same code before the call."""
    parts = ("", f"{before_it}@", "")
    return Form("KLP001", name, says, task, parts, parts, thread)


def _of_lock(name: str, says: str, take: str, drop: str) -> Form:
    """A form of KLP002; in the right twin, the lock is let go of before the call."""
    wrong = ("", f"{take}@{drop}", "")
    return Form("KLP002", name, says, "current", wrong, ("", f"{take}{_STEP}{drop}@", ""))


FORMS = (
    _of_task("member", "worker", "group->worker"),
    _of_task("parameter", "task", "task", thread=False),
    _of_task("conditional", "worker", "n ? group->worker : current"),
    _of_task("comma", "worker", "(current, group->worker)"),
    _of_task("function's result", "find_task_by_vpid", "find_task_by_vpid(n)"),
    _of_task("array element", "all", "group->all[n]"),
    _of_task("NULL", "NULL", "NULL"),
    _of_task("reassigned local", "self", "self", "if (n > 2)\n\tself = group->worker;\n"),
    _of_task("address taken", "self", "self", "family_find(&self);\n"),
    _of_task("idle task", "idle_task", "idle_task(n)"),
    Form("KLP002", "plain function", "", "current", ("", "@", ""), ("", "@", ""), thread=False),
    Form("KLP002", "before the loop", "before", "current", ("@", _STEP, ""), (_STEP, "@", "")),
    Form("KLP002", "after the loop", "after", "current", ("", _STEP, "@"), ("", "@", _STEP)),
    Form(
        "KLP002",
        "nested loop",
        "nested",
        "current",
        ("", "while (n--) {\n@}\n", ""),
        ("", f"while (n--) {{\n\t{_STEP}}}\n@", ""),
    ),
    _of_lock(
        "spin_lock", "under .*lock", "spin_lock(&family_lock);\n", "spin_unlock(&family_lock);\n"
    ),
    _of_lock(
        "mutex", "under .*mutex", "mutex_lock(&family_mutex);\n", "mutex_unlock(&family_mutex);\n"
    ),
    _of_lock("rcu", "under .*rcu", "rcu_read_lock();\n", "rcu_read_unlock();\n"),
    _of_lock("preempt_disable", "under .*preempt", "preempt_disable();\n", "preempt_enable();\n"),
    Form(
        "KLP002",
        "guard()",
        "under .*(guard|lock)",
        "current",
        ("", "guard(spinlock)(&family_lock);\n\n@", ""),
        ("", f"if (n) {{\n\tguard(spinlock)(&family_lock);\n\n\t{_STEP}}}\n@", ""),
    ),
)


def _wanted(form: Form, construct: Construct, name: str) -> str:
    """The wants of a form's wrong function, as comments."""
    level = "note" if construct.dead else "error"
    wants = [f'KLP001 {level} "{form.says}"'] if form.code == "KLP001" else []
    # No parse shows what is dead: its loops and locks cannot be reported, which is said.
    if construct.dead or not form.thread:
        wants.append(f'KLP002 {level} "{name}"')
    elif form.code == "KLP002":  # either of two wrong places may be reported of
        wants.append(f'KLP002 {level} "{"." if construct.unsafe else form.says}"')
    elif construct.unsafe:
        wants.append(f'KLP002 {level} "{construct.unsafe}"')
    return "".join(f" /* want {want} */" for want in wants)


def _functions(form: Form, construct: Construct, name: str) -> str:
    """The wrong function of a form in a construct, and its right twin."""
    wrong = Call(form.task, _wanted(form, construct, name), name)
    # Whether the dead call stands in the thread's loop cannot be reported, and KLP002 says that.
    printed = f' /* want KLP002 note "{name}_right" */' if construct.dead else ""
    right = Call("current", printed, f"{name}_right")
    build = _thread if form.thread else _plain
    return (
        construct.macro(wrong)
        + build(form, form.wrong, construct.around(wrong), wrong.name)
        + construct.macro(right)
        + _thread(form, form.right, (construct.beside or construct.around)(right), right.name)
    )


def _filled(part: str, statements: str) -> str:
    """A part with the construct in the place of its `@`, indented as that demands."""
    depth = "\t" if part.startswith("while (n--) {\n@") else ""
    return part.replace("@", _tabbed(statements, depth))


def _tabbed(code: str, tabs: str) -> str:
    """Code indented, but for directives and labels."""
    flush = ("#", "here:")
    return indent(code, tabs, lambda line: bool(line.strip()) and not line.startswith(flush))


def _locals() -> str:
    return (
        "\tstruct task_struct *self = current;\n"
        "\tstruct family *group = data;\n"
        "\tint n = family_step(group);\n"
        "\tunsigned int cpu;\n\n"
    )


def _thread(form: Form, parts: tuple[str, str, str], statements: str, name: str) -> str:
    """A kthread's function: a part before the loop, one in it, one after it; and who starts it."""
    before, inside, after = (_filled(part, statements) for part in parts)
    return (
        f"static int {name}(void *data)\n{{\n{_locals()}{_tabbed(before, _TAB)}"
        f"\twhile (!kthread_should_stop()) {{\n{_tabbed(inside, _TAB * 2)}"
        f"\t\tschedule();\n\t}}\n{_tabbed(after, _TAB)}\treturn n;\n}}\n\n"
        f"static inline void {name}_start(struct family *group)\n{{\n"
        f'\tkthread_run({name}, group, "family");\n}}\n\n'
    )


def _plain(form: Form, parts: tuple[str, str, str], statements: str, name: str) -> str:
    """A function that anybody may call, for any task."""
    return (
        f"int {name}(struct task_struct *task, void *data)\n{{\n{_locals()}"
        f"{_tabbed(_filled(parts[1], statements), _TAB)}\treturn n;\n}}\n"
        f"EXPORT_SYMBOL_GPL({name});\n\n"
    )


def family() -> tuple[dict[str, str], list[Case]]:
    """All files by name, a file for each construct; and all cases."""
    files = {"family.h": _HEADER}
    cases: list[Case] = []
    for number, construct in enumerate(CONSTRUCTS):
        file = f"construct_{number}.{'h' if construct.in_header else 'c'}"
        text = '/* SPDX-License-Identifier: MIT */\n#include "family.h"\n\n'
        for form, name in _named_forms(number):
            functions = _functions(form, construct, name)
            first = text.count("\n") + 1
            lines = range(first, first + functions.count("\n"))
            wants = wants_in_text(file, functions, first)
            cases.append(Case(f"{form.code} {form.name}", construct.name, file, lines, wants))
            text += functions
        files[file] = text
    return files, cases


def _named_forms(construct: int) -> Iterator[tuple[Form, str]]:
    for number, form in enumerate(FORMS):
        yield form, f"family_{construct}_{number}"
