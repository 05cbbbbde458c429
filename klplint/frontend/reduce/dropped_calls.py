"""Calls that libclang dropped from a function, put back into its reduced body from the tokens.

Where a name is not declared, because a header is missing, clang drops the whole expression:
`mutex_lock(&undeclared->lock)` would be lost without a word, and the lock with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.csource.if_conditions import conditions_at
from klplint.csource.outline import Body, Outline, call_names
from klplint.facts.statements import Block, Call, If, Loop, Simple, Statement, Switch, events_of


def with_dropped_calls(block: Block, body: Body, outline: Outline) -> Block:
    """`block` with the calls that its text has and its events do not have.

    Calls within an `#if` of the function are not put back: another arm may be compiled.
    """
    kept = {event.region for event in events_of(block) if isinstance(event, Call)}
    for call in _written_calls(body, outline):
        if call.region not in kept:
            block = msgspec.structs.replace(block, statements=_inserted(block.statements, call))
    return block


def _written_calls(body: Body, outline: Outline) -> Iterator[Call]:
    """The calls in the text of a body, those within an `#if` of the function left out."""
    source = outline.source
    around = conditions_at(source, body.start)
    for match in call_names(source.statements, body.start, body.end):
        use = outline.use_at(match.start())
        if use is None or use.arguments is None:
            continue
        if conditions_at(source, use.start) == around:
            region = source.region(use.start, use.end)
            yield Call(use.name, outline.argument_texts(use), region)


def _inserted(statements: tuple[Statement, ...], call: Call) -> tuple[Statement, ...]:
    """The statements with a call where it is written.

    That is inside the statement that holds it if this has a block there, else before that
    statement; and between two statements if none holds it.
    """
    alone = Simple((call,), call.region)
    for index, statement in enumerate(statements):
        if statement.region.holds(call.region):
            changed = _with_call(statement, call)
            replaced = (alone, statement) if changed is None else (changed,)
            return (*statements[:index], *replaced, *statements[index + 1 :])
        if call.region < statement.region:
            return (*statements[:index], alone, *statements[index:])
    return (*statements, alone)


def _with_call(statement: Statement, call: Call) -> Statement | None:
    """A statement with a call in the block, or the condition, that holds it; None if none does."""
    replace = msgspec.structs.replace
    match statement:
        case Block():
            return replace(statement, statements=_inserted(statement.statements, call))
        case If() if statement.condition.region.holds(call.region):
            events = (*statement.condition.events, call)
            return replace(statement, condition=replace(statement.condition, events=events))
        case If():
            if (then := _arm(statement.then, call)) is not None:
                return replace(statement, then=then)
            if (otherwise := _arm(statement.otherwise, call)) is not None:
                return replace(statement, otherwise=otherwise)
        case Loop() | Switch():
            if (body := _arm(statement.body, call)) is not None:
                return replace(statement, body=body)
    return None


def _arm(arm: Statement | None, call: Call) -> Statement | None:
    """A branch or a loop's body with a call in it; None if it does not hold the call."""
    if arm is None or not arm.region.holds(call.region):
        return None
    return _with_call(arm, call)
