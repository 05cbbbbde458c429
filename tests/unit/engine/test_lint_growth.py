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


@pytest.mark.parametrize("kind", GROWING)
def test_the_work_of_a_run_grows_with_the_file(kind: str, tmp_path: Path, cache: Path) -> None:
    # The first run fills caches, and is not counted.
    _, *work = works(kind, (1, 1, 2, 4), tmp_path, cache)
    assert growth_of(work) <= MOST, work
