"""What the strings below fields say, as the JSON schema quotes it."""

from __future__ import annotations

import msgspec

from klplint.config.type_docs import field_docs, type_doc


class Base(msgspec.Struct, rename="kebab"):
    """A base,
    on two lines.

    And a second
    paragraph.
    """

    first_key: int
    """What the first
    is for.
    """


class Derived(Base, rename="kebab"):
    silent: int
    other_key: str = ""
    """What the other is for."""

    """A string that is below no field."""


def test_fields_have_the_strings_below_them_those_of_a_base_included() -> None:
    assert field_docs(Derived) == {
        "first-key": "What the first is for.",
        "other-key": "What the other is for.",
    }


def test_a_docstring_is_one_line_a_paragraph() -> None:
    assert type_doc(Base) == "A base, on two lines.\n\nAnd a second paragraph."


def test_a_type_without_source_has_no_strings() -> None:
    made = msgspec.defstruct("Made", [("key", int)])
    assert field_docs(made) == {}
