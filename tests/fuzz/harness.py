"""What a harness is, and how one input is checked: within a limit of processor time."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import NamedTuple

# Far above what an input of the sizes here needs, so that a busy machine gives no finding.
SECONDS = 10.0


class Harness(NamedTuple):
    """A part of klplint to fuzz."""

    check: Callable[[bytes], None]
    """Raises an exception if klplint handles the bytes wrongly."""
    seeds: Callable[[], Iterable[bytes]]
    """Inputs to begin with."""
    words: tuple[bytes, ...]
    """Pieces that mean something to the part."""
    largest: int = 1024
    """The longest input, in bytes."""


class TooSlow(Exception):
    """An input takes more than `SECONDS` of processor time."""


class Finding(NamedTuple):
    """An input that a harness does not accept."""

    place: str
    """Where the exception comes from: findings of the same place are one."""
    trace: str
    """The traceback."""


def finding_of(harness: Harness, data: bytes) -> Finding | None:
    """Why a harness does not accept an input; None if it does."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        harness.check(data)
    except Exception as error:  # noqa: BLE001 - any exception is a finding
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        *_, last = traceback.extract_tb(error.__traceback__)
        place = f"{type(error).__name__} at {last.filename}:{last.lineno}"
        return Finding(place, "".join(traceback.format_exception(error)))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return None


def limit_time() -> None:
    """Make inputs that take too long raise TooSlow, in this process."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {SECONDS:g} seconds of processor time")

    signal.signal(signal.SIGVTALRM, stop)


class Choices:
    """Random choices that the bytes of an input make, so that mutations change them one by one.

    An input that is used up chooses the first of everything.
    """

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def number(self, count: int) -> int:
        """A number below `count`, at most 256."""
        return next(self._data, 0) % count

    def one_of(self, options: tuple[str, ...]) -> str:
        """One of some texts."""
        return options[self.number(len(options))]

    def rest(self) -> bytes:
        """What is left of the input."""
        return bytes(self._data)


def pieces(contents: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Contents cut into pieces of a size, for a harness whose inputs are smaller than files."""
    for content in contents:
        for start in range(0, min(len(content), 20 * size), size):
            yield content[start : start + size]
