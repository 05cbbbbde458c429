"""What was changed since a git revision: a diff, and the files as they were."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from klplint.compare.patches.diff import names_of, read_diff, split_text
from klplint.compare.patches.series import Change, Patch, apply_series
from klplint.errors import PatchError
from klplint.source_text import to_bytes, to_text

_DIFF = (
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
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
# Without autoRefreshIndex, git also lists files of which only the time stamps changed.
_SETTINGS = ("-c", "core.quotePath=false", "-c", "diff.autoRefreshIndex=true")


def changes_since(revision: str, root: Path) -> tuple[Patch, dict[str, str]]:
    """What was changed below a directory since a revision, and the changed files as they were.

    The working tree counts, with untracked files, but without ignored ones. `revision` may end in
    "..." for the merge base of it and HEAD. Raises PatchError where the directory is not in a
    repository, or the revision does not exist.
    """
    commit = _commit(revision, root)
    output = to_text(_git(root, *_DIFF, commit, "--", "."))
    name = f"git diff {revision}"
    diff = read_diff(list(enumerate(split_text(output), 1)), name)
    texts = _texts_at(commit, {names_of(file.old)[0] for file in diff.files if file.old}, root)
    listed = to_text(_git(root, "ls-files", "-z", "--others", "--exclude-standard")).split("\0")
    untracked = [Change(None, path) for path in listed if path and not path.endswith("/")]
    patch = apply_series([diff], texts.get, name)
    return Patch((*patch.changes, *untracked), patch.edits), texts


def _commit(revision: str, root: Path) -> str:
    """The commit that a revision means."""
    option = f"--diff-from {revision}"
    if revision.startswith("-") or not revision:
        raise PatchError(
            f'--diff-from "{revision}": not a revision; give a branch, a tag or a hash'
        )
    inside = _run(root, "rev-parse", "--show-toplevel")
    if inside.returncode:
        raise PatchError(f"{option}: {root} is not in a readable git repository: {_why(inside)}")
    name = revision.removesuffix("...")
    verified = _run(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if verified.returncode:
        raise PatchError(
            f"{option}: the repository has no such revision; fetch it, or look up its name with "
            "`git branch --all`"
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


def _texts_at(commit: str, paths: Iterable[str], root: Path) -> dict[str, str]:
    """Files as they were at a commit; one that it does not have is left out."""
    prefix = to_text(_git(root, "rev-parse", "--show-prefix")).removesuffix("\n")
    wanted = sorted(path for path in paths if "\n" not in path)
    names = "".join(f"{commit}:{prefix}{path}\n" for path in wanted)
    answer = _git(root, "cat-file", "--batch", given=to_bytes(names))
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
        return subprocess.run(command, input=given, capture_output=True, check=False)
    except OSError as error:
        raise PatchError(f"--diff-from needs git, which cannot be run: {error.strerror}") from None


def _why(failed: subprocess.CompletedProcess[bytes]) -> str:
    """The first line of what git printed as error."""
    lines = to_text(failed.stderr).strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"exit status {failed.returncode}"
