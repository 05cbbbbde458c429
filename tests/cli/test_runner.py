"""Most tests run klplint in their own process: it is to give there what it gives to a user."""

from __future__ import annotations

import pytest

from tests.support.command import klplint, klplint_process
from tests.support.paths import MINIKERNEL


@pytest.mark.parametrize(
    "line",
    [
        "kernel/sched/idle.c",
        "-f sarif -j 2 .",
        "-f json --select KLP003 drivers",
        "--statistic",
        "--select KLP9 kernel",
        "chekc",
        "--strict drivers/misc/kpoll.c",
        "coverage -f json kernel",
        "pairs kernel",
        "config --isolated",
        "explain KLP001",
        "kbuild --kbuild kernel/sched/idle.c",
        "--help",
        "cache",
    ],
)
def test_both_ways_to_run_it_give_the_same(line: str) -> None:
    here = klplint(*line.split(), directory=MINIKERNEL)
    process = klplint_process(*line.split(), directory=MINIKERNEL)
    assert (here.stdout, here.stderr) == (process.stdout, process.stderr)
    assert here.returncode == process.returncode
