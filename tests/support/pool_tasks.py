"""What workers are given in tests of the process pool; a worker imports it from here."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from klplint.process_pool import Workers

# So long that the pool knows that the task has begun.
_MOMENT = 0.05


def call(function: Callable[..., object], *arguments: object) -> object:
    """Run the first of the arguments on the others: one pool, many kinds of tasks."""
    return function(*arguments)


def double(number: int) -> int:
    """Succeed."""
    return 2 * number


def sleep(seconds: float) -> None:
    """Take time."""
    time.sleep(seconds)


def mark(file: Path) -> None:
    """Make a file."""
    file.touch()


def fail(error: BaseException) -> None:
    """Raise an exception."""
    raise error


class Odd(Exception):
    """It can be sent to another process, but not be received there: Python calls Odd(message)."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


def fail_oddly() -> None:
    """Raise an exception that would break the channel to the process that waits."""
    raise Odd("one", "two")


def not_to_be_sent() -> object:
    """Give a result that cannot be sent to another process."""
    return lambda: None


def wait_to_be_killed(directory: Path, seconds: float, most: int = 1000) -> None:
    """Say which process this is, by a file, and take time; none if there are `most` files."""
    if len([*directory.iterdir()]) < most:
        (directory / f"{os.getpid()}").touch()
        time.sleep(seconds)


def kill_this_once(mark: Path, result: object) -> object:
    """End the process the first time, which the file `mark` says; then succeed."""
    if not mark.exists():
        mark.touch()
        kill_this()
    return result


def alone_in(directory: Path, seconds: float) -> bool:
    """Take time; whether no other task did at the same time, by files of the directory."""
    this = directory / f"{os.getpid()}"
    this.touch()
    time.sleep(seconds)
    others = [path for path in directory.iterdir() if path.name.isdigit() and path != this]
    this.unlink()
    return not others


def alone_once_killed(directory: Path, mark: Path) -> bool:
    """As `kill_this_once`, then as `alone_in`."""
    kill_this_once(mark, None)
    return alone_in(directory, 0.1)


def repeat_and_die_once(mark: Path, length: int) -> str:
    """Give a result of a length; the first time, end while it is sent."""
    if not mark.exists():
        mark.touch()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        signal.pthread_sigmask(signal.SIG_BLOCK, ())
        return "x" * (length * 50)
    return "x" * length


def run_in_pool(function: Callable[..., object], *arguments: object) -> None:
    """Run one task in a pool."""
    with Workers(1) as workers:
        list(workers.run(function, [arguments], 600))


def _is_about(name: str, arguments: tuple[object, ...]) -> bool:
    return any(getattr(each, "path", None) == name for each in arguments)


def _parses(name: str, arguments: tuple[object, ...]) -> bool:
    """Whether a task is about a file, and no problem with parsing it is known yet."""
    return _is_about(name, arguments) and not arguments[-1]


def abort_always_on(name: str, function: Callable[..., object], *arguments: object) -> object:
    """As `abort_on`, even where the file is not to be parsed."""
    if _is_about(name, arguments):
        abort()
    return function(*arguments)


def abort_on(name: str, function: Callable[..., object], *arguments: object) -> object:
    """Abort where one of the arguments is about the file `name`; else do what was asked for."""
    if _parses(name, arguments):
        abort()
    return function(*arguments)


def sleep_on(name: str, function: Callable[..., object], *arguments: object) -> object:
    """Take long where one of the arguments is about the file `name`; else do what was asked."""
    if _parses(name, arguments):
        time.sleep(600)
    return function(*arguments)


def leave(status: int) -> None:
    """End the process as Python does."""
    sys.exit(status)


def abort() -> None:
    """Crash, as a library does on what it did not expect, after a moment's work."""
    time.sleep(_MOMENT)
    os.abort()


def kill_this() -> None:
    """End the process as the kernel does where memory runs out."""
    time.sleep(_MOMENT)
    os.kill(os.getpid(), signal.SIGKILL)


def fail_on(name: str, function: Callable[..., object], *arguments: object) -> object:
    """Raise where one of the arguments is about the file `name`; else do what was asked for."""
    if _parses(name, arguments):
        raise ValueError(name)
    return function(*arguments)
