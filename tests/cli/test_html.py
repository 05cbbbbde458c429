"""`-f html` of `check` and `pairs`: what the page has, for which commands, and the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.barrier_samples import RING
from tests.support.command import klplint
from tests.support.html_pages import data_of
from tests.support.paths import MINIKERNEL


@pytest.fixture(scope="module")
def page() -> str:
    done = klplint("check", "-f", "html", "--exit-zero", MINIKERNEL)
    assert done.returncode == 0
    return done.stdout


def pair_at(page: str, place: str) -> dict[str, Any]:
    (pair,) = (each for each in data_of(page)["pairs"] if each["id"] == place)
    assert isinstance(pair, dict)
    return pair


def source(page: str, side: dict[str, Any]) -> str:
    """The lines that a side shows."""
    lines = data_of(page)["lines"][side["file"]]
    return "\n".join(
        lines[str(number)]
        for chunk in side["chunks"]
        for number in range(chunk["first"], chunk["last"] + 1)
    )


def marked(page: str, side: dict[str, Any], mark: dict[str, Any]) -> str:
    text = data_of(page)["lines"][side["file"]][str(mark["line"])]
    return str(text[slice(*mark["span"])])


def test_check_has_the_findings_of_the_run_and_the_map_of_pairs(page: str) -> None:
    assert data_of(page)["findings"]
    pair = pair_at(page, "kernel/livepatch/patch.c:36")
    assert (pair["state"], pair["reading"]) == ("ordered", "explicit")
    assert pair["sentence"]
    (other,) = pair["others"]
    assert (other["side"]["function"], other["side"]["line"]) == ("klp_patch_func", 49)
    assert (other["in_comment"], other["certain"]) == (True, True)


def test_both_sides_are_shown_with_their_barriers_and_objects(page: str) -> None:
    pair = pair_at(page, "kernel/livepatch/patch.c:36")
    (other,) = pair["others"]
    for side, barrier in ((pair["side"], "smp_rmb"), (other["side"], "smp_wmb")):
        assert f"{barrier}();" in source(page, side)
        assert f"{side['function']}(" in source(page, side).split("\n{")[0]
        assert marked(page, side, side["mark"]) == barrier
    first, second = other["objects"][:2]
    assert [first["name"], second["name"]] == ["klp_func.patched", "klp_func.transition"]
    for name, sides in (("patched", first), ("transition", second)):
        assert marked(page, pair["side"], sides["reader"][0]["mark"]) == name
        assert marked(page, other["side"], sides["writer"][0]["mark"]) == name


def test_the_comment_that_decided_is_among_the_lines(page: str) -> None:
    for pair in data_of(page)["pairs"]:
        if pair["sentence"]:
            assert pair["sentence"].split()[0] in source(page, pair["side"])


def test_pairs_has_the_map_alone(page: str) -> None:
    alone = klplint("pairs", "-f", "html", MINIKERNEL)
    assert (alone.returncode, alone.stderr) == (0, "")
    assert data_of(alone.stdout)["pairs"] == data_of(page)["pairs"]
    assert data_of(alone.stdout)["findings"] == []
    assert "Findings" not in alone.stdout.partition("<script")[0]


def test_a_barrier_is_in_the_state_that_the_listing_reports(tmp_path: Path) -> None:
    texts = {
        "ordered.c": RING.replace("gauge_write()", "smp_wmb() in ring_push()"),
        "code.c": RING.replace("/* pairs with gauge_write() */", ""),
        "wrong.c": RING.replace("gauge_write()", "smp_wmb() in no_such_function()"),
        "unpaired.c": "int f(int *a)\n{\n\tsmp_rmb();\n\treturn *a;\n}\n",
    }
    states = {}
    for name, text in texts.items():
        (tmp_path / "linux").mkdir(exist_ok=True)
        (tmp_path / "linux" / name).write_text(text)
        done = klplint("pairs", "-f", "html", "--kernel", MINIKERNEL, tmp_path / "linux")
        assert done.returncode == 0
        states[name] = [each["state"] for each in data_of(done.stdout)["pairs"]]
        (tmp_path / "linux" / name).unlink()
    assert states == {
        "ordered.c": ["ordered"],
        "code.c": ["ordered"],
        "wrong.c": ["contradicted"],
        "unpaired.c": ["unpaired"],
    }


IDLE_BARRIER = """
static int gauge_state;
void gauge_stop(void)
{
	mb();
	WRITE_ONCE(gauge_state, 1);
}
int gauge_stopped(int tries)
{
	int i;

	for (i = 0; i < tries; i++) {
		smp_rmb();
		if (READ_ONCE(gauge_state) == 1) {
			if (tries > 1)
				pr_info("it took a while");
			return 1;
		}
		msleep(100);
	}
	pr_err("it does not stop");
	return 0;
}
"""


def test_the_pair_whose_order_was_checked_counts_as_shown_by_the_code(tmp_path: Path) -> None:
    (tmp_path / "gauge.c").write_text(IDLE_BARRIER)
    done = klplint("pairs", "-f", "html", "--kernel", MINIKERNEL, tmp_path)
    (pair,) = data_of(done.stdout)["pairs"]
    assert (pair["state"], pair["reading"]) == ("misordered", "none")
    assert [(each["side"]["function"], each["certain"]) for each in pair["others"]] == [
        ("gauge_stop", True)
    ]


def test_without_a_rule_about_barriers_there_is_no_map() -> None:
    done = klplint("check", "-f", "html", "--select", "KLP001", "--exit-zero", MINIKERNEL)
    assert done.returncode == 0
    assert data_of(done.stdout)["pairs"] == []
    assert "Map of pairs" not in done.stdout


def test_the_page_compares_with_a_baseline(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline"
    klplint("baseline", "-o", baseline, MINIKERNEL)
    lines = baseline.read_text().splitlines(keepends=True)
    (dropped,) = [line for line in lines if line.startswith("KLP002")][:1]
    lines[lines.index(dropped)] = "KLP004 kernel/fork.c f 0123456789abcdef 1\n"
    baseline.write_text("".join(lines))
    done = klplint("check", "-f", "html", "--baseline", baseline, "--exit-zero", MINIKERNEL)
    assert {each["code"] for each in data_of(done.stdout)["findings"]} == {"KLP002"}
    assert "Gone since the baseline (1)" in done.stdout
    assert "In the baseline, and not listed" in done.stdout


def test_with_a_patch_the_pairs_are_those_of_the_patched_tree(tmp_path: Path) -> None:
    before = (MINIKERNEL / "kernel/livepatch/patch.c").read_text().splitlines(keepends=True)
    patch = tmp_path / "a.patch"
    patch.write_text(
        "--- a/kernel/livepatch/patch.c\n+++ b/kernel/livepatch/patch.c\n@@ -1,1 +1,2 @@\n"
        f"+/* A line more. */\n {before[0]}"
    )
    done = klplint("check", "-f", "html", "--patch", patch, "--exit-zero", MINIKERNEL)
    pair = pair_at(done.stdout, "kernel/livepatch/patch.c:37")
    assert "smp_rmb();" in source(done.stdout, pair["side"])


def test_the_page_is_the_same_for_any_number_of_jobs(page: str) -> None:
    for jobs in (1, 2):
        done = klplint("check", "-f", "html", "-j", jobs, "--no-cache", "--exit-zero", MINIKERNEL)
        assert done.stdout == page


def test_listings_without_a_page_refuse_the_format(tmp_path: Path) -> None:
    for command in ("coverage", "rules"):
        assert klplint(command, "-f", "html").returncode == 2
    config = tmp_path / "klplint.toml"
    config.write_text('format = "html"\n')
    done = klplint("coverage", "--config", config, MINIKERNEL / "kernel/livepatch")
    assert "By class and method" in done.stdout
