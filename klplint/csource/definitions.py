"""Where names are defined, by the tokens of a file: functions, macros, assembly routines.

Most files that hold a name only use it. A definition stands at the beginning of a line, as
kernel style has it, so the bytes show which files are worth reading (`may_define`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from klplint.csource.brackets import outward
from klplint.csource.lexer import Source, Span
from klplint.csource.open_names import name_pattern
from klplint.csource.outline import Body, Macro, Outline, Use, call_names
from klplint.facts.queries import Definition, Mention

_ALIAS = re.compile(r"\s*\(?\s*[A-Za-z_]\w*\s*\)?\s*")
_LONGEST_TEXT = 200
_LONGEST_CALL = 1000
_FAR = 100
# The most that stands before a name on the line that defines it. It keeps the search of a file
# with one long line linear.
_LONGEST_HEAD = 500
# What stands before a function that is handed over: a member that is set, the name of a call.
_SET_MEMBER = re.compile(r"\.\s*(\w+)\s*=\s*&?\s*\Z")
_CALLED = re.compile(r"\b[A-Za-z_]\w*\s*\Z")
_DECLARED = re.compile(rb"\w+\s*\([^;{}#/()]*(?:\([^;{}#/()]*\)[^;{}#/()]*)*\)\s*;")
_TAG = re.compile(rb"\b(?:struct|union|enum)\s+\Z")
_DEFINE = re.compile(rb"#[ \t]*define[ \t]+")
_STATEMENT = re.compile(rb"[;={}]")
# SYM_FUNC_START(name), ENTRY(name), name: and the like, as routines begin in .S files.
_ROUTINE = r"^(?:[A-Z_]\w*\(\s*({name})\s*[,)]|({name}):)"
_SYSTEM_CALL = re.compile(r"(?:__\w+_|k|compat_)?sys_(\w+)")


def wanted_pattern(name: str) -> str:
    """The regular expression of the names under which `name` may be defined.

    sys_read() is what SYSCALL_DEFINE3(read, ...) defines.
    """
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


def declares(content: bytes, start: int) -> bool:
    """Whether a function whose name begins at byte `start` is only declared: `name(...);`."""
    return _DECLARED.match(content, start) is not None


def is_static(content: bytes, start: int) -> bool:
    """Whether the line of the name that begins at byte `start` begins with `static`."""
    return content.startswith(b"static", content.rfind(b"\n", 0, start) + 1)


def definitions_in(outline: Outline, path: str, name: str) -> Iterator[Definition]:
    """The definitions of `name` in a file; `name` may leave parts open (see `name_pattern`)."""
    pattern = wanted_pattern(name)
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
    }
    return Definition(
        kind="file",
        name=path,
        path=path,
        region=source.region(0, 0),
        calls=tuple(calls.values()),
        comments=tuple(source.text[span.start : span.end] for span in source.comment_blocks),
    )


def used_as(source: Source, path: str, name: str, start: int) -> Definition | None:
    """What the use of a name at offset `start` shows: that it is called, or that it is an object.

    None in comments and literals: they show nothing.
    """
    match = re.compile(wanted_pattern(name)).match(source.skeleton, start)
    if match is None:
        return None
    is_called = source.skeleton[source.next_visible(match.end()) :][:1] == "("
    return Definition(
        kind="use" if is_called else "object",
        name=match[0],
        path=path,
        region=source.region(start, match.end()),
    )


def handed_in(
    outline: Outline, path: str, name: str, places: Iterable[int]
) -> Iterator[Definition]:
    """Where a file hands the function `name` over: to a call, or to a member of a structure.

    `places` are the offsets of the name. Each is a use whose one mention is that call, or the
    member with the function as its argument.
    """
    source = outline.source
    for start in places:
        end = start + len(name)
        if source.skeleton[source.next_visible(end) :][:1] == "(":
            continue
        region = source.region(start, end)
        member = _SET_MEMBER.search(source.skeleton, max(0, start - _FAR), start)
        opening = _opening_before(source.skeleton, start)
        called = _CALLED.search(source.skeleton, max(0, opening - _FAR), opening)
        use = outline.use_at(called.start()) if called else None
        if member:
            receiver = Mention(member[1], region, (name,))
        elif use and use.arguments is not None:
            receiver = _mention(outline, use)
        else:
            continue
        yield Definition(kind="use", name=name, path=path, region=region, calls=(receiver,))


def _opening_before(text: str, start: int) -> int:
    """The offset of the parenthesis that is open at `start`; 0 if there is none within a call."""
    for offset in outward(text, start, max(0, start - _LONGEST_CALL)):
        if text[offset] == "(":
            return offset
        if text[offset] in ";{}":
            break
    return 0


def _function(outline: Outline, path: str, body: Body) -> Definition:
    """The definition of a function."""
    source = outline.source
    head = re.compile(rf"\b{re.escape(body.name)}\b").search(source.code, body.head, body.start)
    start = head.start() if head else body.head
    return Definition(
        kind="function",
        name=body.name,
        path=path,
        region=source.region(start, start + len(body.name)),
        static=body.static,
        calls=_calls(outline, body),
        comments=_comments(source, body, body.head),
    )


def _macro(outline: Outline, path: str, macro: Macro) -> Definition:
    """The definition of a macro, or of an object if the macro is a constant."""
    source = outline.source
    start = source.code.index(macro.name, macro.start)
    text = source.code[macro.body : macro.end]
    is_callable = macro.parameters is not None or _ALIAS.fullmatch(text) is not None
    return Definition(
        kind="macro" if is_callable else "object",
        name=macro.name,
        path=path,
        region=source.region(start, start + len(macro.name)),
        calls=_calls(outline, Span(macro.body, macro.end)) + _alias(source, macro),
        comments=_comments(source, macro, macro.start),
        text="" if macro.parameters is not None else " ".join(text.split())[:_LONGEST_TEXT],
    )


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


def _calls(outline: Outline, span: Span) -> tuple[Mention, ...]:
    """The calls within a span, with their arguments."""
    names = call_names(outline.source.skeleton, span.start, span.end)
    uses = (outline.use_at(name.start()) for name in names)
    return tuple(_mention(outline, use) for use in uses if use)


def _mention(outline: Outline, use: Use) -> Mention:
    region = outline.source.region(use.start, use.end)
    return Mention(use.name, region, outline.argument_texts(use))


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
