"""Signatures of files, and which of them identify a content."""

from __future__ import annotations

import os
import time
from pathlib import Path

from klplint.kernel.signatures import GONE, SETTLED, are_settled, signature_of


def test_a_signature_changes_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.c"
    assert signature_of(file) == GONE
    file.write_text("one")
    os.utime(file, ns=(0, 0))
    first = signature_of(file)
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert GONE != first != signature_of(file)


def test_only_old_files_are_settled(tmp_path: Path) -> None:
    now = time.time_ns()
    old, new = (4, 0, now - SETTLED, 1), (4, 0, now, 2)
    assert are_settled([])
    assert are_settled([old, GONE])
    assert not are_settled([old, new])
    assert not are_settled([(4, now, 0, 3)])  # only its content's time is new
    (tmp_path / "a.c").touch()
    assert not are_settled([signature_of(tmp_path / "a.c")])
