"""Where things are in this checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
MINIKERNEL = FIXTURES / "minikernel"
"""A small kernel tree, which no test changes; the fixture `minikernel` is a copy to change."""
PATCHED_KERNEL = FIXTURES / "patched-kernel"
"""Files to put over a copy of it: the functions that livepatch modules patch."""
IDLE = MINIKERNEL / "kernel/sched/idle.c"
"""A file of it with findings."""
