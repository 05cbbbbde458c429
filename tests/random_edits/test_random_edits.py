"""A few trees that change at random; `make test-random-edits` changes many more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from klplint.engine import completing, replay
from klplint.engine.dependencies import Dependencies
from klplint.engine.files_read import FilesRead
from tests.random_edits import run
from tests.support.paths import ROOT


def test_the_cache_gives_what_a_run_without_it_finds() -> None:
    command = [sys.executable, "-m", "tests.random_edits.run", "--trees", "5", "--steps", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    counts = {name: int(count.replace(",", "")) for count, name in lines}
    assert counts["results compared"] == 40
    assert counts["files cached"] > 40
    assert counts["files analysed"] > 40


# What is broken, the answer that it gives instead, and the seed of a tree that shows it.
BROKEN: dict[str, tuple[object, str, object, int]] = {
    "names on the include path": (FilesRead, "in_headers", [], 7),
    "headers beside a header": (FilesRead, "located", None, 15),
    "the headers before a file": (Dependencies, "_common_names", (), 21),
    "answers": (replay.Digests, "of", b"", 5),
    "partners": (replay, "_digest_of_partners", b"", 2),
    "texts": (completing, "signature_of", (1, 1, 1, 1), 14),
}


@pytest.mark.parametrize("part", BROKEN)
def test_a_key_that_misses_something_is_noticed(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, name, answer, seed = BROKEN[part]
    monkeypatch.setattr(kind, name, lambda *_: answer)
    with pytest.raises(run.Wrong, match="expected: "):
        run.change_trees([seed], 6, tmp_path)
