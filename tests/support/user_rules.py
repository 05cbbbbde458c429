"""What users add to the rules: a catalogue, and tables of klplint.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from klplint.catalogue.places import builtin_rules

SAFE = """
[[rule.KLP002.extend-safe_locations]]
function = "sample_point"
file = "drivers/sample.c"
since = "6.1"
why = "our own safe point"
source = "our own notes"
"""


def user_rule(directory: Path, **changes: str) -> Path:
    """A further catalogue with one rule like KLP001, lines of its rule.toml changed."""
    rule = directory / "XYZ001-not-current"
    shutil.copytree(builtin_rules() / "KLP001-task-not-current", rule)
    text = (rule / "rule.toml").read_text()
    text = text.replace("KLP001", "XYZ001").replace("task-not-current", "not-current")
    for old, new in changes.items():
        lines = text.split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{old} "))
        lines[at] = new
        text = "\n".join(lines)
    (rule / "rule.toml").write_text(text)
    return directory


def unpaired_rule(directory: Path, code: str, barriers: str) -> Path:
    """A further rule like KLP003, with a copy of the barriers at a path relative to it."""
    rule = directory / f"{code}-unpaired"
    shutil.copytree(builtin_rules() / "KLP003-unpaired-read-barrier", rule)
    shutil.copy(builtin_rules() / "barriers.toml", rule / barriers)
    rewrite(rule / "rule.toml", "KLP003", code)
    rewrite(rule / "rule.toml", "unpaired-read-barrier", "unpaired")
    rewrite(rule / "rule.toml", "../barriers.toml", barriers)
    return rule


def rewrite(file: Path, old: str, new: str) -> None:
    """Replace a text that a file holds."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
