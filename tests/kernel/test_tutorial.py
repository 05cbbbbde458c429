"""The tutorial: its commands give on Linux 6.12 what it shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kernel.planting import linked_copy
from tests.kernel.runs import kernel_tree
from tests.support.doc_sessions import TUTORIAL, expect_what_is_shown, sessions

pytestmark = pytest.mark.kernel

CHANGED = "kernel/sched"


def test_the_tutorial_shows_what_its_commands_print(tmp_path: Path) -> None:
    kernel = kernel_tree("6.12")
    tree = linked_copy(kernel, tmp_path / "linux")
    # A real copy of what the sessions write to: the links lead to the kernel itself.
    shutil.rmtree(tree / CHANGED)
    shutil.copytree(kernel / CHANGED, tree / CHANGED, symlinks=True)
    assert sessions(TUTORIAL)
    expect_what_is_shown(TUTORIAL, tree)
