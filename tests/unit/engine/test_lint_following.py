"""Following a call through the files of a tree: what a run on part of it knows of the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.cli.commands import main
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Finding
from klplint.kernel.sources import find_sources
from klplint.progress import Silence

INNER = """\
#include <linux/livepatch.h>
void sample_switch(struct task_struct *task)
{
	klp_update_patch_state(task);
}
"""
OUTER = """\
#include <linux/livepatch.h>
void sample_switch(struct task_struct *task);
void sample_outer(struct task_struct *who)
{
	sample_switch(who);
}
"""
USER = """\
#include <linux/livepatch.h>
void sample_outer(struct task_struct *who);
void sample_user(struct task_struct *worker)
{
	sample_outer(worker->parent);
}
"""


@pytest.fixture
def tree(minikernel: Path) -> Path:
    """A kernel tree with a wrapper, a wrapper of it, and who calls that: a file each."""
    for name, text in (("inner", INNER), ("outer", OUTER), ("user", USER)):
        (minikernel / "drivers" / "misc" / f"{name}.c").write_text(text)
    return minikernel


def got(paths: list[Path], *codes: str) -> list[Finding]:
    rules = select_rules(load_catalogue(), codes, [])
    return list(
        lint(Plan(find_sources(paths, None, ()), rules, Execution(jobs=2)), Silence()).findings
    )


def test_the_finding_stands_where_the_wrong_task_enters_with_the_way_down(tree: Path) -> None:
    directory = tree / "drivers" / "misc"
    (finding,) = got([directory / f"{name}.c" for name in ("inner", "outer", "user")], "KLP001")
    assert finding.place.file == "drivers/misc/user.c"
    assert "passes it on to klp_update_patch_state()" in finding.message
    assert [(step.file, step.region.line) for step in finding.steps] == [
        ("drivers/misc/user.c", 5),
        ("drivers/misc/outer.c", 5),
        ("drivers/misc/inner.c", 4),
    ]


def test_callers_outside_the_linted_files_are_known_but_not_reported(tree: Path) -> None:
    assert got([tree / "drivers" / "misc" / "inner.c"], "KLP001") == []
    (tree / "drivers" / "misc" / "outer.c").unlink()
    (finding,) = got([tree / "drivers" / "misc" / "inner.c"], "KLP001")
    assert "nothing in the tree calls sample_switch()" in finding.message


def test_a_thread_that_another_file_starts_is_known(tree: Path) -> None:
    directory = tree / "drivers" / "misc"
    (directory / "inner.c").write_text(
        "#include <linux/livepatch.h>\n"
        "int sample_loop(void *data)\n"
        "{\n\tfor (;;)\n\t\tklp_update_patch_state(current);\n}\n"
    )
    assert len(got([directory / "inner.c"], "KLP002")) == 1
    (directory / "user.c").write_text(
        "#include <linux/kthread.h>\n"
        "int sample_loop(void *data);\n"
        'void *sample_start(void)\n{\n\treturn kthread_run(sample_loop, NULL, "s");\n}\n'
    )
    assert got([directory / "inner.c"], "KLP002") == []


LOOP = """\
#include <linux/livepatch.h>
int sample_loop(void *data)
{
	for (;;)
		klp_update_patch_state(current);
}
"""
STARTING = """\
#include <linux/kthread.h>
#include <linux/workqueue.h>
#include "inner.h"
void sample_start(struct work_struct *work)
{
	kthread_run(SAMPLE_NAME, NULL, "s");
	%s
}
"""
NAMING = """\
typedef int (*sample_fn)(void *data);
int sample_loop(void *data);
void sample_register(sample_fn fn);
#define SAMPLE_NAME sample_loop
#define SAMPLE_CALL() (*sample_loop)(NULL)
"""
REGISTERING = "#define SAMPLE_REGISTER() sample_register((sample_fn)sample_loop)\n"


@pytest.mark.parametrize(
    ("use", "levels"),
    [
        ("", []),
        ("(*sample_loop)(NULL);", ["error"]),
        ("SAMPLE_NAME(NULL);", ["error"]),
        ("SAMPLE_CALL();", ["error"]),
        ("work->func = (work_func_t)SAMPLE_NAME;", ["error"]),
        ("sample_register((sample_fn)sample_loop);", ["note"]),
        ("sample_register(SAMPLE_NAME);", ["note"]),
        ("SAMPLE_REGISTER();", ["note"]),
        ("sample_fn all[] = { SAMPLE_NAME };", ["note"]),
        ("if (work->func == (work_func_t)sample_loop) return;", []),
    ],
)
def test_another_use_of_a_thread_is_known_whatever_is_linted(
    tree: Path, use: str, levels: list[str]
) -> None:
    directory = tree / "drivers" / "misc"
    (directory / "inner.c").write_text(LOOP)
    (directory / "inner.h").write_text(NAMING + (REGISTERING if "SAMPLE_REGISTER" in use else ""))
    (directory / "user.c").write_text(STARTING % use)
    for paths in ([directory / "inner.c"], [directory / "inner.c", directory / "user.c"]):
        assert [finding.level for finding in got(paths, "KLP002")] == levels


@pytest.mark.parametrize("call", ["sample_step()", "SAMPLE_STEP()", "SAMPLE_STEPS(sample_step)"])
def test_a_header_alone_knows_who_calls_its_functions_through_its_macros(
    tree: Path, call: str
) -> None:
    directory = tree / "drivers" / "misc"
    header = directory / "inner.h"
    header.write_text(
        "#include <linux/livepatch.h>\n"
        "static inline void sample_step(void)\n{\n\tklp_update_patch_state(current);\n}\n"
        "#define SAMPLE_STEP() sample_step()\n"
        "#define SAMPLE_STEPS(step) do { SAMPLE_STEP(); } while (0)\n"
    )
    (directory / "user.c").write_text(
        '#include <linux/kthread.h>\n#include "inner.h"\n'
        f"static int sample_loop(void *data)\n{{\n\tfor (;;)\n\t\t{call};\n}}\n"
        'void *sample_start(void)\n{\n\treturn kthread_run(sample_loop, NULL, "s");\n}\n'
    )
    assert got([header], "KLP002") == []
    assert got([header, directory / "user.c"], "KLP002") == []


def test_a_name_in_many_files_is_followed_in_its_own(tree: Path) -> None:
    directory = tree / "drivers" / "misc"
    start = 'void go(void)\n{\n\tkthread_run(sample_loop, NULL, "s");\n}\n'
    called = "void other(void)\n{\n\t(*sample_loop)(NULL);\n}\n"
    for number in range(101):
        (directory / f"many{number}.c").write_text("/* Not sample_loop(). */\n")
    (directory / "inner.c").write_text(LOOP + start)
    (directory / "user.c").write_text(f"int sample_loop(void *data);\n{called}")
    assert got([directory / "inner.c"], "KLP002") == []
    (directory / "inner.c").write_text(LOOP + start + called)
    (finding,) = got([directory / "inner.c"], "KLP002")
    assert finding.level == "error"


def test_sarif_says_the_way_as_a_code_flow(tree: Path) -> None:
    directory = str(tree / "drivers" / "misc")
    done = CliRunner().invoke(main, [directory, "--select", "KLP001", "-f", "sarif", "--exit-zero"])
    results = json.loads(done.stdout)["runs"][0]["results"]
    (result,) = [r for r in results if "codeFlows" in r]
    (flow,) = result["codeFlows"][0]["threadFlows"]
    uris = [
        step["location"]["physicalLocation"]["artifactLocation"]["uri"]
        for step in flow["locations"]
    ]
    assert uris == [f"drivers/misc/{name}.c" for name in ("user", "outer", "inner")]
