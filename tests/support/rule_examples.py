"""The examples on the page of a rule."""

from __future__ import annotations

import re

from klplint.catalogue.rule import Rule

_SECTION = re.compile(r"^## (Wrong|Right)$(.*?)(?=^## )", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"^```c$(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(rule: Rule) -> dict[str, str]:
    """The C examples of a page, named by their section and place: wrong-1.c, right-1.c."""
    return {
        f"{section[1].lower()}-{number}.c": example[1]
        for section in _SECTION.finditer(rule.page)
        for number, example in enumerate(_EXAMPLE.finditer(section[2]), 1)
    }
