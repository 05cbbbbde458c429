"""A kernel tree: where its root is, its version, its architectures, and the files to look at."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec
from pathspec import GitIgnoreSpec

from klplint.errors import UsageError
from klplint.version import Version

SOURCE_SUFFIXES = (".c", ".h", ".S")
DEFAULT_EXCLUDES = ("/Documentation/", "/scripts/", "/tools/")
_BYTE_SUFFIXES = tuple(suffix.encode() for suffix in SOURCE_SUFFIXES)
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
    `tree` are all source files of the kernel, where they were listed before: a shadow tree
    (shadow.py) cannot be listed.
    """

    kernel: Kernel
    root: Path
    files: tuple[str, ...]
    tree: tuple[str, ...] | None = None

    @property
    def out_of_tree(self) -> bool:
        """Whether the files are another project's, not the kernel's own."""
        return self.root != self.kernel.root


def find_sources(
    paths: Sequence[Path], kernel_folder: Path | None, exclude: Sequence[str]
) -> Sources:
    """The source files that `paths` (files or folders) name.

    A file that is named is taken whatever it is called; folders are searched for C files,
    headers and assembly, leaving out what `exclude` (lines as in .gitignore, relative to the
    root) says; a folder that is named is searched even so. Raises UsageError where a path is
    missing, unreadable or in no kernel tree.
    """
    absolute = [_existing(path) for path in paths]
    kernel, root = _kernel_and_root(absolute, kernel_folder)
    found: set[str] = set()
    for path in absolute:
        if path.is_dir():
            spec = _excludes_below(path, root, exclude)
            found |= {name for name in _files_below(path, root) if not spec.match_file(name)}
        else:
            found.add(_relative(path, root))
    return Sources(kernel, root, tuple(sorted(found)))


def searchable(sources: Sources) -> tuple[str, ...]:
    """Where a name may be found that linted files share with others: the whole kernel tree.

    Files of a kernel that the linted ones lie outside of have absolute paths; what lies beside
    the linted ones is theirs, too.
    """
    shared_files = kernel_files(sources)
    if not sources.out_of_tree:
        return tuple(sorted({*shared_files, *sources.files}))
    folders = {PurePosixPath(name).parent for name in sources.files}
    beside = {
        (folder / path.name).as_posix()
        for folder in folders
        for path in (sources.root / folder).iterdir()
        if path.suffix in SOURCE_SUFFIXES and path.is_file()
    }
    shared = {(sources.kernel.root / name).as_posix() for name in shared_files}
    return tuple(sorted({*shared, *sources.files, *beside}))


def kernel_files(sources: Sources) -> tuple[str, ...]:
    """All source files of the kernel, by their paths from its root."""
    if sources.tree is not None:
        return sources.tree
    return find_sources([sources.kernel.root], None, DEFAULT_EXCLUDES).files


def _excludes_below(folder: Path, root: Path, exclude: Sequence[str]) -> GitIgnoreSpec:
    """The patterns that count below a folder: not those that leave out the folder itself."""
    inside = f"{_relative(folder, root)}/x"
    patterns = [p for p in exclude if not GitIgnoreSpec.from_lines([p]).match_file(inside)]
    return GitIgnoreSpec.from_lines(patterns)


def _existing(path: Path) -> Path:
    try:
        absolute = path.resolve(strict=True)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or folder") from None
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError before 3.13
        raise UsageError(f"{path}: cannot be resolved: {error}") from None
    if not os.access(absolute, os.R_OK | (os.X_OK if absolute.is_dir() else 0)):
        raise UsageError(f"{path}: permission denied; make it readable, or leave it out")
    if not absolute.is_dir() and not absolute.is_file():
        raise UsageError(f"{path}: is neither a file nor a folder")
    return absolute


def _kernel_and_root(paths: list[Path], kernel_folder: Path | None) -> tuple[Kernel, Path]:
    if kernel_folder is not None:
        kernel = Kernel.at(_existing(kernel_folder))
        if kernel is None:
            raise UsageError(
                f"{kernel_folder}: is not the root of a kernel tree (no Makefile with VERSION and "
                "PATCHLEVEL, no include/linux, or no arch/); --kernel takes one"
            )
        inside = [path for path in paths if path.is_relative_to(kernel.root)]
        if inside and len(inside) < len(paths):
            raise UsageError(
                f"{inside[0]}: lies in the --kernel tree, other PATHs do not; run klplint for each"
            )
        if inside:
            return kernel, kernel.root
        return kernel, _common_folder(paths)
    kernels = {}
    for path in paths:
        kernel = Kernel.around(path)
        if kernel is None:
            raise UsageError(
                f"{path}: is in no kernel tree (no folder above it has a Makefile with VERSION and "
                "PATCHLEVEL, include/linux and arch/); name the tree to compile against with "
                "--kernel"
            )
        kernels[kernel.root] = kernel
    if len(kernels) > 1:
        names = " and ".join(str(root) for root in sorted(kernels))
        raise UsageError(f"the PATHs lie in different kernel trees, {names}; run klplint for each")
    kernel = next(iter(kernels.values()))
    return kernel, kernel.root


def _common_folder(paths: list[Path]) -> Path:
    return Path(os.path.commonpath([path if path.is_dir() else path.parent for path in paths]))


def _relative(path: Path, root: Path) -> str:
    return PurePosixPath(path.relative_to(root)).as_posix()


def _files_below(folder: Path, root: Path) -> Iterator[str]:
    """The source files below a folder: those that git knows of, in a repository, else all."""
    prefix = _relative(folder, root)
    names: Iterable[str] | None = _git_files(folder)
    if names is None:
        names = _walked_files(folder)
    for name in names:
        path = folder / name
        if not path.is_file() or (path.is_symlink() and path.resolve().is_relative_to(root)):
            continue  # no file to read, or a link to one that is found under its own name
        yield name if prefix == "." else f"{prefix}/{name}"


def _git_files(folder: Path) -> list[str] | None:
    """Files that git tracks, or does not ignore, below `folder`; None where git cannot tell."""
    command = [
        "git",
        "-C",
        str(folder),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    names = {os.fsdecode(name) for name in listed.split(b"\0") if name.endswith(_BYTE_SUFFIXES)}
    present = [
        name for name in names if os.path.lexists(folder / name)
    ]  # else deleted, not yet so in git
    return present or None


def _walked_files(folder: Path) -> Iterator[str]:
    """All source files below `folder`; links to folders are not followed, so loops do no harm."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f != ".git")
        inner = os.path.relpath(where, folder)
        for name in names:
            if name.endswith(SOURCE_SUFFIXES):
                yield name if inner == "." else f"{inner}/{name}".replace(os.sep, "/")
