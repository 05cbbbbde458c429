"""The pages on baselines and patches: their commands give what is shown, in their order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from expectations import MINIKERNEL

from klplint.config import Settings

DOCS = Path(__file__).parent.parent / "docs"
_SESSION = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.M)
_TOML = re.compile(r"^```toml\n(.*?)^```$", re.M | re.S)


def shell(folder: Path, command: str) -> str:
    """What a command prints, to either stream; git and klplint as if nobody had set them up."""
    names = {
        f"GIT_{r}_{k}": "a@example.org" for r in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")
    }
    environment = {
        **names,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(folder.parent),
    }
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1; {command}"], cwd=folder, env=environment, stdout=subprocess.PIPE
    )
    return done.stdout.decode()


@pytest.mark.parametrize("page", ["adopting.md", "patches.md"])
def test_commands_give_what_is_shown(page: str, tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(MINIKERNEL, tree)
    shell(tree, "git init -q -b main && git add . && git commit -qm 1")
    sessions = _SESSION.findall((DOCS / page).read_text(encoding="utf-8"))
    shown = [match for session in sessions for match in _COMMAND.findall(session)]
    assert len(shown) >= 4
    for command, output in shown:
        if match := re.fullmatch(r"cat (\S+\.patch)", command):
            (tree / match[1]).write_text(output)
        assert shell(tree, command) == output, command


def test_settings_on_the_page_are_settings() -> None:
    shown = _TOML.findall((DOCS / "adopting.md").read_text(encoding="utf-8"))
    assert shown
    for text in shown:
        table = msgspec.toml.decode(text, type=dict[str, object])
        table.pop("rule", None)
        msgspec.convert(table, Settings)
