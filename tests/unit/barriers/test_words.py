"""Phrases: what each sign in them stands for."""

from __future__ import annotations

import msgspec
import pytest

from klplint.barriers.words import Vocabulary, Words, compiled
from klplint.catalogue.load import load_families


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("pairs with", "it pairs with a", "pairs with"),
        ("pairs with", "PAIRS-WITH a", "PAIRS-WITH"),
        ("pairs with", "pairs  with", "pairs  with"),
        ("pairs with", "repairs with a", None),
        ("pairs with", "pairs without", None),
        ("pair{,s,ed} with", "paired with", "paired with"),
        ("{see,cf}{, also}", "see also a", "see also"),
        ("{see,cf}{, also}", "cf a", "cf"),
        ("*ing side", "the loading side", "loading side"),
        ("order ... against", "order these two loads against x", "order these two loads against"),
        ("order ... against", "order one two three four five against x", None),
        ("f() sets", "then foo() sets", "foo() sets"),
        ("f() sets", "then foo sets", None),
        ("w/o", "pairs w/o one", "w/o"),
    ],
)
def test_what_a_phrase_describes(phrase: str, text: str, expected: str | None) -> None:
    match = compiled([phrase]).search(text)
    assert (match and match[0]) == expected


def test_no_phrases_describe_nothing() -> None:
    assert compiled([]).search("") is None


def test_the_longest_phrase_counts() -> None:
    match = compiled(["pairs", "pairs with"]).search("pairs with")
    assert match is not None
    assert match[0] == "pairs with"


def test_every_list_of_the_data_makes_patterns() -> None:
    words = load_families().words
    assert all(getattr(words, field.name) for field in msgspec.structs.fields(Words))
    vocabulary = Vocabulary(words)
    assert all(not pattern.fullmatch("") for pattern in vars(vocabulary).values())
