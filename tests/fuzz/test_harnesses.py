"""Each harness accepts its seeds and some variations of them; `make fuzz` runs many more."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from tests.fuzz import seeds
from tests.fuzz.harness import Harness, TooSlow, finding_of
from tests.fuzz.run import NAMES, load
from tests.support.paths import FIXTURES

_INPUTS = 60


@pytest.fixture(autouse=True)
def fixtures_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seeds on each machine, whatever kernels it has."""
    monkeypatch.setattr(seeds, "tree", lambda: None)


def varied(content: bytes, words: tuple[bytes, ...], chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.choice(words) + content[place + chance.randrange(4) :]


@pytest.mark.parametrize("name", NAMES)
def test_a_harness_accepts_seeds_and_variations(name: str) -> None:
    harness, chance = load(name), random.Random(1)
    inputs = list(islice(harness.seeds(), _INPUTS))
    assert inputs
    assert all(0 < len(data) <= harness.largest for data in inputs)
    for data in [*inputs, *(varied(data, harness.words, chance) for data in inputs)]:
        finding = finding_of(harness, data)
        assert finding is None, finding.trace


def test_real_sources_are_seeds() -> None:
    assert (FIXTURES / "minikernel/kernel/sched/idle.c").read_bytes() in seeds.sources()


def test_what_a_harness_does_not_accept_is_a_finding() -> None:
    def refuse(data: bytes) -> None:
        raise TooSlow(data.decode())

    finding = finding_of(Harness(refuse, lambda: (), ()), b"slow")
    assert finding is not None
    assert finding.place.startswith("TooSlow at ")
    assert "TooSlow: slow" in finding.trace
