"""Contexts and rankings of files that change, compared with those made from scratch."""

from __future__ import annotations

from klplint.partners.directories import DirectoryReader, contexts_in
from klplint.partners.object_index import Sited
from klplint.partners.ranking import Candidate, Ranking
from tests.support.barrier_samples import GAUGE, RING, RULES

HELPER = "void ring_note(struct ring *r)\n{\n\tr->noted = 1;\n}\n"
USER = "void f(struct ring *r)\n{\n\tring_note(r);\n\tsmp_wmb();\n\tr->head++;\n}\n"
VERSIONS = (
    {"a/ring.c": RING, "a/help.c": HELPER, "a/use.c": USER, "a/gauge.c": GAUGE},
    {"a/ring.c": f"\n\n{RING}"},
    {"a/help.c": HELPER.replace("noted", "slot")},
    {"a/help.c": f"\n{HELPER}"},
    {"a/help.c": HELPER.replace("void", "static void")},
    {"a/ring.c": RING + RING.replace("ring_", "other_")},
    {"a/gauge.c": ""},
    {"a/ring.c": RING, "a/gauge.c": GAUGE, "a/help.c": HELPER},
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
    reader, ranking = DirectoryReader(RULES), None
    seen = set()
    for changes in VERSIONS:
        texts = dict(sorted({**texts, **changes}.items()))
        contexts = reader.contexts(texts)
        assert contexts == contexts_in(texts, RULES)
        ranking = ranking or Ranking(contexts, RULES)
        assert ranking.takes(contexts)
        expected = candidates(Ranking(contexts, RULES), [*texts])
        assert candidates(ranking, [*texts]) == expected
        seen.add(repr(expected))
    assert len(seen) >= len(VERSIONS) - 2


def test_a_ranking_does_not_take_other_files_or_helpers() -> None:
    contexts = contexts_in({"a/ring.c": RING, "a/ring.h": ""}, RULES)
    ranking = Ranking(contexts, RULES)
    assert not ranking.takes(contexts[:1])
    inline = "static inline void note(struct ring *r)\n{\n\tr->noted = 1;\n}\n"
    assert not ranking.takes(contexts_in({"a/ring.c": RING, "a/ring.h": inline}, RULES))
    assert ranking.takes(contexts)
