"""What is there, asked of the file system."""

from __future__ import annotations

from pathlib import Path

from klplint.kernel.existence import files_in


def test_the_files_in_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a.h").touch()
    (tmp_path / "b.h").mkdir()
    (tmp_path / "c.h").symlink_to("a.h")
    (tmp_path / "d.h").symlink_to("gone.h")
    assert files_in(f"{tmp_path}") == {"a.h", "c.h"}
    for missing in ("gone", "a.h", "d.h"):
        assert files_in(f"{tmp_path}/{missing}") == frozenset()
