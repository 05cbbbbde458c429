"""The source files below a folder, and what tells without reading it that one is as it was."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

SOURCE_SUFFIXES = (".c", ".h", ".S")
# A folder with a file of this name holds what a program can make again, and no sources.
CACHE_MARK = "CACHEDIR.TAG"
_BYTE_SUFFIXES = tuple(suffix.encode() for suffix in SOURCE_SUFFIXES)

# What tells without reading it that a file is as it was: its size in bytes, when its content and
# its entry in the file system last changed, in nanoseconds, and its number there.
Signature = tuple[int, int, int, int]
# A file that changed less than so many nanoseconds ago may change again within the same tick of the
# file system's clock, and its signature stay the same.
SETTLED = 3_000_000_000


def unsettled(signatures: Iterable[Signature]) -> int:
    """Zero, unless one of the files changed a moment ago; then a number that does not return."""
    now = time.time_ns()
    return next((now for s in signatures if last_change(s) > now - SETTLED), 0)


def last_change(signature: Signature) -> int:
    """When a file, or its entry in the file system, changed last; in nanoseconds."""
    return max(signature[1:3])


# That of a file that is not there.
GONE: Signature = (0, 0, 0, 0)


def signature_of(file: Path | str | os.DirEntry[str]) -> Signature:
    """A file's signature; `GONE` where it is gone."""
    try:
        # A Path would take longer than the question itself.
        status = file.stat() if isinstance(file, os.DirEntry) else os.stat(file)  # noqa: PTH116
        return signature(status)
    except OSError:
        return GONE


def signature(status: os.stat_result) -> Signature:
    """The signature of a file with this status."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


# Source files by their paths from the root, sorted.
Listing = dict[str, Signature]


def files_below(folder: Path, root: Path, exclude: Sequence[str]) -> Listing:
    """The source files below a folder: those that git knows of, in a repository, else all."""
    excludes = _Excludes.below(folder, root, exclude)
    prefix = "" if folder == root else f"{relative(folder, root)}/"
    walked = dict(_walked_files(folder, prefix, excludes))
    known = _git_names(folder)
    if known:
        known = {prefix + name for name in known} & walked.keys()
    return {name: walked[name] for name in sorted(known or walked) if not excludes.hold_file(name)}


class _Excludes:
    """What is left out, by lines as in .gitignore. Each folder is matched once."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._spec = GitIgnoreSpec.from_lines(patterns)
        self._of_folders_only = all(pattern.endswith("/") for pattern in patterns)
        self._folders: dict[str, bool] = {"": False}

    @classmethod
    def below(cls, folder: Path, root: Path, patterns: Sequence[str]) -> _Excludes:
        """Those that count below a folder: not the ones that leave out the folder itself."""
        inside = f"{relative(folder, root)}/x"
        match = [GitIgnoreSpec.from_lines([p]).match_file(inside) for p in patterns]
        return cls([p for p, is_matched in zip(patterns, match, strict=True) if not is_matched])

    def hold_folder(self, path: str) -> bool:
        """Whether a folder, or one that it lies in, is left out."""
        if path not in self._folders:
            above = path.rpartition("/")[0]
            held = self.hold_folder(above) or self._spec.match_file(f"{path}/")
            self._folders[path] = held
        return self._folders[path]

    def hold_file(self, path: str) -> bool:
        """Whether a file is left out, of a folder that is not."""
        return not self._of_folders_only and self._spec.match_file(path)


def _git_names(folder: Path) -> set[str]:
    """Source files that git tracks, or does not ignore, below `folder`; none if it cannot tell."""
    listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(["git", "-C", str(folder), *listing], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return set()
    names = done.stdout.split(b"\0")
    return {os.fsdecode(name) for name in names if name.endswith(_BYTE_SUFFIXES)}


def _walked_files(
    folder: Path, prefix: str, excludes: _Excludes
) -> Iterator[tuple[str, Signature]]:
    """The source files below `folder`, their names with `prefix`.

    Folders that are left out are not looked into; links to folders are not followed, so loops
    do no harm.
    """
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        try:
            entries = os.scandir(folder / inner)
        except OSError:
            continue  # as os.walk has it: a folder that cannot be read has no files
        with entries:
            for entry in entries:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not _is_no_source(entry) and not excludes.hold_folder(
                        f"{prefix}{inner}{name}"
                    ):
                        waiting.append(f"{inner}{name}/")
                elif name.endswith(SOURCE_SUFFIXES):
                    path = f"{prefix}{inner}{name}"
                    try:
                        status = entry.stat()
                    except OSError:
                        continue  # a link to nowhere
                    is_file = entry.is_file(follow_symlinks=False)
                    if is_file or _is_wanted(entry, status, folder):
                        yield path, signature(status)


def _is_no_source(folder: os.DirEntry[str]) -> bool:
    return folder.name == ".git" or os.path.exists(f"{folder.path}/{CACHE_MARK}")  # noqa: PTH110 - a Path takes longer


def _is_wanted(file: os.DirEntry[str], status: os.stat_result, folder: Path) -> bool:
    """Whether there is a file to read, and no link to one that is found under its own name."""
    if not stat.S_ISREG(status.st_mode):
        return False
    return not file.is_symlink() or not Path(file).resolve().is_relative_to(folder)


def relative(path: Path, root: Path) -> str:
    """A path from `root` on, with forward slashes."""
    return PurePosixPath(path.relative_to(root)).as_posix()
