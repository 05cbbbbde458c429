"""The entries of the cache: kept, dropped, damaged."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from klplint.cache.directory import NAME
from klplint.cache.entries import Cache
from tests.support.recorder import Recorder


def test_damage_is_reported(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database at all" * 99)
    progress = Recorder()
    cache = Cache(tmp_path, progress.note)
    cache.put({b"a": b"b"})
    assert cache.get([b"a"]) == {b"a": b"b"}
    cache.close()
    assert [s.split(": ", 1)[1][:21] for s in progress.sentences] == ["the cache is corrupt "]


def test_whether_a_cache_was_empty(tmp_path: Path) -> None:
    for was_empty in (True, False):
        cache = Cache(tmp_path, Recorder().note)
        cache.put({b"a": b"b"})
        assert cache.was_empty is was_empty
        cache.close()


def test_the_oldest_entries_go_where_there_are_too_many(tmp_path: Path) -> None:
    cache = Cache(tmp_path, Recorder().note, largest=1000)
    for number in range(50):
        cache.put({b"%d" % number: b"x" * 100})
    left = [n for n in range(50) if cache.get([b"%d" % n])]
    assert left == list(range(50 - len(left), 50))
    assert 5 <= len(left) <= 10
    cache.close()


def _write_much(directory: Path, name: bytes) -> None:
    cache = Cache(directory, print)
    for number in range(100):
        cache.put({name + b"%d" % number: name * 100})
    cache.close()


def test_several_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    names = (b"a", b"b", b"c")
    runs = [context.Process(target=_write_much, args=(tmp_path, name)) for name in names]
    for process in runs:
        process.start()
    for process in runs:
        process.join()
    cache = Cache(tmp_path, print)
    wanted = {name + b"%d" % number: name * 100 for name in names for number in range(100)}
    assert cache.get(wanted) == wanted
    cache.close()


def test_a_database_whose_schema_is_no_text_is_damaged(tmp_path: Path) -> None:
    cache = Cache(tmp_path, print)
    cache.put({b"a": b"b"})
    cache.close()
    file = tmp_path / NAME
    content = file.read_bytes()
    assert b"create table entries" in content.lower()
    place = content.lower().index(b"create table entries")
    file.write_bytes(content[:place] + b"\x80" * 12 + content[place + 12 :])
    progress = Recorder()
    damaged = Cache(tmp_path, progress.note)
    assert damaged.get([b"a"]) == {}
    damaged.put({b"a": b"c"})
    assert damaged.get([b"a"]) == {b"a": b"c"}
    damaged.close()
    assert [s.split(": ", 1)[1][:21] for s in progress.sentences] == ["the cache is corrupt "]
