"""The directory of the cache: what it is said to hold, and what makes room in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from klplint.cache.directory import NAME, describe, empty, held, make_room
from klplint.errors import KlplintError


def test_old_directories_go_where_there_are_too_many(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}").mkdir()
        os.utime(tmp_path / f"{number}", (number, number))
    make_room(tmp_path, 2)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["3", "4"]


def test_info_on_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("no database at all")
    assert describe(tmp_path)[2].startswith("entries:              unreadable (")
    assert empty(tmp_path) == len("no database at all")


def test_a_cache_in_use_is_not_cleared(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(KlplintError, match="in use by another run of klplint"):
        empty(tmp_path)
    assert empty(tmp_path) == 0
