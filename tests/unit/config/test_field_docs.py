"""The strings below a struct's fields, and the structs in a type."""

from __future__ import annotations

import msgspec

from klplint.checks.switch_point import SwitchPointCheck
from klplint.config.field_docs import field_docs, structs_in
from klplint.livepatch.entry_points import Handover
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.known_locations import KnownLocation


class Base(msgspec.Struct, rename="kebab"):
    """A struct."""

    first_one: int
    """What the first
    one is."""
    silent: str = ""
    shadowed: str = ""
    """Described by the base."""


class Derived(Base):
    """A struct with fields of another."""

    def method(self) -> None:
        """Not a field."""

    shadowed: str = ""
    """Described again."""
    last: int = 0
    """What the last one is."""


def test_the_string_below_a_field_describes_it() -> None:
    assert field_docs(Base) == {
        "first-one": "What the first one is.",
        "shadowed": "Described by the base.",
    }


def test_inherited_fields_are_described_by_the_nearest_class() -> None:
    assert field_docs(Derived) == {
        "first-one": "What the first one is.",
        "shadowed": "Described again.",
        "last": "What the last one is.",
    }


def test_every_field_of_the_rules_data_is_described() -> None:
    for struct in structs_in(SwitchPointCheck):
        fields = {field.encode_name for field in msgspec.structs.fields(struct)}
        assert field_docs(struct).keys() == fields, struct


def test_structs_are_found_in_lists_and_unions() -> None:
    assert {SwitchPointCheck, KnownLocation, LockKind, Handover} == set(
        structs_in(SwitchPointCheck)
    )
    assert list(structs_in(int)) == []
    assert list(structs_in(LockKind | None)) == [LockKind]  # type: ignore[arg-type]
