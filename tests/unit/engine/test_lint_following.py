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
