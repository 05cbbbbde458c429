"""Progress of long runs, as the client shows it."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types

from klplint.lsp.messages import Progressed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygls.lsp.server import LanguageServer

_SECONDS_BEFORE = 1.0
"""Runs that take less show no progress."""


class ProgressReport:
    """The progress of one run; nothing is shown of a short one."""

    def __init__(
        self, server: LanguageServer, title: str, cancel: Callable[[], None] | None = None
    ) -> None:
        self._server = server
        self._title = title
        self._cancel = cancel
        self._began = time.monotonic()
        self._token = f"klplint-{uuid.uuid4()}"
        self._creation: asyncio.Task[object] | None = None
        self._is_shown = False

    @property
    def _is_supported(self) -> bool:
        window = self._server.client_capabilities.window
        return bool(window and window.work_done_progress)

    def show(self, progressed: Progressed) -> None:
        """Show how far the run is; never wait for the client."""
        if not self._is_supported or time.monotonic() - self._began < _SECONDS_BEFORE:
            return
        if self._creation is None:
            self._creation = asyncio.ensure_future(
                self._server.work_done_progress.create_async(self._token)
            )
        if not self._is_created(self._creation):
            return
        share = 100 * progressed.done // max(1, progressed.steps)
        report = types.WorkDoneProgressReport(
            message=progressed.phase, percentage=max(0, min(100, share))
        )
        self._server.work_done_progress.report(self._token, report)

    def _is_created(self, creation: asyncio.Task[object]) -> bool:
        """Whether the client has a place for it; begins it there."""
        if not creation.done() or creation.cancelled() or creation.exception() is not None:
            return False
        if not self._is_shown:
            self._is_shown = True
            progress = self._server.work_done_progress
            if self._cancel is not None:
                cancel = self._cancel
                progress.tokens[self._token].add_done_callback(lambda _: cancel())
            begin = types.WorkDoneProgressBegin(
                self._title, cancellable=self._cancel is not None, percentage=0
            )
            progress.begin(self._token, begin)
        return True

    def end(self) -> None:
        """The run is over."""
        if self._creation is not None and not self._creation.done():
            self._creation.cancel()
        if self._is_shown:
            progress = self._server.work_done_progress
            progress.end(self._token, types.WorkDoneProgressEnd())
            progress.tokens.pop(self._token, None)
