"""How likely an answer is, and when it is certain."""

from __future__ import annotations

from tests.support.barrier_samples import RING, files, found

_TWICE = RING.replace("ring_push", "ring_put")


def test_scores_are_shares_and_fall() -> None:
    partners = found("ring_pop", *files(a__ring=RING, b__twice=_TWICE))
    scores = [partner.score for partner in partners]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert not any(partner.confident for partner in partners[1:])


def test_a_barrier_of_the_readers_function_is_never_certain() -> None:
    text = """
int move(struct a *a)
{
	a->x = 1;
	smp_wmb();
	a->y = 1;
	if (a->y)
		smp_rmb();
	return a->x;
}
"""
    assert not any(partner.confident for partner in found("move", *files(one=text)))


def test_objects_on_the_same_side_are_not_enough() -> None:
    writer, reader = RING.split("int ring_pop")
    swapped = writer.replace("ring->slot[0] = value;", "WRITE_ONCE(ring->head, 1);", 1)
    swapped = swapped.replace("smp_wmb();\n\tWRITE_ONCE(ring->head, 1);", "smp_wmb();\n\tslot();")
    partners = found("ring_pop", *files(a__ring=swapped + "int ring_pop" + reader))
    assert not any(partner.confident for partner in partners)


def test_an_address_that_both_pass_on_is_no_pattern() -> None:
    text = """
void put(struct a *a)
{
	use(&a->lock);
	smp_wmb();
	use(&a->queue);
}
int get(struct a *a)
{
	use(&a->queue);
	smp_rmb();
	use(&a->lock);
	return 0;
}
"""
    assert not any(partner.confident for partner in found("get", *files(one=text)))
