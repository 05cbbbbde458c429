"""The order of pairs, with all barriers of their functions in view."""

from __future__ import annotations

from klplint.facts.partners import Order
from tests.support.barrier_samples import RING, files, found

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
