"""Where a file stores a watched variable, by its tokens, and what it calls behind that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline, Use, call_names
from klplint.facts.variable_stores import VariableStore

_ASSIGNED = re.compile(r"\s*=(?!=)\s*([^;]*)")
_STORING = re.compile(r"\b(\w+)\s*\(\s*&?\s*\Z")
# White space between the operator of a member and its name is shorter.
_NEAR = 80


def variable_stores(
    source: Source, outline: Outline, names: frozenset[str], storing: Iterable[str]
) -> Iterator[VariableStore]:
    """The stores of `names` in functions: assignments, and calls of the functions `storing`."""
    functions = frozenset(storing)
    for use in outline.uses(names):
        body = outline.body_at(use.start)
        before = source.skeleton[max(0, use.start - _NEAR) : use.start].rstrip()
        if body is None or source.directive_at(use.start) or before.endswith(("->", ".")):
            continue
        value = _stored(source, outline, use, functions)
        if value is not None:
            calls = call_names(source.statements, use.start, body.end)
            yield VariableStore(
                name=use.name,
                region=source.region(use.start, use.end),
                function=body.called,
                value=" ".join(value.split()),
                calls=tuple(dict.fromkeys(match[0] for match in calls)),
            )


def _stored(source: Source, outline: Outline, use: Use, functions: frozenset[str]) -> str | None:
    """The value that a use stores; None if it stores nothing."""
    assigned = _ASSIGNED.match(source.code, use.end)
    if assigned:
        return assigned[1]
    line_start = source.text.rfind("\n", 0, use.start) + 1
    storing = _STORING.search(source.skeleton, line_start, use.start)
    if storing is None or storing[1] not in functions:
        return None
    call = outline.use_at(storing.start(1))
    arguments = outline.argument_texts(call) if call else ()
    return arguments[1] if len(arguments) > 1 else ""
