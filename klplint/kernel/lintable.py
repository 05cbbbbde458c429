"""PATHs in which nothing can be linted, so that "No findings" says nothing about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from klplint.kernel.file_listing import relative
from klplint.kernel.on_disk import LISTED_ENDINGS
from klplint.kernel.sources import Sources

_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""What texts in UTF-16 begin with; one in UTF-32 begins with the first as well."""
_HEAD = 4096
_ENDINGS = "none ends in .c, .h or .S"


def nothing_to_lint(paths: Sequence[Path], sources: Sources) -> Iterator[str]:
    """A sentence for each of the PATHs in which nothing can be linted."""
    for path in paths:
        real = path.resolve()
        if real.is_dir():
            yield from _of_directory(path, relative(real, sources.root), sources)
        elif real.is_file():
            if reason := _not_text(real):
                yield f"{path}: {reason}"
            elif not real.name.endswith(LISTED_ENDINGS):
                yield (
                    f"{path}: the name does not end in .c, .h or .S; it is read as C, and other "
                    "text gives no findings"
                )


def _of_directory(path: Path, name: str, sources: Sources) -> Iterator[str]:
    inside = "" if name == "." else f"{name}/"
    files = (file for file in sources.files if file.startswith(inside))
    first = next(files, None)
    if first is None:
        unreadable = any(problem.file.startswith(inside) for problem in sources.unreadable)
        if not unreadable:  # else there is a message about that
            yield (
                f"{path}: nothing is linted here: of the files that are neither ignored by git nor "
                f"excluded, {_ENDINGS}"
            )
    elif (reason := _not_text(sources.root / first)) and all(
        _not_text(sources.root / file) for file in files
    ):
        yield f"{path}: {reason}"


def _not_text(file: Path) -> str:
    """Why a file is not text that a compiler reads, and what to do; "" if it may be.

    A compiler ignores null bytes: so the file is linted all the same.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return ""  # a later stage reports it
    if head.startswith(_WIDE):
        return (
            "nothing is linted here: the text is UTF-16 or UTF-32, which no compiler reads; "
            "convert it to UTF-8"
        )
    if b"\0" in head:
        return (
            "there are null bytes in it, so it may not be text; it is read as C, and files that "
            "are not C give no findings"
        )
    return ""
