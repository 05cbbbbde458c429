"""Contexts and partners of C code, for the tests of how partners are found."""

from __future__ import annotations

from functools import partial

from klplint.catalogue.load import load_accesses
from klplint.facts.barrier_contexts import Access, Context, FileContexts
from klplint.facts.partners import Partner
from klplint.partners.directories import contexts_in
from klplint.partners.header_functions import HeaderFunctions
from klplint.partners.object_index import Sited
from klplint.partners.pair_order import PairOrders
from klplint.partners.ranking import Ranking
from klplint.partners.scoring import partners

RULES = load_accesses()

RING = """
struct ring { int head; int slot[4]; };

void ring_push(struct ring *ring, int value)
{
	ring->slot[0] = value;
	/* Pairs with smp_rmb() in gauge_read(), says this comment. */
	smp_wmb();
	WRITE_ONCE(ring->head, 1);
}

int ring_pop(struct ring *ring)
{
	if (!READ_ONCE(ring->head))
		return 0;
	smp_rmb(); /* pairs with gauge_write() */
	return ring->slot[0];
}
"""
"""A writer and its reader, with comments that name others."""

GAUGE = RING.replace("ring", "gauge").replace("_push", "_write").replace("_pop", "_read")
GAUGE = GAUGE.replace("head", "valid").replace("slot", "level")


def files(**texts: str) -> list[FileContexts]:
    """The contexts of files; `a__b` is the file a/b.c."""
    paths = {f"{name.replace('__', '/')}.c": text for name, text in texts.items()}
    directories = {path.rpartition("/")[0] for path in paths}
    return [
        contexts
        for directory in sorted(directories)
        for contexts in contexts_in(
            {p: t for p, t in paths.items() if p.rpartition("/")[0] == directory}, RULES
        )
    ]


def contexts(text: str) -> tuple[Context, ...]:
    """The contexts of one file."""
    return files(one=text)[0].contexts


def context_in(body: str, further: str = "") -> Context:
    """The context of the first barrier of a function with a body."""
    text = f"{further}\nvoid f(struct a *a, struct b *b, int i)\n{{\n{body}\n}}\n"
    return next(c for c in contexts(text) if c.function == "f")


def shown(accesses: tuple[Access, ...]) -> list[str]:
    """Accesses as texts: the object and the first letter of the kind."""
    return [f"{access.text} {access.kind[0]}" for access in accesses]


def found(
    reader: str, *all_files: FileContexts, headers: HeaderFunctions | None = None
) -> tuple[Partner, ...]:
    """The partners of the first smp_rmb() in a function."""
    ranking = Ranking(all_files, RULES)
    for file in all_files:
        for context in ranking.contexts_in(file.path):
            if context.function == reader and context.barrier == "smp_rmb":
                site = Sited(file.path, context)
                orders = partial(PairOrders(ranking.contexts, RULES, headers).orders, site)
                return partners(ranking.candidates(site), RULES, orders)
    raise AssertionError(f"no smp_rmb() in {reader}()")
