"""How near names are to one that is nowhere."""

from __future__ import annotations

import pytest

from klplint.csource.similar_names import SimilarNames, is_one_letter_apart, is_short_for


def nearest(name: str, *others: str) -> list[str]:
    """The nearest names; several if they are equally near."""
    return next((names for _, names in SimilarNames(others).nearest_first(name)), [])


@pytest.mark.parametrize(
    ("longer", "is_longer"),
    [
        ("disk_ring_push", True),
        ("a_ring_push", True),
        ("__ring_push", False),
        ("_ring_push", False),
        ("spring_push", False),
        ("ring_push", False),
        ("disk_ring_push_all", False),
    ],
)
def test_a_short_name_lacks_words_at_its_beginning(longer: str, *, is_longer: bool) -> None:
    assert is_short_for("ring_push", longer) == is_longer


@pytest.mark.parametrize(
    ("wanted", "meant", "similar"),
    [
        # A further prefix comes before what is only similar.
        ("ring_push", "disk_ring_push", "ring_puss"),
        ("tape_end", "fast_tape_end", "tape_ends"),
        # A word more or less in the middle comes before another word.
        ("bin_pte_fill_slowly", "bin_fast_pte_fill_slowly", "bin_pmd_fill_slowly"),
        ("jar_stat_cpu_moved", "jar_stat_moved", "jar_stats_cpus_moves"),
        ("cup_set_low_mark", "cup_set_mark", "cup_get_low_marks"),
        # A letter more or less, or another ending, comes before a word.
        ("bell_switch_wb_work", "bell_switch_wbs_work", "bell_switch_work"),
        ("tray_wakes_up", "tray_wake_up", "tray_wakes"),
        ("ring_set_filled", "ring_set_fill", "ring_filled"),
    ],
)
def test_the_nearer_name_is_meant(wanted: str, meant: str, similar: str) -> None:
    assert nearest(wanted, similar, meant) == [meant]
    assert nearest(wanted, similar) != []


def test_names_may_be_equally_near() -> None:
    both = ["bin_old_fill", "bin_raw_fill"]
    assert nearest("bin_fill", *both) == both
    assert nearest("ring_push", "disk_ring_push", "tape_ring_push", "ring_pus") == [
        "disk_ring_push",
        "tape_ring_push",
    ]
    assert nearest("ring_push", "bell_strike", "ring_push") == []


def test_one_letter_more_or_less() -> None:
    assert is_one_letter_apart("ring", "__ring"[1:])
    assert is_one_letter_apart("rings", "ring")
    assert not is_one_letter_apart("ring", "ring")
    assert not is_one_letter_apart("ring", "rung")
    assert not is_one_letter_apart("ring", "prings")
