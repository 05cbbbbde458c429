"""A shadow of a tree: a directory in which some files are changed and all others are the tree's.

Directories on the way to changed files are real, as are these files; everything else in them is a
link into the tree. So a shadow of a kernel has some hundred links, and the tree stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path, PurePosixPath

import msgspec

from klplint.errors import CacheError
from klplint.kernel.compile_commands import NAME as DATABASE_NAME
from klplint.kernel.excludes import DEFAULT_EXCLUDES, Excludes
from klplint.kernel.on_disk import LISTED_ENDINGS
from klplint.kernel.signatures import signature_of
from klplint.kernel.sources import Sources, kernel_listing
from klplint.kernel.tree import Kernel
from klplint.source_text import to_bytes, to_text
from klplint.temporary_files import temporary_directory

_MOST_FILES_AROUND = 4000
"""The most files in a directory that is made of real directories.

Its files include changed headers by `../`, which leads out of a directory that is a link.
"""
_NEVER_LINKED = (".git", DATABASE_NAME)

Texts = Mapping[str, str | None]
"""The files that differ, by their paths from the root: their texts, None for deleted ones."""


@contextlib.contextmanager
def shadow(
    sources: Sources, texts: Texts, paths: Iterable[str], exclude: Sequence[str], database: Path
) -> Iterator[tuple[Sources, Path | None]]:
    """`sources` as they are with `texts`, and the compilation database for them, if there is one.

    A file that only the shadow has is linted if it is in one of the directories `paths` (from the
    root; "." is the root), or is one of them, and `exclude` does not exclude it.
    The shadow is removed at the end of the context. Raises CacheError where it cannot be written.
    """
    whole = kernel_listing(sources)
    with contextlib.ExitStack() as stack:
        try:
            temporary = stack.enter_context(temporary_directory())
            root = Path(os.path.realpath(temporary), "tree")
            _build(sources.root, root, texts, whole if not sources.out_of_tree else ())
            translated = _translated(database, sources.root, root)
        except OSError as error:
            raise _cannot_write(error) from None
        new = [name for name in texts if name not in sources.files and _is_source(name)]
        wanted = [n for n in _kept(new, exclude) if _is_named(n, tuple(paths))]
        kernel = sources.kernel
        if not sources.out_of_tree:
            at = Kernel.at(root) or kernel  # the patch may change the version
            kernel = msgspec.structs.replace(at, root=root, build=kernel.build)
            names = _listed(whole, _kept(new, DEFAULT_EXCLUDES), texts)
            changed = {name: signature_of(root / name) for name in names if name in texts}
            whole = {name: changed.get(name) or whole[name] for name in names}
        files = _listed(sources.files, wanted, texts)
        yield (
            msgspec.structs.replace(
                sources, kernel=kernel, root=root, files=files, whole=whole, origin=sources.root
            ),
            translated,
        )


def _cannot_write(error: OSError) -> CacheError:
    return CacheError(
        f"{error.filename or tempfile.gettempdir()}: cannot write a changed copy of the tree: "
        f"{error.strerror}; make room, or set TMPDIR to another directory"
    )


def _is_source(name: str) -> bool:
    return name.endswith(LISTED_ENDINGS)


def _is_named(path: str, paths: tuple[str, ...]) -> bool:
    return any(name in (".", path) or path.startswith(f"{name}/") for name in paths)


def _kept(names: Iterable[str], exclude: Sequence[str]) -> list[str]:
    excludes = Excludes(exclude)
    return [name for name in names if not excludes.covers(name)]


def _listed(names: Iterable[str], new: Iterable[str], texts: Texts) -> tuple[str, ...]:
    """The files of the shadow, sorted."""
    return tuple(sorted(n for n in {*names, *new} if texts.get(n, "") is not None))


def _build(source: Path, target: Path, texts: Texts, tree: Iterable[str]) -> None:
    """Write the shadow: real directories, the changed files, links for all else."""
    real = _real_directories(source, texts, tree)
    for directory in sorted(real, key=lambda f: (len(PurePosixPath(f).parts), f)):
        (target / directory).mkdir()
        _link_entries(source, target, directory, {*real, *texts})
    for path, text in texts.items():
        if text is not None:
            (target / path).write_bytes(to_bytes(text))


def _link_entries(source: Path, target: Path, directory: str, real: AbstractSet[str]) -> None:
    """Fill a directory of a shadow with links, but for paths that are real."""
    if (source / directory).is_dir():
        for entry in os.scandir(source / directory):
            path = PurePosixPath(directory, entry.name).as_posix()
            if path not in real and path not in _NEVER_LINKED:
                (target / path).symlink_to(source / path)


def change_in_shadow(source: Path, target: Path, path: str, text: bytes | None) -> None:
    """Give a file of a shadow another text; None for that of the original.

    Not for headers: directories around them have to be real from the start.
    """
    for above in reversed(PurePosixPath(path).parents[:-1]):
        directory = target / above
        if directory.is_symlink():
            directory.unlink()
        if not directory.exists():
            directory.mkdir()
            _link_entries(source, target, above.as_posix(), set())
    new = target / f"{path}.klplint-new"
    if text is not None:
        new.write_bytes(text)
    elif (source / path).exists():
        new.symlink_to(source / path)
    else:
        (target / path).unlink(missing_ok=True)
        return
    new.replace(target / path)


def _real_directories(source: Path, texts: Texts, tree: Iterable[str]) -> set[str]:
    """The directories that are not links: those on the way to a changed file, and around a header.

    A compiler that goes up (`../x.h`) from a directory that is a link arrives in the original.
    """
    real = {"."} | {parent.as_posix() for path in texts for parent in PurePosixPath(path).parents}
    headers = [path for path in texts if not path.endswith((".c", ".S"))]
    directories = {PurePosixPath(path).parent for path in headers}
    if directories - {PurePosixPath()}:
        sizes = Counter(above for name in tree for above in _directories_above(name))
        for around in {_around(directory, sizes) for directory in directories} - {"."}:
            real |= set(_directories_below(source, around))
    return real


def _directories_above(path: str) -> Iterator[str]:
    """The directories that a file is in, without the root."""
    while path := path.rpartition("/")[0]:
        yield path


def _around(directory: PurePosixPath, sizes: Mapping[str, int]) -> str:
    """The uppermost directory above one that does not have too many files; at least itself.

    Directories of shared headers (`include`) are searched as a whole, so they are kept whole.
    """
    if "include" in directory.parts:
        directory = PurePosixPath(*directory.parts[: directory.parts.index("include") + 1])
    for above in directory.parents:
        if above.name == "" or sizes.get(above.as_posix(), 0) > _MOST_FILES_AROUND:
            break
        directory = above
    return directory.as_posix()


def _directories_below(source: Path, directory: str) -> Iterator[str]:
    """A directory and those below it; links are not followed."""
    for where, _, _ in os.walk(source / directory):
        yield Path(where).relative_to(source).as_posix()


def _translated(database: Path, source: Path, target: Path) -> Path | None:
    """A copy of a compilation database for the shadow: the same, with the tree's paths changed."""
    try:
        text = to_text(database.read_bytes())
    except OSError:
        return None
    before, after = (msgspec.json.encode(str(path)).decode()[1:-1] for path in (source, target))
    copy = target / DATABASE_NAME
    copy.write_bytes(to_bytes(text.replace(before, after)))
    return copy
