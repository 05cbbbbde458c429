"""The process that lints, as the server sees it: one request at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from klplint.lsp.messages import (
    HEADER,
    Answer,
    Barriers,
    Failed,
    Linted,
    Noted,
    Progressed,
    Request,
    Verified,
    answer_of,
    packed,
)

_SECONDS_FOR_THE_REST = 1.0
_LOG = logging.getLogger("klplint.lsp")


class Linter:
    """Starts the process when it is needed, and again if it ended."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._numbers = 0
        self._turn = asyncio.Lock()

    def next_number(self) -> int:
        """A number for the next request."""
        self._numbers += 1
        return self._numbers

    async def start(self) -> asyncio.subprocess.Process:
        """The process; started if there is none. Raises OSError where that is impossible."""
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        return self._process

    async def send(self, request: Request) -> None:
        """Send a request that has no answer."""
        async with self._turn:
            process = await self.start()
            _write(process, request)

    async def answers(self, request: Request, last: type[Answer]) -> AsyncIterator[Answer]:
        """The answers to a request: up to one of the type `last`, or the failure."""
        number = getattr(request, "number", 0)
        async with self._turn:
            try:
                process = await self.start()
                _write(process, request)
            except OSError as error:
                yield Failed(number, f"the process that lints cannot be started: {error}")
                return
            while True:
                answer = await self._read(process)
                if answer is None:
                    yield Failed(number, await self._ended(process), is_usual=False)
                    return
                if _number_of(answer) not in (None, number):
                    continue
                yield answer
                if isinstance(answer, (last, Failed)):
                    return

    async def _read(self, process: asyncio.subprocess.Process) -> Answer | None:
        """The next answer; None if the process ended."""
        reading = asyncio.ensure_future(_answer(process))
        ending = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():  # what it sent before it ended is there, or never comes
                await asyncio.wait({reading}, timeout=_SECONDS_FOR_THE_REST)
            return reading.result() if reading.done() else None
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        finally:
            reading.cancel()
            ending.cancel()

    async def _ended(self, process: asyncio.subprocess.Process) -> str:
        status = await process.wait()
        _LOG.error("the process that lints ended with status %s", status)
        return f"the process that lints ended with status {status}; it starts again"

    def kill(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


def _write(process: asyncio.subprocess.Process, request: Request) -> None:
    """Send a request. Whether the process reads it, what comes back shows."""
    assert process.stdin is not None
    process.stdin.write(packed(request))


async def _answer(process: asyncio.subprocess.Process) -> Answer:
    assert process.stdout is not None
    (size,) = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
    return answer_of(await process.stdout.readexactly(size))


def _number_of(answer: Answer) -> int | None:
    """The number of the request that an answer is for."""
    match answer:
        case Linted() | Barriers() | Failed() | Progressed() | Verified():
            return answer.number
        case Noted():
            return None
