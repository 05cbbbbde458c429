"""The scan of files for names."""

from __future__ import annotations

from pathlib import Path

from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import FilesNaming
from klplint.index.scan import scan


def test_files_that_name_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("smp_rmb();")
    (tmp_path / "b.c").write_text("__smp_rmb(); smp_rmb_x")
    (tmp_path / "c.c").write_bytes(b"\xff\0 smp_rmb")
    queries = [FilesNaming("smp_rmb"), FilesNaming("other")]
    scanned = scan(tmp_path, ["a.c", "b.c", "c.c", "gone.c"], queries)
    assert [(number, file) for number, file, _ in scanned.hits] == [(0, "a.c"), (0, "c.c")]
    assert scanned.unreadable == [Unreadable("gone.c", "No such file or directory")]
