"""The kernel against which the fixtures of a rule are linted."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.paths import MINIKERNEL, PATCHED_KERNEL

_FIRST, _LAST = "KLP020", "KLP027"


def kernel_for(code: str, directory: Path) -> Path:
    """The minikernel; for the rules about livepatch modules a copy with what these patch."""
    return patched_kernel(directory) if _FIRST <= code <= _LAST else MINIKERNEL


def patched_kernel(directory: Path) -> Path:
    """A copy of the minikernel, with the functions that livepatch modules patch."""
    shutil.copytree(MINIKERNEL, directory, dirs_exist_ok=True)
    shutil.copytree(PATCHED_KERNEL, directory, dirs_exist_ok=True)
    return directory
