"""The sessions that README.md and docs/ show, and how to run them.

A block ```console is a session: lines `$ command`, each followed by all that it prints, to
either stream. A line `...` stands for any lines. `$ cat FILE` writes a file that is not there
yet. All sessions of a page run one after the other in a copy of fixtures/minikernel in git,
in which my-rules is a copy of docs/example-rules.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.paths import MINIKERNEL, ROOT

TUTORIAL = ROOT / "docs/tutorial.md"
"""Its sessions run on a real kernel: tests/kernel/test_tutorial.py."""
PAGES = sorted({ROOT / "README.md", *ROOT.glob("docs/*.md")} - {TUTORIAL})
_SESSION = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def sessions(page: Path) -> list[tuple[str, str]]:
    """All commands of a page with what each prints."""
    return [m for session in _SESSION.findall(text_of(page)) for m in _COMMAND.findall(session)]


def is_shown(shown: str, printed: str) -> bool:
    """Whether a command printed what a page shows, where `...` stands for any lines."""
    parts = (re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE))
    return re.fullmatch(r"(?:.*\n)*?".join(parts), printed) is not None


OURS = Path(sys.executable).parent


def shell(directory: Path, command: str, programs: Path = OURS) -> str:
    """What a command prints, to either stream; git and klplint as if nobody had set them up.

    `programs` is the directory of the klplint to run.
    """
    names = {
        f"GIT_{r}_{k}": "a@example.org" for r in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")
    }
    environment = {
        **names,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(directory.parent),
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # that of the tests: see conftest.py
    }
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1; {command}"],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
    )
    return done.stdout.decode()


def scratch_tree(directory: Path) -> Path:
    """A copy of the minikernel in git, with the example catalogue in it."""
    tree = directory / "linux"
    shutil.copytree(MINIKERNEL, tree)
    shutil.copytree(ROOT / "docs/example-rules", tree / "my-rules")
    shell(tree, "git init -q -b main && git add . && git commit -qm 1")
    return tree


def expect_what_is_shown(page: Path, tree: Path, programs: Path = OURS) -> None:
    """Run the sessions of a page in `tree`."""
    for command, output in sessions(page):
        names_given = re.fullmatch(r"cat (\S+)", command)
        if names_given and not (tree / names_given[1]).exists():
            (tree / names_given[1]).write_text(output)
        printed = shell(tree, command, programs)
        if not is_shown(output, printed):
            assert printed == output, command
