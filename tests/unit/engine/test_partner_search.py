"""The search for partners in a tree: what is read again, and what a configuration adds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.engine.tree_contexts import read_directory
from klplint.findings.finding import Finding, Result
from klplint.kernel.sources import find_sources
from klplint.partners.access_rules import AccessRules, Helper
from klplint.partners.collect import ContextReader
from klplint.partners.object_index import Sited
from klplint.partners.ranking import Candidate, Ranking
from klplint.process_pool import Workers
from klplint.progress import Silence
from klplint.worker_process import Failure
from tests.support.barrier_samples import GAUGE, RING
from tests.support.paths import MINIKERNEL


def written(directory: Path, **texts: str) -> None:
    """Files that changed long enough ago for the cache."""
    for name, text in texts.items():
        file = directory / name / f"{name}.c"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        os.utime(file, (1, 1))


def linted(directory: Path, **settings: object) -> Result:
    rules = select_rules(load_catalogue(), ["KLP003"], [])
    sources = find_sources([directory], MINIKERNEL, ())
    execution = msgspec.structs.replace(Execution(jobs=1, parse=False), **settings)
    return lint(Plan(sources, rules, execution), Silence())


def findings(directory: Path, **settings: object) -> tuple[Finding, ...]:
    return linted(directory, **settings).findings


def partners_in(listed: tuple[Finding, ...]) -> list[str]:
    pieces = (finding.message.partition("the partner is ")[2] for finding in listed)
    return [piece.partition(" (")[0] for piece in pieces]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    written(tree, ring=RING.replace("/* pairs with gauge_write() */", ""), gauge=GAUGE)
    return tree


def test_findings_name_the_partner(tree: Path) -> None:
    assert "smp_wmb() in ring_push()" in partners_in(findings(tree))


def test_without_partners_messages_name_none(tree: Path) -> None:
    assert set(partners_in(findings(tree, partners=False))) == {""}


def test_only_what_changed_is_read_again(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(text: str, path: str, rules: AccessRules) -> ContextReader:
        read.append(path)
        return ContextReader(text, path, rules)

    monkeypatch.setattr("klplint.partners.directories.ContextReader", noted)
    monkeypatch.setattr("klplint.engine.tree_contexts.are_settled", lambda _: True)
    cache = tmp_path / "cache"
    first = findings(tree, cache=cache)
    assert {"ring/ring.c", "gauge/gauge.c"} <= set(read)
    read.clear()
    assert findings(tree, cache=cache) == first
    assert read == []
    written(tree, gauge=GAUGE.replace("gauge_write", "gauge_set"))
    later = findings(tree, cache=cache)
    assert read == ["gauge/gauge.c"]
    assert later == findings(tree)


@pytest.mark.parametrize(
    ("old", "new", "is_ranked"),
    [
        ("", "/* Two\n * lines */\n\n", False),
        ("\nvoid ring_push", "\nint ring_size;\n\n\nvoid ring_push", False),
        ("smp_wmb();", "\n\tsmp_wmb();", True),
    ],
    ids=["at the start", "above a function", "in a function"],
)
def test_partners_are_ranked_again_only_if_lines_of_functions_change(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, is_ranked: bool
) -> None:
    ranked: list[object] = []
    original = Ranking.candidates

    def noted(ranking: Ranking, reader: Sited) -> list[Candidate]:
        ranked.append(reader)
        return original(ranking, reader)

    monkeypatch.setattr(Ranking, "candidates", noted)
    monkeypatch.setattr("klplint.engine.tree_contexts.are_settled", lambda _: True)
    ring = RING.replace("/* pairs with gauge_write() */", "")
    cache = tmp_path / "cache"
    findings(tree, cache=cache)
    assert ranked
    assert old in ring
    ranked.clear()
    written(tree, ring=ring.replace(old, new, 1))
    later = findings(tree, cache=cache)
    assert bool(ranked) == is_ranked
    assert later == findings(tree)
    assert "smp_wmb() in ring_push()" in partners_in(later)


@pytest.mark.parametrize("failing", [("ring",), ("gauge",), ("ring", "gauge")])
def test_files_that_cannot_be_read_are_reported_and_read_by_the_next_run(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: tuple[str, ...]
) -> None:
    missing = tuple(sorted(f"{name}/{name}.c" for name in failing))
    run = Workers.run

    def partly_failing(
        workers: Workers,
        function: Callable[..., object],
        tasks: Iterable[tuple[object, ...]],
        *rest: float,
    ) -> Iterator[tuple[int, object]]:
        for number, task in enumerate(tasks):
            files = task[1] if function is read_directory else ()
            if isinstance(files, list) and set(files) & set(missing):
                yield number, Failure("killed")
            else:
                yield from ((number, result) for _, result in run(workers, function, [task], *rest))

    monkeypatch.setattr("klplint.engine.tree_contexts._FEW", -1)
    monkeypatch.setattr("klplint.engine.tree_contexts.are_settled", lambda _: True)
    cache = tmp_path / "cache"
    with monkeypatch.context() as patched:
        patched.setattr(Workers, "run", partly_failing)
        result = linted(tree, cache=cache)
    assert result.gaps == missing
    partner = "" if "ring" in failing else "smp_wmb() in ring_push()"
    assert partners_in(result.findings) == [partner]
    later = linted(tree, cache=cache)
    assert later.gaps == ()
    assert later.findings == findings(tree)


def test_what_nests_too_deep_is_silent_and_the_rest_is_read(tree: Path) -> None:
    written(tree, gauge="void f(struct a *a)\n{\n" + "\tif (a)\n" * 4000 + "\t\tsmp_wmb();\n}\n")
    assert "smp_wmb() in ring_push()" in partners_in(findings(tree))


def test_a_configuration_may_describe_helpers() -> None:
    (rule,) = select_rules(load_catalogue(), ["KLP003"], [])
    assert isinstance(rule.check, ReadBarrierCheck)
    check = msgspec.structs.replace(rule.check, helpers=(Helper(names=("my_put",), stores=(1,)),))
    effects = check.access_rules.effects("my_put")
    assert effects is not None
    assert effects.stores == (1,)
