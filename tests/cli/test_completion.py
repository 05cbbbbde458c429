"""What a shell completes: commands, options, codes of rules, architectures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from klplint.catalogue.load import load_catalogue
from klplint.cli.commands import main
from tests.support.paths import MINIKERNEL, ROOT

CODES = [rule.code for rule in load_catalogue()]


def completed(*words: str) -> list[str]:
    """What the last of the words behind `klplint` may become."""
    shell = ShellComplete(main, {}, "klplint", "_KLPLINT_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_first_word_is_a_command_or_a_path_or_an_option_of_check() -> None:
    assert completed("ex") == ["ex", "explain"]  # "ex" stands for the files that begin so
    assert {"--select", "--version", "--help"} <= {*completed("--")}


def test_codes_of_rules() -> None:
    assert completed("explain", "") == CODES
    assert completed("explain", "klp0") == CODES
    assert completed("explain", "task") == ["task-not-current"]
    assert completed("--select", "KLP003") == ["KLP003"]
    assert completed("check", "--ignore", "KLP001,KLP003") == ["KLP001,KLP003"]


def test_codes_of_a_further_catalogue_and_of_none(tmp_path: Path) -> None:
    example = str(ROOT / "docs/example-rules")
    assert "SITE001" in completed("explain", "--rules", example, "")
    assert completed("explain", "--rules", str(tmp_path / "none"), "") == []


def test_architectures_of_the_tree() -> None:
    assert completed(str(MINIKERNEL), "--arch", "") == ["powerpc", "x86"]
    assert completed("check", "--kernel", str(MINIKERNEL), "--arch", "p") == ["powerpc"]
    assert completed("check", "/", "--arch", "") == []


def shell(command: str, **environment: str) -> str:
    """What a command prints in bash, with klplint as it is installed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {"PATH": path, **environment}
    return subprocess.run(
        ["bash", "-c", command], stdout=subprocess.PIPE, text=True, env=env
    ).stdout


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_scripts_for_shells(name: str) -> None:
    assert f"{name}_complete" in shell("klplint", _KLPLINT_COMPLETE=f"{name}_source")


def test_bash_completes_with_the_script() -> None:
    assert (
        shell(
            'eval "$(_KLPLINT_COMPLETE=bash_source klplint)"; COMP_WORDS=(klplint explain sl); '
            'COMP_CWORD=2; _klplint_completion klplint; echo "${COMPREPLY[@]}"'
        )
        == "sleep-before-switch\n"
    )
