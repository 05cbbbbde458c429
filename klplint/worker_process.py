"""One process that carries out tasks, one at a time.

It is forked from this one, which has a single thread, so it starts at once with all modules loaded.
The two share nothing but a socket. Whatever happens to the process, the socket then ends or times
out: nothing waits for it for ever, and it does not outlive this process.

What it takes to start a process is imported when the first one is started: a run that finds nothing
changed starts none.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import resource
import signal
import socket
import struct
import time
from collections.abc import Callable
from typing import NamedTuple, cast

import msgspec

_STDERR = 2
_PR_SET_PDEATHSIG = 1
# Signals for which the parent has handlers, which are not for the process that it forks.
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The message that ends a process.
_END = b""
# How long a process that was asked to end may take for it.
_SECONDS_TO_END = 2.0


class Failure(msgspec.Struct, frozen=True):
    """A task that failed, that its process did not survive, or that took too long."""

    reason: str


class Lost(Exception):
    """The process ended or was killed before it was done with its task; the text says how."""


class Outcome(NamedTuple):
    """What a process gives back for a task."""

    result: object
    """What the task's function returned; a `Failure` if it raised."""
    peak: int
    """The most memory that the process has used so far, in bytes."""


class WorkerProcess:
    """A process for one task after the other."""

    def __init__(self, inherited: Callable[..., object] | None = None) -> None:
        """Start it. Raises OSError if that is impossible.

        `inherited` is the function of tasks that are sent without one: with all that it refers to,
        the process has it from the start.
        """
        from multiprocessing import get_context
        from multiprocessing.connection import Connection

        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.connection = Connection(os.dup(ours.fileno()))
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            try:
                self._process = get_context("fork").Process(
                    target=_work, args=(theirs.fileno(), os.getpid(), inherited), daemon=True
                )
                self._process.start()
            except BaseException:
                self.connection.close()
                raise
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.pid = self._process.pid or 0
        self.started = time.monotonic()
        self.deadline = 0.0
        """When its task has taken too long, by the monotonic clock."""

    def begin(self, task: bytes, seconds: float) -> None:
        """Begin a task, as `packed` makes it. Raises Lost if the process is gone."""
        self.deadline = time.monotonic() + seconds
        try:
            self._limit_waiting(seconds)
            self.connection.send_bytes(task)
        except OSError:
            raise self._lost() from None

    def _limit_waiting(self, seconds: float) -> None:
        """Limit how long a large message may take: the process may be stopped, but not gone."""
        duration = struct.pack("@ll", int(seconds) + 1, 0)
        with socket.socket(fileno=os.dup(self.connection.fileno())) as channel:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, duration)
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, duration)

    def outcome(self) -> Outcome:
        """The outcome of its task, when the connection has something to read.

        Raises Lost if the process ended without one.
        """
        try:
            message = self.connection.recv_bytes()
        except (OSError, EOFError):
            raise self._lost() from None
        try:
            outcome = pickle.loads(message)  # noqa: S301 - from the process that this one started
        except Exception as error:  # noqa: BLE001 - some exceptions can be sent, but not received
            return Outcome(failed(error), 0)
        return outcome if isinstance(outcome, Outcome) else Outcome(Failure("no outcome"), 0)

    def _lost(self) -> Lost:
        """End what is left of the process, and say how it ended."""
        self._process.join(_SECONDS_TO_END)
        status = self._process.exitcode
        self.kill()
        if status is None or status >= 0:
            return Lost(f"its process ended (status {status or 0})")
        with contextlib.suppress(ValueError):
            return Lost(f"its process was ended by {signal.Signals(-status).name}")
        return Lost(f"its process was ended by signal {-status}")

    def ask_to_end(self) -> None:
        """Ask the process, which waits for a task, to end; `end` waits for it."""
        with contextlib.suppress(OSError):
            self.connection.send_bytes(_END)

    def end(self) -> None:
        """Wait until the process has ended, as it was asked to."""
        self._process.join(_SECONDS_TO_END)
        self.kill()

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def packed(
    function: Callable[..., object] | None, arguments: tuple[object, ...]
) -> bytes | Failure:
    """A task in the form in which it is sent; a Failure if it cannot be.

    None stands for the function that the process inherited.
    """
    try:
        return pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the task's failure, whatever is wrong with it
        return failed(error)


def failed(error: BaseException) -> Failure:
    """The failure of a task that raised something."""
    if isinstance(error, MemoryError):
        return Failure("the analysis ran out of memory")
    return Failure(f"internal error ({type(error).__name__}: {error})")


def _work(channel: int, parent: int, inherited: Callable[..., object] | None) -> None:
    """Carry out the tasks that come, until this process is asked to end: all that it does."""
    from multiprocessing.connection import Connection

    _detach(channel, parent)
    with Connection(channel) as connection:
        while (task := connection.recv_bytes()) != _END:
            connection.send_bytes(_carried_out(task, inherited))


def _detach(channel: int, parent: int) -> None:
    """Depend on the parent in nothing but its life.

    What fails here is reported as the failure of a task. libclang would print its crashes, so
    standard error is closed to it. Ctrl-C reaches all processes of a terminal: the parent decides.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    end_with(parent)
    gc.freeze()  # what was inherited stays shared: to collect it would copy it
    if channel > _STDERR:  # else standard error was closed in the parent
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, _STDERR)
        os.close(nothing)


def give_memory_back() -> None:
    """Give memory that is free back to the system, in a process that lives on."""
    import ctypes

    gc.collect()
    with contextlib.suppress(AttributeError):  # not every C library has it
        ctypes.CDLL(None).malloc_trim(0)


def end_with(parent: int) -> None:
    """End this process when its parent ends."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before it could be said that this one ends with it
        os._exit(1)


def _carried_out(message: bytes, inherited: Callable[..., object] | None) -> bytes:
    """The outcome of a task, packed.

    Whatever the task raises ends here, even SystemExit: it is the task's failure.
    """
    result: object
    try:
        function, arguments = pickle.loads(message)  # noqa: S301 - from the parent
        called = cast("Callable[..., object]", function or inherited)
        result = called(*arguments)
        return _outcome(result)
    except BaseException as error:  # noqa: BLE001
        result = failed(error)
    return _outcome(result)


def _outcome(result: object) -> bytes:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pickle.dumps(Outcome(result, peak), pickle.HIGHEST_PROTOCOL)
