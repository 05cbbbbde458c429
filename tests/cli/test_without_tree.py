"""Files in no kernel tree: the rules that need none run, and one line says what did not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint
from tests.support.paths import MINIKERNEL

DRIVER = """\
#include <linux/livepatch.h>
void touch(struct task_struct *t) { klp_update_patch_state(t); }
void fill(int *a)
{
	a[0] = 1;
	smp_wmb();
	a[1] = 1;
}
int drain(int *a)
{
	int ready = a[1];

	%s
	smp_rmb();
	return ready ? a[0] : 0;
}
"""
LEFT_OUT = (
    "klplint: not in a kernel tree: KLP001, KLP002, KLP004, KLP005 and 12 more did not run; "
    "give the tree to compile against with --kernel\n"
)


def driver(directory: Path, comment: str) -> Path:
    (directory / "some/driver").mkdir(parents=True)
    (directory / "some/driver/ring.c").write_text(DRIVER % comment)
    return directory / "some/driver"


def test_comments_are_linted_and_one_line_says_what_was_left_out(tmp_path: Path) -> None:
    done = klplint(driver(tmp_path, ""), "-f", "json")
    reported = [(f["code"], f["file"], f["line"]) for f in json.loads(done.stdout)["findings"]]
    assert reported == [("KLP003", "ring.c", 14)]
    assert done.stderr.startswith(LEFT_OUT)
    assert "tokens" not in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    "comment",
    [
        "/* Pairs with smp_wmb() in fill(). */",
        "/* Pairs with smp_wmb() in a_function_of_the_kernel(). */",
        "/* The writer: see the smp_wmb() in ring_core.c */",
    ],
)
def test_no_name_is_missing_where_there_is_no_tree(tmp_path: Path, comment: str) -> None:
    done = klplint(driver(tmp_path, comment))
    assert (done.returncode, done.stderr) == (0, LEFT_OUT)


def test_a_single_file_is_read_without_what_lies_elsewhere(tmp_path: Path) -> None:
    file = driver(tmp_path, "") / "ring.c"
    done = klplint(file, "-f", "concise", "--strict")
    assert "ring.c:14:2: warning: smp_rmb() in drain() has no comment" in done.stdout
    assert done.returncode == 1


def test_a_malformed_suppression_is_reported(tmp_path: Path) -> None:
    done = klplint(driver(tmp_path, "/* klplint: ignore[KLP999] a reason */"), "-f", "concise")
    assert "[KLP000]" in done.stdout
    assert "[KLP003]" in done.stdout


def test_with_a_tree_all_rules_run(tmp_path: Path) -> None:
    done = klplint(driver(tmp_path, ""), "--kernel", MINIKERNEL, "-f", "concise")
    assert "[KLP001]" in done.stdout
    assert "did not run" not in done.stderr


def test_quiet_says_nothing_of_it(tmp_path: Path) -> None:
    done = klplint(driver(tmp_path, "/* Pairs with fill(). */"), "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("options", [("--select", "KLP004"), ("--patch", "some.patch")])
def test_what_needs_a_tree_ends_with_one_sentence(tmp_path: Path, options: tuple[str, ...]) -> None:
    directory = driver(tmp_path, "")
    assert "not in a kernel tree" in complaint(*options, directory)


def test_coverage_needs_a_tree(tmp_path: Path) -> None:
    assert "not in a kernel tree" in complaint("coverage", driver(tmp_path, ""))


def test_pairs_are_listed(tmp_path: Path) -> None:
    directory = driver(tmp_path, "/* Pairs with smp_wmb() in fill(). */")
    done = klplint("pairs", directory, "-f", "json")
    (pair,) = json.loads(done.stdout)["barriers"]
    assert pair["pairing"] == "explicit"
    assert pair["counterparts"][0]["barriers"] == [{"name": "smp_wmb", "file": "ring.c", "line": 6}]
    assert done.stderr == LEFT_OUT
