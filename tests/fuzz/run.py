"""Run harnesses with atheris: `python -m tests.fuzz.run --runs 100000 [HARNESS ...]`.

Each harness runs in a process of its own. A finding does not end it: the input is written to a
file, the first of each place, and the run goes on. `--input FILE` checks such a file again.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.harness import SECONDS, Finding, Harness, finding_of, limit_time

NAMES = (
    *("lexer", "comments", "conditions", "expressions", "patches", "configuration", "records"),
)
"""The harnesses: modules beside this one."""
_FINDINGS = Path("fuzz-findings")
_STATUS = 1  # of a run with findings
_AT_MOST_A_PLACE = 1


def load(name: str) -> Harness:
    """The harness in a module."""
    harness: Harness = importlib.import_module(f"tests.fuzz.{name}").HARNESS
    return harness


class _Campaign:
    """One harness under way: how many inputs it has checked, and what it found."""

    def __init__(self, name: str, harness: Harness, runs: int) -> None:
        self._name = name
        self._harness = harness
        self._runs = runs
        self._count = 0
        self._begin = time.monotonic()
        self._places: dict[str, int] = {}

    def check(self, data: bytes) -> None:
        """Check one input; the last one ends the process, as atheris would without a word."""
        self._count += 1
        finding = finding_of(self._harness, data)
        if finding:
            self._keep(finding, data)
        if self._count >= self._runs:
            self.report()
            sys.stdout.flush()
            # Neither atheris nor what the interpreter has left to do may change the status.
            os._exit(_STATUS if self._places else 0)

    def _keep(self, finding: Finding, data: bytes) -> None:
        seen = self._places.get(finding.place, 0)
        self._places[finding.place] = seen + 1
        if seen >= _AT_MOST_A_PLACE:
            return
        _FINDINGS.mkdir(exist_ok=True)
        file = _FINDINGS / f"{self._name}-{hashlib.sha256(data).hexdigest()[:12]}"
        file.write_bytes(data)
        print(f"{finding.trace}\n{self._name}: {finding.place}", flush=True)
        print(f"  again: {_again(self._name, file)}", flush=True)

    def report(self) -> None:
        """Print how many inputs there were, how fast, and where findings come from."""
        seconds = time.monotonic() - self._begin
        rate = self._count / max(seconds, 0.001)
        print(
            f"{self._name}: {self._count:,} inputs in {seconds:,.0f} s ({rate:,.0f} a second), "
            f"{len(self._places)} findings"
        )
        for place, number in sorted(self._places.items()):
            print(f"  {place}: {number:,} inputs")


def _again(name: str, file: Path) -> str:
    return f"python -m tests.fuzz.run {name} --input {file}"


def _fuzz(name: str, runs: int, seed: int, corpus: Path) -> None:
    """Fuzz one harness in this process, which it ends."""
    import atheris

    silent = contextlib.redirect_stderr(io.StringIO())  # a line for each module
    with silent, atheris.instrument_imports(include=["klplint"]):
        harness = load(name)
    campaign = _Campaign(name, harness, runs)
    limit_time()
    corpus.mkdir()
    for number, content in enumerate(harness.seeds()):
        (corpus / str(number)).write_bytes(content)
    words = corpus.with_suffix(".words")
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in harness.words))
    options = [
        f"-dict={words}",
        f"-max_len={harness.largest}",
        f"-timeout={int(10 * SECONDS)}",
        f"-artifact_prefix={_FINDINGS}/{name}-",
        f"-seed={seed}",
        "-verbosity=0",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], campaign.check)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("harness", nargs="*", choices=[*NAMES, []], help="all without one")
    parser.add_argument("--runs", type=int, default=100_000, help="inputs for each harness")
    parser.add_argument("--seed", type=int, default=1, help="another one gives other inputs")
    parser.add_argument("--input", type=Path, help="check this file only")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names: list[str] = options.harness or list(NAMES)
    if options.input:
        limit_time()
        finding = finding_of(load(names[0]), options.input.read_bytes())
        print(finding.trace if finding else "accepted")
        return _STATUS if finding else 0
    if options.here:
        with tempfile.TemporaryDirectory() as directory:
            _fuzz(names[0], options.runs, options.seed, Path(directory) / "corpus")
    _FINDINGS.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.run", "--here"]
    command += [f"--runs={options.runs}", f"--seed={options.seed}"]
    statuses = [subprocess.run([*command, name], check=False).returncode for name in names]
    return _STATUS if any(statuses) else 0


if __name__ == "__main__":
    sys.exit(main())
