"""The labels of a switch as conditions: `case 1:` is taken where the value is 1."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.facts.statements import Case, Switch, walk

# The condition at `default` names all values: nobody asks for a test of the flag among so many.
_MOST_VALUES = 50


def compared_at(switch: Switch, case: Case) -> str:
    """The condition under which a label is jumped to; "" if it is not plainly written."""
    values = list(_values(switch)) if case.default else [case.value]
    if not switch.condition_text or not all(values) or len(values) > _MOST_VALUES:
        return ""
    operator = "!=" if case.default else "=="
    return " && ".join(f"({switch.condition_text}) {operator} ({value})" for value in values)


def _values(switch: Switch) -> Iterator[str]:
    """The values of the labels of a switch, those of a switch inside it left out."""
    for label in walk(switch.body, lambda statement: not isinstance(statement, Switch)):
        if isinstance(label, Case) and not label.default:
            yield label.value
