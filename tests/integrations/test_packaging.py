"""The built wheel in a new environment: it finds its rules, lints, and does what docs/ shows."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from tests.support.command import klplint
from tests.support.doc_sessions import PAGES, expect_what_is_shown, scratch_tree, sessions
from tests.support.paths import MINIKERNEL, ROOT


def run(*command: object) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(directory: Path, *options: str) -> Path:
    """The wheel, after a look at what it holds."""
    run(sys.executable, "-m", "build", "--wheel", *options, "--outdir", directory, ROOT)
    (wheel,) = directory.glob("*.whl")
    packed = zipfile.ZipFile(wheel).namelist()
    assert not any(name.startswith(("tests/", "fixtures/", "rules/")) for name in packed)
    for rule in load_catalogue():
        assert {f"klplint/rules/{rule.directory.name}/{n}" for n in ("rule.toml", "README.md")} <= {
            *packed
        }
    return wheel


def expect_it_works(environment: Path) -> None:
    """klplint is installed into the environment whole, and finds there what it does here."""
    listed = run(environment / "bin/klplint", "rules")
    assert [line.split()[0] for line in listed.splitlines()] == [r.code for r in load_catalogue()]
    got = run(environment / "bin/klplint", "-f", "json", "--exit-zero", MINIKERNEL)
    assert got == klplint("-f", "json", "--exit-zero", MINIKERNEL).stdout
    assert (environment / "share/man/man1/klplint.1").read_bytes() == (
        ROOT / "man/klplint.1"
    ).read_bytes()


def test_the_wheel_works_where_its_dependencies_are(tmp_path: Path) -> None:
    """Without a network: the build backend and the dependencies are those that are here."""
    wheel = build(tmp_path, "--no-isolation")
    new = tmp_path / "new"
    run(sys.executable, "-m", "venv", "--without-pip", new)
    installed = ("install", "-q", "--no-deps", "--no-index", wheel)
    run(sys.executable, "-m", "pip", "--python", new / "bin/python", *installed)
    (site,) = new.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    assert str(site) in run(new / "bin/python", "-c", "import klplint; print(klplint.__file__)")
    expect_it_works(new)


@pytest.mark.network
def test_the_wheel_works_in_a_new_environment(tmp_path: Path) -> None:
    """As users do it: pip gets what the wheel depends on."""
    wheel = build(tmp_path)
    run(sys.executable, "-m", "venv", tmp_path / "new")
    run(tmp_path / "new/bin/pip", "install", "-q", wheel)
    expect_it_works(tmp_path / "new")
    for page in PAGES:
        if sessions(page):
            expect_what_is_shown(page, scratch_tree(tmp_path / page.stem), tmp_path / "new/bin")
