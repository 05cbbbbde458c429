"""Suppressions in the source: comments such as `klplint: ignore[KLP003] reason`.

One with `ignore-file` is for the whole file, and stands above all declarations.

Nothing here knows a rule. A comment that is meant as a suppression but is not written as one has a
fault, and suppresses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from klplint.csource.comment_text import MARK, has_mark, plain_lines
from klplint.csource.lexer import Source, Span
from klplint.errors import nearest
from klplint.facts.file_facts import Suppression

_KEYWORD = "ignore"
_FILE_KEYWORD = "ignore-file"
_KEYWORDS = (_KEYWORD, _FILE_KEYWORD)
_FORM = f"write {MARK}: {_KEYWORD}[CODE] reason"
# The mark has to begin the comment. Without its colon it is prose, unless brackets follow.
_DIRECTIVE = re.compile(
    rf"\s*(?P<mark>(?i:{MARK}))\b\s*(?:(?P<colon>:)|(?=-?[\w-]*\s*\[))\s*-?(?P<rest>.*)", re.DOTALL
)
_REST = re.compile(
    r"(?P<keyword>[\w-]*)\s*(?:\[(?P<codes>[^\]]*)(?P<close>\])?)?(?P<reason>.*)", re.DOTALL
)
_WORD = re.compile(r"\w")
_CODE = re.compile(r"\S")
_BLANK = " \t\f\v\\"


def is_directive(comment: str) -> bool:
    """Whether a comment is meant as a suppression, with or without faults."""
    return _directive(comment) is not None


def _directive(comment: str) -> re.Match[str] | None:
    """The match of `_DIRECTIVE`; None for a comment that is not meant as a suppression."""
    if not has_mark(comment):
        return None
    return _DIRECTIVE.match("\n".join(plain_lines(comment)))


def find_suppressions(source: Source) -> tuple[Suppression, ...]:
    """The suppressions in a file, in order, those with faults included."""
    if not has_mark(source.text):
        return ()
    suppressions: list[Suppression] = []
    targets: dict[int, int] = {}
    for span in reversed(source.comments):
        text = source.text[span.start : span.end]
        if is_directive(text):
            lines = _lines(source, span, targets)
            read = _read(text)
            if read.whole_file and not read.fault and span.start > _end_of_top(source):
                read = read._replace(fault=f"{_FILE_KEYWORD} has to be above all declarations")
            region = source.region(span.start, span.end)
            suppressions.append(Suppression(**read._asdict(), region=region, lines=lines))
    return tuple(reversed(suppressions))


def checked(suppressions: Iterable[Suppression], rules: frozenset[str]) -> tuple[Suppression, ...]:
    """`suppressions` with a fault for those that name a code which is not one of `rules`."""
    return tuple(_checked(suppression, rules) for suppression in suppressions)


def _checked(suppression: Suppression, rules: frozenset[str]) -> Suppression:
    """One suppression as by `checked`."""
    unknown = [code for code in suppression.codes if code not in rules]
    if suppression.fault or not unknown:
        return suppression
    hint = nearest(unknown[0].upper(), rules)
    fault = f'unknown rule code "{unknown[0]}"{hint}; "klplint rules" lists all rules'
    return msgspec.structs.replace(suppression, fault=fault)


class _Read(NamedTuple):
    """What a comment says."""

    codes: tuple[str, ...]
    reason: str
    fault: str
    """What is wrong with it; "" if nothing is."""
    whole_file: bool = False


def _read(comment: str) -> _Read:
    """What a comment that is meant as a suppression says."""
    directive = _directive(comment)
    parts = _REST.match(directive["rest"]) if directive else None
    if directive is None or parts is None:
        return _Read((), "", _FORM)
    codes = tuple(dict.fromkeys(re.findall(r"[^\s,]+", parts["codes"] or "")))
    reason = " ".join(parts["reason"].split()).lstrip(":,;- ")
    fault = _fault(parts, codes, reason)
    if not fault and not directive["colon"]:
        fault = f"the colon after {MARK} is missing"
    if not fault and directive["mark"] != MARK:
        fault = f'"{directive["mark"]}" has to be in lower case'
    form = _FORM.replace(_KEYWORD, parts["keyword"]) if parts["keyword"] in _KEYWORDS else _FORM
    is_whole = parts["keyword"] == _FILE_KEYWORD
    return _Read(codes, reason, f"{fault}; {form}" if fault else "", is_whole)


def _fault(parts: re.Match[str], codes: tuple[str, ...], reason: str) -> str:
    """What is wrong with a suppression's parts; "" if nothing is."""
    keyword = parts["keyword"]
    if keyword not in _KEYWORDS:
        if not keyword:
            return f"the word {_KEYWORD} is missing"
        return f'unknown keyword "{keyword}"{nearest(keyword.lower(), _KEYWORDS)}'
    if parts["codes"] is None:
        return f"{keyword} has no rule code"
    if not parts["close"]:
        return "the bracket is not closed"
    if not codes:
        return "the brackets are empty"
    if not _WORD.search(reason):
        return "the reason is missing"
    return ""


def _end_of_top(source: Source) -> int:
    """Where the top of a file ends: at the first code that is not a directive."""
    code = _CODE.search(source.statements)
    return code.start() if code else len(source.text)


def _lines(source: Source, span: Span, targets: dict[int, int]) -> tuple[int, ...]:
    """The lines that a suppression applies to.

    Behind code that is the line of the code, before code as well. A suppression alone on its line
    applies to the next line that is not such a suppression, and to its own lines. `targets` has
    the line that each suppression further down applies to, by the line at which this begins; the
    file is read from its end on.
    """
    first, last = source.position(span.start)[0], source.position(max(span.start, span.end - 1))[0]
    if source.code[source.offset(first, 1) : span.start].strip(_BLANK):
        return (first,)
    behind = source.code[span.end : source.offset(last + 1, 1)].rstrip("\r\n").strip(_BLANK)
    target = last if behind else targets.get(last + 1, last + 1)
    targets[first] = target
    # Also to its own lines: a finding may be about another comment there.
    return (*range(first, last + 1), *(() if behind else (target,)))
