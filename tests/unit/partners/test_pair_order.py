"""The order of pairs, with all barriers of their functions in view."""

from __future__ import annotations

from klplint.facts.partners import Order
from klplint.partners.header_functions import HeaderFunctions, definitions_in
from klplint.partners.object_index import Sited
from klplint.partners.pair_order import PairOrders
from klplint.partners.ranking import Ranking
from tests.support.barrier_samples import RING, RULES, files, found

_READER = """
int peek(struct ring *ring)
{
%s
}
"""


def order(reader: str, writer: str = RING) -> Order:
    partners = found("peek", *files(a__ring=writer + _READER % reader))
    return next(p.order for p in partners if p.function in ("ring_push", "peek"))


def test_a_pair_that_is_right() -> None:
    result = order("\tif (!ring->head)\n\t\treturn 0;\n\tsmp_rmb();\n\treturn ring->slot[0];")
    assert result.status == "ordered"


def test_a_flag_that_is_loaded_too_late() -> None:
    result = order("\tsmp_rmb();\n\tif (!ring->head)\n\t\treturn 0;\n\treturn ring->slot[0];")
    assert (result.status, result.reason, result.is_plain) == ("misordered", "same-side", True)
    assert [each.name for each in result.objects] == ["ring.head", "ring.slot"]


def test_a_flag_that_is_loaded_after_the_data_is_not_plain() -> None:
    result = order("\tint x;\n\tsmp_rmb();\n\tx = ring->slot[0];\n\treturn ring->head ? x : 0;")
    assert (result.status, result.is_plain) == ("misordered", False)


def test_another_barrier_of_the_function_may_order_them() -> None:
    first = "\tsmp_rmb();\n\tif (!ring->head)\n\t\treturn 0;\n"
    result = order(first + "\tsmp_rmb();\n\treturn ring->slot[0];")
    assert (result.status, result.reason) == ("not-checked", "other-barrier")


def test_what_a_caller_loads_is_counted() -> None:
    flag = "\tif (!ring->head)\n\t\treturn 0;"
    caller = "\nint use(struct ring *r)\n{\n\tint x = r->slot[0];\n\tpeek(r);\n\treturn x;\n}\n"
    result = order(f"{flag}\n\tsmp_rmb();\n\treturn 1;", RING + caller)
    assert result.status == "misordered"
    assert result.followed == 1
    assert not result.is_plain


def test_barriers_of_one_function_are_not_checked() -> None:
    writer = RING.replace("ring_push", "unused").replace("smp_wmb", "barrier")
    both = "\tring->slot[0] = 1;\n\tsmp_wmb();\n\tring->head = 1;\n\tsmp_rmb();"
    result = order(f"{both}\n\tif (ring->head)\n\t\treturn ring->slot[0];\n\treturn 0;", writer)
    assert (result.status, result.reason) == ("not-checked", "one-function")


def test_who_loads_a_published_pointer_needs_no_barrier() -> None:
    writer = RING.replace("smp_wmb();\n\tWRITE_ONCE(ring->head, 1);", "publish")
    writer = writer.replace("publish", "rcu_assign_pointer(ring->head, value);")
    result = order(
        "\tsmp_rmb();\n\tif (!ring->head)\n\t\treturn 0;\n\treturn ring->slot[0];", writer
    )
    assert (result.status, result.reason) == ("not-checked", "dependency")


def test_a_barrier_on_another_branch_orders_nothing_else() -> None:
    branch = "\tif (ring->slot[1])\n\t\tsmp_rmb();\n"
    body = "\tsmp_rmb();\n\tif (!ring->head)\n\t\treturn 0;\n%s\treturn ring->slot[0];"
    assert order(body % "\tsmp_rmb();\n").reason == "other-barrier"
    assert order(body % branch).status == "misordered"


def test_a_barrier_where_the_flag_was_not_seen() -> None:
    body = "\tif (ring->head)\n\t\treturn ring->slot[0];\n\tsmp_rmb();\n\treturn 0;"
    result = order(body)
    assert (result.status, result.reason) == ("misordered", "wrong-branch")
    body = "\tif (!ring->head) {\n\t\tsmp_rmb();\n\t\tcpu_relax();\n\t}\n\treturn ring->slot[0];"
    assert order(body).reason == "wrong-branch"
    seen = "\tif (ring->head) {\n\t\tsmp_rmb();\n\t\treturn ring->slot[0];\n\t}\n\treturn 0;"
    assert order(seen).status == "ordered"
    locked = "\tif (ring->head) {\n\t\tspin_lock(&lock);\n\t\treturn ring->slot[0];\n\t}\n"
    locked += "\tsmp_rmb();\n\treturn 0;"
    assert order(locked).reason != "wrong-branch"


_HEADER = b"""
#define ring_is_full(r) READ_ONCE((r)->head)

static inline int ring_first(struct ring *ring)
{
	return ring->slot[0];
}

static inline int ring_value(struct ring *ring)
{
	return ring_first(ring);
}

static inline void ring_both(struct ring *ring)
{
	ring_first(ring);
	ring_unknown(ring);
}
"""


def headers() -> HeaderFunctions:
    defined = {"include/linux/ring.h": definitions_in(_HEADER)}
    return HeaderFunctions(defined, lambda header: _HEADER, RULES)


def test_wrappers_in_headers_are_read() -> None:
    body = "\tif (!ring_is_full(ring))\n\t\treturn 0;\n\tsmp_rmb();\n\treturn ring_value(ring);"
    code = files(a__ring=RING + _READER % body)
    plain, read = found("peek", *code), found("peek", *code, headers=headers())
    assert plain == () or plain[0].order.status == "not-checked"
    assert read == ()  # nothing in the file itself shows the partner


def test_what_wrappers_touch_counts_as_their_callers_access() -> None:
    body = "\tsmp_rmb();\n\tif (!ring_is_full(ring))\n\t\treturn 0;\n\treturn ring->slot[0];"
    code = files(a__ring=RING + _READER % body)
    result = next(p.order for p in found("peek", *code, headers=headers()))
    assert (result.status, result.reason, result.followed) == ("misordered", "same-side", 0)
    assert found("peek", *code)[0].order.reason != "same-side"


def test_a_wrapper_has_what_it_calls_and_what_is_not_known() -> None:
    called = headers().called("ring_value", "a/b.c")
    assert called is not None
    assert [(seen.name, seen.kind) for seen in called.accesses] == [("slot", "load")]
    assert called.calls == ()
    both = headers().called("ring_both", "a/b.c")
    assert both is not None
    assert both.calls == ("ring_unknown",)
    assert headers().called("ring_unknown", "a/b.c") is None
    assert headers().is_plain("ring_is_full", "a/b.c")
    assert not headers().is_plain("ring_both", "a/b.c")


_SECOND = """
void ring_refill(struct ring *ring)
{
	smp_wmb();
	ring->slot[0] = 2;
	ring->head = 2;
}
"""


def test_a_writer_that_deviates_from_another() -> None:
    right = "\tif (!ring->head)\n\t\treturn 0;\n\tsmp_rmb();\n\treturn ring->slot[0];"
    orders = {
        p.function: p.order for p in found("peek", *files(a__ring=RING + _SECOND + _READER % right))
    }
    assert orders["ring_push"].status == "ordered"
    assert orders["ring_refill"].deviates
    elsewhere = files(a__ring=RING + _READER % right, b__ring=_SECOND)
    assert not any(p.order.deviates for p in found("peek", *elsewhere))


def test_a_reader_that_deviates_from_another() -> None:
    wrong = "\tsmp_rmb();\n\tif (!ring->head)\n\t\treturn 0;\n\treturn ring->slot[0];"
    assert order(wrong).deviates
    alone = RING.partition("int ring_pop")[0]
    assert not order(wrong, alone).deviates


def kinds(code: str, function: str) -> list[tuple[str, list[str]]]:
    """The partners of the barriers of a function that are of the wrong kind, with the objects."""
    ranking = Ranking(files(a__ring=code), RULES)
    orders = PairOrders(ranking.contexts, RULES)
    sites = [Sited("a/ring.c", context) for context in ranking.contexts_in("a/ring.c")]
    partners = [orders.of_wrong_kind(site) for site in sites if site.context.function == function]
    return [(p.function, [each.name for each in p.objects]) for p in partners if p]


def test_a_write_barrier_between_loads() -> None:
    code = RING.replace("smp_rmb", "smp_wmb")
    assert kinds(code, "ring_pop") == [("ring_push", ["ring.head", "ring.slot"])]
    assert kinds(code, "ring_push") == []


def test_a_read_barrier_between_stores() -> None:
    code = RING.replace("smp_wmb", "smp_rmb")
    assert kinds(code, "ring_push") == [("ring_pop", ["ring.slot", "ring.head"])]
    assert kinds(code, "ring_pop") == []


def test_barriers_of_the_right_kind() -> None:
    assert kinds(RING, "ring_push") == kinds(RING, "ring_pop") == []
    full = RING.replace("smp_rmb", "smp_mb")
    assert kinds(full, "ring_push") == kinds(full, "ring_pop") == []


def test_an_unknown_call_may_do_what_a_barrier_orders() -> None:
    code = RING.replace("smp_rmb();", "smp_wmb();").replace(
        "if (!READ_ONCE(ring->head))\n\t\treturn 0;",
        "ring_turn(ring);\n\tif (!READ_ONCE(ring->head))\n\t\treturn 0;",
    )
    assert kinds(code, "ring_pop")  # nothing is stored after the barrier
    code = code.replace("return ring->slot[0];", "ring_turn(ring);\n\treturn ring->slot[0];")
    assert not kinds(code, "ring_pop")


def test_barriers_of_one_function_on_different_ways_are_checked() -> None:
    writer = RING.replace("ring_push", "unused").replace("smp_wmb", "barrier")
    stores = "\tring->slot[0] = 1;\n\tsmp_wmb();\n\tring->head = 1;\n\treturn 0;"
    flag = "\tif (ring->head)\n\t\treturn ring->slot[0];\n"
    assert order(f"\tsmp_rmb();\n{flag}{stores}", writer).reason == "same-side"
    assert order(f"{flag}\tsmp_rmb();\n{stores}", writer).reason == "wrong-branch"
    seen = "\tif (ring->head) {\n\t\tsmp_rmb();\n\t\treturn ring->slot[0];\n\t}\n"
    assert order(seen + stores, writer).status == "ordered"
