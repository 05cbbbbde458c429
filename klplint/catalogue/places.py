"""Where the files of rules are."""

from __future__ import annotations

from pathlib import Path

DATA = "rule.toml"
PAGE = "README.md"
"""What a rule's directory holds."""
_PACKAGE = Path(__file__).parents[1]


def builtin_rules() -> Path:
    """The directory of klplint's own rules: inside the package in a wheel, else beside it."""
    packaged = _PACKAGE / "rules"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "rules"


def rule_directories(directory: Path) -> list[Path]:
    """The directories of rules in a directory, sorted."""
    return [path.parent for path in sorted(directory.glob(f"*/{DATA}"))]
