"""`klplint fix --drop-task-parameter`: the switching function without its parameter."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint
from tests.support.scratch_git import Repository

DROP = ("fix", "--drop-task-parameter")
SECOND = ("--second-name", "klp_update_task")


def only_current(tree: Path) -> None:
    """Leave only those callers in a tree that pass `current`."""
    for path in [*tree.rglob("*.c"), *tree.rglob("*.h")]:
        lines = path.read_text().splitlines(keepends=True)
        kept = [
            line.replace("klp_update_patch_state(", "klp_other(")
            if "klp_update_patch_state(" in line
            and "current" not in line
            and "struct task_struct" not in line
            else line
            for line in lines
        ]
        path.write_text("".join(kept))


def test_other_callers_need_a_second_function(minikernel: Path) -> None:
    message = complaint(*DROP, minikernel)
    assert "may pass another task (arch/x86/kernel/process.c:28, " in message
    assert message.endswith("give --second-name NAME for a function that keeps the parameter\n")


def test_the_tree_with_a_second_function(minikernel: Path) -> None:
    repository = Repository.of(minikernel)
    printed = klplint(*DROP, *SECOND, minikernel)
    assert printed.returncode == 0
    subprocess.run(["git", "apply"], input=printed.stdout, text=True, cwd=minikernel, check=True)
    transition = (minikernel / "kernel/livepatch/transition.c").read_text()
    assert "void klp_update_task(struct task_struct *task)\n{" in transition
    assert "void klp_update_patch_state(void)\n{\n\tklp_update_task(current);\n}" in transition
    header = (minikernel / "include/linux/livepatch.h").read_text()
    assert (
        "void klp_update_patch_state(void);\nvoid klp_update_task(struct task_struct *task);\n"
    ) in header
    assert "klp_update_task(prev)" in (minikernel / "arch/x86/kernel/process.c").read_text()
    by_diff = repository.git("diff")
    findings = klplint("-q", "-f", "concise", "--select", "KLP001", minikernel).stdout
    assert findings == ""
    repository.git("checkout", "--quiet", ".")
    assert klplint(*DROP, *SECOND, "--apply", minikernel).returncode == 0
    assert repository.git("diff") == by_diff


def test_what_documents_the_body_is_of_the_second_function(minikernel: Path) -> None:
    transition = minikernel / "kernel/livepatch/transition.c"
    heading = "/**\n * klp_update_patch_state() - bring a task to\n * @task: the task\n *\n"
    text = transition.read_text().replace("/*\n * Bring a task", f"{heading} * Bring it")
    assert "@task" in text
    text = text.replace("void klp_update_p", "void __attribute__((noinline)) klp_update_p")
    transition.write_text(text)
    livepatch = minikernel / "Documentation/livepatch"
    (livepatch / "broken.rst").symlink_to("nowhere")
    (livepatch / "directory.txt").mkdir()
    assert klplint(*DROP, *SECOND, "--apply", minikernel).returncode == 0
    after = transition.read_text()
    assert "/**\n * klp_update_task() - bring a task to\n * @task: the task\n" in after
    assert "klp_update_patch_state(void)\n{\n\tklp_update_task(current);\n}" in after
    document = (livepatch / "transition.rst").read_text()
    assert "klp_update_task(find_task_by_vpid(nr));" in document


def test_the_tree_without_other_callers(minikernel: Path) -> None:
    only_current(minikernel)
    assert "no second function is needed" in complaint(*DROP, *SECOND, minikernel)
    assert klplint(*DROP, "--apply", minikernel).returncode == 0
    transition = (minikernel / "kernel/livepatch/transition.c").read_text()
    assert (
        "void klp_update_patch_state(void)\n{\n\tstruct task_struct *task = current;\n"
    ) in transition
    stub = "static inline void klp_update_patch_state(void)\n"
    assert stub in (minikernel / "include/linux/livepatch.h").read_text()
    rst = (minikernel / "Documentation/livepatch/transition.rst").read_text()
    assert "klp_update_patch_state() where" in rst


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("void (*new_fn)(struct task_struct *) = klp_update_patch_state;", "its address is taken"),
        (
            "void f(struct task_struct *t) { klp_update_patch_state(t = current); }",
            "its argument `t = current` may do more than name a task",
        ),
        (
            "core_initcall(klp_update_patch_state);",
            "it is passed to core_initcall() here, which may call it",
        ),
        (
            "void f(void) { klp_update_patch_state(current // us\n\t); }",
            "a comment in its argument would be lost",
        ),
        (
            "#define new_switch(t) klp_update_patch_state(t)\nvoid f(void) { new_switch(0); }",
            "it is in the body of a macro",
        ),
    ],
)
def test_what_cannot_be_changed_safely(minikernel: Path, code: str, reason: str) -> None:
    only_current(minikernel)
    file = minikernel / "drivers/misc/new.c"
    file.write_text(f"#include <linux/livepatch.h>\n{code}\n")
    message = complaint(*DROP, "--apply", minikernel)
    assert f"drivers/misc/new.c:2: klp_update_patch_state() cannot be changed: {reason}" in message
    assert message.endswith("nothing was changed\n")
    assert (
        "(void)"
        not in (minikernel / "kernel/livepatch/transition.c")
        .read_text()
        .partition("klp_update_patch_state")[2]
        .partition("\n")[0]
    )


WRAPPED = """\
#include <linux/livepatch.h>

/**
 * switch_task() - switch a task
 * @cpu: where
 * @task: the task
 */
static void switch_task(int cpu, struct task_struct *task)
{
	if (cpu)
		klp_update_patch_state(task);
	else
		klp_update_patch_state(task /* on the first */);
}

static void switch_twice(struct task_struct *task)
{
	switch_task(0, task);
	switch_task(1, /* once more */ task);
}

void caller(void)
{
	/* as switch_twice(current) does */
	switch_task(2, current);
	switch_twice(get_current());
}
"""
UNWRAPPED = """\
#include <linux/livepatch.h>

/**
 * switch_task() - switch a task
 * @cpu: where
 */
static void switch_task(int cpu)
{
	if (cpu)
		klp_update_patch_state();
	else
		klp_update_patch_state(/* on the first */);
}

static void switch_twice(void)
{
	switch_task(0);
	switch_task(1 /* once more */);
}

void caller(void)
{
	/* as switch_twice() does */
	switch_task(2);
	switch_twice();
}
"""


def test_wrappers_that_only_pass_it_on_lose_it_too(minikernel: Path) -> None:
    only_current(minikernel)
    file = minikernel / "drivers/misc/new.c"
    file.write_text(WRAPPED)
    assert klplint(*DROP, "--apply", minikernel).returncode == 0
    assert file.read_text() == UNWRAPPED
    assert klplint("-q", "-f", "concise", "--select", "KLP001", file).stdout == ""


def test_a_wrapper_of_several_files(minikernel: Path) -> None:
    only_current(minikernel)
    header = minikernel / "include/linux/switch.h"
    header.write_text(
        "#ifdef CONFIG_LIVEPATCH\nvoid switch_task(struct task_struct *task);\n#else\n"
        "static inline void switch_task(struct task_struct *task) {}\n#endif\n"
    )
    start = "#include <linux/livepatch.h>\n#include <linux/switch.h>\n"
    definition = minikernel / "kernel/livepatch/switch.c"
    definition.write_text(
        f"{start}void switch_task(struct task_struct *t)\n{{\n\tklp_update_patch_state(t);\n}}\n"
        "EXPORT_SYMBOL_GPL(switch_task);\n"
    )
    caller = minikernel / "drivers/misc/new.c"
    caller.write_text(f"{start}void f(void)\n{{\n\tswitch_task(current);\n}}\n")
    (minikernel / "Documentation/switch.rst").write_text("Call switch_task(current).\n")
    assert klplint(*DROP, "--apply", minikernel).returncode == 0
    assert definition.read_text() == (
        f"{start}void switch_task(void)\n{{\n\tklp_update_patch_state();\n}}\n"
        "EXPORT_SYMBOL_GPL(switch_task);\n"
    )
    assert header.read_text().count("switch_task(void)") == 2
    assert "\tswitch_task();\n" in caller.read_text()
    assert (minikernel / "Documentation/switch.rst").read_text() == "Call switch_task().\n"


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ("switch_task(2, current)", "switch_task(2, init())", "`init()` is passed at"),
        ("\tif (cpu)", "\tif (task)", "it does more with its parameter than to pass it on"),
        ("\tif (cpu)", "\tif (TRACED)", "a macro in it may use its parameter"),
        (
            "\tswitch_twice(g",
            "\tvoid (*f)(int, struct task_struct *) = switch_task;\n\tswitch_twice(g",
            "its address is taken here",
        ),
        ("\tswitch_task(2, current);\n\tswitch_twice(get_current());\n", "", "keeps its"),
        ("void caller", "#define own(t) switch_task(0, t)\n\nvoid caller", "the body of a macro"),
        ("switch_task(2, current)", "switch_task(2, t = current)", "may do more than name a task"),
    ],
)
def test_wrappers_that_have_to_keep_it(
    minikernel: Path, was: str, becomes: str, reason: str
) -> None:
    only_current(minikernel)
    file = minikernel / "drivers/misc/new.c"
    header = minikernel / "include/linux/livepatch.h"
    header.write_text(f"{header.read_text()}\n#define TRACED traced(task)\n")
    text = WRAPPED.replace(was, becomes)
    assert text != WRAPPED
    file.write_text(text)
    message = complaint(*DROP, minikernel)
    assert "2 calls of klp_update_patch_state() may pass another task" in message
    done = klplint(*DROP, *SECOND, "--apply", minikernel)
    assert "drivers/misc/new.c:11: now calls klp_update_task(): switch_task() keeps" in done.stderr
    assert reason in done.stderr
    assert file.read_text() == text.replace("klp_update_patch_state", "klp_update_task")


def test_macros_that_only_get_the_name(minikernel: Path) -> None:
    only_current(minikernel)
    transition = minikernel / "kernel/livepatch/transition.c"
    marks = "EXPORT_SYMBOL_GPL(klp_update_patch_state);\nNOKPROBE_SYMBOL(klp_update_patch_state);\n"
    transition.write_text(f"{transition.read_text()}\n{marks}")
    assert klplint(*DROP, minikernel).returncode == 0
    file = minikernel / "drivers/misc/new.c"
    function = "void f(struct task_struct *t) { klp_update_patch_state(t); }"
    file.write_text(f"#include <linux/livepatch.h>\n{function}\n")
    assert klplint(*DROP, *SECOND, "--apply", minikernel).returncode == 0
    after = transition.read_text()
    second = marks.replace("patch_state", "task")
    assert after.endswith(f"\n{marks}")
    assert f"}}\n{second}\nvoid klp_update_patch_state(void)\n{{" in after


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--second-name", "x y"), '--second-name: "x y" is not a C identifier'),
        (("--second-name", "klp_init_transition"), "is in the tree already"),
        (("--format-patch", "mails"), "is one patch over several directories"),
    ],
)
def test_wrong_options(minikernel: Path, options: tuple[str, ...], message: str) -> None:
    assert message in complaint(*DROP, *options, minikernel)


def test_a_second_name_without_dropping(minikernel: Path) -> None:
    assert "belongs to --drop-task-parameter" in complaint("fix", *SECOND, minikernel)


def test_a_part_of_the_tree(minikernel: Path) -> None:
    only_current(minikernel)
    message = complaint(*DROP, minikernel / "kernel")
    assert "the file is not in the PATHs; give the whole tree" in message
