"""A file has the same findings whether it is linted alone, in a batch, or with the whole tree."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.command import klplint
from tests.support.paths import MINIKERNEL, ROOT

Findings = dict[str, list[object]]


def findings(*paths: Path, options: tuple[object, ...] = ()) -> Findings:
    """The findings of some files, by file."""
    done = klplint("-q", "--isolated", "-f", "json", *options, *paths)
    assert done.returncode in (0, 1), done.stderr
    by_file: defaultdict[str, list[object]] = defaultdict(list)
    for finding in json.loads(done.stdout)["findings"]:
        by_file[finding["file"]].append(finding)
    return dict(by_file)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    return "--cache-dir", tmp_path_factory.mktemp("cache")


def test_files_of_a_tree_one_by_one(cache: tuple[object, ...]) -> None:
    whole = findings(MINIKERNEL, options=cache)
    assert len(whole) > 5
    for path in sorted({*MINIKERNEL.rglob("*.[ch]")} - {*(MINIKERNEL / "tools").rglob("*")}):
        name = path.relative_to(MINIKERNEL).as_posix()
        alone = findings(path, options=cache)
        assert alone.get(name, []) == whole.get(name, []), name


@pytest.mark.parametrize("rule", ["KLP001", "KLP002", "KLP006"])
def test_files_of_another_project_one_by_one(rule: str, cache: tuple[object, ...]) -> None:
    options = (*cache, "--kernel", MINIKERNEL, "--select", rule)
    directory = ROOT / "fixtures" / rule
    whole = findings(directory, options=options)
    assert len(whole) > 5
    for path in sorted(directory.glob("*.[ch]")):
        alone = findings(path, options=options)
        assert alone.get(path.name, []) == whole.get(path.name, []), path
