"""Where klplint's repository is: all mentions agree with `project.urls` of pyproject.toml.

    python tools/repository.py                   print mentions that do not agree
    python tools/repository.py --expect NAME     also check that pyproject.toml has this name
    python tools/repository.py --set NAME        change all mentions

NAME is owner/repository.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_ADDRESS = "https://github.com/"
_NAME = re.compile(r"[\w.-]+/[\w.-]+")
# In an address, or before the @ of a revision, as workflows name an action.
_REPOSITORY = re.compile(r"(?<=github\.com/)[\w.-]+/klplint\b|(?<![\w./~$-])[\w-]+/klplint(?=@)")
# CODEOWNERS has the owner alone.
_OWNER = re.compile(r"(?<=@)[\w-]+")


def stated() -> str:
    """The repository's name as pyproject.toml states it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Source"]).removeprefix(_ADDRESS)


def texts() -> Iterator[tuple[str, str]]:
    """The names and texts of the files that git tracks."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, or a file that is deleted and still in the index


def replaced(name: str, text: str, repository: str) -> str:
    """The text of a file in which all mentions are of `repository`."""
    if name == ".github/CODEOWNERS":
        return _OWNER.sub(repository.partition("/")[0], text)
    return _REPOSITORY.sub(repository, text)


def disagreements(repository: str) -> Iterator[str]:
    """The lines that mention another repository than this one."""
    for name, text in texts():
        lines = zip(text.split("\n"), replaced(name, text, repository).split("\n"), strict=True)
        for number, (line, right) in enumerate(lines, 1):
            if line != right:
                yield f"{name}:{number}: write: {right.strip()}"


def rename(repository: str) -> None:
    """Change all mentions to those of `repository`."""
    for name, text in list(texts()):
        right = replaced(name, text, repository)
        if right != text:
            (ROOT / name).write_text(right, encoding="utf-8")


def main() -> int:
    """Check, or change; the exit status is 1 if mentions do not agree."""
    parser = argparse.ArgumentParser(description="Check or change the repository's name.")
    parser.add_argument("--expect", metavar="NAME", help="the name that pyproject.toml must have")
    parser.add_argument("--set", metavar="NAME", help="change all mentions")
    options = parser.parse_args()
    if options.set:
        if not _NAME.fullmatch(options.set):
            parser.error(f'"{options.set}" is not of the form owner/repository')
        rename(options.set)
    repository = stated()
    problems = list(disagreements(repository))
    if options.expect not in {None, repository}:
        problems.append(f"pyproject.toml: project.urls has {repository}, not {options.expect}")
    print(*problems, sep="\n", end="\n" * bool(problems))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
