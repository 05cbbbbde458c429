"""The Dockerfile, as far as it can be checked without Docker."""

from __future__ import annotations

import re
import tomllib

from tests.support.paths import ROOT

LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
FROM = [line.split()[1] for line in LINES if line.startswith("FROM ")]
CONTEXT = {
    line.removeprefix("!")
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line.startswith("!")
}


def test_images_are_pinned_and_the_same() -> None:
    assert len(set(FROM)) == 1
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", FROM[0])


def test_its_python_is_one_that_klplint_supports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = FROM[0].partition(":")[2].partition("-")[0].rpartition(".")[0]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_the_user_is_not_root() -> None:
    users = [line.split()[1] for line in LINES if line.startswith("USER ")]
    assert users
    assert not any(re.match(r"(root|0)(:|$)", user) for user in users)


def test_the_context_has_what_a_build_of_the_package_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["project"]["readme"], "LICENSE"}
    needed |= {*wheel["packages"], *wheel["force-include"], *wheel["shared-data"]}
    assert needed <= CONTEXT
    assert all((ROOT / name).exists() for name in CONTEXT)
