"""--compile-commands on whole runs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import klplint
from tests.support.compile_databases import database, sample
from tests.support.paths import IDLE, MINIKERNEL


def test_stale_entries_do_no_harm(tmp_path: Path) -> None:
    gone = {"directory": "/no/such/directory", "file": "gone.c", "command": "gcc -DGONE gone.c"}
    done = klplint("--compile-commands", database(tmp_path, gone), IDLE)
    assert done.stdout == klplint(IDLE).stdout


def test_a_malformed_database_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text('[{"file": "a.c"}]')
    for path_given in (path, tmp_path / "nowhere.json"):
        done = klplint("--compile-commands", path_given, IDLE)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("klplint: ")
        assert str(path_given) in done.stderr
        assert done.stderr.count("\n") == 1


def test_the_database_at_the_trees_root_is_found(tmp_path: Path) -> None:
    for name in ("arch", "include"):
        (tmp_path / name).symlink_to(MINIKERNEL / name)
    (tmp_path / "Makefile").write_text((MINIKERNEL / "Makefile").read_text())
    (tmp_path / "lib").mkdir()
    sample(tmp_path / "lib", "-DSAMPLE").rename(tmp_path / "compile_commands.json")
    done = klplint("coverage", "-f", "json", tmp_path / "lib")
    document = json.loads(done.stdout)
    assert document["parses"] == 1
    assert [o["how"] for o in document["occurrences"]] == ["ast"]
