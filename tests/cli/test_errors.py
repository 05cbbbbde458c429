"""Every kind of error, end to end: exit status 2 and one sentence on standard error."""

from __future__ import annotations

import gc
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from klplint import errors
from klplint.cli.commands import main

MINIKERNEL = Path(__file__).parents[2] / "fixtures" / "minikernel"
SOURCE = "drivers/a.c"
CALL = "void f(struct task_struct *t)\n{\n\tklp_update_patch_state(t);\n}\n"
DIFF = f"--- a/{SOURCE}\n+++ b/{SOURCE}\n@@ -1,1 +1,2 @@\n void f(struct task_struct *t)\n+/* */\n"


@pytest.fixture(autouse=True)
def process_restored() -> Iterator[None]:
    """Undo what a command changes of its process, which it expects to end."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel tree with one source file, which is the current directory."""
    root = tmp_path / "linux"
    shutil.copytree(
        MINIKERNEL, root, ignore=shutil.ignore_patterns("drivers", "fs", "kernel", "lib")
    )
    (root / "drivers").mkdir()
    (root / SOURCE).write_text(CALL)
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return root


class Case(NamedTuple):
    kind: type[errors.KlplintError]
    words: str
    """The command line; {tree} is the tree's directory."""
    expected: str
    """What the sentence has to contain."""
    prepare: Callable[[Path], object] = lambda _: None
    """What is done in the tree first."""


def written(name: str, content: str) -> Callable[[Path], object]:
    """Write a file of the tree."""

    def prepare(tree: Path) -> None:
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    return prepare


def both(*steps: Callable[[Path], object]) -> Callable[[Path], object]:
    """Do one step after the other."""

    def prepare(tree: Path) -> None:
        for step in steps:
            step(tree)

    return prepare


def without_temporary_directory(_: Path) -> None:
    """Let Python find no directory for temporary files."""
    tempfile.tempdir = "/no/such/directory"


@pytest.fixture(autouse=True)
def temporary_directory_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())


def git_repository(tree: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tree)], check=True)


USAGE, CONFIG, TREE = errors.UsageError, errors.ConfigError, errors.TreeError
PATCH, BASELINE = errors.PatchError, errors.BaselineError
CACHE, OUTPUT = errors.CacheError, errors.OutputError

CASES = [
    Case(USAGE, "chekc", "did you mean check"),
    Case(USAGE, "-j 1 pairs", "klplint pairs"),
    Case(USAGE, "--select KLP1 .", 'KLP1" (did you mean KLP'),
    Case(USAGE, "--ignore KLP .", "--select"),
    Case(USAGE, "explain nothing", "klplint rules"),
    Case(USAGE, "explain KLP00", "KLP000, KLP001"),
    Case(USAGE, "--exclude ! .", "--exclude: "),
    Case(USAGE, "--patch p --diff-from HEAD .", "--patch and --diff-from"),
    Case(USAGE, "baseline .", "-o FILE"),
    Case(USAGE, "pairs --select KLP001 .", "KLP003"),
    Case(USAGE, "--kbuild", 'CHECK="klplint --kbuild"'),
    Case(CONFIG, "--config klplint.toml .", "klplint.toml: "),
    Case(CONFIG, ".", "klplint.toml:1: selct: ", written("klplint.toml", "selct = []")),
    Case(CONFIG, ".", "klplint.toml:1: jobs: ", written("klplint.toml", "jobs = '1'")),
    Case(CONFIG, ".", "klplint.toml:1: arch: ", written("klplint.toml", "arch = 'vax'")),
    Case(CONFIG, ".", "klplint.toml:2: ignore: ", written("klplint.toml", "\nignore = ['K']")),
    Case(
        CONFIG,
        ".",
        "klplint.toml:2: rule.KLP001.code: ",
        written("klplint.toml", "[rule.KLP001]\ncode = 'X001'"),
    ),
    Case(CONFIG, "--rules nowhere .", "nowhere: "),
    Case(CONFIG, "--rules drivers .", "drivers: "),
    Case(CONFIG, "--rules r .", "r/X/rule.toml:1: check: ", written("r/X/rule.toml", "check = 1")),
    Case(TREE, "/no/such/file", "/no/such/file: "),
    Case(TREE, "--kernel drivers .", "drivers: "),
    Case(TREE, "--arch x68 .", "did you mean x86"),
    Case(TREE, f"{{tree}} {MINIKERNEL}", "different kernel trees"),
    Case(TREE, ".", "compile_commands.json: ", written("compile_commands.json", "{")),
    Case(TREE, "--kbuild gone.c", "gone.c: "),
    Case(TREE, f"--patch p new {SOURCE}", "new: ", written("p", DIFF)),
    Case(PATCH, "--patch nowhere .", "nowhere: "),
    Case(PATCH, "--patch p .", "p: ", written("p", "Dear all,\n")),
    Case(PATCH, "--patch p .", "p:4: ", written("p", DIFF.replace("void f", "void g"))),
    Case(PATCH, "--patch p .", "p:5: ", written("p", DIFF.replace("+1,2", "+1,9"))),
    Case(PATCH, "--patch p .", "p:2: ", written("p", DIFF.replace(SOURCE, "other.c"))),
    Case(PATCH, "--diff-from HEAD .", "git"),
    Case(PATCH, "--diff-from v6.12 .", "--diff-from v6.12: ", git_repository),
    Case(BASELINE, "--baseline nowhere .", "nowhere: "),
    Case(BASELINE, "--baseline b .", "b:1: ", written("b", "KLP001\n")),
    Case(BASELINE, "--baseline b .", "b:1: ", written("b", "# klplint baseline 9\n# end\n")),
    Case(BASELINE, "--baseline b .", "b:2: ", written("b", "# klplint baseline 1\nKLP001")),
    Case(
        BASELINE,
        "--baseline b .",
        "b:2: ",
        written("b", "# klplint baseline 1\n<<<<<<< ours\n# end\n"),
    ),
    Case(CACHE, "--cache-dir Makefile .", "Makefile: "),
    Case(CACHE, "cache info --cache-dir Makefile", "Makefile: "),
    Case(CACHE, "--no-cache .", "/no/such/directory", without_temporary_directory),
    Case(
        CACHE,
        "--patch p .",
        "/no/such/directory",
        both(written("p", DIFF), without_temporary_directory),
    ),
    Case(OUTPUT, "-o drivers .", "drivers: "),
    Case(OUTPUT, "-o no/o.txt .", "no/o.txt: "),
    Case(OUTPUT, "-o o --sarif-output o .", "two outputs"),
    Case(OUTPUT, f"-o {SOURCE} .", f"{SOURCE}: "),
    Case(OUTPUT, "--json-output - .", "-: "),
    Case(OUTPUT, "-o /dev/full .", "/dev/full: cannot be written: No space left on device"),
]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[errors.KlplintError]:
    """The errors that are made, in order; the last one is reported."""
    made: list[errors.KlplintError] = []
    make = errors.KlplintError.__init__

    def record(error: errors.KlplintError, text: str, *, setting: str | None = None) -> None:
        make(error, text, setting=setting)
        made.append(error)

    monkeypatch.setattr(errors.KlplintError, "__init__", record)
    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind.__name__}: {case.words}")
def test_an_error_is_one_sentence_and_exit_status_2(
    tree: Path,
    capsys: pytest.CaptureFixture[str],
    made: list[errors.KlplintError],
    case: Case,
) -> None:
    case.prepare(tree)
    with pytest.raises(SystemExit) as end:
        main.main(case.words.format(tree=tree).split(), prog_name="klplint")
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("klplint: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert case.expected in err
    assert type(made[-1]) is case.kind


def test_every_kind_of_error_has_a_case() -> None:
    assert {case.kind for case in CASES} == set(errors.KlplintError.__subclasses__())


@pytest.mark.parametrize("kind", errors.KlplintError.__subclasses__(), ids=lambda k: k.__name__)
def test_a_process_prints_the_same_and_no_traceback(tree: Path, kind: type) -> None:
    case = next(case for case in CASES if case.kind is kind)
    case.prepare(tree)
    done = subprocess.run(
        [sys.executable, "-m", "klplint", *case.words.split()], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("klplint: ")
    assert done.stderr.count("\n") == 1
    assert case.expected in done.stderr
