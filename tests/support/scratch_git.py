"""A scratch git repository for tests, which nothing of the user's own set-up reaches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(sys.executable).parent
"""Where klplint and pre-commit are installed."""

WRONG = """#include <linux/livepatch.h>
/* t has to be inactive. */ void touch(struct task_struct *t)
{
	klp_update_patch_state(t);
}
"""
"""A file with one finding of KLP001 and one of KLP002, both in line 4."""


class Repository:
    """A git repository; commands run in it with the tools of this Python first on PATH."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "PRE_COMMIT"))
        } | {
            "PATH": f"{TOOLS}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{
                f"GIT_{role}_{key}": value
                for role in ("AUTHOR", "COMMITTER")
                for key, value in (("NAME", "A. Tester"), ("EMAIL", "tester@example.org"))
            },
        }

    @classmethod
    def of(cls, directory: Path) -> Repository:
        """A new repository with one commit, of all that `directory` holds."""
        repository = cls(directory)
        repository.git("init", "--quiet", "--initial-branch=main")
        repository.commit("first")
        return repository

    def run(self, *command: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command's output, both streams in one, and its exit status."""
        return subprocess.run(
            list(map(str, command)),
            cwd=self.directory,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def git(self, *arguments: object) -> str:
        """What git prints; it must succeed."""
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def commit(self, message: str) -> None:
        """Commit all changes, past all hooks."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "-m", message)

    def write(self, name: str, text: str) -> None:
        """A file, with the directories that it needs."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
