"""The work of a whole run grows with a file's size, whatever somebody repeats in it.

`python -m tests.support.run_growth` doubles the files once more, and prints a table.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.growing_files import GROWING
from tests.support.run_growth import Kernel, growth_of, most_of, works


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    return Kernel.made_in(tmp_path_factory.mktemp("first"))


@pytest.mark.parametrize("kind", sorted(GROWING))
def test_the_work_of_runs_grows_with_the_size_of_files(
    kind: str, tmp_path: Path, kernel: Kernel
) -> None:
    # The first run fills caches, and is not counted.
    _, *work = works(kind, (1, 1, 2, 4), tmp_path, kernel)
    assert growth_of(work) <= most_of(kind), work
