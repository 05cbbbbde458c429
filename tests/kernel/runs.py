"""Real kernels for the tests that need one, each linted once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from klplint.cache.directory import default_directory
from klplint.catalogue.load import load_catalogue
from klplint.catalogue.rule import Rule
from klplint.catalogue.select import select_rules
from klplint.engine.coverage import Coverage, cover
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.engine.session import Session
from klplint.engine.stages import collect_facts
from klplint.facts.file_facts import FileFacts
from klplint.findings.finding import Finding, Result
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import Sources, find_sources
from klplint.progress import Silence

_HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "klplint"
_OUT_OF_REACH = 75


class KernelRun(NamedTuple):
    """A kernel as klplint sees it: its facts, its findings, its coverage."""

    tree: Path
    version: str
    rules: tuple[Rule, ...]
    facts: dict[str, FileFacts]
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
    return script("get-kernel", version, CACHE / "kernels")


def plan_for(tree: Path, *exclude: str) -> Plan:
    """The plan that `klplint check` makes for a whole tree."""
    return plan_of(find_sources([tree], None, [*DEFAULT_EXCLUDES, *exclude]))


def plan_of(sources: Sources, codes: Collection[str] = ()) -> Plan:
    """The plan that `klplint check` makes for sources, with all rules or those with these codes.

    It caches, in the cache of the tests: a file that is in several trees is parsed once.
    """
    catalogue = load_catalogue()
    rules = select_rules(catalogue, sorted(codes), [])
    return Plan(sources, rules, Execution(jobs=2, cache=default_directory()), catalogue)


def facts_of(plan: Plan) -> dict[str, FileFacts]:
    """The facts of a plan's files; fails where one cannot be read."""
    with Session(plan.sources, plan.execution, Silence()) as session:
        collected = collect_facts(plan, session)
    assert collected.unreadable == ()
    return collected.facts


@cache
def run_on(version: str) -> KernelRun:
    """A full run on one kernel, by the functions that the commands call."""
    plan = plan_for(kernel_tree(version))
    result, coverage = lint(plan, Silence()), cover(plan, Silence())
    return KernelRun(plan.sources.root, version, plan.rules, facts_of(plan), result, coverage)


def run_klplint(*arguments: object, jobs: int = 2) -> subprocess.CompletedProcess[bytes]:
    """klplint as a user starts it."""
    command = [sys.executable, "-m", "klplint", "check", "--isolated", "-j", str(jobs)]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True)
