"""Which of the comments near a barrier belong to it."""

from __future__ import annotations

import pytest

from klplint.barriers.comment_choice import CommentChoice
from klplint.barriers.primitives import Primitives
from klplint.catalogue.load import load_families
from klplint.facts.file_facts import Barrier, Comment, CommentPlace
from klplint.facts.region import Region
from tests.support.work import ends_soon

PLACES: tuple[CommentPlace, ...] = ("header", "above", "below", "other")


def use_of(text: str, place: CommentPlace, gap: int = 0) -> str:
    """How a comment near the only barrier of a function is used."""
    comment = Comment(text=text, region=Region(3, 1, 3, 2), place=place, gap=gap)
    barrier = Barrier(name="smp_rmb", region=Region(5, 1, 5, 10), function="f", comments=(comment,))
    choice = CommentChoice(Primitives(load_families()))
    ((_, use),) = choice.candidates(barrier, siblings=1)
    return use


@pytest.mark.parametrize("word", ["barrier", "Barriers", "fence", "wmb", "some_mb()"])
def test_a_comment_farther_away_speaks_of_a_barrier(word: str) -> None:
    assert use_of(f"/* The {word} is for the index. */", "header") == "sole"


@pytest.mark.parametrize("word", ["barricade", "mbox", "number", "offence"])
def test_other_words_are_no_barriers(word: str) -> None:
    assert use_of(f"/* The {word} is for the index. */", "header") == "not its own"


# A pattern that begins again at each letter, or each space, takes minutes.
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("run", ["a", "m", "mb", " ", "*", "(", "smp_", "pair "])
def test_a_long_run_of_anything_is_read_in_linear_time(run: str, place: CommentPlace) -> None:
    with ends_soon():
        use_of(f"/* {run * 200_000}x */", place, gap=int(place != "header"))
