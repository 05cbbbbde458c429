"""A few runs are killed; `make kill-test` kills 300 of them, on a kernel if you have one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kills import run
from tests.support.paths import MINIKERNEL


@pytest.mark.parametrize("victim", sorted(run.VICTIMS))
def test_a_run_that_is_killed(victim: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "VICTIMS", {victim: run.VICTIMS[victim]})
    setting = run.Setting(MINIKERNEL, (".",), tmp_path)
    counts = run.kill_runs(setting, 1, random.Random(victim))
    assert sum(counts.values()) == 1
    assert not [what for what in counts if what.startswith("WRONG")]


def test_what_a_run_left_behind_is_noticed(tmp_path: Path) -> None:
    setting = run.Setting(MINIKERNEL, (".",), tmp_path)
    for directory in (setting.temporary, setting.outputs, setting.cache):
        directory.mkdir()
    run.expect_nothing_left(setting)
    for stray in (setting.temporary / "klplint-x", setting.outputs / ".report.json.x"):
        stray.touch()
        with pytest.raises(run.Wrong, match="left behind"):
            run.expect_nothing_left(setting)
