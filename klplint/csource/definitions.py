"""Where names are defined, by the tokens of a file: functions, macros, assembly routines.

Most files that hold a name only use it. A definition stands at the beginning of a line, as
kernel style has it, so the bytes tell which files are worth reading (`may_define`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.lexer import Source, Span
from klplint.csource.open_names import name_pattern
from klplint.csource.outline import Body, Macro, Outline
from klplint.facts.queries import Definition, Mention
from klplint.facts.region import Region

_CALL = re.compile(
    r"(?<![\w.>])(?!(?:if|while|for|switch|return|sizeof|typeof|defined)\b)([A-Za-z_]\w*)(?=\s*\()"
)
_ALIAS = re.compile(r"\s*\(?\s*[A-Za-z_]\w*\s*\)?\s*")
_LONGEST_TEXT = 200
_LONGEST_CALL = 1000
_FAR = 100
# What stands before a function that is handed over: a member that is set, the name of a call.
_SET_TO = re.compile(r"\.\s*(\w+)\s*=\s*&?\s*\Z")
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
    """Whether the name that begins at byte `start` may be a definition's: nothing but a type,
    an attribute or `#define` stands before it, from the beginning of its line on.
    """
    line = content.rfind(b"\n", 0, start) + 1
    before = content[line:start]
    if _TAG.search(before):
        return False
    if before[:1] == b"#":
        return _DEFINE.fullmatch(before) is not None
    return not before or (before[:1] not in b" \t*/" and not _STATEMENT.search(before))


def declares(content: bytes, start: int) -> bool:
    """Whether a function whose name is at byte `start` is but declared: `name(...);`."""
    return _DECLARED.match(content, start) is not None


def is_static(content: bytes, start: int) -> bool:
    """Whether the line on which the name at byte `start` stands begins with `static`."""
    return content.startswith(b"static", content.rfind(b"\n", 0, start) + 1)


def definitions_in(outline: Outline, path: str, name: str) -> Iterator[Definition]:
    """The definitions in a file of what `name` stands for."""
    source = outline.source
    wanted = re.compile(wanted_pattern(name))
    for body in outline.bodies:
        if wanted.fullmatch(body.name):
            yield _function(outline, path, body)
    for macro in outline.macros:
        if wanted.fullmatch(macro.name):
            yield _macro(outline, path, macro)
    if path.endswith(".S"):
        yield from _routines(source, path, wanted.pattern)


def whole_file(source: Source, path: str) -> Definition:
    """A file as a definition: what it calls (each name once) and all its comments."""
    calls = {mention.name: mention for mention in _calls(source, Span(0, len(source.text)))}
    comments = tuple(source.text[span.start : span.end] for span in source.comment_blocks)
    return Definition(
        "file", path, path, source.region(0, 0), calls=tuple(calls.values()), comments=comments
    )


def used_as(source: Source, path: str, name: str, start: int) -> Definition | None:
    """What code shows of the name at `start`: that it is called, or is an object; None in comments.

    `start` is an offset into the text. A name in a literal shows nothing either.
    """
    match = re.compile(wanted_pattern(name)).match(source.skeleton, start)
    if match is None:
        return None
    called = source.skeleton[source.next_visible(match.end()) :][:1] == "("
    region = source.region(start, match.end())
    return Definition("use" if called else "object", match[0], path, region)


def handed_in(outline: Outline, path: str, name: str) -> Iterator[Definition]:
    """Where a file hands the function `name` over: to a call, or to a member of a structure.

    Each comes as a use whose one mention is the call, or the member with the function alone.
    """
    source = outline.source
    for match in re.finditer(rf"\b{re.escape(name)}\b(?!\s*\()", source.skeleton):
        region = source.region(*match.span())
        member = _SET_TO.search(source.skeleton, max(0, match.start() - _FAR), match.start())
        opening = _opening_before(source.skeleton, match.start())
        called = _CALLED.search(source.skeleton, max(0, opening - _FAR), opening)
        use = outline.use_at(called.start()) if called else None
        if member:
            yield _handed(name, path, region, Mention(member[1], region, (name,)))
        elif use and use.arguments is not None:
            texts = tuple(source.code[a.start : a.end] for a in use.arguments)
            place = source.region(use.start, use.end)
            yield _handed(name, path, region, Mention(use.name, place, texts))


def _handed(name: str, path: str, region: Region, to: Mention) -> Definition:
    return Definition("use", name, path, region, calls=(to,))


def _opening_before(text: str, place: int) -> int:
    """The parenthesis that stays open before `place`; 0 where none does within a call's length."""
    depth = 0
    for at in range(place - 1, max(0, place - _LONGEST_CALL), -1):
        depth += {")": 1, "(": -1}.get(text[at], 0)
        if depth < 0:
            return at
        if text[at] in ";{}":
            break
    return 0


def _function(outline: Outline, path: str, body: Body) -> Definition:
    source = outline.source
    head = re.compile(rf"\b{re.escape(body.name)}\b").search(source.code, body.head, body.start)
    start = head.start() if head else body.head
    return Definition(
        "function",
        body.name,
        path,
        source.region(start, start + len(body.name)),
        body.static,
        _calls_with_arguments(outline, body),
        _comments(source, body, body.head),
    )


def _macro(outline: Outline, path: str, macro: Macro) -> Definition:
    source = outline.source
    start = source.code.index(macro.name, macro.start)
    text = source.code[macro.body : macro.end]
    callable_ = macro.parameters is not None or _ALIAS.fullmatch(text) is not None
    return Definition(
        "macro" if callable_ else "object",
        macro.name,
        path,
        source.region(start, start + len(macro.name)),
        False,
        _calls_with_arguments(outline, Span(macro.body, macro.end)) + _alias(source, macro),
        _comments(source, macro, macro.start),
        "" if macro.parameters is not None else " ".join(text.split())[:_LONGEST_TEXT],
    )


def _alias(source: Source, macro: Macro) -> tuple[Mention, ...]:
    """What a macro is but another name for, as if it called that."""
    text = source.code[macro.body : macro.end]
    name = re.search(r"\w+", text)
    if macro.parameters is not None or name is None or not _ALIAS.fullmatch(text):
        return ()
    start = macro.body + name.start()
    return (Mention(name[0], source.region(start, start + len(name[0]))),)


def _routines(source: Source, path: str, pattern: str) -> Iterator[Definition]:
    for match in re.finditer(_ROUTINE.format(name=pattern), source.skeleton, re.M):
        group = 1 if match[1] else 2
        yield Definition("assembly", match[group], path, source.region(*match.span(group)))


def _calls(source: Source, span: Span) -> tuple[Mention, ...]:
    found = _CALL.finditer(source.skeleton, span.start, span.end)
    return tuple(Mention(match[1], source.region(*match.span(1))) for match in found)


def _calls_with_arguments(outline: Outline, span: Span) -> tuple[Mention, ...]:
    code, found = outline.source.code, []
    for match in _CALL.finditer(outline.source.skeleton, span.start, span.end):
        use = outline.call_at(match[1], match.start(1), match.end(1), match.end(1))
        texts = tuple(code[argument.start : argument.end] for argument in use.arguments or ())
        found.append(Mention(use.name, outline.source.region(use.start, use.end), texts))
    return tuple(found)


def _comments(source: Source, span: Span, head: int) -> tuple[str, ...]:
    """The comment that heads a definition, and those within it."""
    texts = []
    for comment in source.comment_blocks:
        inside = span.start <= comment.start < span.end
        heading = comment.end <= head and not source.skeleton[comment.end : head].strip()
        if inside or heading:
            texts.append(source.text[comment.start : comment.end])
    return tuple(texts)
