"""The source files below a directory, with their signatures."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from klplint.csource.patched_functions_csv import NAME as TABLE_OF_FUNCTIONS
from klplint.facts.file_facts import Unreadable
from klplint.kernel.excludes import Excludes, excludes_beside
from klplint.kernel.git_listing import GIT, GitListing, list_with_git, not_ignored
from klplint.kernel.signatures import Signature, signature_from
from klplint.kernel.tree import Kernel

SOURCE_SUFFIXES = (".c", ".h", ".S")
LISTED_ENDINGS = (*SOURCE_SUFFIXES, TABLE_OF_FUNCTIONS)
"""How the names of files end that are linted: sources, and tables of patched functions."""
CACHE_MARK = "CACHEDIR.TAG"
"""A directory with a file of this name holds what a program can make again, and no sources."""

Listing = dict[str, Signature]
"""Source files by their paths from the root, sorted."""


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


def files_below(directory: Path, root: Path, exclude: Sequence[str]) -> Listing:
    """The source files below a directory, as `list_directory` lists them."""
    return list_directory(directory, root, exclude).files


def list_directory(directory: Path, root: Path, exclude: Sequence[str]) -> DirectoryListing:
    """What a directory holds: of a git repository the files that it does not ignore.

    `exclude` are patterns relative to `root`; one that excludes `directory` itself is ignored.
    """
    name = relative(directory, root)
    prefix = "" if directory == root else f"{name}/"
    scan = _Scan(directory, prefix, Excludes(excludes_beside(exclude, [name])))
    on_disk = dict(scan.source_files())
    kernels = [path for path in scan.repositories if Kernel.at(directory / path)]
    nested = [path for path in scan.repositories if not _is_in(path, kernels)]
    listed = list_with_git(directory, LISTED_ENDINGS, nested)
    listed = msgspec.structs.replace(listed, ignored=(*listed.ignored, *kernels))
    return DirectoryListing(
        files={
            f"{prefix}{path}": on_disk[path]
            for path in sorted(_kept(on_disk, listed))
            if not scan.excludes.covers_file(f"{prefix}{path}")
        },
        unreadable=tuple(
            Unreadable(f"{prefix}{path}/", _left_out(scan.unreadable[path]))
            for path in not_ignored(directory, sorted(scan.unreadable))
        ),
        repositories=tuple(sorted(f"{prefix}{path}" for path in listed.names if path)),
        ignored=tuple(sorted(f"{prefix}{path}" for path in listed.ignored)),
        is_sparse=listed.is_sparse,
    )


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


class _Scan:
    """One look through a directory. Paths are relative to that directory."""

    def __init__(self, directory: Path, prefix: str, excludes: Excludes) -> None:
        """`prefix` makes paths relative to the root, as `excludes` expect them."""
        self._directory = directory
        self._prefix = prefix
        self.excludes = excludes
        self.unreadable: dict[str, OSError] = {}
        """The directories that cannot be read."""
        self.repositories: list[str] = []
        """The directories below this one that are git repositories."""

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
            if entry.is_file(follow_symlinks=False) or _is_link_out(entry, status, self._directory):
                yield f"{inner}{entry.name}", signature_from(status)

    def _enter(self, entry: os.DirEntry[str], path: str) -> bool:
        if entry.name == GIT:
            self._note_repository(path.removesuffix(GIT))
            return False
        has_sources = not _holds_no_sources(entry)
        return has_sources and not self.excludes.covers_directory(f"{self._prefix}{path}")

    def _note_repository(self, inner: str) -> None:
        if inner:
            self.repositories.append(inner.rstrip("/"))

    def _fail(self, path: str, error: OSError) -> None:
        self.unreadable.setdefault(path, error)


def _holds_no_sources(directory: os.DirEntry[str]) -> bool:
    return os.path.exists(f"{directory.path}/{CACHE_MARK}")  # noqa: PTH110 - a Path takes longer


def _is_link_out(entry: os.DirEntry[str], status: os.stat_result, directory: Path) -> bool:
    """Whether an entry is a link to a file that lies outside of `directory`.

    A link to a file inside is left out: the file is listed under its own name.
    """
    is_link = stat.S_ISREG(status.st_mode) and entry.is_symlink()
    return is_link and not Path(entry).resolve().is_relative_to(directory)
