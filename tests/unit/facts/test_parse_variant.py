"""Parses as reports name them."""

from __future__ import annotations

import pytest

from klplint.facts.parse_variant import ForcedCondition, MacroSetting, ParseVariant

SETTINGS = (MacroSetting("CONFIG_A", 1), MacroSetting("CONFIG_B", None), MacroSetting("HZ", 250))
FORCED = (ForcedCondition(7, value=True),)


@pytest.mark.parametrize(
    ("parse", "text", "is_usual"),
    [
        (ParseVariant("x86"), "x86", True),
        (ParseVariant("x86", SETTINGS), "x86 CONFIG_A !CONFIG_B HZ=250", False),
        (ParseVariant("s390", (MacroSetting("ZERO", 0),)), "s390 ZERO=0", False),
        (ParseVariant("x86", (), FORCED), "x86 #if lines forced", False),
        # The forced lines have to be looked up anyway, so the settings are not named.
        (ParseVariant("x86", SETTINGS, FORCED), "x86 #if lines forced", False),
    ],
)
def test_the_name_of_a_parse(parse: ParseVariant, text: str, is_usual: bool) -> None:
    assert str(parse) == text
    assert parse.is_usual == is_usual
