"""The built wheel, installed into a new environment, finds its rules, lints, and does what the
documentation shows.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from expectations import MINIKERNEL
from test_cli import klplint
from test_docs import PAGES, ROOT, expect_what_is_shown, scratch_tree, sessions

from klplint.catalogue.load import load_catalogue


def test_the_wheel_works_in_a_new_environment(tmp_path: Path) -> None:
    def run(*command: object) -> str:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT)
    wheel = next(tmp_path.glob("*.whl"))
    packed = zipfile.ZipFile(wheel).namelist()
    assert not any(name.startswith(("tests/", "fixtures/", "rules/")) for name in packed)
    for rule in load_catalogue():
        assert {f"klplint/rules/{rule.directory.name}/{n}" for n in ("rule.toml", "README.md")} <= {
            *packed
        }
    run(sys.executable, "-m", "venv", tmp_path / "new")
    run(tmp_path / "new/bin/pip", "install", "-q", wheel)
    listed = run(tmp_path / "new/bin/klplint", "rules")
    assert [line.split()[0] for line in listed.splitlines()] == [r.code for r in load_catalogue()]
    found = run(tmp_path / "new/bin/klplint", "-f", "json", "--exit-zero", MINIKERNEL)
    assert found == klplint("-f", "json", "--exit-zero", MINIKERNEL).stdout
    assert (tmp_path / "new/share/man/man1/klplint.1").read_bytes() == (
        ROOT / "man/klplint.1"
    ).read_bytes()
    for page in PAGES:
        if sessions(page):
            expect_what_is_shown(page, scratch_tree(tmp_path / page.stem), tmp_path / "new/bin")
