"""Rules with the barriers that a configuration file adds to klplint's families."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.barriers.families import Families
from klplint.barriers.opposite import opposite
from klplint.catalogue.family_tables import FamilyEntry, FamilyTables, Kind
from klplint.catalogue.rule import LoadedRule
from klplint.checks.base import Check
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.errors import nearest
from klplint.partners.access_rules import AccessRules

# What the partner of each kind has to order, and a kind that is an example of it.
_PARTNERS: dict[Kind, tuple[tuple[Kind, ...], str]] = {
    "reader": (("writer", "store", "full"), "writes"),
    "load": (("writer", "store", "full"), "writes"),
    "writer": (("reader", "load", "full"), "reads"),
    "store": (("reader", "load", "full"), "reads"),
    "full": (("reader", "writer", "load", "store", "full"), "reads or writes"),
}
# The barrier of klplint's own that stands for as much as one of each kind.
_MODELS: dict[Kind, str] = {
    "reader": "smp_rmb",
    "load": "smp_load_acquire",
    "writer": "smp_wmb",
    "store": "smp_store_release",
    "full": "smp_mb",
}


def with_families(
    rules: tuple[LoadedRule, ...], tables: FamilyTables | None
) -> tuple[LoadedRule, ...]:
    """Rules that know the barriers of some tables; ConfigError for one that cannot be added.

    The rules on barriers watch the readers of the tables, and on the write side the writers.
    """
    if tables is None or not tables.entries:
        return rules
    return tuple(msgspec.structs.replace(rule, check=_extended(rule, tables)) for rule in rules)


def _extended(rule: LoadedRule, tables: FamilyTables) -> Check:
    check = rule.check
    if not isinstance(check, ReadBarrierCheck):
        return check
    _expect_fitting(check.families, tables)
    return msgspec.structs.replace(
        check,
        barriers=_joined(check.barriers, tables.names("reader")),
        write_barriers=_joined(check.write_barriers, tables.names("writer", "store", "full")),
        families=_merged(check.families, tables),
        accesses=_with_orderings(check.accesses, tables),
    )


def _joined(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *others)))


def _expect_fitting(families: Families, tables: FamilyTables) -> None:
    """ConfigError for a name of another family, or for a partner that is none."""
    for entry in tables.entries:
        taken = _kind_of(entry.name, families)
        if taken and taken != entry.kind:
            raise tables.source.error_at(
                tables.steps(entry),
                f"is in klplint's own family of kind {taken}; expected a name in one family",
            )
        kinds, ordered = _PARTNERS[entry.kind]
        mine = tables.names(*kinds)
        if entry.partner not in mine and not _is_partner(entry, families):
            hint = nearest(entry.partner, (*mine, *_examples(entry, families)))
            listed = ", ".join(f"[families.{kind}]" for kind in kinds)
            raise tables.source.error_at(
                tables.steps(entry),
                f'"{entry.partner}" is not a barrier that orders {ordered}{hint}; expected one of '
                f"{listed} or of klplint's own",
            )


def _kind_of(name: str, families: Families) -> Kind | None:
    """The kind of a barrier that klplint knows already."""
    of_kind: Iterator[tuple[Kind, bool]] = iter(
        (
            ("reader", name in families.read),
            ("load", name in families.load),
            ("full", name in families.full),
            ("store", name in families.stores),
            ("writer", name in families.writers),
        )
    )
    return next((kind for kind, is_it in of_kind if is_it), None)


def _is_partner(entry: FamilyEntry, families: Families) -> bool:
    """Whether the partner of a barrier is one of klplint's own, on the other side."""
    writes = families.is_write_barrier(entry.partner)
    reads = opposite(families).is_write_barrier(entry.partner)
    match entry.kind:
        case "reader" | "load":
            return writes
        case "writer" | "store":
            return reads
        case "full":
            return writes or reads


def _examples(entry: FamilyEntry, families: Families) -> tuple[str, ...]:
    """Barriers of klplint's own that may be the partner of an entry."""
    match entry.kind:
        case "reader" | "load":
            return tuple(families.writing)
        case "writer" | "store":
            return tuple(families.readers)
        case "full":
            return (*families.readers, *families.writing)


def _merged(families: Families, tables: FamilyTables) -> Families:
    writing = tables.names("writer", "store")
    return msgspec.structs.replace(
        families,
        read=families.read | tables.partners("reader"),
        load=families.load | tables.partners("load"),
        full=families.full | tables.partners("full"),
        write=_joined(families.write, writing),
        writer=families.writer | tables.partners("writer"),
        store=families.store | tables.partners("store"),
        foreign=_joined(families.foreign, tuple(entry.name for entry in tables.entries)),
        stands_for=_standing(families.stands_for, tables, ("writer", "store", "full")),
        reads_stand_for=_standing(families.reads_stand_for, tables, ("reader", "load")),
    )


def _standing(
    before: dict[str, tuple[str, ...]], tables: FamilyTables, kinds: tuple[Kind, ...]
) -> dict[str, tuple[str, ...]]:
    """What stands for each barrier of some kinds: what does for klplint's own, and full ones."""
    full = tables.names("full")
    stands_for = dict(before)
    for entry in tables.entries:
        if entry.kind in kinds:
            model = _MODELS[entry.kind]
            further = () if entry.kind == "store" else full
            stands_for[entry.name] = (*before.get(model, ()), model, *further)
    for model in ("smp_wmb", "smp_mb", "smp_rmb"):
        if model in before:
            stands_for[model] = (*before[model], *full)
    return stands_for


def _with_orderings(accesses: AccessRules, tables: FamilyTables) -> AccessRules:
    """What the search for partners knows of barriers, with those of the tables."""
    barriers = accesses.barriers
    partners = barriers.partners | tables.partners("reader") | tables.partners("load")
    return msgspec.structs.replace(
        accesses,
        barriers=msgspec.structs.replace(
            barriers,
            reads=(*barriers.reads, *tables.names("reader")),
            writes=(*barriers.writes, *tables.names("writer")),
            all=(*barriers.all, *tables.names("full")),
            acquire=(*barriers.acquire, *tables.names("load")),
            release=(*barriers.release, *tables.names("store")),
            partners=partners | tables.partners("full"),
        ),
    )
