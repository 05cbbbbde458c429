"""The source files below a directory, with their signatures."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from klplint.kernel.excludes import Excludes, excludes_beside
from klplint.kernel.signatures import Signature, signature_from

SOURCE_SUFFIXES = (".c", ".h", ".S")
CACHE_MARK = "CACHEDIR.TAG"
"""A directory with a file of this name holds what a program can make again, and no sources."""

Listing = dict[str, Signature]
"""Source files by their paths from the root, sorted."""

_BYTE_SUFFIXES = tuple(suffix.encode() for suffix in SOURCE_SUFFIXES)


def files_below(directory: Path, root: Path, exclude: Sequence[str]) -> Listing:
    """The source files below a directory: in a git repository those that git does not ignore.

    `exclude` are patterns relative to `root`; one that excludes `directory` itself is ignored.
    """
    name = relative(directory, root)
    excludes = Excludes(excludes_beside(exclude, [name]))
    prefix = "" if directory == root else f"{name}/"
    on_disk = dict(_source_files(directory, prefix, excludes))
    in_git = {prefix + path for path in _git_names(directory)} & on_disk.keys()
    paths = sorted(in_git or on_disk)
    return {path: on_disk[path] for path in paths if not excludes.covers_file(path)}


def relative(path: Path, root: Path) -> str:
    """A path relative to `root`, with forward slashes."""
    return PurePosixPath(path.relative_to(root)).as_posix()


def walk(
    top: Path, enter: Callable[[os.DirEntry[str], str], bool], *, follow_links: bool = False
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All entries below a directory but directories, each with the directory that holds it.

    A directory's path is relative to `top` and ends with "/", so that the path of an entry is its
    directory and its name joined. `enter` gets each directory with its path, without that "/", and
    decides whether to look into it. One that cannot be read counts as empty, as in os.walk().
    With `follow_links`, a link to a directory is one, and `enter` has to stop at loops.
    """
    pending = [""]
    while pending:
        inner = pending.pop()
        try:
            entries = os.scandir(top / inner)
        except OSError:
            continue
        with entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=follow_links):
                    yield inner, entry
                elif enter(entry, f"{inner}{entry.name}"):
                    pending.append(f"{inner}{entry.name}/")


def _source_files(
    directory: Path, prefix: str, excludes: Excludes
) -> Iterator[tuple[str, Signature]]:
    """The source files below a directory, their paths from there with `prefix` before them."""

    def enter(entry: os.DirEntry[str], path: str) -> bool:
        return not _holds_no_sources(entry) and not excludes.covers_directory(f"{prefix}{path}")

    for inner, entry in walk(directory, enter):
        if not entry.name.endswith(SOURCE_SUFFIXES):
            continue
        try:
            status = entry.stat()
        except OSError:
            continue  # a link to a file that does not exist
        if entry.is_file(follow_symlinks=False) or _is_link_out(entry, status, directory):
            yield f"{prefix}{inner}{entry.name}", signature_from(status)


def _holds_no_sources(directory: os.DirEntry[str]) -> bool:
    return directory.name == ".git" or os.path.exists(f"{directory.path}/{CACHE_MARK}")  # noqa: PTH110 - a Path takes longer


def _is_link_out(entry: os.DirEntry[str], status: os.stat_result, directory: Path) -> bool:
    """Whether an entry is a link to a file that lies outside of `directory`.

    A link to a file inside is left out: the file is listed under its own name.
    """
    is_link = stat.S_ISREG(status.st_mode) and entry.is_symlink()
    return is_link and not Path(entry).resolve().is_relative_to(directory)


def _git_names(directory: Path) -> set[str]:
    """Source files below a directory that git tracks, or does not ignore; none without git."""
    command = ["git", "-C", str(directory), "ls-files", "-z"]
    options = ["--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return set()
    names = done.stdout.split(b"\0")
    return {os.fsdecode(name) for name in names if name.endswith(_BYTE_SUFFIXES)}
