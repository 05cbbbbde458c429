"""`klplint lsp` in Neovim, without a terminal (make test-editors)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.lsp_session import server_command
from tests.support.paths import ROOT

SCRIPT = Path(__file__).with_name("neovim.lua")


def seen_by_neovim(tree: Path, file: Path) -> Any:
    """What Neovim sees in a session."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KLPLINT_SEEN": str(file),
        "KLPLINT_TREE": str(tree),
        "KLPLINT_COMMAND": json.dumps(server_command()),
        "XDG_CONFIG_HOME": str(file.parent),
        "XDG_STATE_HOME": str(file.parent),
        "XDG_DATA_HOME": str(file.parent),
    }
    command = ["nvim", "--headless", "--clean", "-c", f"luafile {SCRIPT}"]
    subprocess.run(command, env=environment, timeout=300, check=True, capture_output=True)
    return json.loads(file.read_text())


@pytest.mark.editors
def test_neovim_shows_findings_and_goes_to_partners(minikernel: Path, tmp_path: Path) -> None:
    seen = seen_by_neovim(minikernel, tmp_path / "seen.json")
    assert "problem" not in seen
    assert seen["opened"] == [{"line": 39, "column": 2, "code": "KLP003"}]
    assert "smp\\_wmb() in paca\\_register()" in seen["hover"] or "paca" in seen["hover"]
    assert seen["definition"] == 24
    assert any("KLP003" in title for title in seen["actions"])
    assert seen["suppressed"] == []
    assert seen["line"].startswith("\t/* klplint: ignore[KLP003]")
    assert seen["edited"] == [{"line": 35, "column": 2, "code": "KLP003"}]
