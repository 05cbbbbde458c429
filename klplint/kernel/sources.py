"""The source files of a run: found from the PATHs that the user gives."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from klplint.errors import TreeError
from klplint.facts.file_facts import Unreadable
from klplint.facts.kernel_version import Version
from klplint.kernel.build_directory import kernel_at
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.existence import is_file, is_missing, is_searchable
from klplint.kernel.file_listing import (
    DirectoryListing,
    ListingAhead,
    list_directory,
    relative,
)
from klplint.kernel.on_disk import SOURCE_SUFFIXES, Listing
from klplint.kernel.signatures import signature_of
from klplint.kernel.tree import Kernel
from klplint.source_text import digest

_HEADERS = "include/linux"
_FEW = 1000
"""To look at more files than this takes longer than to read the listing."""


class Sources(msgspec.Struct, frozen=True):
    """The files that a run looks at, and the kernel that they are compiled against."""

    kernel: Kernel
    """The kernel tree that the files lie in, or that --kernel names."""
    root: Path
    """The kernel's root for files in its tree, else the directory that holds all PATHs."""
    files: tuple[str, ...]
    """Paths relative to `root`, with forward slashes: reports show them like this."""
    whole: Listing | None = None
    """The files of the whole kernel tree, if they are listed already (the PATH is its root), or if
    they cannot be listed (in a shadow, see compare/shadow_tree.py)."""
    unreadable: tuple[Unreadable, ...] = ()
    """The directories in the PATHs that cannot be read, and those of headers."""
    repositories: tuple[str, ...] = ()
    """The git repositories inside the PATHs, relative to `root`."""
    ignored: tuple[str, ...] = ()
    """The git repositories inside the PATHs that are left out, relative to `root`."""
    is_sparse: bool = False
    """Whether git left out files in the PATHs, as in a sparse checkout."""
    origin: Path | None = None
    """The root that `root` is a shadow of; None if it is not a shadow."""
    ahead: ListingAhead | None = None
    """The listing of the kernel tree, if it was begun ahead."""

    @property
    def home(self) -> Path:
        """The root under which data about these files is kept: of a shadow that of its original."""
        return self.origin or self.root

    @property
    def out_of_tree(self) -> bool:
        """Whether the files belong to another project, not to the kernel itself."""
        return self.root != self.kernel.root


def list_ahead(paths: Sequence[Path], kernel_directory: Path | None) -> ListingAhead | None:
    """Begin to list the kernel tree of some paths; None where they seem to be in none."""
    kernel = None
    with contextlib.suppress(OSError, RuntimeError, TreeError):  # `find_sources` reports it
        if kernel_directory is not None:
            kernel = kernel_at(kernel_directory.resolve(strict=True), kernel_directory)
        elif paths:
            kernel = Kernel.around(paths[0].resolve(strict=True))
    return ListingAhead(kernel.root, kernel.root, DEFAULT_EXCLUDES) if kernel else None


def find_sources(
    paths: Sequence[Path],
    kernel_directory: Path | None,
    exclude: Sequence[str],
    *,
    may_be_new: bool = False,
    may_lack_tree: bool = False,
    ahead: ListingAhead | None = None,
) -> Sources:
    """The source files that the user names by `paths`, files or directories.

    A file is taken whatever its suffix. A directory is searched for C files, headers and assembly;
    `exclude` (lines as in .gitignore, relative to the root) leaves some of them out, but never
    what the user names. With `may_be_new`, a path may be missing: a patch may create it. With
    `may_lack_tree`, the paths may be in no kernel tree. What is listed `ahead` is not listed again.

    Raises TreeError if a path is missing, unreadable or not in a kernel tree, or if the paths
    belong to different trees.
    """
    new = [path for path in paths if may_be_new and is_missing(path)]
    if kernel_directory is None:
        new = [path for path in new if Kernel.around(path.absolute())]
    existing = [_resolved(path) for path in paths if path not in new]
    parents = [_resolved(next(p for p in path.absolute().parents if p.exists())) for path in new]
    kernel, root = _kernel_and_root(
        [*existing, *parents], kernel_directory, may_lack_tree=may_lack_tree
    )
    listings = {
        path: list_directory(path, root, exclude, ahead) for path in existing if path.is_dir()
    }
    files = {relative(path, root) for path in existing if path not in listings}
    files |= {name for listing in listings.values() for name in listing.files}
    whole = None
    if kernel.root in listings and tuple(exclude) == DEFAULT_EXCLUDES:
        whole = listings[kernel.root].files
    # A listing is sorted already.
    names = tuple(whole) if whole and len(whole) == len(files) else tuple(sorted(files))
    if kernel.is_absent:
        if not names:
            _kernel_around(existing)  # raises
        whole = _listing_beside(root, names)
    sources = Sources(kernel, root, names, whole, ahead=ahead)
    return _with_directories(sources, listings.values())


def _with_directories(sources: Sources, listings: Iterable[DirectoryListing]) -> Sources:
    """Sources with what the listings of their directories say beyond the files."""
    each = [*listings]
    unreadable = [problem for listing in each for problem in listing.unreadable]
    headers = f"{_HEADERS}/"
    is_absent = sources.kernel.is_absent
    if not is_absent and not is_searchable(sources.kernel.root / _HEADERS):
        problem = Unreadable(headers, "permission denied; most files need these headers")
        unreadable = [u for u in unreadable if u.file != headers] + [problem]
    return msgspec.structs.replace(
        sources,
        unreadable=tuple(dict.fromkeys(unreadable)),
        repositories=_sorted(name for listing in each for name in listing.repositories),
        ignored=_sorted(name for listing in each for name in listing.ignored),
        is_sparse=any(listing.is_sparse for listing in each),
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names}))


def searchable(sources: Sources) -> DirectoryListing:
    """What klplint looks up names in: the whole kernel tree and the linted files.

    The files of another project are looked up with all that lies beside them; those of the kernel
    have absolute paths then.
    """
    root, tree = sources.kernel.root, _kernel_directory(sources)
    listing = tree.files
    if sources.out_of_tree:
        listing = {f"{root.as_posix()}/{name}": signature for name, signature in listing.items()}
    if sources.files == tuple(listing):
        return tree
    names = {*sources.files} - listing.keys() | {*_beside(sources)}
    others = {name: signature_of(sources.root / name) for name in sorted(names)}
    if others:
        listing = dict(sorted({**listing, **others}.items()))
    return msgspec.structs.replace(tree, files=listing)


def kernel_listing(sources: Sources) -> Listing:
    """All source files of the kernel, by their paths from its root."""
    return _kernel_directory(sources).files


def _kernel_directory(sources: Sources) -> DirectoryListing:
    """The listing of the kernel, from the listings of the PATHs if they have it."""
    if sources.whole is None:
        root = sources.kernel.root
        return list_directory(root, root, DEFAULT_EXCLUDES, sources.ahead)
    return DirectoryListing(
        sources.whole, unreadable=sources.unreadable, is_sparse=sources.is_sparse
    )


def listing_digest(sources: Sources) -> bytes | None:
    """Equal to an earlier one only if `searchable` lists the same; None where it says nothing.

    It takes less time than the listing, of which only what was begun ahead has one.
    """
    root, ahead = sources.kernel.root, sources.ahead
    if ahead is None or sources.out_of_tree or not ahead.is_of(root, root, DEFAULT_EXCLUDES):
        return None
    paths = sources.files if sources.whole is None else ()  # the listing may leave them out
    if ahead.digest is None or len(paths) > _FEW:
        return None
    signatures = [signature_of(root / name) for name in paths]
    return digest([ahead.digest, repr(signatures).encode()])


def _beside(sources: Sources) -> Iterator[str]:
    """The source files in the directories of another project's files."""
    if sources.out_of_tree:
        yield from _files_beside(sources.root, sources.files)


def _files_beside(root: Path, files: Iterable[str]) -> Iterator[str]:
    """The source files in the directories of some files."""
    for directory in {PurePosixPath(name).parent for name in files}:
        for name in _names_in(root / directory):
            path = directory / name
            if path.suffix in SOURCE_SUFFIXES and is_file(root / path):
                yield path.as_posix()


def _listing_beside(root: Path, files: Sequence[str]) -> Listing:
    """Files, and what lies beside them: what klplint knows where there is no kernel tree."""
    names = sorted({*files, *_files_beside(root, files)})
    return {name: signature_of(root / name) for name in names}


def _names_in(directory: Path) -> list[str]:
    """What a directory holds; nothing where it was removed since its files were listed."""
    try:
        return [path.name for path in directory.iterdir()]
    except OSError:
        return []


def _resolved(path: Path) -> Path:
    """A path without links. Raises TreeError unless it is a readable file or directory."""
    try:
        absolute = path.resolve(strict=True)
    except FileNotFoundError:
        raise TreeError(f"{path}: no such file or directory") from None
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError before 3.13
        raise TreeError(f"{path}: cannot be resolved: {error}") from None
    if not os.access(absolute, os.R_OK | (os.X_OK if absolute.is_dir() else 0)):
        raise TreeError(f"{path}: permission denied; make it readable, or omit it")
    if not absolute.is_dir() and not absolute.is_file():
        raise TreeError(f"{path}: is neither a file nor a directory")
    return absolute


def _kernel_and_root(
    paths: list[Path], kernel_directory: Path | None, *, may_lack_tree: bool
) -> tuple[Kernel, Path]:
    """The kernel that some files are compiled against, and the root of their paths in reports.

    Raises TreeError if `kernel_directory` is not a kernel, or if there is not one tree for all.
    """
    if kernel_directory is None:
        if may_lack_tree and paths and not any(map(Kernel.around, paths)):
            root = _common_directory(paths)
            return Kernel(root, Version(0, 0), is_absent=True), root
        kernel = _kernel_around(paths)
        return kernel, kernel.root
    given = kernel_at(_resolved(kernel_directory), kernel_directory)
    inside = [path for path in paths if path.is_relative_to(given.root)]
    if inside and len(inside) < len(paths):
        raise TreeError(
            f"{inside[0]}: is in the --kernel tree, but other PATHs are not; run klplint for each"
        )
    return given, given.root if inside else _common_directory(paths)


def _kernel_around(paths: list[Path]) -> Kernel:
    """The one kernel tree that all paths lie in. Raises TreeError if there is none."""
    kernels = {}
    for path in paths:
        kernel = Kernel.around(path)
        if kernel is None:
            raise TreeError(
                f"{path}: not in a kernel tree (no directory above it has a Makefile with VERSION "
                "and PATCHLEVEL, include/linux and arch/); give the tree to compile against with "
                "--kernel"
            )
        kernels[kernel.root] = kernel
    if len(kernels) > 1:
        names = " and ".join(str(root) for root in sorted(kernels))
        raise TreeError(f"the PATHs are in different kernel trees, {names}; run klplint for each")
    return next(iter(kernels.values()))


def _common_directory(paths: list[Path]) -> Path:
    """The innermost directory that holds all paths."""
    return Path(os.path.commonpath([path if path.is_dir() else path.parent for path in paths]))
