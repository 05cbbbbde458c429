"""The mails for fixes: what git and the tree's scripts know about the files, and where they go."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from klplint import __version__
from klplint.cli.output_files import OutputFile
from klplint.cli.source_diff import diff
from klplint.errors import OutputError, UsageError
from klplint.findings.finding import Finding
from klplint.fixes.mail import Mail, Sender, file_name, rendered
from klplint.fixes.planning import FixedFile
from klplint.kernel.git_listing import environment_for
from klplint.source_text import to_text

_SECONDS = 20
"""The longest time that git or a script may take for one answer."""
_SUBJECTS = "50"
"""The commits whose subjects show how those of a file begin."""
_PREFIX = re.compile(r"((?:[\w/.,+-]+: )*[\w/.,+-]+): \S")
_MAINTAINERS = "scripts/get_maintainer.pl"
_DATE = "SOURCE_DATE_EPOCH"


def write_mails(files: Iterable[FixedFile], root: Path, directory: Path) -> list[Path]:
    """Write a mail for each directory with fixed files; the files written.

    Raises UsageError where git does not know who the user is, OutputError for a mail that cannot
    be written.
    """
    sender = _sender(root)
    groups: defaultdict[str, list[FixedFile]] = defaultdict(list)
    for file in files:
        groups[PurePosixPath(file.file).parent.as_posix()].append(file)
    mails = [_mail(group, root) for _, group in sorted(groups.items())]
    if directory.exists() and not directory.is_dir():
        raise OutputError(f"{directory}: is not a directory; give a directory for the mails")
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{directory}: cannot be created: {error.strerror}") from None
    written = []
    for number, mail in enumerate(mails, 1):
        path = directory / file_name(mail, number)
        with OutputFile(path) as output:
            output.write(rendered(mail, number, len(mails), sender, __version__))
        written.append(path)
    return written


def _mail(files: list[FixedFile], root: Path) -> Mail:
    """The mail for the files of one directory."""
    names = [file.file for file in files]
    findings = tuple({f.fingerprint: f for file in files for f in file.findings}.values())
    parts = (diff(f.file, to_text(f.before), to_text(f.after)) for f in files)
    return Mail(
        prefix=_prefix(names, root),
        findings=findings,
        diff="".join(line for part in parts for line in part),
        recipients=_recipients(names, root),
        fixes=tuple(dict.fromkeys(_causes(findings, root))),
    )


def _sender(root: Path) -> Sender:
    """Who commits in the repository, by git's configuration, and the time."""
    name, address = (_git(root, "config", f"user.{key}").strip() for key in ("name", "email"))
    if not (name and address):
        raise UsageError(
            "--format-patch needs a sender; run `git config --global user.name NAME` and "
            "`git config --global user.email ADDRESS`"
        )
    seconds = os.environ.get(_DATE, "")
    now = datetime.fromtimestamp(int(seconds), UTC) if seconds.isdigit() else None
    return Sender(name, address, now or datetime.now().astimezone())


def _prefix(names: list[str], root: Path) -> str:
    """How subjects of commits on the files usually begin; without history, their directory."""
    subjects = _git(root, "log", "--no-merges", "-n", _SUBJECTS, "--format=%s", "--", *names)
    prefixes = Counter(m[1] for line in subjects.splitlines() if (m := _PREFIX.match(line)))
    if prefixes:
        return prefixes.most_common(1)[0][0]
    return PurePosixPath(names[0]).parent.name or PurePosixPath(names[0]).name


def _recipients(names: list[str], root: Path) -> tuple[str, ...]:
    """The people and lists that the tree's own script names for the files."""
    if not (root / _MAINTAINERS).is_file():
        return ()
    command = ["perl", _MAINTAINERS, "--norolestats", "--no-git-fallback", "--no-git", "-f"]
    answers = [line for name in names for line in _output([*command, name], root).splitlines()]
    return tuple(dict.fromkeys(line for line in answers if "@" in line))


def _causes(findings: Iterable[Finding], root: Path) -> Iterable[str]:
    """The commits that took away what a comment names, where git finds them in time."""
    for finding in findings:
        name = finding.fix.gone if finding.fix else ""
        if name:
            directory = PurePosixPath(finding.place.file).parent.as_posix()
            commit = _git(
                root, "log", "-n", "1", f"-S{name}(", '--format=%h ("%s")', "--abbrev=12", "--",
                directory,
            )  # fmt: skip
            if commit.strip():
                yield commit.strip()


def _git(root: Path, *arguments: str) -> str:
    return _output(["git", "-C", str(root), *arguments], root)


def _output(command: list[str], root: Path) -> str:
    """What a program prints; nothing where it fails or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=_SECONDS, cwd=root,
            env=environment_for(root),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return to_text(done.stdout)
