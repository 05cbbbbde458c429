"""Progress of long runs, as the client shows it."""

from __future__ import annotations

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
        self._token: str | None = None

    @property
    def _is_supported(self) -> bool:
        window = self._server.client_capabilities.window
        return bool(window and window.work_done_progress)

    async def show(self, progressed: Progressed) -> None:
        """Show how far the run is."""
        if not self._is_supported or time.monotonic() - self._began < _SECONDS_BEFORE:
            return
        progress = self._server.work_done_progress
        share = 100 * progressed.done // max(1, progressed.steps)
        if self._token is None:
            self._token = token = f"klplint-{uuid.uuid4()}"
            await progress.create_async(token)
            if self._cancel is not None:
                cancel = self._cancel
                progress.tokens[token].add_done_callback(lambda _: cancel())
            begin = types.WorkDoneProgressBegin(
                self._title, cancellable=self._cancel is not None, percentage=0
            )
            progress.begin(token, begin)
        report = types.WorkDoneProgressReport(
            message=progressed.phase, percentage=min(100, share)
        )
        progress.report(self._token, report)

    def end(self) -> None:
        """The run is over."""
        if self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
