"""SARIF as others check it: needs npm once, so these tests are left out of a plain run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from klplint.report.base import Appearance
from klplint.report.formats import render
from tests.kernel.runs import run_klplint
from tests.kernel.sarif_validation import (
    TOOL_DIRECTORY,
    multitool,
    own_hashes,
    rolling_hashes,
    validate,
)
from tests.support.command import klplint
from tests.support.paths import MINIKERNEL
from tests.support.report_samples import TREE, report

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def binary() -> Path:
    got = multitool(TOOL_DIRECTORY)
    if got is None:
        pytest.skip("npm, or its registry, cannot be reached")
    return got


@pytest.fixture
def sarif(tmp_path: Path) -> Path:
    path = tmp_path / "klplint.sarif"
    path.write_text(render("sarif", report(), Appearance()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def minikernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SARIF of a whole run, suppressed findings too."""
    path = tmp_path_factory.mktemp("minikernel") / "klplint.sarif"
    done = run_klplint("--show-suppressed", "--exit-zero", "--sarif-output", path, MINIKERNEL)
    assert done.returncode == 0, done.stderr
    return path


def test_marks_of_suppressed_findings_have_no_complaint(binary: Path, tmp_path: Path) -> None:
    first, *others = report().result.findings
    hidden = msgspec.structs.replace(first, justification="a reason")
    result = msgspec.structs.replace(report().result, findings=tuple(others), suppressed=(hidden,))
    shown = msgspec.structs.replace(report(), result=result, show_suppressed=True)
    path = tmp_path / "suppressed.sarif"
    path.write_text(render("sarif", shown, Appearance()), encoding="utf-8")
    assert '"status": "accepted"' in path.read_text(encoding="utf-8")
    assert validate(binary, path) == []


def test_a_run_has_no_complaint_either(binary: Path, minikernel: Path) -> None:
    assert validate(binary, minikernel) == []


def test_a_run_with_a_baseline_has_no_complaint(binary: Path, tmp_path: Path) -> None:
    tree, base, path = (tmp_path / name for name in ("linux", "base", "klplint.sarif"))
    shutil.copytree(MINIKERNEL, tree)
    assert klplint("baseline", "-q", "-o", base, tree).returncode == 0
    (tree / "lib/once_table.c").unlink()
    (tree / "lib/new.c").write_text("void f(void)\n{\n\tsmp_rmb();\n}\n")
    done = run_klplint("--baseline", base, "--exit-zero", "--sarif-output", path, tree)
    assert done.returncode == 0, done.stderr
    results = json.loads(path.read_text())["runs"][0]["results"]
    assert {r["baselineState"] for r in results} == {"new", "unchanged", "absent"}
    assert validate(binary, path) == []


def test_a_run_has_the_multitools_line_hashes(binary: Path, minikernel: Path) -> None:
    assert rolling_hashes(binary, minikernel, MINIKERNEL) == own_hashes(minikernel)


def test_multitool_and_schema_have_no_complaint(binary: Path, sarif: Path) -> None:
    assert validate(binary, sarif) == []


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [("ruleIndex", 99, "SARIF1009"), ("locations", [], "GH1015"), ("level", "grave", "'grave'")],
)
def test_validation_does_complain(
    binary: Path, sarif: Path, key: str, value: object, complaint: str
) -> None:
    log = json.loads(sarif.read_text(encoding="utf-8"))
    log["runs"][0]["results"][0][key] = value
    sarif.write_text(json.dumps(log), encoding="utf-8")
    assert any(complaint in line for line in validate(binary, sarif))


def test_multitool_counts_the_same_line_hashes(binary: Path, sarif: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name, text in TREE.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(text.encode())
    assert rolling_hashes(binary, sarif, tree) == own_hashes(sarif)
