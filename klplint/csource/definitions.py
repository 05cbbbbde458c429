"""Where names are defined, by the tokens of a file: functions, macros, assembly routines.

Most files that hold a name only use it. A definition stands at the beginning of a line, as
kernel style has it, so the bytes show which files are worth reading (`may_define`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from klplint.csource.body_flow import parameters_at, returned, unconditional_names
from klplint.csource.cleanup_classes import (
    constructed,
    constructor_of,
    constructors_in,
    names_in_definition,
)
from klplint.csource.if_conditions import conditions_at, is_dead
from klplint.csource.lexer import Source, Span
from klplint.csource.open_names import name_pattern
from klplint.csource.outline import Body, Macro, Outline, Use, call_names
from klplint.csource.replaceable import is_replaceable
from klplint.facts.queries import Definition, Mention

_ALIAS = re.compile(r"\s*\(?\s*[A-Za-z_]\w*\s*\)?\s*")
_LONGEST_TEXT = 200
_LONGEST_BODY = 800
# The most that stands before a name on the line that defines it. It keeps the search of a file
# with one long line linear.
_LONGEST_HEAD = 500
_DECLARED = re.compile(rb"\w+\s*\([^;{}#/()]*(?:\([^;{}#/()]*\)[^;{}#/()]*)*\)\s*;")
# A name that is not followed by these is not that of a function, or of what a macro defines.
_BLANK = rb"(?:[\s\\]|/\*(?:[^*]|\*(?!/))*+\*/|//[^\n]*+|#[^\n]*+)*+"
_PARAMETERS_FOLLOW = re.compile(rb"\w+" + _BLANK + rb"\(")
_ARGUMENT_ENDS = re.compile(rb"\w+" + _BLANK + rb"[,)]")
_LABEL = re.compile(rb"\w+:")
_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_TAG = re.compile(rb"\b(?:struct|union|enum)\s+\Z")
_DEFINE = re.compile(rb"#[ \t]*define[ \t]+")
_STATEMENT = re.compile(rb"[;={}]")
# SYM_FUNC_START(name), ENTRY(name), name: and the like, as routines begin in .S files.
_ROUTINE = r"^(?:[A-Z_]\w*\(\s*({name})\s*[,)]|({name}):)"
_SYSTEM_CALL = re.compile(r"(?:__\w+_|k|compat_)?sys_(\w+)")


def wanted_pattern(name: str) -> str:
    """The regular expression of the names under which `name` may be defined.

    sys_read() is what SYSCALL_DEFINE3(read, ...) defines, and class_sample_constructor() what
    DEFINE_GUARD(sample, ...) does.
    """
    if class_ := constructed(name):
        return f"(?:{'|'.join((name, *names_in_definition(class_)))})"
    match = _SYSTEM_CALL.fullmatch(name)
    return f"(?:{name_pattern(name)}|{match[1]})" if match else name_pattern(name)


def may_define(content: bytes, start: int) -> bool:
    """Whether the name that begins at byte `start` may be that of a definition.

    Before it on its line may then stand a type and attributes, or `#define`, but nothing else.
    """
    line = content.rfind(b"\n", max(0, start - _LONGEST_HEAD), start) + 1
    if not line and start > _LONGEST_HEAD:
        return False
    before = content[line:start]
    if _TAG.search(before):
        return False
    if before[:1] == b"#":
        return _DEFINE.fullmatch(before) is not None
    return not before or (before[:1] not in b" \t*/" and not _STATEMENT.search(before))


def begins_definition(content: bytes, start: int) -> bool:
    """Whether the name at byte `start`, which may be that of a definition, is one by what follows.

    That is `name(` for a function, `MACRO(name,` for what a macro defines, `name:` in assembly.
    """
    before = content[max(0, start - _LONGEST_HEAD) : start]
    if before[before.rfind(b"\n") + 1 :].startswith(b"#") or _LABEL.match(content, start):
        return True
    before = before.rstrip(b" \t\r\n\\")
    if before.endswith(b"##"):  # the end of a name that a macro makes
        return False
    if _PARAMETERS_FOLLOW.match(content, start):
        return not _DECLARED.match(content, start)
    return before.endswith((b"(", b"*/")) and _ARGUMENT_ENDS.match(content, start) is not None


def is_static(content: bytes, start: int) -> bool:
    """Whether the line of the name that begins at byte `start` begins with `static`."""
    return content.startswith(b"static", content.rfind(b"\n", 0, start) + 1)


def definitions_in(outline: Outline, path: str, name: str) -> Iterator[Definition]:
    """The definitions of `name` in a file; `name` may leave parts open (see `name_pattern`)."""
    pattern = wanted_pattern(name)
    if class_ := constructed(name):
        yield from _constructors(outline, path, class_)
        pattern = name
    names = [name] if pattern == name else filter(re.compile(pattern).fullmatch, outline.by_name)
    for wanted in names:
        for each in outline.by_name.get(wanted, ()):
            if isinstance(each, Body):
                yield _function(outline, path, each)
            else:
                yield _macro(outline, path, each)
    if path.endswith(".S"):
        yield from _routines(outline.source, path, pattern)


def whole_file(source: Source, path: str) -> Definition:
    """A file as a definition: what it calls (each name once) and all its comments."""
    calls = {
        match[0]: Mention(match[0], source.region(*match.span()))
        for match in call_names(source.skeleton, 0, len(source.text))
        if not _is_disabled(source, match.start())
    }
    return Definition(
        kind="file",
        name=path,
        path=path,
        region=source.region(0, 0),
        calls=tuple(calls.values()),
        comments=tuple(source.text[span.start : span.end] for span in source.comment_blocks),
    )


def _function(outline: Outline, path: str, body: Body) -> Definition:
    """The definition of a function."""
    source = outline.source
    name = re.compile(rf"\b{re.escape(body.name)}\b")
    head = name.search(source.skeleton, body.head, body.start)
    start = head.start() if head else body.head
    opening = source.skeleton.find("(", start, body.start) + 1
    parameters = parameters_at(source, opening) if opening and not body.macro else ()
    return Definition(
        kind="function",
        name=body.name,
        path=path,
        region=source.region(start, start + len(body.name)),
        static=body.static,
        calls=_calls(outline, body, source.statements),
        comments=_comments(source, body, body.head),
        parameters=parameters,
        returns=tuple(returned(source, body, parameters)),
        body=_short(source, body.start, body.end),
        replaceable=is_replaceable(source, path, body.name, start),
    )


def _constructors(outline: Outline, path: str, class_: str) -> Iterator[Definition]:
    """The constructors of a class that macros define."""
    source = outline.source
    for name, body in constructors_in(source, class_):
        yield Definition(
            kind="function",
            name=constructor_of(class_),
            path=path,
            region=source.region(name.start, name.end),
            static=True,
            calls=_calls(outline, body, source.skeleton),
        )


def _macro(outline: Outline, path: str, macro: Macro) -> Definition:
    """The definition of a macro, or of an object if the macro is a constant."""
    source = outline.source
    start = source.code.index(macro.name, macro.start)
    text = source.code[macro.body : macro.end]
    is_callable = macro.parameters is not None or _ALIAS.fullmatch(text) is not None
    line = " ".join(text.replace("\\\n", " ").split())
    return Definition(
        kind="macro" if is_callable else "object",
        name=macro.name,
        path=path,
        region=source.region(start, start + len(macro.name)),
        calls=_calls(outline, Span(macro.body, macro.end), source.skeleton) + _alias(source, macro),
        comments=_comments(source, macro, macro.start),
        text="" if macro.parameters is not None else line[:_LONGEST_TEXT],
        parameters=macro.parameters,
        rest=macro.rest,
        returns=() if macro.parameters is None or len(line) > _LONGEST_TEXT else (line,),
        body=_short(source, macro.body, macro.end),
        replaceable=is_replaceable(source, path, macro.name, start),
    )


def _short(source: Source, start: int, end: int) -> str:
    """The code of a body on one line, without comments and continued lines; empty if it is long.

    A body with directives in it is left out: it is not the same in each configuration.
    """
    if end - start > _LONGEST_BODY or "\n#" in source.code[start:end]:
        return ""
    return " ".join(_CONTINUED.sub(" ", source.code[start:end]).split())


def _alias(source: Source, macro: Macro) -> tuple[Mention, ...]:
    """The name that a macro without parameters stands for, as if the macro called it."""
    text = source.code[macro.body : macro.end]
    name = re.search(r"\w+", text)
    if macro.parameters is not None or name is None or not _ALIAS.fullmatch(text):
        return ()
    start = macro.body + name.start()
    return (Mention(name[0], source.region(start, start + len(name[0]))),)


def _routines(source: Source, path: str, pattern: str) -> Iterator[Definition]:
    """The assembly routines whose names fit the regular expression `pattern`."""
    for match in re.finditer(_ROUTINE.format(name=pattern), source.skeleton, re.MULTILINE):
        group = 1 if match[1] else 2
        region = source.region(*match.span(group))
        yield Definition(kind="assembly", name=match[group], path=path, region=region)


def _calls(outline: Outline, span: Span, text: str) -> tuple[Mention, ...]:
    """The calls within a span of `text`, with their arguments; not what an `#if 0` disables."""
    source = outline.source
    starts = (name.start() for name in call_names(source.skeleton, span.start, span.end))
    enabled = (start for start in starts if not _is_disabled(source, start))
    uses = [use for start in enabled if (use := outline.use_at(start))]
    always = unconditional_names(text, span) if uses else set()
    return tuple(_mention(outline, use, use.start not in always) for use in uses)


def _is_disabled(source: Source, offset: int) -> bool:
    return is_dead(conditions_at(source, offset))


def _mention(outline: Outline, use: Use, conditional: bool = False) -> Mention:
    region = outline.source.region(use.start, use.end)
    return Mention(use.name, region, outline.argument_texts(use), conditional)


def _comments(source: Source, span: Span, head: int) -> tuple[str, ...]:
    """The comment just before a definition that begins at `head`, and those within its span."""
    blocks = source.comment_blocks
    first, last = (bisect_left(blocks, at, key=lambda c: c.start) for at in (span.start, span.end))
    heading, begin = bisect_left(blocks, head, key=lambda c: c.start), head
    while heading and not source.skeleton[blocks[heading - 1].end : begin].strip():
        heading -= 1
        begin = blocks[heading].start
    return tuple(
        source.text[comment.start : comment.end]
        for place, comment in enumerate(blocks[heading:last], heading)
        if place >= first or comment.end <= head
    )
