"""Contexts and rankings of files that change, compared with those made from scratch."""

from __future__ import annotations

import pytest

from klplint.partners.access_rules import AccessRules
from klplint.partners.collect import ContextReader
from klplint.partners.directories import NOTHING_READ, contexts_in, reading_of
from klplint.partners.object_index import Sited
from klplint.partners.ranking import Candidate, Ranking
from tests.support.barrier_samples import GAUGE, RING, RULES

HELPER = "void ring_note(struct ring *r)\n{\n\tr->noted = 1;\n}\n"
USER = "void f(struct ring *r)\n{\n\tring_note(r);\n\tsmp_wmb();\n\tr->head++;\n}\n"
CALLER = USER.replace("f(", "g(").replace("ring_note", "outside")
CHANGES: tuple[dict[str, str | None], ...] = (
    {"a/ring.c": RING, "a/help.c": HELPER, "a/use.c": USER, "a/gauge.c": GAUGE},
    {"a/ring.c": f"\n\n{RING}"},
    {"a/help.c": HELPER.replace("noted", "slot")},
    {"a/help.c": f"\n{HELPER}"},
    {"a/help.c": HELPER.replace("void", "static void")},
    {"a/ring.c": RING + RING.replace("ring_", "other_")},
    {"a/gauge.c": ""},
    {"a/ring.c": RING, "a/gauge.c": GAUGE, "a/help.c": HELPER},
    {"a/again.c": HELPER.replace("noted", "tail")},
    {"a/again.c": None},
    {"a/help.c": None},
    {"a/zoom.c": HELPER},
    {"a/zoom.h": HELPER, "a/zoom.c": ""},
    {"a/use.c": USER.replace("ring_note(r);", "").replace("head", "tail")},
    {"a/use.c": USER, "a/help.c": HELPER},
)


def candidates(ranking: Ranking, paths: list[str]) -> list[list[Candidate]]:
    """The candidates of all barriers."""
    return [
        ranking.candidates(Sited(path, context))
        for path in paths
        for context in ranking.contexts_in(path)
    ]


def test_after_changes_all_is_as_if_it_was_read_for_the_first_time() -> None:
    texts: dict[str, str] = {}
    before, seen, ranking = NOTHING_READ, set[str](), Ranking((), RULES)
    for change in CHANGES:
        now = dict(sorted({**texts, **change}.items()))
        present = {path: text for path, text in now.items() if text is not None}
        same = {path for path, text in present.items() if texts.get(path) == text}
        before = reading_of(present, present.__getitem__, RULES, before, same)
        texts = present
        contexts = before.contexts
        assert before == reading_of(texts, texts.__getitem__, RULES)
        if not ranking.takes(contexts):
            ranking = Ranking(contexts, RULES)
        expected = candidates(Ranking(contexts, RULES), [*texts])
        assert candidates(ranking, [*texts]) == expected
        seen.add(repr(expected))
    assert len(seen) >= len(CHANGES) - 6


@pytest.mark.parametrize(
    ("path", "text", "read"),
    [
        ("a/ring.c", f"{RING}\n", ["ring"]),
        ("a/help.c", f"\n{HELPER}", ["help"]),
        ("a/help.c", HELPER.replace("noted", "slot"), ["help", "use"]),
        ("a/help.c", "", ["help", "use"]),
        ("a/use.c", f"\n{USER}", ["use"]),
        ("a/again.c", HELPER, ["again"]),
        ("a/again.c", HELPER.replace("noted", "slot"), ["again", "use"]),
        ("a/use.c", USER.replace("->head++", "->tail--"), ["use"]),
        ("a/use.c", USER.replace("ring_note(r)", "r->tail = gauge_set(r)"), ["use", "gauge"]),
        ("a/gauge.c", GAUGE + HELPER.replace("ring_note", "outside"), ["gauge", "use"]),
    ],
    ids=[
        "what nobody asks about",
        "lines",
        "what is touched",
        "a function less",
        "lines around a call",
        "another file with the same",
        "another file that comes first",
        "what asks",
        "another question",
        "a function more",
    ],
)
def test_only_what_a_change_concerns_is_read_again(
    monkeypatch: pytest.MonkeyPatch, path: str, text: str, read: list[str]
) -> None:
    texts = {"a/gauge.c": GAUGE + HELPER.replace("ring_note", "gauge_set")}
    texts |= {"a/help.c": HELPER, "a/ring.c": RING, "a/use.c": USER + CALLER}
    before = reading_of(texts, texts.__getitem__, RULES)
    changed = dict(sorted({**texts, path: text}.items()))
    paths: list[str] = []

    def noted(text: str, path: str, rules: AccessRules) -> ContextReader:
        paths.append(path)
        return ContextReader(text, path, rules)

    monkeypatch.setattr("klplint.partners.directories.ContextReader", noted)
    after = reading_of(changed, changed.__getitem__, RULES, before, texts.keys() - {path})
    assert paths == [f"a/{name}.c" for name in read]
    assert after == reading_of(changed, changed.__getitem__, RULES)


def test_a_ranking_does_not_take_other_files_or_helpers() -> None:
    contexts = contexts_in({"a/ring.c": RING, "a/ring.h": ""}, RULES)
    ranking = Ranking(contexts, RULES)
    assert not ranking.takes(contexts[:1])
    inline = "static inline void note(struct ring *r)\n{\n\tr->noted = 1;\n}\n"
    assert not ranking.takes(contexts_in({"a/ring.c": RING, "a/ring.h": inline}, RULES))
    assert ranking.takes(contexts)
