"""A kernel tree: where its root is, its version, its architectures, and the files to look at."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from klplint.errors import TreeError
from klplint.facts.kernel_version import Version
from klplint.kernel.file_listing import (
    SOURCE_SUFFIXES,
    Listing,
    files_below,
    relative,
    signature_of,
)

DEFAULT_EXCLUDES = ("/Documentation/", "/scripts/", "/tools/")
_MAKEFILE_VERSION = re.compile(
    r"^VERSION\s*=\s*(\d+)\s*$.*?^PATCHLEVEL\s*=\s*(\d+)\s*$", re.M | re.S
)


class Kernel(msgspec.Struct, frozen=True):
    """A kernel source tree."""

    root: Path
    version: Version

    @classmethod
    def at(cls, folder: Path) -> Kernel | None:
        """The kernel tree whose root is `folder`; None if it is none."""
        if not (folder / "include" / "linux").is_dir() or not (folder / "arch").is_dir():
            return None
        try:
            text = (folder / "Makefile").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        match = _MAKEFILE_VERSION.search(text)
        return cls(folder, Version(int(match[1]), int(match[2]))) if match else None

    @classmethod
    def around(cls, path: Path) -> Kernel | None:
        """The kernel tree that `path` lies in."""
        for folder in (path, *path.parents):
            kernel = cls.at(folder)
            if kernel:
                return kernel
        return None

    def architectures(self) -> tuple[str, ...]:
        """The names of the folders of arch/ that hold an architecture, sorted."""
        folders = (self.root / "arch").iterdir()
        return tuple(sorted(f.name for f in folders if (f / "include").is_dir()))


class Sources(msgspec.Struct, frozen=True):
    """What a run looks at: files below `root`, compiled against `kernel`.

    `root` is the kernel's own for files in the tree, else the folder that holds all PATHs.
    Paths of files are relative to `root`, with forward slashes: so they appear in reports.
    """

    kernel: Kernel
    root: Path
    files: tuple[str, ...]
    whole: Listing | None = None
    """The listing of the whole kernel tree, where the PATHs are just that, or where it
    cannot be listed: in a shadow (shadow.py)."""
    origin: Path | None = None
    """The root that this one is a shadow of; None for one that is itself."""

    @property
    def home(self) -> Path:
        """The root under which things about these files are kept: a shadow's is its original's."""
        return self.origin or self.root

    @property
    def out_of_tree(self) -> bool:
        """Whether the files are another project's, not the kernel's own."""
        return self.root != self.kernel.root


def find_sources(
    paths: Sequence[Path],
    kernel_folder: Path | None,
    exclude: Sequence[str],
    *,
    may_be_new: bool = False,
) -> Sources:
    """The source files that `paths` (files or folders) name.

    A file that is named is taken whatever it is called; folders are searched for C files,
    headers and assembly, leaving out what `exclude` (lines as in .gitignore, relative to the
    root) says; a folder that is named is searched even so. Raises TreeError where a path is
    missing, unreadable or in no kernel tree; with `may_be_new` a missing one has no files yet.
    """
    new = [path for path in paths if may_be_new and _is_missing(path)]
    if kernel_folder is None:
        new = [path for path in new if Kernel.around(path.absolute())]
    absolute = [_existing(path) for path in paths if path not in new]
    above = [_existing(next(p for p in path.absolute().parents if p.exists())) for path in new]
    kernel, root = _kernel_and_root([*absolute, *above], kernel_folder)
    found: set[str] = set()
    whole = None
    for path in absolute:
        if path.is_dir():
            listing = files_below(path, root, exclude)
            found |= listing.keys()
            if path == kernel.root and tuple(exclude) == DEFAULT_EXCLUDES:
                whole = listing
        else:
            found.add(relative(path, root))
    files = tuple(whole) if whole and len(whole) == len(found) else tuple(sorted(found))
    return Sources(kernel, root, files, whole)


def searchable(sources: Sources) -> Listing:
    """Where a name may be found that linted files share with others: the whole kernel tree.

    Files of a kernel that the linted ones lie outside of have absolute paths; what lies beside
    the linted ones is theirs, too.
    """
    root, listing = sources.kernel.root, kernel_listing(sources)
    if sources.out_of_tree:
        listing = {f"{root.as_posix()}/{name}": held for name, held in listing.items()}
    is_whole = sources.files == tuple(listing)
    beside = set() if is_whole else {*sources.files} - listing.keys() | {*_beside(sources)}
    found = {name: signature_of(sources.root / name) for name in sorted(beside)}
    return dict(sorted({**listing, **found}.items())) if found else listing


def kernel_listing(sources: Sources) -> Listing:
    """All source files of the kernel, by their paths from its root."""
    if sources.whole is not None:
        return sources.whole
    return files_below(sources.kernel.root, sources.kernel.root, DEFAULT_EXCLUDES)


def _beside(sources: Sources) -> Iterator[str]:
    """What lies beside the files of another project."""
    if sources.out_of_tree:
        for folder in {PurePosixPath(name).parent for name in sources.files}:
            for path in (sources.root / folder).iterdir():
                if path.suffix in SOURCE_SUFFIXES and path.is_file():
                    yield (folder / path.name).as_posix()


def _is_missing(path: Path) -> bool:
    """Whether there is nothing, where one may look."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _existing(path: Path) -> Path:
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


def _kernel_and_root(paths: list[Path], kernel_folder: Path | None) -> tuple[Kernel, Path]:
    if kernel_folder is not None:
        kernel = Kernel.at(_existing(kernel_folder))
        if kernel is None:
            raise TreeError(
                f"{kernel_folder}: is not the root of a kernel tree (no Makefile with VERSION and "
                "PATCHLEVEL, no include/linux, or no arch/); give one with --kernel"
            )
        inside = [path for path in paths if path.is_relative_to(kernel.root)]
        if inside and len(inside) < len(paths):
            raise TreeError(
                f"{inside[0]}: is in the --kernel tree, but other PATHs are not; "
                "run klplint for each"
            )
        if inside:
            return kernel, kernel.root
        return kernel, _common_folder(paths)
    kernels = {}
    for path in paths:
        kernel = Kernel.around(path)
        if kernel is None:
            raise TreeError(
                f"{path}: not in a kernel tree (no directory above has a Makefile with VERSION "
                "and PATCHLEVEL, include/linux and arch/); give the tree to compile against with "
                "--kernel"
            )
        kernels[kernel.root] = kernel
    if len(kernels) > 1:
        names = " and ".join(str(root) for root in sorted(kernels))
        raise TreeError(f"the PATHs are in different kernel trees, {names}; run klplint for each")
    kernel = next(iter(kernels.values()))
    return kernel, kernel.root


def _common_folder(paths: list[Path]) -> Path:
    return Path(os.path.commonpath([path if path.is_dir() else path.parent for path in paths]))
