"""The source files on the disk below a directory, whatever git says about them."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from klplint.csource.patched_functions_csv import NAME as TABLE_OF_FUNCTIONS
from klplint.kernel.find_listing import Entries
from klplint.kernel.git_listing import GIT
from klplint.kernel.signatures import Signature, signature_from

SOURCE_SUFFIXES = (".c", ".h", ".S")
LISTED_ENDINGS = (*SOURCE_SUFFIXES, TABLE_OF_FUNCTIONS)
"""How the names of files end that are linted: sources, and tables of patched functions."""
CACHE_MARK = "CACHEDIR.TAG"
"""A directory with a file of this name holds what a program can make again, and no sources."""

Listing = dict[str, Signature]
"""Source files by their paths."""


class OnDisk(msgspec.Struct, frozen=True):
    """The source files below a directory. Paths are relative to it."""

    files: Listing
    unreadable: dict[str, OSError]
    """The directories that cannot be read."""
    repositories: tuple[str, ...]
    """The directories below this one that are git repositories."""


def from_find(entries: Entries, top: Path, is_excluded: Callable[[str], bool]) -> OnDisk:
    """The source files below `top`, from what find lists.

    `is_excluded` is called with the path of a directory.
    """
    marked = {_holder(mark) for mark in entries.marks if (top / mark).exists()}
    left_out = set[str]()
    for path in entries.directories:  # each comes after the one that holds it
        if _holder(path) in left_out or path in marked or is_excluded(path):
            left_out.add(path)
    files = entries.files
    if left_out:
        files = {name: each for name, each in files.items() if _holder(name) not in left_out}
    for link in entries.links:
        with contextlib.suppress(OSError):  # a link to a file that does not exist
            status = (top / link).stat()
            if _holder(link) not in left_out and _is_link_out(link, status, top):
                files[link] = signature_from(status)
    holders = map(_holder, entries.repositories)
    repositories = tuple(path for path in holders if path and path not in left_out)
    return OnDisk(files, {}, repositories)


def from_walk(top: Path, is_excluded: Callable[[str], bool]) -> OnDisk:
    """The source files below `top`, directory by directory.

    `is_excluded` is called with the path of a directory.
    """
    scan = _Walk(top, is_excluded)
    return OnDisk(dict(scan.source_files()), scan.unreadable, tuple(scan.repositories))


def walk(
    top: Path,
    enter: Callable[[os.DirEntry[str], str], bool],
    *,
    follow_links: bool = False,
    failed: Callable[[str, OSError], None] = lambda _path, _error: None,
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All entries below a directory but directories, each with the directory that holds it.

    A directory's path is relative to `top` and ends with "/", so that the path of an entry is its
    directory and its name joined. `enter` gets each directory with its path, without that "/", and
    decides whether to look into it. One that cannot be read counts as empty, as in os.walk();
    `failed` gets its path, without that "/", and the error. With `follow_links`, a link to a
    directory is one, and `enter` has to stop at loops.
    """
    pending = [""]
    while pending:
        inner = pending.pop()
        try:
            entries = os.scandir(top / inner)
        except OSError as error:
            failed(inner.rstrip("/"), error)
            continue
        with entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=follow_links):
                    yield inner, entry
                elif enter(entry, f"{inner}{entry.name}"):
                    pending.append(f"{inner}{entry.name}/")


class _Walk:
    """One look through a directory. Paths are relative to that directory."""

    def __init__(self, directory: Path, is_excluded: Callable[[str], bool]) -> None:
        self._directory = directory
        self._is_excluded = is_excluded
        self.unreadable: dict[str, OSError] = {}
        self.repositories: list[str] = []

    def source_files(self) -> Iterator[tuple[str, Signature]]:
        """The source files on the disk."""
        for inner, entry in walk(self._directory, self._enter, failed=self._fail):
            if entry.name == GIT:
                self._note_repository(inner)
            if not entry.name.endswith(LISTED_ENDINGS):
                continue
            try:
                status = entry.stat()
            except PermissionError as error:
                if not entry.is_symlink():  # the directory may be read, but not searched
                    self._fail(inner.rstrip("/"), error)
                continue
            except OSError:
                continue  # a link to a file that does not exist
            path = f"{inner}{entry.name}"
            if entry.is_file(follow_symlinks=False) or (
                entry.is_symlink() and _is_link_out(path, status, self._directory)
            ):
                yield path, signature_from(status)

    def _enter(self, entry: os.DirEntry[str], path: str) -> bool:
        if entry.name == GIT:
            self._note_repository(path.removesuffix(GIT))
            return False
        return not (_holds_no_sources(entry) or self._is_excluded(path))

    def _note_repository(self, inner: str) -> None:
        if inner:
            self.repositories.append(inner.rstrip("/"))

    def _fail(self, path: str, error: OSError) -> None:
        self.unreadable.setdefault(path, error)


def _holds_no_sources(directory: os.DirEntry[str]) -> bool:
    return os.path.exists(f"{directory.path}/{CACHE_MARK}")  # noqa: PTH110 - a Path takes longer


def _is_link_out(path: str, target: os.stat_result, top: Path) -> bool:
    """Whether the link at `path` leads to a file that lies outside of `top`.

    A link to a file inside is left out: the file is listed under its own name.
    """
    return stat.S_ISREG(target.st_mode) and not (top / path).resolve().is_relative_to(top)


def _holder(path: str) -> str:
    """The directory that holds an entry; "" for the one that was listed."""
    return path.rpartition("/")[0]
