"""KLP003 and KLP004 on comments at what orders writes, as a configuration asks for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from klplint.barriers.opposite import either_side, opposite
from klplint.barriers.primitives import Primitives, Site
from klplint.barriers.reading import Reader
from klplint.catalogue.load import load_families
from klplint.catalogue.select import select_rules
from klplint.checks.barrier_comment import BarrierCommentCheck
from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.command import klplint
from tests.support.expectations import blanked_copy, differences, wants_of
from tests.support.paths import FIXTURES, MINIKERNEL

DIRECTORY = FIXTURES / "write-side"
FAMILIES = load_families()
OPPOSITE = opposite(FAMILIES)
READER = Reader(Primitives(OPPOSITE))
SITE = Site("smp_wmb", "ring_push")


def test_both_sides_are_checked(tmp_path: Path) -> None:
    settings = read_config(DIRECTORY / "klplint.toml")
    rules = select_rules(
        configured_catalogue(settings.rule_choice), settings.select, settings.ignore
    )
    sources = find_sources([blanked_copy(DIRECTORY, tmp_path / "side")], MINIKERNEL, ())
    result = lint(Plan(sources, rules, Execution(jobs=1)), Silence())
    assert differences(wants_of(DIRECTORY), result.findings) == []


@pytest.mark.parametrize(
    ("comment", "pairing", "names"),
    [
        ("Pairs with smp_rmb() in ring_pop().", "explicit", ["ring_pop"]),
        ("Matches the ACQUIRE in ring_pop().", "explicit", ["ring_pop"]),
        ("ring_pop() has the matching barrier", "explicit", ["ring_pop"]),
        ("The read barrier is in ring_pop().", "explicit", ["ring_pop"]),
        ("Visible to ring_pop().", "implicit", ["ring_pop"]),
        ("Before ring_pop() sees the head.", "implicit", ["ring_pop"]),
        ("The slot, set by ring_fill(), before the head.", "none", []),
        ("smp_wmb() orders slot before head.", "none", []),
        ("Does not pair with smp_rmb() in ring_pop().", "none", []),
        ("Pairs with nothing?", "none", []),
    ],
)
def test_a_comment_on_a_write_barrier(comment: str, pairing: str, names: list[str]) -> None:
    reading = READER.read_comment(f"/* {comment} */", SITE)
    assert (reading.pairing, [name.name for name in reading.counterparts]) == (pairing, names)


@pytest.mark.parametrize(
    ("name", "of_reader", "of_either"),
    [
        *(("smp_rmb", True, True), ("smp_load_acquire", True, True), ("spin_lock", True, True)),
        *(("rcu_dereference", True, True), ("READ_ONCE", True, True), ("smp_mb", True, True)),
        *(("smp_wmb", False, True), ("smp_store_release", False, True)),
        *(("spin_unlock", False, True), ("WRITE_ONCE", False, False), ("memcpy", False, False)),
    ],
)
def test_what_orders_on_the_other_side(name: str, of_reader: bool, of_either: bool) -> None:
    assert OPPOSITE.orders_writes(name) == of_reader
    assert either_side(FAMILIES).orders_writes(name) == of_either


def test_usual_partners_are_those_of_the_read_side_turned_round() -> None:
    assert OPPOSITE.readers["smp_wmb"] == "smp_rmb"
    assert OPPOSITE.readers["wmb"] == "rmb"
    assert OPPOSITE.readers["smp_store_release"] == "smp_load_acquire"
    assert OPPOSITE.device_advice["smp_wmb"] == "dma_wmb"


def test_the_write_side_is_watched_only_if_it_is_asked_for() -> None:
    check = BarrierCommentCheck(barriers=("smp_rmb",), families=FAMILIES)
    assert check.watch.barriers == {"smp_rmb"}
    assert {"smp_wmb", "smp_mb", "smp_store_release"} <= check.watch.opposite
    both = msgspec.structs.replace(check, sides=("read", "write"))
    assert both.watch.barriers == {"smp_rmb", "smp_wmb", "smp_store_release", "smp_mb"}
    assert both.watch.loads == {"smp_store_release"}
    only = msgspec.structs.replace(check, sides=("write",), write_barriers=("wmb",))
    assert only.watch.barriers == {"wmb"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('sides = ["reader"]', "2: rule.KLP003.sides[1]: expected one of read, write"),
        ("sides = []", "2: rule.KLP003.sides: is empty"),
        ('write_barriers = ["smp_rmb"]', "`smp_rmb` is not a write barrier"),
        ('write_barriers = ["smp_wm"]', "did you mean smp_wmb?"),
    ],
)
def test_wrong_settings_are_reported(tmp_path: Path, line: str, expected: str) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text(f"[rule.KLP003]\n{line}\n")
    done = klplint("--config", config, "--kernel", MINIKERNEL, tmp_path)
    assert done.returncode == 2
    assert f"{config}:2: rule.KLP003." in done.stderr
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


RING = """\
int head, slot;
void push(void) { slot = 1; /* Pairs with smp_rmb() in pop(). */ smp_wmb(); head = 1; }
void swap(void) { slot = 2; /* Pairs with smp_rmb() in pop(). */ smp_wmb(); head = 2; }
int pop(void) { int h = head; /* Pairs with smp_wmb() in push(). */ smp_rmb(); return h + slot; }
"""


def test_pairs_says_where_the_two_ends_disagree(tmp_path: Path) -> None:
    (tmp_path / "ring.c").write_text(RING)
    config = DIRECTORY / "klplint.toml"
    run = ("pairs", "--config", config, "--kernel", MINIKERNEL, tmp_path, "--color", "never")
    text = klplint(*run).stdout
    assert "pop(): the comment on smp_rmb() at ring.c:4 names push(), NOT THIS ONE" in text
    assert text.count("NOT THIS ONE") == 1
    pairs = msgspec.json.decode(klplint(*run, "-f", "json").stdout)["barriers"]
    ends = {
        pair["function"]: [(e["function"], e["names"], e["agrees"]) for e in pair["other_ends"]]
        for pair in pairs
    }
    assert ends == {
        "push": [("pop", ["push"], True)],
        "swap": [("pop", ["push"], False)],
        "pop": [("push", ["pop"], True)],
    }
    assert {pair["function"]: pair["side"] for pair in pairs}["swap"] == "write"
