"""Files of a real kernel have the same findings alone as in a run on the whole tree.

Calls are planted in files of the core of Linux 6.12: of a wrapper in another file, and in some of
them also through a macro of a header, under a lock and behind a sleep that are in another file.
KLPLINT_SINGLE_FILES says in how many: the nightly run takes 300, which takes several minutes.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from klplint.engine.lint import lint
from klplint.findings.finding import Finding
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.kernel.planting import linked_copy
from tests.kernel.runs import kernel_tree, plan_of

pytestmark = pytest.mark.kernel

FILES = int(os.environ.get("KLPLINT_SINGLE_FILES", "40"))
# One file in so many gets a thread and a macro, too: these are parsed several times.
THREADS = 10
_CODES = ["KLP001", "KLP002", "KLP005", "KLP006"]
_DIRECTORIES = ("block", "fs", "kernel", "lib", "mm")
_KEPT = (*_DIRECTORIES, "arch/x86", "include", "init", "Kbuild", "Kconfig", "Makefile")

_HEADER = """\
#ifndef _LINUX_PLANTED_H
#define _LINUX_PLANTED_H
#define planted_macro(task) planted_wrapper((task)->real_parent)
void planted_wrapper(struct task_struct *task);
void planted_claim(void *port);
void planted_release(void *port);
void planted_nap(void);
struct task_struct *planted_self(void);
#endif
"""

_CALLEES = """\
#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/planted.h>

static DEFINE_MUTEX(planted_mutex);

void planted_wrapper(struct task_struct *task)
{
	klp_update_patch_state(task);
}

void planted_claim(void *port)
{
	mutex_lock(&planted_mutex);
}

void planted_release(void *port)
{
	mutex_unlock(&planted_mutex);
}

void planted_nap(void)
{
	planted_claim(NULL);
	planted_release(NULL);
}

struct task_struct *planted_self(void)
{
	return current;
}
"""

_WRAPPED = """
#include <linux/sched.h>
#include <linux/planted.h>

void planted_{0}_hurry(struct task_struct *task)
{{
	planted_wrapper(task->real_parent);
}}
"""

_THREAD = """
#include <linux/kthread.h>
#include <linux/livepatch.h>
#include <linux/sched.h>
#include <linux/planted.h>

static int planted_{0}_thread(void *port)
{{
	while (!kthread_should_stop()) {{
		planted_claim(port);
		klp_update_patch_state(planted_self());
		planted_release(port);
		if (klp_patch_pending(current)) {{
			planted_nap();
			klp_update_patch_state(current);
		}}
		schedule();
	}}
	return 0;
}}

void planted_{0}_start(void)
{{
	planted_macro(current);
	kthread_run(planted_{0}_thread, NULL, "planted");
}}
"""


class Planted(NamedTuple):
    """A kernel with calls planted in it, and the findings of a run on the whole of it."""

    tree: Path
    files: tuple[str, ...]
    whole: dict[str, list[Finding]]


def _findings(path: Path) -> dict[str, list[Finding]]:
    """The findings of a run, by file."""
    sources = find_sources([path], None, DEFAULT_EXCLUDES)
    result = lint(plan_of(sources, _CODES), Silence())
    by_file: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        by_file[finding.place.file].append(finding)
    return dict(by_file)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    tree = tmp_path_factory.mktemp("planted") / "linux-6.12"
    for name in _KEPT:
        linked_copy(kernel_tree("6.12") / name, tree / name)
    candidates = sorted(
        path.relative_to(tree).as_posix()
        for directory in _DIRECTORIES
        for path in (tree / directory).rglob("*.c")
    )
    files = tuple(candidates[:: len(candidates) // FILES][:FILES])
    for number, name in enumerate(files):
        path = tree / name
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        path.unlink()
        calls = (_WRAPPED + _THREAD * (number % THREADS == 0)).format(number)
        path.write_text(text + calls, encoding="utf-8", errors="surrogateescape")
    (tree / "include/linux/planted.h").write_text(_HEADER, encoding="utf-8")
    (tree / "lib/planted.c").write_text(_CALLEES, encoding="utf-8")
    return Planted(tree, files, _findings(tree))


def test_each_plant_is_found_in_a_run_on_the_whole_tree(planted: Planted) -> None:
    """The wrapper; with a thread the macro, the alias of current, the lock and the sleep, too."""
    wrapped, threads = ["KLP001"], ["KLP001", "KLP001", "KLP002", "KLP006"]
    for number, name in enumerate(planted.files):
        codes = sorted(finding.code for finding in planted.whole.get(name, []))
        assert codes == sorted(wrapped + threads * (number % THREADS == 0)), name


def test_each_file_alone_has_the_same_findings(planted: Planted) -> None:
    for name in planted.files:
        alone = _findings(planted.tree / name)
        assert alone.get(name) == planted.whole.get(name), name
