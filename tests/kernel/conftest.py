"""Real kernels for the tests that need one, each surveyed once."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.rule import Rule
from klplint.engine.coverage import Coverage, account
from klplint.engine.fact_collection import Survey
from klplint.engine.lint import gather, judge, watch_of
from klplint.engine.queries import ask
from klplint.engine.session import Session, Setup
from klplint.facts.file_facts import FileFacts, Unreadable
from klplint.findings.finding import Finding, Result
from klplint.kernel.tree import DEFAULT_EXCLUDES, find_sources
from klplint.progress import Silence

_HERE = Path(__file__).parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "klplint"
_OUT_OF_REACH = 75


class KernelRun(NamedTuple):
    """A kernel as klplint sees it: its facts, its findings, its coverage."""

    tree: Path
    version: str
    rules: tuple[Rule, ...]
    facts: tuple[FileFacts | Unreadable, ...]
    result: Result
    coverage: Coverage

    def findings(self, *codes: str) -> list[Finding]:
        """The findings of some rules."""
        return [finding for finding in self.result.findings if finding.code in codes]


def script(name: str, *arguments: object) -> Path:
    """The tree that a script beside this file prepares; skips where its archive is out of reach."""
    command = [str(_HERE / name), *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode == _OUT_OF_REACH:
        pytest.skip(f"{name} {arguments[0]}: no package archive can be reached")
    assert done.returncode == 0, f"{name} {arguments[0]} failed"
    return Path(done.stdout.strip())


@cache
def kernel_tree(version: str) -> Path:
    """A kernel's tree: KLPLINT_TEST_TREE if it is of this version, else Debian's package."""
    given = os.environ.get("KLPLINT_TEST_TREE")
    if given:
        makefile = (Path(given) / "Makefile").read_text()
        if f"\nPATCHLEVEL = {version.split('.')[1]}\n" in makefile:
            return Path(given)
    return script("get-kernel", version, _CACHE / "kernels")


def surveyed(tree: Path, *exclude: str) -> tuple[FileFacts | Unreadable, ...]:
    """The facts of a whole tree."""
    sources = find_sources([tree], None, [*DEFAULT_EXCLUDES, *exclude])
    with Session(sources, Setup(2), Silence()) as session:
        return tuple(Survey(session).facts(watch_of(load_catalogue())))


@cache
def run_on(version: str) -> KernelRun:
    """A full run on one kernel."""
    tree, rules = kernel_tree(version), load_catalogue()
    facts = surveyed(tree)
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    known, unreadable = gather(facts)
    with Session(sources, Setup(2), Silence()) as session:
        tree_facts = ask(known, [rule.check for rule in rules], session)
    result = judge(known, unreadable, tree_facts, sources, rules)
    return KernelRun(tree, version, rules, facts, result, account(facts))


@pytest.fixture(params=["6.12", "6.1"])
def kernel_run(request: pytest.FixtureRequest) -> KernelRun:
    """A full run on Linux 6.12 and on 6.1."""
    return run_on(request.param)


def run_klplint(*arguments: object, jobs: int = 2) -> subprocess.CompletedProcess[bytes]:
    """klplint as a user starts it."""
    command = [sys.executable, "-m", "klplint", "check", "--isolated", "-j", str(jobs)]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True)
