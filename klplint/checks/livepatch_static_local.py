"""KLP026: does a new function have static variables, whose values a livepatch does not take over?

Source: Documentation/livepatch/livepatch.rst; the kpatch patch author guide, on static local
variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.checks.base import Texts, expect_patterns
from klplint.checks.livepatch_base import ReplacementCheck
from klplint.facts.function_details import BodyCall, FunctionDetails, StaticLocal
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft, Place
from klplint.modules.old_functions import meaning_of
from klplint.modules.replacements import Replacement, new_function, replacements_in


class LivepatchStaticLocalCheck(ReplacementCheck, frozen=True, kw_only=True):
    """Static variables in new functions, and macros that have one."""

    once: Texts
    """Regular expressions of macros that do something only once, by a static flag."""

    def __post_init__(self) -> None:
        expect_patterns(self.once)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each static variable, and one for each macro that both functions use."""
        seen = set[tuple[str, str]]()
        for each in replacements_in(tree):
            new = new_function(each, tree)
            if new is None or (new.path, new.name) in seen:
                continue
            seen.add((new.path, new.name))
            old = _old(each, tree)
            for variable in new.statics:
                yield _of_variable(each, new, old, variable)
            for call in new.calls:
                if old is not None and self._is_once(call.name) and _has_call(old, call):
                    yield _of_macro(each, new, call)

    def _is_once(self, name: str) -> bool:
        return any(re.fullmatch(pattern, name) for pattern in self.once)


def _old(each: Replacement, tree: TreeFacts) -> FunctionDetails | None:
    """The function that is replaced; None if it is not plain which."""
    meaning = meaning_of(each, tree)
    functions = [d.details for d in meaning.definitions if d.details]
    return functions[0] if meaning.status == "meant" and len(functions) == 1 else None


def _has_call(old: FunctionDetails, call: BodyCall) -> bool:
    return any(each.name == call.name and each.arguments == call.arguments for each in old.calls)


def _of_variable(
    each: Replacement, new: FunctionDetails, old: FunctionDetails | None, variable: StaticLocal
) -> Draft:
    same = next((v for v in old.statics if v.name == variable.name), None) if old else None
    if old is not None and same is not None:
        message = (
            f"the static variable `{variable.name}` of {new.name}() is another one than that of "
            f"{each.old_name}(): its value is lost when the patch is applied; use the old "
            "variable, or a shadow variable"
        )
        related = [Place(old.path, same.region, "the variable of the old function")]
    else:
        message = (
            f"the static variable `{variable.name}` of {new.name}() starts with its first value "
            "each time that the livepatch is loaded or replaced"
        )
        related = []
    return Draft(
        place=Place(new.path, variable.region, "not the old value"),
        message=message,
        function=new.name,
        related=tuple(related),
    )


def _of_macro(each: Replacement, new: FunctionDetails, call: BodyCall) -> Draft:
    message = (
        f"{call.name}() in {new.name}() has a flag of its own, so it may act once more than "
        f"in {each.old_name}()"
    )
    return Draft(
        place=Place(new.path, call.region, "another flag"),
        message=message,
        function=new.name,
        level="note",
    )
