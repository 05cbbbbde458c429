"""Directories of headers, listed with all that is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from klplint.kernel.existence import is_file
from klplint.kernel.on_disk import walk
from klplint.kernel.signatures import Signature, signature_of

_DEEPEST = 20


def below(directory: Path) -> Iterator[tuple[str, Signature]]:
    """The files below a directory with their signatures; links are followed, as in a shadow."""

    def enter(_: os.DirEntry[str], path: str) -> bool:
        return path.count("/") < _DEEPEST  # deeper, it is a link to a directory above

    for inner, entry in walk(directory, enter, follow_links=True):
        if entry.is_file(follow_symlinks=False) or is_file(entry.path):
            yield inner + entry.name, signature_of(entry)
