"""Calls that libclang dropped from a function, put back into its reduced body from the tokens.

Where a name is not declared, because a header is missing, clang drops the whole expression:
`mutex_lock(&undeclared->lock)` would be lost without a word, and the lock with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TypeVar, cast

import msgspec

from klplint.csource.if_conditions import conditions_at
from klplint.csource.outline import Body, Outline, call_names
from klplint.facts.statements import Block, Call, If, Loop, Simple, Statement, Switch, events_of
from klplint.frontend.address_uses import is_unevaluated


def with_dropped_calls(block: Block, body: Body, outline: Outline) -> Block:
    """`block` with the calls that its text has and its events do not have.

    Calls within an `#if` of the function are not put back: another arm may be compiled.
    """
    kept = {event.region for event in events_of(block) if isinstance(event, Call)}
    dropped = [
        call
        for call in _written_calls(body, outline)
        if call.region not in kept and not _is_unevaluated(call, outline)
    ]
    if not dropped:
        return block
    return msgspec.structs.replace(block, statements=_inserted(block.statements, dropped))


def _is_unevaluated(call: Call, outline: Outline) -> bool:
    """Whether a call is in the operand of sizeof or the like."""
    source = outline.source
    return is_unevaluated(source.skeleton, source.offset(call.region.line, call.region.column))


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


def _inserted(statements: tuple[Statement, ...], calls: list[Call]) -> tuple[Statement, ...]:
    """The statements with calls, in the order of the source, where they are written.

    That is inside the statement that holds the call if this has a block there, else before that
    statement; and between two statements if none holds it.
    """
    whole: list[Statement] = []
    pending = deque(calls)
    for statement in statements:
        while pending and pending[0].region < statement.region:
            if statement.region.holds(pending[0].region):
                break
            whole.append(_alone(pending.popleft()))
        held: list[Call] = []
        while pending and statement.region.holds(pending[0].region):
            held.append(pending.popleft())
        changed, left = _with_calls(statement, held) if held else (statement, [])
        whole += map(_alone, left)
        whole.append(changed)
    return (*whole, *map(_alone, pending))


def _alone(call: Call) -> Simple:
    return Simple((call,), call.region)


def _with_calls(statement: Statement, calls: list[Call]) -> tuple[Statement, list[Call]]:
    """A statement with calls in its blocks and its condition, and those that neither holds."""
    replace = msgspec.structs.replace
    match statement:
        case Block():
            return replace(statement, statements=_inserted(statement.statements, calls)), []
        case If():
            condition = statement.condition
            inside = tuple(call for call in calls if condition.region.holds(call.region))
            if inside:
                condition = replace(condition, events=(*condition.events, *inside))
            calls = [call for call in calls if not condition.region.holds(call.region)]
            then, calls = _arm(statement.then, calls)
            otherwise, calls = _arm(statement.otherwise, calls)
            changed = replace(statement, condition=condition, then=then, otherwise=otherwise)
            return changed, calls
        case Loop() | Switch():
            body, calls = _arm(statement.body, calls)
            return replace(statement, body=body), calls
    return statement, calls


_Arm = TypeVar("_Arm", bound=Statement | None)


def _arm(arm: _Arm, calls: list[Call]) -> tuple[_Arm, list[Call]]:
    """A branch or a loop's body with the calls in it, and those that it does not hold."""
    held = [call for call in calls if arm is not None and arm.region.holds(call.region)]
    if arm is None or not held:
        return arm, calls
    changed, left = _with_calls(arm, held)
    others = [call for call in calls if not arm.region.holds(call.region)]
    return cast("_Arm", changed), sorted([*left, *others], key=lambda call: call.region)
