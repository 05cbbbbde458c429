"""The kinds of barriers that klplint can check."""

from __future__ import annotations

from klplint.catalogue.load import load_catalogue
from klplint.checks.read_barrier_base import ReadBarrierCheck


def barrier_kinds() -> list[str]:
    """Every barrier that may stand on the reading side."""
    checks = [rule.check for rule in load_catalogue()]
    families = next(check.families for check in checks if isinstance(check, ReadBarrierCheck))
    return sorted(families.readers)
