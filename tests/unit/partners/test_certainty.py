"""What is not enough for a certain partner, each with a variant that is."""

from __future__ import annotations

import pytest

from klplint.facts.partners import Partner
from tests.support.barrier_samples import files, found


def first(reader: str, text: str) -> Partner:
    """The first partner of the smp_rmb() in a function of one file."""
    return found(reader, *files(a__one=text))[0]


# Accesses that belong to the other side.

_CALLED = """
static int pop(struct a *a)
{{
	int x = a->tail;
	smp_rmb();
	use(a->data);
	a->tail = x + 1;
	return x;
}}
void loop(struct a *a)
{{
	a->data = 1;
	smp_wmb();
	{behind};
}}
"""


@pytest.mark.parametrize(
    ("behind", "shared"),
    [
        ("pop(a)", ["a.data"]),
        ("a->tail = 1", ["a.data", "a.tail"]),
        ("flip(a)", ["a.data", "a.tail"]),
    ],
)
def test_what_the_reader_stores_is_not_stored_by_its_caller(behind: str, shared: list[str]) -> None:
    flip = "static void flip(struct a *a)\n{\n\ta->tail = 1;\n}\n"
    partner = first("pop", flip + _CALLED.format(behind=behind))
    assert partner.function == "loop"
    assert sorted({each.name for each in partner.objects if each.is_crossed}) == shared


def test_what_the_reader_stores_behind_its_call_is_not_stored_by_the_writer() -> None:
    text = """
static void push(struct a *a)
{
	a->data = 1;
	smp_wmb();
}
int both(struct a *a)
{
	int x;
	push(a);
	a->flag = 1;
	if (!a->flag)
		return 0;
	smp_rmb();
	return a->data;
}
"""
    partner = first("both", text)
    assert partner.function == "push"
    assert [shared.name for shared in partner.objects] == ["a.data"]
    apart = text.replace("\tpush(a);\n\ta->flag = 1;\n", "") + (
        "void caller(struct a *a)\n{\n\tpush(a);\n\ta->flag = 1;\n}\n"
    )
    assert {shared.name for shared in first("both", apart).objects} == {"a.data", "a.flag"}


def test_what_a_common_caller_touches_is_on_neither_side() -> None:
    text = """
static void push(struct a *a)
{
	smp_wmb();
	a->flag = 1;
}
static int pop(struct a *a)
{
	int x = a->flag;
	smp_rmb();
	return x;
}
int run(struct a *a)
{
	a->data = 1;
	push(a);
	pop(a);
	return a->data;
}
"""
    assert [shared.name for shared in first("pop", text).objects] == ["a.flag"]


# Objects that show a direction.


def test_two_callers_are_not_one_way() -> None:
    text = """
static void order(struct a *a)
{
	smp_wmb();
}
void fill(struct a *a)
{
	a->data = 1;
	order(a);
}
void announce(struct a *a)
{
	order(a);
	a->flag = 1;
}
int get(struct a *a)
{
	if (!a->flag)
		return 0;
	smp_rmb();
	return a->data;
}
"""
    apart = first("get", text)
    joined = text.replace("\torder(a);\n}\nvoid announce(struct a *a)\n{\n", "")
    together = first("get", joined)
    assert apart.function == together.function == "order"
    assert apart.score < together.score
    assert together.confident


@pytest.mark.parametrize("member", ["node", "generation"])
def test_the_same_name_in_another_structure_is_no_second_direction(member: str) -> None:
    users = "".join(
        f"void f{n}(struct s{n} *s)\n{{\n\ts->{member} = {n};\n\tsmp_wmb();\n}}\n" for n in range(9)
    )
    text = """
void put(struct a *a)
{
	a->MEMBER = 1;
	smp_wmb();
	a->id = 1;
}
void put_too(struct a *a)
{
	smp_wmb();
	a->id = 2;
}
int get(struct a *a, struct b *b)
{
	int id = a->id;
	smp_rmb();
	return READ->MEMBER + id;
}
""".replace("MEMBER", member)
    typed = found("get", *files(a__one=text.replace("READ", "a"), b__many=users))[0]
    unknown = found("get", *files(a__one=text.replace("READ", "b->card->up"), b__many=users))[0]
    assert (typed.function, typed.confident) == ("put", True)
    assert not unknown.confident


@pytest.mark.parametrize(
    "flag", ["if (r->flag)\n\t\twake(r)", "use(r->flag, r->mode)", "last = r->flag"]
)
def test_what_both_only_load_announces_nothing(flag: str) -> None:
    text = """
void clean(struct r *r)
{
	r->next = 1;
	smp_mb();
	FLAG;
}
int hang(struct r *r)
{
	if (r->flag)
		return 0;
	smp_rmb();
	return r->next;
}
"""
    assert not first("hang", text.replace("FLAG", flag)).confident
    assert first("hang", text.replace("FLAG", "r->flag = 1")).confident


@pytest.mark.parametrize("wait", ["wait_event(a->wq, a->stop)", "while (!a->stop && a->wq)\n\t\t;"])
def test_objects_on_both_sides_of_the_reader_show_no_direction(wait: str) -> None:
    text = """
void reset(struct a *a)
{
	a->stop = 1;
	smp_wmb();
	a->wq = 1;
}
void done(struct a *a)
{
	smp_wmb();
	a->wq = 2;
}
int timed_out(struct a *a)
{
	if (a->stop || a->wq)
		return 1;
	smp_rmb();
	WAIT;
	return 0;
}
"""
    assert not first("timed_out", text.replace("WAIT", wait)).confident
    clean = text.replace("a->stop || a->wq", "a->wq").replace("WAIT", "use(a->stop)")
    assert first("timed_out", clean).confident


# A variable that nothing announces.

_POLLED = """
static int pen;
static void write_pen(int value)
{
	pen = value;
	smp_wmb();
	BEHIND;
}
int boot(void)
{
	smp_rmb();
	return pen;
}
"""


@pytest.mark.parametrize(
    ("behind", "certain"),
    [("sync_cache_w(&pen)", False), ("flush(&pen)", False), ("wake_others()", True)],
)
def test_a_variable_that_the_writer_only_flushes_orders_nothing(behind: str, certain: bool) -> None:
    assert first("boot", _POLLED.replace("BEHIND", behind)).confident == certain


@pytest.mark.parametrize(
    ("barrier", "certain"), [("smp_wmb", True), ("wmb", False), ("smp_mb", False)]
)
def test_only_the_usual_barrier_is_there_for_one_variable(barrier: str, certain: bool) -> None:
    text = _POLLED.replace("smp_wmb", barrier).replace("BEHIND", "wake_others()")
    assert first("boot", text).confident == certain


def test_one_variable_with_two_writers_is_not_enough() -> None:
    text = _POLLED.replace("BEHIND", "wake_others()")
    again = "void reset_pen(void)\n{\n\tuse(1);\n\tpen = 0;\n\tuse(2);\n\tsmp_wmb();\n}\n"
    assert first("boot", text).confident
    assert not first("boot", text + again).confident


# A lead that is not of the objects.

_RINGS = """
int clean(struct buf *buf, struct desc *desc)
{
	if (!buf->watch)
		return 0;
	smp_rmb();
	use(desc->cmd);
	return buf->raw;
}
void xmit(struct buf *buf, struct desc *desc)
{
	desc->cmd = 1;
	smp_wmb();
	buf->watch = 1;
}
void program(struct buf *buf, struct desc *desc)
{
	OTHER
	desc->cmd = 1;
	BARRIER();
	buf->watch = 1;
}
"""


@pytest.mark.parametrize("barrier", ["wmb", "mb"])
def test_the_kind_of_the_barrier_does_not_decide_between_writers(barrier: str) -> None:
    text = _RINGS.replace("BARRIER", barrier)
    more, less = text.replace("OTHER", "buf->raw = 2;"), text.replace("OTHER", "")
    assert (first("clean", more).function, first("clean", more).confident) == ("xmit", False)
    assert (first("clean", less).function, first("clean", less).confident) == ("xmit", True)


def test_a_barrier_of_the_same_function_that_shares_more_leaves_it_open() -> None:
    text = """
int idle(struct c *c)
{
	OWN
	if (c->prevent)
		return 0;
	use(c->online);
	smp_rmb();
	return c->ready + c->count;
}
void allow(struct c *c)
{
	c->ready = 2;
	smp_wmb();
	c->prevent = 2;
}
"""
    stores = "c->ready = 1;\n\tc->count = 1;\n\tc->online = 1;\n\tsmp_wmb();\n\tc->prevent = 1;"
    assert not first("idle", text.replace("OWN", stores)).confident
    assert first("idle", text.replace("OWN", "")).confident


def test_far_away_an_object_on_both_sides_is_not_enough() -> None:
    reader = """
int slow(struct lock *lock)
{
	while (!lock->owner)
		;
	smp_rmb();
	return WHAT;
}
"""
    writer = """
void queue(struct lock *lock)
{
	smp_wmb();
	lock->owner = 1;
}
"""
    mixed = reader.replace("WHAT", "lock->owner")
    once = reader.replace("WHAT", "0")
    far = [found("slow", *files(a__r=text, b__w=writer))[0] for text in (mixed, once)]
    near = found("slow", *files(a__r=mixed, a__w=writer))[0]
    assert [partner.confident for partner in (*far, near)] == [False, True, True]
