"""What decides whether a function can be livepatched, by the tokens of its definition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.body_flow import unconditional_names
from klplint.csource.endless_loops import endless_loops, has_loop
from klplint.csource.if_conditions import conditions_at, is_dead
from klplint.csource.outline import Body, Outline, call_names
from klplint.csource.static_locals import static_locals
from klplint.facts.function_details import BodyCall, FunctionDetails
from klplint.facts.queries import Definition

_SYSTEM_CALL = re.compile(r"(?:__\w+?_|___?)?(?:se_|do_)?(?:compat_)?(?:sys_|compat_sys_)(\w+)")
_LINE_JOIN = re.compile(r"\\\r?\n")


def functions_named(outline: Outline, path: str, name: str) -> Iterator[FunctionDetails]:
    """The definitions of a function in a file; `__x64_sys_read` is SYSCALL_DEFINE3(read, ...)."""
    for body in bodies_named(outline, name):
        yield details_of(outline, path, body)


def bodies_named(outline: Outline, name: str) -> Iterator[Body]:
    """The bodies of the functions that a name means in a file."""
    match = _SYSTEM_CALL.fullmatch(name)
    for body in outline.bodies:
        made = match is not None and body.is_system_call and body.name == match[1]
        if body.called == name or (body.name == name and not body.is_system_call) or made:
            yield body


def with_details(outline: Outline, path: str, name: str) -> Iterator[Definition]:
    """The definitions of a name in a file, those of functions with their details."""
    for details in functions_named(outline, path, name):
        yield Definition(
            kind="function",
            name=details.name,
            path=path,
            region=details.region,
            static=details.is_static,
            details=details,
        )


def details_of(outline: Outline, path: str, body: Body) -> FunctionDetails:
    """The details of a function whose body is known."""
    source = outline.source
    head = source.code[body.head : body.start]
    name = re.search(rf"\b{re.escape(body.name)}\b", head)
    start = body.head + (name.start() if name else 0)
    conditions = conditions_at(source, body.start)
    return FunctionDetails(
        name=body.called,
        path=path,
        region=source.region(start, start + len(body.name)),
        head=" ".join(_LINE_JOIN.sub(" ", head).split()),
        made_by=body.macro,
        is_static=body.static,
        statics=tuple(static_locals(source, body)),
        calls=tuple(_calls(outline, body)),
        loops=tuple(endless_loops(source, body)),
        has_loop=has_loop(source, body),
        conditions=tuple(map(str, conditions)),
        is_dead=is_dead(conditions),
    )


def _calls(outline: Outline, body: Body) -> Iterator[BodyCall]:
    """The calls in a body, in order."""
    source = outline.source
    always = unconditional_names(source.statements, body)
    for match in call_names(source.statements, body.start, body.end):
        use = outline.use_at(match.start())
        if use:
            yield BodyCall(
                use.name,
                source.region(use.start, use.end),
                outline.argument_texts(use),
                use.start not in always,
            )
