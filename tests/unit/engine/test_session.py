"""What a session caches at its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from klplint.engine.plan import Execution
from klplint.engine.session import Session
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.paths import MINIKERNEL

ENTRIES = ({b"a": 1}, {b"b": 2})


def session_with(cache: Path) -> Session:
    """A session over a small kernel."""
    sources = find_sources([MINIKERNEL], None, ())
    return Session(sources, Execution(jobs=1, cache=cache), Silence())


def cached_after(cache: Path, holds: Callable[[], bool]) -> dict[bytes, int]:
    """What a session caches of two entries that depend on something."""
    with session_with(cache) as session:
        for entries in ENTRIES:
            session.remember_if(holds, entries)
        assert session.recall([b"a", b"b"], int) == {}
    with session_with(cache) as session:
        return session.recall([b"a", b"b"], int)


def test_what_depends_on_something_is_cached_at_the_end_if_that_holds(tmp_path: Path) -> None:
    asked: list[bool] = []

    def holds() -> bool:
        asked.append(True)
        return True

    assert cached_after(tmp_path, holds) == {b"a": 1, b"b": 2}
    assert asked == [True]


def test_what_depends_on_something_is_not_cached_if_that_does_not_hold(tmp_path: Path) -> None:
    assert cached_after(tmp_path, lambda: False) == {}


def test_a_session_that_fails_caches_nothing_more(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), session_with(tmp_path) as session:
        session.remember_if(lambda: True, ENTRIES[0])
        raise KeyboardInterrupt
    with session_with(tmp_path) as session:
        assert session.recall([b"a"], int) == {}


def test_what_is_very_large_is_not_cached(tmp_path: Path) -> None:
    with session_with(tmp_path) as session:
        session.remember({b"a": "x" * (1 << 20), b"b": "x" * (1 << 25)})
        assert session.recall([b"a", b"b"], str).keys() == {b"a"}
