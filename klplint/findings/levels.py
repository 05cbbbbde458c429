"""Levels of findings, and the precision of rules."""

from __future__ import annotations

from typing import Literal, get_args

Level = Literal["note", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the least severe to the most severe."""

Precision = Literal["very-high", "high", "medium", "low"]


def at_least(level: Level, floor: Level) -> bool:
    """Whether `level` is as severe as `floor` or more."""
    return LEVELS.index(level) >= LEVELS.index(floor)
