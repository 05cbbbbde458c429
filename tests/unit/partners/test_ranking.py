"""Candidates for a partner, ranked."""

from __future__ import annotations

import re

from klplint.partners.object_index import Sited
from klplint.partners.ranking import Ranking
from tests.support.barrier_samples import GAUGE, RING, RULES, files, found

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def test_the_writer_of_the_same_objects_in_opposite_order_is_first() -> None:
    here = files(a__ring=RING, b__gauge=GAUGE)
    first = found("ring_pop", *here)[0]
    assert (first.function, first.path, first.barrier) == ("ring_push", "a/ring.c", "smp_wmb")
    assert first.confident
    assert found("gauge_read", *here)[0].function == "gauge_write"


def test_both_places_of_the_shared_objects_are_given() -> None:
    first = found("ring_pop", *files(a__ring=RING))[0]
    shared = {
        each.name: (each.reader.side, each.reader.kind, each.writer.side, each.writer.kind)
        for each in first.objects
    }
    assert shared == {
        "ring.head": ("before", "load", "after", "store"),
        "ring.slot": ("after", "load", "before", "store"),
    }
    assert all(each.is_crossed for each in first.objects)


def test_comments_make_no_difference() -> None:
    blank = [_COMMENT.sub(lambda m: " " * len(m[0]), text) for text in (RING, GAUGE)]
    said = files(a__ring=RING, b__gauge=GAUGE)
    unsaid = files(a__ring=blank[0], b__gauge=blank[1])
    assert "pairs" not in "".join(blank).lower()
    for reader in ("ring_pop", "gauge_read"):
        assert found(reader, *said) == found(reader, *unsaid)


def test_the_order_of_the_files_makes_no_difference() -> None:
    here = files(a__ring=RING, b__gauge=GAUGE, c__again=RING)
    assert found("gauge_read", *here) == found("gauge_read", *reversed(here))


def test_what_many_touch_is_nothing_to_go_by() -> None:
    count = "void f{n}(struct ring *r)\n{{\n\tr->head = 1;\n\tsmp_wmb();\n\tr->slot[0] = 1;\n}}\n"
    many = "".join(count.format(n=n) for n in range(400))
    assert found("ring_pop", *files(a__ring=RING, b__many=many)) == ()


def test_members_of_another_structure_are_not_shared() -> None:
    other = RING.replace("struct ring", "struct other").replace("ring_", "other_")
    partners = found("ring_pop", *files(a__ring=RING, a__other=other))
    assert [partner.function for partner in partners] == ["ring_push"]


def test_a_function_that_the_reader_s_file_replaces_is_no_partner() -> None:
    reader = RING.replace("smp_wmb();", "")
    generic = RING.replace("ring_pop", "ring_pop_generic")
    assert found("ring_pop", *files(arch__x86__ring=reader, lib__ring=generic)) == ()
    static = generic.replace("void ring_push", "static void ring_push")
    assert found("ring_pop", *files(arch__x86__ring=reader, lib__ring=static))
    alone = reader.replace("void ring_push", "static void ring_push")
    assert found("ring_pop", *files(arch__x86__ring=alone, lib__ring=generic))


def test_another_architecture_has_no_partner() -> None:
    writer, reader = RING.split("int ring_pop")
    reader = f"int ring_pop{reader}"
    here = files(arch__arm__w=writer, arch__x86__r=reader)
    assert found("ring_pop", *here) == ()
    assert found("ring_pop", *files(arch__arm__w=writer, arch__arm__r=reader))[0].confident


def test_a_pointer_that_the_reader_dereferences_needs_no_barrier() -> None:
    text = """
void set(struct a *a, struct b *b)
{
	a->data = 1;
	rcu_assign_pointer(a->p, b);
}
int get(struct a *a)
{
	struct b *b = rcu_dereference(a->p);
	smp_rmb();
	return a->data;
}
"""
    assert not any(partner.confident for partner in found("get", *files(one=text)))


def test_full_barriers_on_both_sides_buffer_stores() -> None:
    text = """
void sleep_on(struct a *a)
{
	a->waiting = 1;
	smp_mb();
	if (a->ready)
		a->waiting = 0;
}
void make_ready(struct a *a)
{
	a->ready = 1;
	smp_mb();
	if (a->waiting)
		wake(a);
}
"""
    ranking = Ranking(files(one=text), RULES)
    reader = ranking.contexts_in("one.c")[0]
    (candidate, *_) = ranking.candidates(Sited("one.c", reader))
    assert candidate.site.context.function == "make_ready"
    assert candidate.evidence.is_both_ways


def test_nothing_shared_is_nothing_found() -> None:
    text = "int f(int *p)\n{\n\tint x = *p;\n\tsmp_rmb();\n\treturn x;\n}\n"
    assert found("f", *files(one=text, two=RING)) == ()
