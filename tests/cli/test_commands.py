"""The command line as a user meets it: what is printed where, and the exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from klplint.cli.commands import main
from klplint.config.choices import FORMATS
from tests.support.command import klplint, klplint_process
from tests.support.paths import IDLE, MINIKERNEL, ROOT

CLEAN = MINIKERNEL / "kernel/livepatch/patch.c"


def test_bare_path_is_check_and_errors_give_1() -> None:
    done = klplint_process("-f", "concise", IDLE)
    assert done.returncode == 1
    assert "kernel/sched/idle.c:" in done.stdout
    assert "[KLP002]" in done.stdout
    assert done.stderr == "klplint: 2 occurrences in 1 file\n"
    assert klplint_process("--quiet", IDLE).stderr == ""
    assert klplint_process("check", "-f", "concise", IDLE).stdout == done.stdout


@pytest.mark.parametrize("format_name", [name for name in FORMATS if name != "mail"])  # no patch
def test_exit_status_is_the_same_in_every_format(format_name: str) -> None:
    assert klplint("-f", format_name, IDLE).returncode == 1
    assert klplint("-f", format_name, "--exit-zero", IDLE).returncode == 0
    assert klplint("-f", format_name, CLEAN).returncode == 0


def test_fail_on_decides_from_which_level_on() -> None:
    notes_only = MINIKERNEL / "kernel/livepatch/transition.c"
    assert klplint(notes_only).returncode == 0
    assert klplint("--fail-on", "note", notes_only).returncode == 1
    warnings = MINIKERNEL / "drivers/net/ringdev.c"
    assert klplint(warnings).returncode == 1
    assert klplint("--fail-on", "error", warnings).returncode == 0


def test_strict_makes_what_was_not_analysed_an_error() -> None:
    disabled = MINIKERNEL / "drivers/misc/kpoll.c"
    done = klplint("--strict", disabled)
    assert done.returncode == 2
    assert "could not be fully analysed (--strict)" in done.stderr


def test_the_same_related_place_is_reported_once() -> None:
    header = MINIKERNEL / "drivers/misc/kpoll.h"
    lines = klplint("-q", "-f", "concise", "--select", "KLP001", header).stdout.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["error", "note"]


def test_select_and_ignore() -> None:
    done = klplint("-f", "json", "--select", "KLP003,KLP001", "--ignore", "KLP001", MINIKERNEL)
    codes = {finding["code"] for finding in json.loads(done.stdout)["findings"]}
    assert codes == {"KLP003"}
    by_name = klplint("-f", "json", "--select", "unpaired-read-barrier", MINIKERNEL)
    assert by_name.stdout == done.stdout


def test_all_outputs_in_one_run(tmp_path: Path) -> None:
    sarif, report, text = tmp_path / "o.sarif", tmp_path / "o.json", tmp_path / "o.txt"
    summary = tmp_path / "o.md"
    beside = ("--sarif-output", sarif, "--json-output", report, "--markdown-output", summary)
    done = klplint_process(IDLE, "-o", text, "-f", "concise", *beside)
    assert done.stdout == ""
    assert text.read_text() == klplint("-f", "concise", IDLE).stdout
    assert report.read_text() == klplint("-f", "json", IDLE).stdout
    assert sarif.read_text() == klplint("-f", "sarif", IDLE).stdout
    assert summary.read_text() == klplint("-f", "markdown", IDLE).stdout
    assert {p.name for p in tmp_path.iterdir()} == {"o.sarif", "o.json", "o.txt", "o.md"}


def test_what_github_will_not_show_is_reported_where_it_was_written_for_github() -> None:
    shown = "klplint: GitHub shows only 10 annotations of a kind, but there are 14 of kind error"
    assert shown in klplint("-f", "github", MINIKERNEL).stderr
    assert "GitHub" not in klplint("-f", "concise", MINIKERNEL).stderr


def test_output_is_the_same_for_any_jobs_and_from_any_directory(tmp_path: Path) -> None:
    outputs = {
        klplint_process("-f", "sarif", "-j", jobs, MINIKERNEL, directory=directory).stdout
        for jobs, directory in ((1, None), (2, tmp_path), (3, MINIKERNEL))
    }
    assert len(outputs) == 1


def test_paths_are_relative_to_the_tree_wherever_klplint_runs() -> None:
    here = klplint_process("-f", "concise", "idle.c", directory=IDLE.parent)
    assert here.stdout == klplint_process("-f", "concise", IDLE).stdout


def test_out_of_tree_files_are_compiled_against_kernel(tmp_path: Path) -> None:
    module = tmp_path / "module.c"
    module.write_text(
        "#include <linux/livepatch.h>\n"
        "void touch(struct task_struct *t)\n{\n\tklp_update_patch_state(t);\n}\n"
    )
    done = klplint("-f", "concise", "--kernel", MINIKERNEL, tmp_path)
    assert "module.c:4:25: error:" in done.stdout
    lost = klplint("--select", "KLP001", tmp_path)
    assert lost.returncode == 2
    assert "not in a kernel tree" in lost.stderr


@pytest.mark.parametrize(
    ("options", "env", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(options: tuple[str, ...], env: dict[str, str], coloured: bool) -> None:
    assert ("\x1b[" in klplint_process(*options, IDLE, env=env).stdout) == coloured


def test_rules_and_explain() -> None:
    listed = klplint("rules").stdout
    assert "KLP001  task-not-current" in listed
    page = (ROOT / "rules/KLP001-task-not-current/README.md").read_text()
    assert klplint("explain", "klp001").stdout == page
    assert klplint("explain", "task-not-current").stdout == page
    unknown = klplint("explain", "KLP01")
    assert unknown.returncode == 2
    assert "did you mean KLP0" in unknown.stderr


@pytest.mark.parametrize("command", ["check", "pairs", "coverage", "baseline"])
def test_an_empty_path_is_not_the_current_directory(command: str) -> None:
    done = klplint(command, "", directory=MINIKERNEL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('klplint: PATH is empty (""); give a file or a directory')


def test_a_command_behind_options_is_reported_where_it_belongs(tmp_path: Path) -> None:
    done = klplint("--select", "KLP001", "pairs", directory=tmp_path)
    said = "klplint: pairs: a command has to come before its options; run klplint pairs ...\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_help_names_every_command_and_needs_no_kernel(tmp_path: Path) -> None:
    done = klplint_process("--help", directory=tmp_path)
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("check", "rules", "explain"))
    assert klplint_process("--version").stdout.startswith("klplint, version 0.")


@pytest.mark.parametrize("columns", ["60", "80", "100", "200"])
def test_the_help_of_the_group_has_whole_sentences(columns: str) -> None:
    printed = klplint("--help", env={"COLUMNS": columns}).stdout
    assert max(map(len, printed.splitlines())) <= min(int(columns), 100)
    words = " ".join(printed.split())
    for name, command in main.commands.items():
        assert f"{name} {command.get_short_help_str(200)}" in words
    widest = max(map(len, printed.splitlines()))
    assert widest > 80 or columns in ("60", "80")


@pytest.mark.parametrize("name", main.commands)
def test_help_lists_each_option_once_in_a_section(name: str) -> None:
    command = main.commands[name]
    printed = klplint(name, "--help").stdout
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            names = rf"^  (?:-\w, )?{option.opts[-1]}(?= [A-Z]|  | / |\n| \[)"
            assert len(re.findall(names, printed, re.MULTILINE)) == 1, option
    titles = [line for line in printed.splitlines() if re.fullmatch(r"[A-Z][\w ]+:", line)]
    assert len(titles) == len(set(titles))
