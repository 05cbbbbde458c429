"""The process that lints for the server: it carries out one request after the other.

It has a single thread, because the engine forks workers. It ends with its input.
"""

from __future__ import annotations

import os
import select
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from klplint.barriers.pairing import PairReader
from klplint.engine.other_barriers import known_barriers, pair_check_of
from klplint.engine.pair_listing import FilePair
from klplint.errors import KlplintError
from klplint.findings.finding import Result
from klplint.lsp.barrier_notes import barrier_note
from klplint.lsp.bench import Bench, Planned, Planner
from klplint.lsp.messages import (
    Answer,
    Barriers,
    Failed,
    Forget,
    Lint,
    Linted,
    LintTree,
    ListBarriers,
    Noted,
    Progressed,
    Request,
    RuleNote,
    Verified,
    Verify,
    packed,
    read_request,
)
from klplint.lsp.shifted_text import with_other_lines
from klplint.temporary_files import temporary_directory
from klplint.worker_process import end_with, give_memory_back

_SECONDS_BETWEEN = 0.2
_MOST_MEMORY = 320 << 20
"""Bytes; a session that grows beyond it is closed, and the next run begins another one."""


def run(planner: Planner, parent: int, *, has_fixed_config: bool) -> None:
    """Carry out requests from standard input until it ends, or the parent does."""
    end_with(parent)
    # Nothing else may come between the messages, whatever libraries or other processes print.
    source, target = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    with (
        open(source, "rb", buffering=0) as requests,  # noqa: PTH123 - all that came is in the pipe
        open(target, "wb") as answers,  # noqa: PTH123
        temporary_directory() as directory,
    ):
        # libclang keeps headers in files, and leaves them there if its process is killed.
        os.environ["TMPDIR"] = str(directory)
        tempfile.tempdir = None
        process = LintProcess(answers)
        process.serve(requests, Bench(planner, process.progress, has_fixed_config=has_fixed_config))


def _memory() -> int:
    """The memory of this process, in bytes."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _has_more(stream: BinaryIO) -> bool:
    """Whether something of a stream can be read now."""
    return bool(select.select([stream], [], [], 0)[0])


class _SentProgress:
    """Sends the progress of a run, not more often than somebody can see."""

    def __init__(self, process: LintProcess) -> None:
        self._process = process
        self._phase = ""
        self._steps = self._done = 0
        self._last = 0.0

    def begin(self, phase: str, steps: int) -> None:
        """A phase begins."""
        self._phase, self._steps, self._done = phase, steps, 0

    def advance(self, steps: int) -> None:
        """That many further steps are done."""
        self._done += steps
        now = time.monotonic()
        if now - self._last >= _SECONDS_BETWEEN:
            self._last = now
            number = self._process.number
            self._process.send(Progressed(number, self._phase, self._done, self._steps))

    def note(self, sentence: str) -> None:
        """Something that the user should know."""
        self._process.send(Noted(sentence))


class LintProcess:
    """Carries out requests, and sends the answers."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self.progress = _SentProgress(self)
        self.number = 0
        """The number of the request that is carried out."""

    def send(self, answer: Answer) -> None:
        """Send an answer."""
        self._answers.write(packed(answer))
        self._answers.flush()

    def serve(self, requests: BinaryIO, bench: Bench) -> None:
        """Carry out requests as they come."""
        self._bench = bench
        self._requests = requests
        while (request := read_request(requests)) is not None:
            self.number = getattr(request, "number", 0)
            try:
                self._carry_out(request)
            except KlplintError as error:
                self.send(Failed(self.number, str(error)))
            except BrokenPipeError:
                break
            except Exception as error:  # noqa: BLE001 - the next request may be another one
                traceback.print_exc()
                reason = f"internal error ({type(error).__name__}: {error})"
                self.send(Failed(self.number, reason, is_usual=False))
            give_memory_back()
            if _memory() > _MOST_MEMORY:
                bench.forget()
        self._bench.forget()

    def _carry_out(self, request: Request) -> None:
        match request:
            case Lint():
                self._lint(request)
            case ListBarriers():
                planned = self._bench.plan(request.path)
                self._send_barriers(planned, *self._bench.barriers(request.path, request.texts))
            case LintTree():
                self._lint_tree(request)
            case Forget():
                self._bench.forget()
            case Verify():
                self.send(Verified(request.number, self._bench.is_current()))

    def _lint(self, request: Lint) -> None:
        """Lint a file: at first, if nothing differs from the disk, with the cached result.

        The first change of a text needs what no cached result needs. It is read before somebody
        types, by a run for a text whose lines are other ones. Who types already waits for the run
        that comes next, and not for this one.
        """
        planned = self._bench.plan(request.path)
        is_on_disk = self._bench.is_on_disk(request.texts)
        if is_on_disk:
            self._send_result(planned, self._bench.lint_disk(request.path))
        outcome = self._bench.lint_text(request.path, request.texts)
        self._send_result(planned, outcome.result)
        self._send_barriers(planned, outcome.pairs, outcome.reader)
        if is_on_disk and request.path in request.texts and not _has_more(self._requests):
            text = with_other_lines(request.texts[request.path])
            self._bench.lint_text(request.path, {**request.texts, request.path: text})

    def _lint_tree(self, request: LintTree) -> None:
        planned = self._bench.plan(request.path)
        self._send_result(planned, self._bench.lint_disk(request.path))

    def _send_result(self, planned: Planned, result: Result) -> None:
        rules = {
            rule.code: RuleNote(
                rule.header.name,
                str(rule.directory / "README.md"),
                is_suppressible=rule.header.check != "suppression",
            )
            for rule in (*planned.plan.rules, *planned.plan.catalogue)
        }
        root = str(planned.plan.sources.root)
        self.send(Linted(self.number, root, result.findings, rules, result.not_analysed))

    def _send_barriers(
        self, planned: Planned, pairs: Iterable[FilePair], reader: PairReader | None
    ) -> None:
        root = Path(planned.plan.sources.root)
        notes = [barrier_note(entry, reader, root) for entry in pairs] if reader else []
        check = pair_check_of(planned.plan)
        others = known_barriers(check.families) if check else frozenset[str]()
        self.send(Barriers(self.number, tuple(notes), others))
