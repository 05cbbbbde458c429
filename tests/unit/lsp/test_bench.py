"""What is planned for a text that an editor has open."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.errors import TreeError
from klplint.lsp.bench import Bench, Planned
from klplint.progress import Silence


class Listed(Exception):
    """A directory was searched for files."""


def listing(path: Path) -> Planned:
    raise Listed(path)


def test_a_new_file_in_no_tree_does_not_have_its_directory_listed(tmp_path: Path) -> None:
    with pytest.raises(
        TreeError, match="it is in no kernel tree, and is linted only once it is saved"
    ):
        Bench(listing, Silence()).plan(str(tmp_path / "new.c"))


def test_a_new_file_in_a_tree_is_planned_with_its_directory(minikernel: Path) -> None:
    with pytest.raises(Listed):
        Bench(listing, Silence()).plan(str(minikernel / "lib" / "new.c"))
