"""Baselines and cache entries: what is written is read again, and what is damaged is refused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from klplint.cache.directory import NAME
from klplint.cache.entries import Cache
from klplint.compare.baseline import Baseline, Entry, baseline_text, entry_of, read_baseline
from klplint.errors import BaselineError, CacheError
from klplint.facts.file_facts import FileFacts
from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place
from klplint.source_text import to_text
from tests.fuzz.harness import Harness

_LARGEST = 512
# In memory where that is easy: a database is written for many inputs.
_MEMORY = Path("/dev/shm")  # noqa: S108 - the directory in it has a random name
_DIRECTORY = tempfile.TemporaryDirectory(
    prefix="klplint-fuzz-", dir=_MEMORY if _MEMORY.is_dir() else None
)
_FILE = Path(_DIRECTORY.name) / "baseline"
_CACHE = Path(_DIRECTORY.name) / "cache"
_KEY = b"key"
_PART = 61  # bytes of a name in a finding
# Opening a database takes a hundred times as long as all the rest.
_CACHE_EACH = 0x20


def check(data: bytes) -> None:
    """Read a content as a baseline, as facts, and now and then as a cache; write and read names."""
    _check_baseline(data)
    _check_written(data)
    _check_facts(data)
    if len(data) % _CACHE_EACH == 1:
        _check_cache(data)


def _check_baseline(data: bytes) -> None:
    _FILE.write_bytes(data)
    try:
        baseline = read_baseline(_FILE)
    except BaselineError as error:
        assert str(error).startswith(f"{_FILE}:")
        return
    assert all(number > 0 for number in baseline.values())


def _check_written(data: bytes) -> None:
    """A baseline of findings with names from the bytes has the same findings again."""
    text = to_text(data)
    findings = [_finding(text[n : n + _PART]) for n in range(0, len(text), _PART)]
    _FILE.write_text(baseline_text(findings), encoding="ascii")
    expected: dict[Entry, int] = {}
    for finding in findings:
        entry = entry_of(finding)
        expected[entry] = expected.get(entry, 0) + 1
    baseline: Baseline = read_baseline(_FILE)
    assert baseline == expected


def _finding(text: str) -> Finding:
    file, _, rest = text.partition("|")
    function, _, excerpt = rest.partition("|")
    place = Place(file or "x.c", Region(1, 1, 1, 2), excerpt=excerpt)
    return Finding("KLP001", "warning", "message", place, function=function or None)


def _check_facts(data: bytes) -> None:
    """Bytes are facts that can be written and read again, or an error that is expected."""
    try:
        facts = msgspec.msgpack.decode(data, type=FileFacts)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


def _check_cache(data: bytes) -> None:
    """A value is found again or missing, whatever the database's file holds."""
    _CACHE.mkdir(exist_ok=True)
    for file in _CACHE.iterdir():
        file.unlink()
    half = data[: len(data) // 2]
    whole = _database()
    place = int.from_bytes(data[:2], "big") % (len(whole) - len(half))
    (_CACHE / NAME).write_bytes(whole[:place] + half + whole[place + len(half) :])
    try:
        cache = Cache(_CACHE, _ignore)
    except CacheError:
        return
    assert cache.get([_KEY]) in ({}, {_KEY: b"value"})
    cache.put({_KEY: data})
    assert cache.get([_KEY]) in ({}, {_KEY: data})
    cache.close()


def _ignore(sentence: str) -> None:
    """A warning of the cache."""


def _database() -> bytes:
    """The content of a cache that has one entry."""
    if not _DATABASE:
        with tempfile.TemporaryDirectory(dir=_DIRECTORY.name) as name:
            directory = Path(name)
            cache = Cache(directory, _ignore)
            cache.put({_KEY: b"value"})
            cache.close()
            _DATABASE.append((directory / NAME).read_bytes())
    return _DATABASE[0]


_DATABASE: list[bytes] = []


def _seeds() -> Iterator[bytes]:
    findings = [_finding(f"kernel/{n}.c|f{n}|x = {n};") for n in range(5)]
    yield baseline_text(findings).encode()[-_LARGEST:]
    yield b"# klplint baseline 1\nKLP001 a.c f 0123456789abcdef 1\n# end\n"
    yield msgspec.msgpack.encode(FileFacts(path="a.c", occurrences=()))
    yield b"a.c|f|x = 1;" * 9


HARNESS = Harness(
    check=check,
    seeds=_seeds,
    words=(
        *(
            b"# klplint baseline 1\n",
            b"# end\n",
            b"KLP001 ",
            b" 0123456789abcdef 1\n",
            b"%2F",
            b"|",
        ),
        *(b"<<<<<<<", b"\xc3\xa9", b"\xff", b"\x93", b"\x80", b"\xa3a.c", b" - ", b"\r\n"),
    ),
    largest=_LARGEST,
)
