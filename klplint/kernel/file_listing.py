"""The source files below a directory, with their signatures."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Self

import msgspec

from klplint.facts.file_facts import Unreadable
from klplint.kernel.excludes import Excludes, excludes_beside
from klplint.kernel.find_listing import FindListing
from klplint.kernel.git_listing import GitListing, list_with_git, not_ignored, start_list
from klplint.kernel.on_disk import (
    CACHE_MARK,
    LISTED_ENDINGS,
    Listing,
    OnDisk,
    from_find,
    from_walk,
)
from klplint.kernel.tree import Kernel
from klplint.source_text import digest

_SIMPLE = re.compile(r"/(\w+)/")
"""A pattern that excludes one directory directly below the root."""


class DirectoryListing(msgspec.Struct, frozen=True):
    """What a directory holds. All paths are relative to the root that was given."""

    files: Listing
    """Its source files."""
    unreadable: tuple[Unreadable, ...] = ()
    """The directories in it that cannot be read. Their names end with "/"."""
    repositories: tuple[str, ...] = ()
    """The git repositories inside it that are listed, submodules included."""
    ignored: tuple[str, ...] = ()
    """The git repositories inside it that are left out: the one around ignores them, or they are
    kernel trees of their own."""
    is_sparse: bool = False
    """Whether git left out files of it, as in a sparse checkout."""


class ListingAhead:
    """The listing of a directory that other processes began before anybody asks for it."""

    def __init__(self, directory: Path, root: Path, exclude: Sequence[str]) -> None:
        """As for `list_directory`."""
        self._directory = directory
        self._root = root
        self._exclude = tuple(exclude)
        self.began = time.time_ns()
        """When it began, in nanoseconds since 1970."""
        simple = map(_SIMPLE.fullmatch, exclude if directory == root else ())
        skipped = [match[1] for match in simple if match]
        self._git = start_list(directory)
        self._find = FindListing(directory, LISTED_ENDINGS, CACHE_MARK, skipped)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._git.close()
        self._find.close()

    def is_of(self, directory: Path, root: Path, exclude: Sequence[str]) -> bool:
        """Whether it is what `list_directory` would list."""
        return (self._directory, self._root, self._exclude) == (directory, root, tuple(exclude))

    @cached_property
    def digest(self) -> bytes | None:
        """Equal to an earlier one only if the listing is the same; None where it says nothing."""
        fingerprint = self._find.fingerprint
        return fingerprint and digest([fingerprint, self._git_names])

    @cached_property
    def _git_names(self) -> bytes:
        return self._git.output() or b""

    @cached_property
    def listing(self) -> DirectoryListing:
        """The listing."""
        return _listing(self._directory, self._root, self._exclude, self._find, self._git_names)


def files_below(directory: Path, root: Path, exclude: Sequence[str]) -> Listing:
    """The source files below a directory, as `list_directory` lists them."""
    return list_directory(directory, root, exclude).files


def list_directory(
    directory: Path, root: Path, exclude: Sequence[str], ahead: ListingAhead | None = None
) -> DirectoryListing:
    """What a directory holds: of a git repository the files that it does not ignore.

    `exclude` are patterns relative to `root`; one that excludes `directory` itself is ignored.
    What was listed `ahead` is taken from there.
    """
    if ahead and ahead.is_of(directory, root, exclude):
        return ahead.listing
    with ListingAhead(directory, root, exclude) as here:
        return here.listing


def _listing(
    directory: Path, root: Path, exclude: Sequence[str], find: FindListing, in_git: bytes
) -> DirectoryListing:
    name = relative(directory, root)
    prefix = "" if directory == root else f"{name}/"
    excludes = Excludes(excludes_beside(exclude, [name]))
    on_disk = _on_disk(directory, prefix, excludes, find)
    kernels = [path for path in on_disk.repositories if Kernel.at(directory / path)]
    nested = [path for path in on_disk.repositories if not _is_in(path, kernels)]
    listed = list_with_git(directory, in_git, LISTED_ENDINGS, nested)
    listed = msgspec.structs.replace(listed, ignored=(*listed.ignored, *kernels))
    return DirectoryListing(
        files={
            f"{prefix}{path}": on_disk.files[path]
            for path in sorted(_kept(on_disk.files, listed))
            if not excludes.covers_file(f"{prefix}{path}")
        },
        unreadable=tuple(
            Unreadable(f"{prefix}{path}/", _left_out(on_disk.unreadable[path]))
            for path in not_ignored(directory, sorted(on_disk.unreadable))
        ),
        repositories=tuple(sorted(f"{prefix}{path}" for path in listed.names if path)),
        ignored=tuple(sorted(f"{prefix}{path}" for path in listed.ignored)),
        is_sparse=listed.is_sparse,
    )


def _on_disk(directory: Path, prefix: str, excludes: Excludes, find: FindListing) -> OnDisk:
    """What is on the disk, from find if it was started, and lists all."""

    def is_excluded(path: str) -> bool:
        return excludes.covers_directory(f"{prefix}{path}")

    if find.entries is None:
        return from_walk(directory, is_excluded)
    return from_find(find.entries, directory, is_excluded)


def _kept(on_disk: Listing, listed: GitListing) -> Iterator[str]:
    """The files that git lists; all files of a repository that git cannot list.

    Each file belongs to the innermost repository around it.
    """
    inner = sorted(({*listed.names} | {*listed.ignored}) - {""}, key=len, reverse=True)
    in_git = {
        repository: {f"{repository}/{name}" if repository else name for name in names}
        for repository, names in listed.names.items()
    }
    if not inner:
        yield from (in_git.get("", set()) & on_disk.keys()) or on_disk
        return
    files: dict[str, set[str]] = {}
    for path in on_disk:
        owner = next((each for each in inner if path.startswith(f"{each}/")), "")
        files.setdefault(owner, set()).add(path)
    for owner, paths in files.items():
        if owner not in listed.ignored:
            yield from (in_git.get(owner, set()) & paths) or paths


def _is_in(path: str, directories: Sequence[str]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in directories)


def _left_out(error: OSError) -> str:
    """Why a directory was left out, and what to do."""
    why = error.strerror or type(error).__name__
    return f"{why}; its files were left out: make it readable, or exclude it"


def relative(path: Path, root: Path) -> str:
    """A path relative to `root`, with forward slashes."""
    return PurePosixPath(path.relative_to(root)).as_posix()
