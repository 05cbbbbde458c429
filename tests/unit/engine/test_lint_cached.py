"""The cache: what a run keeps, what the next one need not do again, and what goes wrong."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from klplint.cache.directory import NAME, PRECOMPILED, STUB_HEADERS, describe, empty
from klplint.cache.entries import Cache
from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.compile_targets import CompileTargets
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.errors import KlplintError
from klplint.facts.watch import Watch
from klplint.findings.finding import Result
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from klplint.statistics import Statistics
from tests.support.paths import MINIKERNEL
from tests.support.recorder import Recorder


@pytest.fixture
def tree(minikernel: Path) -> Path:
    """A small kernel whose files changed long ago."""
    for file in minikernel.rglob("*"):
        os.utime(file, (1, 1))
    time.sleep(0.01)
    return minikernel


def run(
    tree: Path, cache: Path | None, *select: str, jobs: int = 2
) -> tuple[Result, dict[str, int]]:
    """A run on a tree: its result, and what it counted."""
    catalogue, statistics = load_catalogue(), Statistics()
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    rules = select_rules(catalogue, select, ())
    setup = Execution(jobs=jobs, cache=cache)
    result = lint(Plan(sources, rules, setup, catalogue), Silence(), statistics)
    return result, dict(statistics.counts)


@pytest.fixture
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: these tests do not wait."""
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 0)
    monkeypatch.setattr("klplint.index.tree_index.SETTLED", 0)


def test_nothing_is_parsed_twice(tree: Path, tmp_path: Path, no_clock: None) -> None:
    plain, _ = run(tree, None)
    cold, first = run(tree, tmp_path / "cache")
    warm, second = run(tree, tmp_path / "cache", jobs=1)
    assert plain == cold == warm
    assert first["parses"] > 10
    assert second == {"results cached": 1}


def test_other_rules_cost_no_parse(tree: Path, tmp_path: Path) -> None:
    _, first = run(tree, tmp_path / "cache")
    assert first["files analysed"] > 10
    for select in (["KLP001"], ["KLP003"], ["KLP002", "KLP006"]):
        alone, counts = run(tree, tmp_path / "cache", *select)
        assert counts.get("parses", 0) == 0
        assert alone == run(tree, None, *select)[0]


def test_one_changed_file_is_one_parse(tree: Path, tmp_path: Path, no_clock: None) -> None:
    _, first = run(tree, tmp_path / "cache")
    file = tree / "lib" / "once_table.c"
    file.write_text(file.read_text().replace("once_table_fill", "once_table_pour"))
    changed, counts = run(tree, tmp_path / "cache")
    assert counts["files analysed"] == 1
    assert counts["files searched"] < first["files searched"]
    assert changed == run(tree, None)[0]
    assert changed != run(MINIKERNEL, None)[0]


def test_few_files_do_with_headers_that_were_precompiled_for_others(
    tree: Path, tmp_path: Path, no_clock: None
) -> None:
    run(tree, tmp_path / "cache")
    made = sorted((tmp_path / "cache" / PRECOMPILED).iterdir())
    for file in made:
        os.utime(file, (1, 1))
    changed = tree / "drivers/net/ringdev.c"
    changed.write_text("#include <linux/delay.h>\n" + changed.read_text())
    assert run(tree, tmp_path / "cache")[0] == run(tree, None)[0]
    assert sorted((tmp_path / "cache" / PRECOMPILED).iterdir()) == made
    assert sum(file.stat().st_mtime > 1 for file in made) == 1, "one is used again"


def test_what_a_run_did_not_ask_the_next_one_brings_up_to_date(
    tree: Path, tmp_path: Path, no_clock: None
) -> None:
    run(tree, tmp_path / "cache")
    file = tree / "lib" / "once_table.c"
    file.write_text(file.read_text().replace("once_table_fill", "once_table_pour"))
    run(tree, tmp_path / "cache", "KLP001")
    (tree / "lib" / "late.c").write_text("void f(void)\n{\n\tsmp_rmb(); /* see g() */\n}\n")
    for _ in range(2):
        assert run(tree, tmp_path / "cache")[0] == run(tree, None)[0]


def test_a_changed_header_counts(tree: Path, tmp_path: Path) -> None:
    run(tree, tmp_path / "cache")
    header = next((tree / "include").rglob("livepatch.h"))
    header.write_text("#define klp_else(t) klp_update_patch_state(t)\n" + header.read_text())
    (tree / "lib" / "late.c").write_text("void f(void *t)\n{\n\tklp_else(t);\n}\n")
    changed, counts = run(tree, tmp_path / "cache")
    assert counts["parses"] > 0
    assert changed == run(tree, None)[0]


def test_a_file_that_is_gone_and_one_that_is_new(tree: Path, tmp_path: Path) -> None:
    run(tree, tmp_path / "cache")
    (tree / "lib" / "once_table.c").unlink()
    (tree / "lib" / "new.c").write_text("void f(void)\n{\n\tsmp_rmb();\n}\n")
    changed, _ = run(tree, tmp_path / "cache")
    assert changed == run(tree, None)[0]
    files = {finding.place.file for finding in changed.findings}
    assert "lib/new.c" in files
    assert "lib/once_table.c" not in files


def test_a_change_of_the_same_size_a_moment_later_is_seen(tree: Path, tmp_path: Path) -> None:
    """As editors and scripts make them; no_clock is not used: this is what it is for."""
    file = tree / "lib" / "quick.c"
    file.write_text("void f(void)\n{\n\tsmp_rmb(); /* pairs with a() */\n}\nvoid a(void);\n")
    stamp = time.time_ns()
    os.utime(file, ns=(stamp, stamp))
    run(tree, tmp_path / "cache")
    file.write_text("void f(void)\n{\n\tsmp_wmb(); /* pairs with a() */\n}\nvoid a(void);\n")
    os.utime(file, ns=(stamp, stamp))
    assert run(tree, tmp_path / "cache")[0] == run(tree, None)[0]


class Meddler(Silence):
    """Changes a file when the analysis begins: between its key and its facts."""

    def __init__(self, file: Path, text: str) -> None:
        self._file, self._text = file, text

    def begin(self, phase: str, steps: int) -> None:
        """Now."""
        if phase == "analysing":
            self._file.write_text(self._text)


def test_what_changes_during_a_run_is_not_kept(tree: Path, tmp_path: Path) -> None:
    file = tree / "lib" / "once_table.c"
    before, setup = file.read_text(), Execution(jobs=2, cache=tmp_path / "cache")
    meddler = Meddler(file, before.replace("once_table_fill", "once_table_pour"))
    lint(Plan(find_sources([tree], None, ()), load_catalogue(), setup), meddler)
    file.write_text(before)
    assert run(tree, tmp_path / "cache")[0] == run(tree, None)[0]


def test_facts_are_not_kept_for_a_text_that_came_later(
    tree: Path, tmp_path: Path, no_clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an empty cache, keys are worked out when the files are analysed already."""
    file, key, changed = tree / "lib" / "once_table.c", CompileTargets.key, list[str]()

    def late(targets: CompileTargets, name: str, watch: Watch) -> bytes | None:
        if name == "lib/once_table.c" and not changed:
            time.sleep(0.02)  # more than a tick of the file system's clock
            file.write_text(file.read_text().replace("once_table_fill", "once_table_pour"))
            changed.append(name)
        return key(targets, name, watch)

    with monkeypatch.context() as patched:
        patched.setattr(CompileTargets, "key", late)
        before, counts = run(tree, tmp_path / "cache")
    assert (changed, counts["files cached"]) == (["lib/once_table.c"], 0)
    after, _ = run(tree, tmp_path / "cache")
    assert after == run(tree, None)[0] != before


def test_a_damaged_file_is_begun_again(tree: Path, tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    run(tree, directory)
    content = bytearray((directory / NAME).read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    (directory / NAME).write_bytes(content)
    assert run(tree, directory)[0] == run(tree, None)[0]
    for rubbish in (b"", b"no database at all" * 99):
        (directory / NAME).write_bytes(rubbish)
        assert run(tree, directory)[0] == run(tree, None)[0]


def test_entries_that_make_no_sense_are_as_good_as_none(tree: Path, tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    run(tree, directory)
    with sqlite3.connect(directory / NAME) as connection:
        connection.execute("update entries set value = x'ff00'")
    assert run(tree, directory)[0] == run(tree, None)[0]


def test_another_version_s_tables_are_thrown_away(tree: Path, tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    run(tree, directory)
    with sqlite3.connect(directory / NAME) as connection:
        connection.execute("alter table entries rename column value to content")
        connection.execute("pragma user_version = 99")
    assert run(tree, directory)[0] == run(tree, None)[0]


def test_another_version_s_entries_are_not_used(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tree, tmp_path / "cache")
    monkeypatch.setattr("klplint.cache.keys._code_digest", lambda: b"another version")
    changed, counts = run(tree, tmp_path / "cache")
    assert counts["parses"] > 10
    assert changed == run(tree, None)[0]


def test_a_run_that_is_killed_leaves_a_cache_that_serves(tree: Path, tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    command = [
        sys.executable,
        "-m",
        "klplint",
        "check",
        "--isolated",
        "--cache-dir",
        str(directory),
    ]
    for seconds in (0.5, 0.8, 1.1):
        started = subprocess.Popen(
            [*command, str(tree)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(seconds)
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
    assert run(tree, directory)[0] == run(tree, None)[0]


def test_a_directory_that_cannot_be_written(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KlplintError, match="--cache-dir, or pass --no-cache"):
        run(tree, tmp_path / "file" / "cache")


def test_info_and_clear(tree: Path, tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    assert describe(directory)[0].endswith("(does not exist yet)")
    assert describe(directory)[2] == "entries:              0"
    run(tree, directory)
    (directory / "mine.txt").write_text("not klplint's")
    assert describe(directory)[2] != "entries:              0"
    assert empty(directory) > 0
    assert [entry.name for entry in directory.iterdir()] == ["mine.txt"]
    assert empty(directory) == 0


def test_a_cache_within_the_tree_is_no_source_and_nothing_to_commit(tree: Path) -> None:
    directory = tree / "drivers" / "cache"
    first = run(tree, directory)[0]
    assert list(directory.rglob("*.h"))
    assert (directory / ".gitignore").read_text() == "*\n"
    assert run(tree, directory)[0] == run(tree, None)[0] == first


def test_a_directory_that_holds_other_things_is_not_marked(tree: Path) -> None:
    run(tree, tree / "drivers")
    assert not (tree / "drivers" / "CACHEDIR.TAG").exists()


SOURCE = "#include <linux/sched.h>\n%s\nvoid FN(void)\n{\n\tsmp_rmb();\n}\n"


@pytest.mark.parametrize(
    ("file", "include", "header"),
    [
        ("lib/a.c", '#define HDR "loc.h"\n#include HDR', "lib/loc.h"),
        ("lib/a.c", '#include "../kernel/sched/loc.h"', "kernel/sched/loc.h"),
        ("drivers/net/a.c", '#include "../kernel/loc.h"', "kernel/loc.h"),  # through include/
        ("lib/a.c", "#include <linux/leads_out.h>", "kernel/loc.h"),
        ("lib/a.c", '#/**/include \\\n "loc.h"', "lib/loc.h"),
        ("lib/a.c", '#if __has_include("loc.h")\n#import "loc.h"\n#endif', "lib/loc.h"),
    ],
)
def test_a_header_counts_however_it_is_included(
    file: str, include: str, header: str, tree: Path, tmp_path: Path
) -> None:
    (tree / "include/linux/leads_out.h").write_text('#include "../../kernel/loc.h"\n')
    (tree / file).write_text(SOURCE % include)
    for name in ("fn_one", "fn_two"):
        (tree / header).write_text(f"#define FN {name}\n")
        got = run(tree, tmp_path / "cache", "KLP003")[0]
        assert got == run(tree, None, "KLP003")[0]
        assert name in {finding.function for finding in got.findings}


@pytest.mark.parametrize("flag", ["-include $(srctree)/new/loc.h", "-isystem $(srctree)/new"])
def test_a_header_counts_that_a_makefile_names(flag: str, tree: Path, tmp_path: Path) -> None:
    for directory in ("new", "drivers/q"):
        (tree / directory).mkdir()
    (tree / "drivers/q/Makefile").write_text(f"ccflags-y += {flag}\n")
    (tree / "drivers/q/a.c").write_text(SOURCE % ("#include <loc.h>" if "sys" in flag else ""))
    for name in ("fn_one", "fn_two"):
        (tree / "new/loc.h").write_text(f"#define FN {name}\n")
        got = run(tree, tmp_path / "cache", "KLP003")[0]
        assert name in {finding.function for finding in got.findings}


def test_another_file_s_macro_renames_no_function(tree: Path, tmp_path: Path) -> None:
    (tree / "include/linux/renames.h").write_text("#define fn_one fn_other\n")
    (tree / "lib/a.c").write_text((SOURCE % "").replace("FN", "fn_one"))
    (tree / "lib/b.c").write_text((SOURCE % "#include <linux/renames.h>").replace("FN", "fn_one"))
    got = run(tree, tmp_path / "cache", "KLP003")[0].findings
    functions = {f.place.file: f.function for f in got if f.place.file.startswith("lib/")}
    assert functions == {**functions, "lib/a.c": "fn_one", "lib/b.c": "fn_other"}


@pytest.mark.parametrize("damage", ["remove", "garble"])
def test_stand_ins_that_are_damaged_are_made_again(damage: str, tree: Path, tmp_path: Path) -> None:
    run(tree, tmp_path / "cache")
    shutil.rmtree(tmp_path / "cache" / PRECOMPILED)
    for file in (tmp_path / "cache" / STUB_HEADERS).rglob("*.h"):
        if damage == "remove":
            file.unlink()
        else:
            file.write_text("#error x{{{\n")
    changed = tree / "drivers/net/ringdev.c"
    changed.write_text(changed.read_text() + "/* changed */\n")
    assert run(tree, tmp_path / "cache")[0] == run(tree, None)[0]


@pytest.mark.parametrize("old", [b"once_table_fill", b"smp_rmb"])
def test_values_that_are_damaged_are_as_good_as_none(
    old: bytes, tree: Path, tmp_path: Path
) -> None:
    expected = run(tree, tmp_path / "cache")[0]
    file = tmp_path / "cache" / NAME
    for new in (old[:-1] + b"x", old[:-1] + b"\xd6"):
        file.write_bytes(file.read_bytes().replace(old, new))
        assert run(tree, tmp_path / "cache")[0] == expected


def test_another_program_s_database_is_left_alone(tree: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / NAME)) as other:
        other.execute("create table entries (a, b)")
        other.commit()
    progress = Recorder()
    Cache(tmp_path, progress.note).close()
    assert "the database of another program" in progress.sentences[0]
    assert run(tree, tmp_path)[0] == run(tree, None)[0]


def test_headers_that_cannot_be_kept_are_written_elsewhere(tree: Path, tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    directory.mkdir()
    (directory / STUB_HEADERS).write_text("")
    (directory / PRECOMPILED).symlink_to(tmp_path / "nowhere")
    assert run(tree, directory)[0] == run(tree, None)[0]


def test_a_name_that_is_no_utf_8(tree: Path, tmp_path: Path) -> None:
    bad = tree / "lib" / os.fsdecode(b"\xff.c")
    bad.write_text((SOURCE % "").replace("FN", "fn_one"))
    for _ in range(2):
        got = run(tree, tmp_path / "cache", "KLP003")[0]
        assert f"lib/{bad.name}" in {finding.place.file for finding in got.findings}


def test_a_header_that_has_just_changed_keeps_no_facts_of_others_out_of_the_cache(
    tree: Path, tmp_path: Path
) -> None:
    """An empty cache makes no difference to that: facts are of the headers as they were read."""
    then = time.time() - 60
    for file in tree.rglob("*"):
        os.utime(file, (then, then))
    time.sleep(3.1)  # the times of inodes cannot be set
    (tree / "include/linux/wait.h").touch()
    run(tree, tmp_path / "cache")
    time.sleep(3.1)
    _, counts = run(tree, tmp_path / "cache")
    assert "files analysed" not in counts
    assert counts["files cached"] > 5
