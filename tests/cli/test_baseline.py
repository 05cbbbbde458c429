"""klplint baseline, and check --baseline: old findings stay out of the way, new ones do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint

RINGDEV = "drivers/net/ringdev.c"
WRONG = (
    "/* t has to be inactive. */ void touch(struct task_struct *t)\n"
    "{\n\tklp_update_patch_state(t);\n}\n"
)


@pytest.fixture
def tree(minikernel: Path) -> Path:
    """A kernel tree with the baseline of all its drivers in it."""
    done = klplint("baseline", minikernel / "drivers", "-o", minikernel / "klplint.base")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"klplint: {minikernel}/klplint.base: 12 findings recorded\n"
    return minikernel


def new(tree: Path, *options: object) -> list[tuple[str, str, int]]:
    done = klplint(
        "-q", "-f", "json", "--baseline", tree / "klplint.base", *options, tree / "drivers"
    )
    assert done.returncode < 2, done
    got = json.loads(done.stdout)["findings"]
    assert done.returncode == int(any(f["level"] != "note" for f in got))
    return [(f["code"], f["file"], f["line"]) for f in got]


def test_what_is_in_the_baseline_is_left_out_and_counted(tree: Path) -> None:
    done = klplint("--baseline", tree / "klplint.base", tree / "drivers")
    assert done.returncode == 0
    assert "No findings. In the baseline: 12 findings, not reported." in done.stdout
    assert "warning[" not in done.stdout


def test_a_wrong_call_is_reported_though_the_old_ones_moved(tree: Path) -> None:
    path = tree / RINGDEV
    lines = "".join(f"/* {n} */\n" for n in range(50))
    path.write_text(f"#include <linux/livepatch.h>\n{lines}{path.read_text()}{WRONG}")
    line = path.read_text()[: path.read_text().index("klp_update")].count("\n") + 1
    assert new(tree) == [("KLP002", RINGDEV, line), ("KLP001", RINGDEV, line)]


def test_a_file_that_moved(tree: Path) -> None:
    (tree / RINGDEV).rename(tree / "drivers/misc/ring.c")
    assert new(tree) == []


def test_the_one_on_a_changed_line_is_the_new_one(tree: Path) -> None:
    text = (tree / RINGDEV).read_text()
    barrier = "\tsmp_rmb();\n"
    patch = (
        f"--- a/{RINGDEV}\n+++ b/{RINGDEV}\n@@ -35,2 +35,3 @@\n"
        f" \tstruct ringdev_desc *desc = &dev->ring[dev->next % 256];\n+{barrier} \n"
    )
    assert barrier in text
    (tree / "x.patch").write_text(patch)
    assert new(tree, "--patch", tree / "x.patch") == [("KLP003", RINGDEV, 36)]


def test_the_baseline_may_stand_in_the_configuration(tree: Path) -> None:
    (tree / "klplint.toml").write_text('baseline = "own.base"\noutput = "findings.txt"\n')
    assert klplint("baseline", tree / "drivers/net").returncode == 0
    assert (tree / "own.base").read_text().count("KLP003") == 2
    assert not (tree / "findings.txt").exists()
    assert klplint("-q", tree / "drivers/net").returncode == 0


def test_bad_use_leaves_the_old_baseline(tree: Path) -> None:
    base = tree / "klplint.base"
    held = base.read_text()
    assert "no file to write to" in complaint("baseline", tree)
    assert "is one of the files to lint" in complaint("baseline", tree, "-o", tree / RINGDEV)
    assert "no such file or directory" in complaint("baseline", tree / "nowhere", "-o", base)
    assert "is read by this run" in complaint("--baseline", base, "-o", base, tree)
    assert base.read_text() == held
    base.write_text(held.replace("# end\n", ""))
    assert f"{base}:{held.count(chr(10)) - 1}: the baseline is truncated" in complaint(
        "--baseline", base, tree
    )
    assert "cannot read the baseline: No such file" in complaint("--baseline", tree / "none", tree)
