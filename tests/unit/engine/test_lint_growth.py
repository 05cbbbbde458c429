"""The work of a whole run grows with a file's size, whatever somebody repeats in it.

`python -m tests.support.run_growth` doubles the files once more, and prints a table.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.growing_files import GROWING
from tests.support.run_growth import MOST, growth_of, works


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the facts of the kernel, filled by a run that imported what runs need."""
    directory = tmp_path_factory.mktemp("first")
    works("calls", [1], directory, directory / "cache")
    return directory / "cache"


def expect_linear_growth(kind: str, directory: Path, cache: Path) -> None:
    """The work of runs on files of a kind grows with their size."""
    # The first run fills caches, and is not counted.
    _, *work = works(kind, (1, 1, 2, 4), directory, cache)
    assert growth_of(work) <= MOST, work


# Two classes, because pytest-xdist runs each in a process of its own, and this takes minutes.
class TestHowOneHalfOfTheKindsGrows:
    @pytest.mark.parametrize("kind", sorted(GROWING)[::2])
    def test_for_a_kind(self, kind: str, tmp_path: Path, cache: Path) -> None:
        expect_linear_growth(kind, tmp_path, cache)


class TestHowTheOtherHalfGrows:
    @pytest.mark.parametrize("kind", sorted(GROWING)[1::2])
    def test_for_a_kind(self, kind: str, tmp_path: Path, cache: Path) -> None:
        expect_linear_growth(kind, tmp_path, cache)
