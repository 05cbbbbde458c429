"""Configuration files that could stop or hang a run: one sentence each, with the exit status 2."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.command import complaint


@pytest.mark.parametrize("command", [[], ["config"], ["rules"], ["cache", "info"]])
def test_a_pipe_is_not_waited_for(minikernel: Path, command: list[str]) -> None:
    pipe = minikernel / "klplint.toml"
    os.mkfifo(pipe)
    said = complaint(*command, directory=minikernel)  # as the nearest file
    assert said.endswith("klplint.toml: is a pipe; klplint reads TOML only from files\n")


def test_a_pipe_given_with_config(minikernel: Path) -> None:
    pipe = minikernel.parent / "pipe"
    os.mkfifo(pipe)
    assert complaint("--config", pipe, minikernel).startswith(f"klplint: {pipe}: is a pipe;")


@pytest.mark.parametrize(
    "text",
    [
        "select = " + 5000 * "[" + 5000 * "]",
        "rule = " + 5000 * "{a = " + "1" + 5000 * "}",
        "[rule.KLP002]\nextend-locks = " + 3000 * "[" + 3000 * "]",
    ],
)
def test_deep_nesting(minikernel: Path, text: str) -> None:
    file = minikernel / "klplint.toml"
    file.write_text(text)
    said = complaint("lib", directory=minikernel)
    assert said.startswith(f"klplint: {file}: its brackets or tables are nested too deeply")


@pytest.mark.parametrize("keys", [200, 5000])
def test_many_dotted_keys(minikernel: Path, keys: int) -> None:
    file = minikernel / "klplint.toml"
    file.write_text("[rule.KLP001]\n" + keys * "a." + "b = 1")
    assert complaint("lib", directory=minikernel).startswith(f"klplint: {file}:")


@pytest.mark.parametrize("pattern", ["[", "", "a["])
def test_an_exclude_that_matches_nothing(minikernel: Path, pattern: str) -> None:
    file = minikernel / "klplint.toml"
    file.write_text(f'jobs = 1\nexclude = ["/tools/", "{pattern}"]\n')
    assert complaint("lib", directory=minikernel).startswith(f"klplint: {file}:2: exclude: ")
    assert "--exclude" in complaint("--isolated", "--exclude", pattern, minikernel)
