"""SARIF files classified by others: Microsoft's multitool, and the schema that it brings."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import TypedDict

import jsonschema  # type: ignore[import-untyped]

TOOL_DIRECTORY = Path(
    os.environ.get("KLPLINT_MULTITOOL") or Path.home() / ".cache/klplint/multitool"
)
_PACKAGE = "@microsoft/sarif-multitool-linux"
_MINUTES = 5 * 60


class _Region(TypedDict, total=False):
    startLine: int


class _PhysicalLocation(TypedDict, total=False):
    artifactLocation: dict[str, str]
    region: _Region


class _Location(TypedDict):
    physicalLocation: _PhysicalLocation


class _Result(TypedDict, total=False):
    ruleId: str
    level: str
    message: dict[str, object]
    locations: list[_Location]
    partialFingerprints: dict[str, str]


def multitool(directory: Path) -> Path | None:
    """The multitool's binary, installed by npm into `directory`; None where npm cannot get it.

    The processes that test two kernels install it only once: a binary that another one is writing
    cannot be run.
    """
    if platform.system() != "Linux":
        return None
    directory.mkdir(parents=True, exist_ok=True)
    binary = directory / "node_modules" / _PACKAGE / "Sarif.Multitool"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.is_file() and not _is_installed(directory):
            return None
        binary.chmod(0o755)
    return binary


def _is_installed(directory: Path) -> bool:
    """Have npm install the multitool into a directory; whether it could."""
    options = ["--no-audit", "--no-fund", "--prefix", str(directory)]
    try:
        subprocess.run(
            ["npm", "install", *options, _PACKAGE],
            check=True,
            capture_output=True,
            timeout=_MINUTES,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def validate(binary: Path, sarif: Path) -> list[str]:
    """The errors and warnings of the multitool and of the schema; empty if there are none."""
    output = sarif.with_suffix(".validation.sarif")
    _run(
        binary,
        *("validate", str(sarif), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"),
        *("-o", str(output), "--log", "ForceOverwrite"),
    )
    run = json.loads(output.read_text(encoding="utf-8-sig"))["runs"][0]
    complaints = [_complaint(result) for result in run["results"]]
    complaints += [
        str(notification["message"])
        for invocation in run["invocations"]
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications")
        for notification in invocation.get(kind, [])
    ]
    schema = json.loads((binary.parent / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    log = json.loads(sarif.read_text(encoding="utf-8"))
    return complaints + [error.message for error in validator.iter_errors(log)]


def rolling_hashes(binary: Path, sarif: Path, tree: Path) -> dict[tuple[str, int], str]:
    """The line hash that the multitool gives each place (URI, line) of results, read in `tree`.

    Hashes in the file are taken out first, so that none of ours can pass for one of its.
    """
    log = json.loads(sarif.read_text(encoding="utf-8"))
    run = log["runs"][0]
    for base in run["originalUriBaseIds"].values():
        base["uri"] = tree.resolve().as_uri() + "/"
    for result in run["results"]:
        del result["partialFingerprints"]
    bare = sarif.with_suffix(".bare.sarif")
    bare.write_text(json.dumps(log), encoding="utf-8")
    output = sarif.with_suffix(".hashed.sarif")
    insert = ("--insert", "RollingHashPartialFingerprints", "--log", "ForceOverwrite")
    _run(binary, "rewrite", str(bare), *insert, "-o", str(output))
    hashed: list[_Result] = json.loads(output.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    return {
        place(result): result.get("partialFingerprints", {}).get("primaryLocationLineHash", "")
        for result in hashed
    }


def own_hashes(sarif: Path) -> dict[tuple[str, int], str]:
    """klplint's own line hash of each place (URI, line) of results."""
    results = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    return {place(r): r["partialFingerprints"]["primaryLocationLineHash"] for r in results}


def place(result: _Result) -> tuple[str, int]:
    """The URI and line of a result's primary location."""
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


def _complaint(result: _Result) -> str:
    where = result["locations"][0]["physicalLocation"].get("region", {}).get("startLine")
    return f"{result.get('level', 'warning')} {result['ruleId']} line {where}: {result['message']}"


def _run(binary: Path, *arguments: str) -> None:
    """Run the multitool; its exit status says nothing, what counts is the file it writes."""
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    subprocess.run(
        [str(binary), *arguments],
        check=False,
        capture_output=True,
        timeout=_MINUTES,
        env=environment,
    )
