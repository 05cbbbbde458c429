"""Directories of headers, listed with all that is in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path

from klplint.kernel.existence import is_file
from klplint.kernel.on_disk import walk
from klplint.kernel.signatures import Signature, signature_of

_DEEPEST = 20
_NOTHING: Mapping[str, Signature] = {}


def files_below(
    directory: Path, listed: Mapping[str, Signature] = _NOTHING, place: str = ""
) -> list[tuple[str, Signature]]:
    """The files below a directory with their signatures, by name.

    Links are followed, as in a shadow. The files that are `listed` already are not looked at:
    `place` is what their paths begin with there.
    """

    def enter(_: os.DirEntry[str], path: str) -> bool:
        return path.count("/") < _DEEPEST  # deeper, it is a link to a directory above

    files: list[tuple[str, Signature]] = []
    for inner, entry in walk(directory, enter, follow_links=True):
        name = inner + entry.name
        if entry.is_file(follow_symlinks=False):
            files.append((name, listed.get(place + name) or signature_of(entry)))
        elif is_file(entry.path):
            files.append((name, signature_of(entry)))
    return sorted(files, key=itemgetter(0))
