"""How much work Python code does, counted: the same number on any machine, however busy it is.

Tests that a large text takes no endless time compare the work for a text with that for one twice
as long. Counted are calls, of functions and of builtins, and the characters that patterns and
searches run over, for a loop in C makes no calls. Backtracking within a pattern is not seen. That
it does not take minutes is shown by `ends_soon`.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from cProfile import Profile
from types import FrameType, ModuleType
from typing import Any, Self
from unittest import mock

from klplint.csource.lexer import Source

_MOST = sys.maxsize
# Far above what linear time takes for the texts of the tests.
_SECONDS = 15.0


class Meter:
    """Counts the work that is done within a `with`; `modules` are those whose patterns count."""

    def __init__(self, *modules: ModuleType) -> None:
        self.work = 0
        self._calls = Profile()
        self._patterns = [
            mock.patch.object(module, name, _CountedPattern(value, self))
            for module in modules
            for name, value in vars(module).items()
            if isinstance(value, re.Pattern)
        ]

    def __enter__(self) -> Self:
        for pattern in self._patterns:
            pattern.start()
        self._calls.enable()
        return self

    def __exit__(self, *error: object) -> None:
        self._calls.disable()
        self.work += sum(entry.callcount for entry in self._calls.getstats())
        for pattern in self._patterns:
            pattern.stop()


def growth(measured: Callable[[int, Meter], object], size: int, *modules: ModuleType) -> float:
    """How many times as much work twice the size takes: 2 where work grows as the size does."""
    work = []
    for each in (size, 2 * size):
        with Meter(*modules) as meter:
            measured(each, meter)
        work.append(meter.work)
    return work[1] / work[0]


@contextmanager
def ends_soon() -> Iterator[None]:
    """Fail if what is within takes more than 15 seconds of processor time, as in a hang."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"more than {_SECONDS:g} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class CountedText(str):
    """A text whose searches and slices count the characters that they run over."""

    __slots__ = ("_meter",)
    _meter: Meter

    @classmethod
    def of(cls, text: str, meter: Meter) -> CountedText:
        """The same text, counted."""
        made = cls(text)
        made._meter = meter
        return made

    def find(self, *given: Any) -> int:
        """As a text's; likewise all below."""
        got, (start, end) = super().find(*given), self._limits(*given)
        self._meter.work += (got if got >= 0 else end) - start
        return got

    def rfind(self, *given: Any) -> int:
        got, (start, end) = super().rfind(*given), self._limits(*given)
        self._meter.work += end - (got if got >= 0 else start)
        return got

    def index(self, *given: Any) -> int:
        got = self.find(*given)
        if got < 0:
            raise ValueError("substring not found")
        return got

    def count(self, *given: Any) -> int:
        start, end = self._limits(*given)
        self._meter.work += end - start
        return super().count(*given)

    def split(self, *given: Any, **options: Any) -> list[Any]:
        self._meter.work += len(self)
        return super().split(*given, **options)

    def __contains__(self, part: object) -> bool:
        return self.find(part) >= 0

    def __getitem__(self, place: Any) -> str:
        piece = super().__getitem__(place)
        self._meter.work += len(piece)
        return piece

    def _limits(self, part: str, start: int | None = None, end: int | None = None) -> list[int]:
        return list(slice(start, end).indices(len(self)))[:2]


def counted_source(text: str, meter: Meter) -> Source:
    """A source whose text counts, with comments and literals and without them."""
    source = Source(CountedText.of(text, meter))
    for name in ("code", "skeleton", "statements"):
        vars(source)[name] = CountedText.of(getattr(source, name), meter)
    return source


class _CountedPattern:
    """A pattern that counts the characters between where it begins to look and where it ends."""

    def __init__(self, pattern: re.Pattern[str], meter: Meter) -> None:
        self._pattern = pattern
        self._meter = meter

    def search(self, text: str, start: int = 0, end: int = _MOST) -> re.Match[str] | None:
        match = self._pattern.search(text, start, end)
        self._meter.work += (match.end() if match else min(end, len(text))) - start
        return match

    def match(self, text: str, start: int = 0, end: int = _MOST) -> re.Match[str] | None:
        return self._at_place(self._pattern.match(text, start, end), start)

    def fullmatch(self, text: str, start: int = 0, end: int = _MOST) -> re.Match[str] | None:
        return self._at_place(self._pattern.fullmatch(text, start, end), start)

    def _at_place(self, match: re.Match[str] | None, start: int) -> re.Match[str] | None:
        self._meter.work += match.end() - start if match else 1
        return match

    def finditer(self, text: str, start: int = 0, end: int = _MOST) -> Iterator[re.Match[str]]:
        for match in self._pattern.finditer(text, start, end):
            self._meter.work += match.end() - start
            start = match.end()
            yield match
        self._meter.work += min(end, len(text)) - start

    def __getattr__(self, name: str) -> Any:
        """sub, split and findall: they run over the whole text."""
        method = getattr(self._pattern, name)

        def whole(*given: Any, **options: Any) -> Any:
            self._meter.work += max(
                (len(each) for each in given if isinstance(each, str)), default=0
            )
            return method(*given, **options)

        return whole if callable(method) else method
