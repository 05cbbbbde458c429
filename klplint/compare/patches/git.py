"""What was changed since a git revision: a diff, and the files as they were."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from klplint.compare.patches.diff import names_of, read_diff, split_text
from klplint.compare.patches.series import Change, Patch, apply_series
from klplint.errors import PatchError
from klplint.kernel.git_listing import environment_for
from klplint.source_text import to_bytes, to_text

_DIFF = (  # with --src-prefix and --dst-prefix, which name the place of a nested repository
    "diff",
    "--relative",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--text",  # what attributes call binary may be a source file
    "--find-renames",
    "--unified=3",
    "--inter-hunk-context=0",
    "--ignore-submodules",
)
# Without autoRefreshIndex, git also lists files of which only the time stamps changed.
_SETTINGS = (
    *("-c", "core.quotePath=false", "-c", "diff.autoRefreshIndex=true"),
    *("-c", "core.fsmonitor=false"),  # a repository may name a program there
)

# git puts no prefix before these names. No line within a hunk begins like this.
_RENAME = re.compile(r'^(?:rename|copy) (?:from|to) "?', re.MULTILINE)


class Since(msgspec.Struct, frozen=True):
    """What was changed since a revision."""

    patch: Patch
    old: dict[str, str]
    """The changed files as they were, by their paths from the root."""
    unknown: tuple[str, ...] = ()
    """The nested repositories that do not have the revision."""


def changes_since(
    revision: str, root: Path, asked: Sequence[str] = ("",), nested: Sequence[str] = ()
) -> Since:
    """What was changed below a directory since a revision.

    The working tree counts, with untracked files, but without ignored ones. `revision` may end
    in "..." for the merge base of it and HEAD. It is one of the `asked` repositories, which are
    directories below `root` ("" is `root` itself). In `nested` repositories, the commit that the
    repository around them records counts (a submodule), else the revision of the same name.
    Raises PatchError where one of the `asked` directories is not in a repository, or where that
    does not have the revision.
    """
    commits = {place: _commit(revision, root / place) for place in asked}
    unknown: list[str] = []
    for place in sorted({*nested} - {*asked}):
        commit = _recorded(place, commits, root) or _resolved(revision, root / place)
        if commit and _is_there(commit, root / place):
            commits[place] = commit
        elif not any(_is_within(place, name) for name in unknown):
            unknown.append(place)
    name = f"git diff {revision}"
    output = "".join(_diff(root, place, commit) for place, commit in commits.items())
    diff = read_diff(list(enumerate(split_text(output), 1)), name)
    wanted = {names_of(file.old)[0] for file in diff.files if file.old}
    texts: dict[str, str] = {}
    for place, commit in commits.items():
        inside = {path for path in wanted if _owner(path, commits) == place}
        texts |= _texts_at(commit, inside, root, place)
    untracked = [Change(None, path) for place in commits for path in _untracked(root, place)]
    patch = apply_series([diff], texts.get, name)
    return Since(Patch((*patch.changes, *untracked), patch.hunks), texts, tuple(unknown))


def _diff(root: Path, place: str, commit: str) -> str:
    """What was changed in a repository, with paths from `root`."""
    within = f"{place}/" if place else ""
    prefixes = (f"--src-prefix=a/{within}", f"--dst-prefix=b/{within}")
    output = to_text(_git(root / place, *_DIFF, *prefixes, commit, "--", "."))
    return _RENAME.sub(lambda match: f"{match[0]}{within}", output)


def _untracked(root: Path, place: str) -> Iterator[str]:
    """The untracked files of a repository, by their paths from `root`."""
    listed = to_text(_git(root / place, "ls-files", "-z", "--others", "--exclude-standard"))
    for path in listed.split("\0"):
        if path and not path.endswith("/"):
            yield f"{place}/{path}" if place else path


def _is_within(path: str, place: str) -> bool:
    return not place or path.startswith(f"{place}/")


def _owner(path: str, places: Iterable[str]) -> str:
    """The innermost of some repositories that a file is in."""
    return max((place for place in places if _is_within(path, place)), key=len, default="")


def _recorded(place: str, commits: Mapping[str, str], root: Path) -> str:
    """The commit of a submodule that the commit of the repository around it records, or ""."""
    around = [other for other in commits if other != place and _is_within(place, other)]
    if not around:
        return ""
    outer = max(around, key=len)
    within = place.removeprefix(f"{outer}/" if outer else "")
    listed = _run(root / outer, "ls-tree", "-z", commits[outer], "--", within)
    words = to_text(listed.stdout).partition("\t")[0].split()
    return words[2] if len(words) == 3 and words[1] == "commit" else ""


def _is_there(commit: str, root: Path) -> bool:
    return _run(root, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def _resolved(revision: str, root: Path) -> str:
    """The commit that a revision means in a nested repository; "" if it has none."""
    try:
        return _commit(revision, root)
    except PatchError:
        return ""


def _commit(revision: str, root: Path) -> str:
    """The commit that a revision means."""
    option = f"--diff-from {revision}"
    if revision.startswith("-") or not revision:
        raise PatchError(
            f'--diff-from "{revision}": not a revision; give a branch, a tag or a hash'
        )
    inside = _run(root, "rev-parse", "--show-toplevel")
    if inside.returncode:
        raise PatchError(f"{option}: {_no_repository(root, inside)}")
    name = revision.removesuffix("...")
    if ".." in name:
        raise PatchError(f"{option}: {_no_range(name)}")
    verified = _run(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if verified.returncode:
        raise PatchError(
            f"{option}: the repository {to_text(inside.stdout).strip()} has no such revision; "
            "fetch it, or look up its name with `git branch --all`"
        )
    commit = to_text(verified.stdout).strip()
    if name == revision:
        return commit
    base = _run(root, "merge-base", commit, "HEAD")
    if base.returncode:
        raise PatchError(
            f"{option}: it has no common ancestor with HEAD; if the clone is shallow, deepen it"
        )
    return to_text(base.stdout).split()[0]


def _no_repository(root: Path, answer: subprocess.CompletedProcess[bytes]) -> str:
    """Why a directory cannot be compared with a revision, and what to do."""
    why = _why(answer)
    if "dubious ownership" in why:
        return (
            f"git refuses to read the repository around {root}, because another user owns it; if "
            f"you trust it, run `git config --global --add safe.directory {_top_in(answer, root)}`"
        )
    return f"{root} is not in a readable git repository: {why}"


def _top_in(answer: subprocess.CompletedProcess[bytes], root: Path) -> str:
    """The repository whose owner git's error message is about."""
    quoted = re.search(r"dubious ownership in repository at '(.+)'", to_text(answer.stderr))
    return shlex.quote(quoted[1] if quoted else str(root))


def _no_range(words: str) -> str:
    """What to write for a range of revisions: klplint compares with one revision."""
    first, _, last = words.partition("..")
    last = last.lstrip(".")
    start = f"{first}..." if "..." in words else first
    remedy = f"write {start or 'one revision'}"
    if last and last not in ("HEAD", "@"):
        remedy = f"check out {last}, then write {start or 'one revision'}"
    return (
        "is a range, but klplint compares the working tree with one revision; "
        f"{remedy} (A... stands for the merge base of A and HEAD)"
    )


def _texts_at(commit: str, paths: Iterable[str], root: Path, place: str) -> dict[str, str]:
    """Files as they were at a commit of a repository, without those that it does not have."""
    prefix = to_text(_git(root / place, "rev-parse", "--show-prefix")).removesuffix("\n")
    wanted = sorted(path for path in paths if "\n" not in path)
    outer = f"{place}/" if place else ""
    names = "".join(f"{commit}:{prefix}{path.removeprefix(outer)}\n" for path in wanted)
    answer = _git(root / place, "cat-file", "--batch", given=to_bytes(names))
    texts: dict[str, str] = {}
    position = 0
    for path in wanted:
        head, _, _ = answer[position:].partition(b"\n")
        position += len(head) + 1
        words = head.rsplit(b" ", 2)
        if words[-1] == b"missing":
            continue
        size = int(words[-1])
        texts[path] = to_text(answer[position : position + size])
        position += size + 1
    return texts


def _git(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What a git command prints; PatchError where it fails."""
    done = _run(root, *arguments, given=given)
    if done.returncode:
        raise PatchError(f"git {arguments[0]} failed in {root}: {_why(done)}")
    return done.stdout


def _run(root: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(root), *_SETTINGS, *arguments]
    try:
        return subprocess.run(
            command, input=given, capture_output=True, check=False, env=environment_for(root)
        )
    except OSError as error:
        raise PatchError(f"--diff-from needs git, which cannot be run: {error.strerror}") from None


def _why(failed: subprocess.CompletedProcess[bytes]) -> str:
    """The first line of what git printed as error."""
    lines = to_text(failed.stderr).strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"exit status {failed.returncode}"
