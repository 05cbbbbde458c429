"""One pass over files. What reads them is loaded where there is one: often nothing is searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from klplint.facts.queries import IndexQuery
from klplint.index.hits import Scanned

__all__ = ["Scanned", "scan"]


def scan(root: Path, files: Sequence[str], queries: Sequence[IndexQuery]) -> Scanned:
    """Look for the names of `queries` in files below `root`."""
    from klplint.index.file_scan import scan_files

    return scan_files(root, files, queries)
