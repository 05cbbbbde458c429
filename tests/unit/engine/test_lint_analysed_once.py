"""Checks are asked again and again in a run; what they work out, they work out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from klplint.analysis import local_values
from klplint.barriers.reading import Reader
from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.sources import find_sources
from klplint.livepatch import pending_guards
from klplint.progress import Silence
from tests.support.expectations import blanked_copy
from tests.support.paths import FIXTURES, MINIKERNEL


def lint_fixtures(directory: Path, *codes: str) -> None:
    rules = select_rules(load_catalogue(), codes, [])
    lint(Plan(find_sources([directory], MINIKERNEL, ()), rules, Execution(jobs=1)), Silence())


def counted(work: Callable[..., object], subjects: Counter[int]) -> Callable[..., object]:
    """`work`, with each object that it is done on counted: its first argument."""
    kept: list[object] = []  # an object that is gone could lend its id to another

    def counting(*arguments: object) -> object:
        kept.append(arguments[0])
        subjects[id(arguments[0])] += 1
        return work(*arguments)

    return counting


@pytest.mark.parametrize(
    ("code", "module", "name", "most"),
    [
        ("KLP001", local_values, "states_at_calls", 1),
        # Again once answers show which helpers test the flag, and each time for both ways to
        # enter a helper: with the caller's test, and without.
        ("KLP006", pending_guards, "states_before_calls", 4),
    ],
)
def test_a_functions_flow_is_not_analysed_again_and_again(
    code: str, module: object, name: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = Counter[int]()
    monkeypatch.setattr(module, name, counted(getattr(module, name), bodies))
    lint_fixtures(blanked_copy(FIXTURES / code, tmp_path / code), code)
    assert len(bodies) > 10
    assert max(bodies.values()) <= most


def test_a_comment_is_read_once_for_both_rules_on_barriers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Counter[object]()
    work = Reader._best_of_all  # noqa: SLF001 - what is counted is how often it runs

    def counting(self: Reader, barrier: object, siblings: int) -> object:
        read[barrier] += 1
        return work(self, barrier, siblings)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "_best_of_all", counting)
    directory = blanked_copy(FIXTURES / "KLP004", tmp_path / "KLP004")
    lint_fixtures(directory, "KLP003", "KLP004")
    assert len(read) > 10
    assert set(read.values()) == {1}
    lint_fixtures(directory, "KLP003", "KLP004")
    assert set(read.values()) == {2}, "what was read outlives the run"
