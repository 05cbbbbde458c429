"""What the result of a function says about a lock: `if (!sample_trylock(device))`.

A function may return with a lock taken only if its result is true, or only if it is 0. Its body is
read by its text, so that it may be one of another file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from klplint.analysis.dataflow import NotSettled
from klplint.csource.body_text import FALSE, TRUE, body_of_function, body_of_macro
from klplint.facts.queries import Definition
from klplint.facts.region import Region
from klplint.facts.statements import Call, Function, If, Simple, events_of, walk
from klplint.livepatch.guards import Guards
from klplint.livepatch.held_locks import LockKind, locks_before_calls

Outcome = Literal["if", "unless"]
"""A lock is taken `if` the result is true, or `unless` it is."""


def body_of(definition: Definition) -> Function | None:
    """The body of a definition as statements; None if it cannot be read."""
    if not definition.body:
        return None
    read = body_of_function if definition.kind == "function" else body_of_macro
    return read(definition.name, definition.body)


def with_statements_called(macro: Definition) -> tuple[Definition, frozenset[str]]:
    """A macro that calls those of its parameters that it executes as statements, and these."""
    words = "|".join(filter(str.isidentifier, (*(macro.parameters or ()), "__VA_ARGS__")))
    statement = re.compile(rf"(?<![\w.>#])({words})(?=\s*;)")
    names = frozenset(statement.findall(macro.body)) if macro.kind == "macro" else frozenset[str]()
    body = statement.sub(r"\1()", macro.body) if names else macro.body
    return msgspec.structs.replace(macro, body=body), names


def outcome_of(body: Function, kind: LockKind, *, returns_null: bool) -> Iterator[Outcome | None]:
    """The outcome that a body has for a kind of lock; nothing if it takes none.

    None if a lock may be taken whatever the result is. What a function returns that also returns
    NULL is a pointer: others of its results are not NULL.
    """
    try:
        # A guard in the body ends with it.
        held = locks_before_calls(body.body, (kind,), Guards(()))
    except NotSettled:
        yield None
        return
    maybe = _maybe_null(body) if returns_null else frozenset()
    results = {
        event.name
        for event in events_of(body.body)
        if isinstance(event, Call) and event.name in (TRUE, FALSE) and held.get(event.region)
        if event.region not in maybe
    }
    if len(results) == 1:
        yield "if" if TRUE in results else "unless"
    elif results:
        yield None


def _maybe_null(body: Function) -> frozenset[Region]:
    """Where a body returns NULL if what it returns is that."""
    return frozenset(
        event.region
        for statement in walk(body.body)
        if isinstance(statement, If) and isinstance(statement.otherwise, Simple)
        for event in statement.otherwise.events
        if isinstance(event, Call) and event.name == FALSE
    )
