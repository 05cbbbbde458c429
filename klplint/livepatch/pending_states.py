"""What holds at a place in a function: the tests that guard it, and what variables hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from klplint.facts.statements import Call, VariableKey
from klplint.livepatch.test_results import (
    UNKNOWN,
    TestedBy,
    Values,
    joined_guards,
    joined_values,
    with_call,
)

# Of very many variables, only so many are followed: each call is noted for each of them.
_MOST_VARIABLES = 200
MEMBER = re.compile(r"->|\.")
"""What stands before the name of a member."""


class State(NamedTuple):
    """What holds at a place in the function."""

    guards: TestedBy
    """The tests by which control may have got here."""
    variables: Mapping[VariableKey, Values]
    """What variables and members may hold; a member is named as in `ring->pending`."""

    def joined(self, other: State) -> State:
        """What holds where two ways meet."""
        variables = {
            key: joined_values(self.variables.get(key, UNKNOWN), other.variables.get(key, UNKNOWN))
            for key in self.variables.keys() | other.variables.keys()
        }
        variables = {key: values for key, values in variables.items() if values != UNKNOWN}
        return State(joined_guards(self.guards, other.guards), variables)

    def stored(self, key: VariableKey, values: Values) -> State:
        """The state after an assignment, which ends what the members of the target hold."""
        variables = {
            other: held
            for other, held in self.variables.items()
            if other != key
            and (
                other.declared != key.declared
                or not MEMBER.match(other.name, len(key.name))
                or not other.name.startswith(key.name)
            )
        }
        if values != UNKNOWN and len(variables) < _MOST_VARIABLES:
            variables[key] = values
        return self._replace(variables=variables)

    def after(self, call: Call) -> State:
        """The state after a call, which follows all tests made so far.

        What gets a pointer to a structure, or to a member, may write to the member.
        """
        passed = {argument.strip("() ") for argument in call.arguments}
        variables = {
            key: with_call(values, call)
            for key, values in self.variables.items()
            if not MEMBER.search(key.name) or passed.isdisjoint(_pointers_to(key.name))
        }
        return State(with_call(self.guards, call), variables)

    def never(self) -> State:
        """The state in a branch that is not taken with what the variables hold.

        It adds no way without a test. The way behind a test remains: others may write to a member.
        """
        guards: TestedBy = {test: calls for test, calls in self.guards.items() if test is not None}
        return self._replace(guards=guards)


def _pointers_to(member: str) -> tuple[str, ...]:
    """The arguments through which a function may write to a member."""
    base = MEMBER.split(member)[0]
    return base, f"&{base}", f"&{member}"
