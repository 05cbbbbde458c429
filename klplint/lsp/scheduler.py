"""When which document is linted: after a pause in typing, one run at a time, newest text first."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from klplint.lsp.documents import Document, Documents
from klplint.lsp.linter import Linter
from klplint.lsp.messages import (
    Answer,
    Barriers,
    Failed,
    Forget,
    Lint,
    Linted,
    ListBarriers,
    Noted,
    Progressed,
    Verified,
    Verify,
)
from klplint.lsp.states import State

if TYPE_CHECKING:
    from klplint.lsp.progress_reports import ProgressReport

_LOG = logging.getLogger("klplint.lsp")

PAUSE = 0.08
"""How many seconds nobody may have typed before a run begins."""
_PAUSE_OF_OTHERS = 1.5
"""How long other documents wait, whose findings may depend on what was typed."""


class Scheduler:
    """Runs the linter for documents whose text changed."""

    def __init__(
        self,
        documents: Documents,
        linter: Linter,
        publish: Callable[[State], None],
        report: Callable[[], ProgressReport],
    ) -> None:
        self._documents = documents
        self._linter = linter
        self._publish = publish
        self._report = report
        self._due: dict[str, float] = {}
        self._states: dict[str, State] = {}
        self._wakes = asyncio.Event()
        self._verifies = self._forgets = False
        self._failures: set[str] = set()

    def touch(self, uri: str, pause: float = PAUSE) -> None:
        """Lint a document soon, because it was opened or changed."""
        document = self._documents.get(uri)
        if document is None or not document.is_source or document.is_too_large:
            return
        if before := self._states.get(uri):
            before.is_over.set()  # whoever waits for it waits for this one now
        self._states[uri] = State(document)
        self._due[uri] = time.monotonic() + pause
        self._wakes.set()

    def touch_others(self, uri: str) -> None:
        """Lint the other documents when there is time: they may name what changed."""
        for document in self._documents:
            state = self._states.get(document.uri)
            if document.uri != uri and document.uri not in self._due and state:
                self._due[document.uri] = time.monotonic() + _PAUSE_OF_OTHERS

    def verify(self) -> None:
        """Compare the tree with the disk when there is time."""
        self._verifies = True
        self._wakes.set()

    def forget(self) -> None:
        """Read the configuration and the tree again, and lint all documents."""
        self._forgets = True
        for document in self._documents:
            self.touch(document.uri, 0)
        self._wakes.set()

    def close(self, uri: str) -> None:
        """A document was closed."""
        self._due.pop(uri, None)
        state = self._states.pop(uri, None)
        if state:
            state.is_over.set()

    async def state(self, uri: str) -> State | None:
        """The state of a document as it is now, when its run is over."""
        while state := self._states.get(uri):
            await state.is_over.wait()
            if self._states.get(uri) is state:
                return state
        return None

    async def list_barriers(self, state: State) -> None:
        """List all barriers of a document, once for each of its texts."""
        async with state.asking:
            if state.listed is not None or state.document.path is None:
                return
            number, texts = self._linter.next_number(), self._documents.texts()
            request = ListBarriers(number, state.document.path, texts)
            async for answer in self._linter.answers(request, Barriers):
                if isinstance(answer, Failed):
                    self._log_failure(answer, state.document)
                elif isinstance(answer, Barriers) and self._is_newest(state):
                    state.listed = answer.barriers

    async def run(self) -> None:
        """Lint what is due, until the task is cancelled."""
        while True:
            try:
                await self._step()
            except Exception:  # noqa: BLE001 - the next document may fare better
                _LOG.exception("a run failed")
                await asyncio.sleep(PAUSE)

    async def _step(self) -> None:
        self._wakes.clear()
        if self._forgets:
            self._forgets = False
            await self._linter.send(Forget())
        uri = min(self._due, key=self._due.__getitem__, default=None)
        wait = self._due[uri] - time.monotonic() if uri else None
        if uri and wait is not None and wait <= 0:
            del self._due[uri]
            await self._lint(uri)
        elif self._verifies:
            self._verifies = False
            await self._verify()
        else:
            try:
                await asyncio.wait_for(self._wakes.wait(), wait)
            except TimeoutError:
                return

    async def _verify(self) -> None:
        request = Verify(self._linter.next_number())
        async for answer in self._linter.answers(request, Verified):
            if isinstance(answer, Verified) and not answer.is_current:
                self.forget()

    async def _lint(self, uri: str) -> None:
        document, state = self._documents.get(uri), self._states.get(uri)
        if document is None or state is None or document.path is None:
            return
        if state.is_over.is_set():  # it is linted once more, because of another document
            state = self._states[uri] = State(document)
        request = Lint(self._linter.next_number(), document.path, self._documents.texts())
        report = self._report()
        try:
            async for answer in self._linter.answers(request, Barriers):
                if isinstance(answer, Progressed):
                    report.show(answer)
                else:
                    self._take(answer, state)
        finally:
            report.end()
            state.is_over.set()

    def _take(self, answer: Answer, state: State) -> None:
        """Take an answer, unless there is a newer text."""
        match answer:
            case Noted():
                _LOG.info("%s", answer.sentence)
            case Failed():
                self._log_failure(answer, state.document)
            case Linted():
                if self._is_newest(state):
                    before, state.linted = state.linted, answer
                    if before is None or before.findings != answer.findings:
                        self._publish(state)
            case Barriers():
                state.barriers, state.others = answer.barriers, answer.others
            case _:
                pass

    def _is_newest(self, state: State) -> bool:
        return self._states.get(state.document.uri) is state

    def _log_failure(self, answer: Failed, document: Document) -> None:
        """Log why a document cannot be linted, each reason once."""
        reason = f"{document.path}: {answer.reason}"
        if reason not in self._failures:
            self._failures.add(reason)
            (_LOG.warning if answer.is_usual else _LOG.error)("%s", reason)
