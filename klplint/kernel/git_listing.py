"""What git lists of a directory: the files that it does not ignore, nested repositories included.

Each repository is asked on its own, because git does not list the files of one inside another.
"""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from klplint.errors import TreeError
from klplint.kernel.background_command import BackgroundCommand
from klplint.source_text import to_bytes

GIT = ".git"
"""A directory with an entry of this name is the top of a git repository."""

_LIST = ("ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
_SPARSE = b"S "
"""The mark of a file that a sparse checkout leaves out; each mark has two bytes."""
_NO_MONITOR = ("-c", "core.fsmonitor=false")
"""A repository's configuration can name a program here, which git would run."""
_OTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
"""Variables that name the repository around. git sets them for the commands in its hooks."""


class GitListing(msgspec.Struct, frozen=True):
    """The files that git lists in a directory, by repository."""

    names: Mapping[str, frozenset[str]]
    """By the path of each repository ("" for the one around) its files, relative to itself."""
    ignored: tuple[str, ...] = ()
    """The repositories that the one around them ignores."""
    is_sparse: bool = False
    """Whether a sparse checkout left out files."""


def start_list(directory: Path) -> BackgroundCommand:
    """Have git list the files of the repository around a directory."""
    return BackgroundCommand(_words(directory, *_LIST), directory, environment_for(directory))


def list_with_git(
    directory: Path, listed: bytes, suffixes: tuple[str, ...], nested: Sequence[str]
) -> GitListing:
    """The files with `suffixes` that git lists, also in the `nested` repositories.

    `listed` is what git lists of the directory itself (see `start_list`). There is nothing where a
    directory is not in a repository, or git does not run.
    """
    endings = tuple(to_bytes(suffix) for suffix in suffixes)
    names: dict[str, frozenset[str]] = {}
    ignored: list[str] = []
    is_sparse = False
    for repository in ("", *sorted(nested)):
        around = next((i for i in ignored if repository.startswith(f"{i}/")), None)
        if around is not None:
            continue  # its files are left out with those around it
        if repository and _is_ignored(directory, repository, names):
            ignored.append(repository)
            continue
        answer = _ask(directory / repository, *_LIST) if repository else listed
        lines = [line for line in answer.split(b"\0") if line.endswith(endings)]
        is_sparse = is_sparse or any(line.startswith(_SPARSE) for line in lines)
        names[repository] = frozenset(os.fsdecode(line[2:]) for line in lines)
    return GitListing(names, tuple(ignored), is_sparse)


def not_ignored(directory: Path, paths: Sequence[str]) -> list[str]:
    """Those of some directories, relative to `directory`, that git does not ignore."""
    if not paths:
        return []
    asked = b"".join(to_bytes(path or ".") + b"/\0" for path in paths)
    answer = _ask(directory, "check-ignore", "-z", "--stdin", given=asked)
    ignored = {os.fsdecode(path).rstrip("/") for path in answer.split(b"\0")}
    return [path for path in paths if path not in ignored]


def not_committed(directory: Path, paths: Sequence[str]) -> frozenset[str]:
    """Those of some files below `directory` that git could not restore as they are now.

    Where no repository is around a directory, there are none. Raises TreeError where there is one,
    and git does not answer: it is not installed, or does not trust the owner of the directory.
    """
    by_repository: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        repository = repository_of(path, directory)
        by_repository[repository].add(path.removeprefix(f"{repository}/"))
    changed = set[str]()
    for repository, names in by_repository.items():
        inner = directory / repository
        if _is_in_repository(inner) and not _ask(inner, "rev-parse", "--git-dir"):
            raise TreeError(
                f"{inner}: git does not show which files have changes that are not committed; "
                "run `git status` there to see why"
            )
        answer = _ask(inner, "ls-files", "-z", "--modified", "--others")
        listed = names & {os.fsdecode(name) for name in answer.split(b"\0")}
        changed |= {f"{repository}/{name}" if repository else name for name in listed}
    return frozenset(changed)


def _is_ignored(directory: Path, path: str, repositories: Mapping[str, object]) -> bool:
    """Whether the innermost repository around a nested one ignores it."""
    inner = [each for each in repositories if path.startswith(f"{each}/")]
    around = max(inner, key=len, default="")
    within = path[len(around) :].lstrip("/")
    asked = to_bytes(within) + b"/\0"
    return bool(_ask(directory / around, "check-ignore", "-z", "--stdin", given=asked))


def environment_for(directory: Path) -> dict[str, str]:
    """The environment for git in a directory.

    In a hook, git sets variables that name its repository. They are left out for a repository
    inside another one, which is not the one of the hook.
    """
    environment = os.environ.copy()
    if _is_top(directory) and any(map(_is_top, directory.parents)):
        for name in _OTHER_REPOSITORY:
            environment.pop(name, None)
    return environment


def _is_in_repository(directory: Path) -> bool:
    """Whether a directory is in a git repository, or below one."""
    absolute = directory.resolve()
    return any(map(_is_top, (absolute, *absolute.parents)))


def _is_top(directory: Path) -> bool:
    """Whether a directory is the top of a git repository."""
    return os.path.lexists(directory / GIT)


def _ask(directory: Path, command: str, *options: str, given: bytes = b"") -> bytes:
    """What a git command prints in a directory; nothing where it fails."""
    words, environment = _words(directory, command, *options), environment_for(directory)
    try:
        done = subprocess.run(words, input=given, capture_output=True, check=True, env=environment)
    except (OSError, subprocess.CalledProcessError):
        return b""
    return done.stdout


def _words(directory: Path, *words: str) -> list[str]:
    return ["git", *_NO_MONITOR, "-C", str(directory), *words]


def repository_of(path: str, root: Path) -> str:
    """The innermost repository below `root` around a path, relative to `root`; "" for its own."""
    for directory in (PurePosixPath(path), *PurePosixPath(path).parents):
        if directory != PurePosixPath() and _is_top(root / directory):
            return directory.as_posix()
    return ""
