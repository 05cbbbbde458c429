"""Suppressions in the source: comments such as `klplint: ignore[KLP003] reason`.

Read from the text of comments alone; nothing here knows a rule. A comment that is meant as a
suppression but is not written as one has a fault, and suppresses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from klplint.csource.comment_text import plain_lines
from klplint.csource.lexer import Source, Span
from klplint.errors import nearest
from klplint.facts.file_facts import Suppression

MARK = "klplint"
"""The word that makes a comment klplint's own, and a file worth reading for that alone."""

_KEYWORD = "ignore"
_FORM = f"write {MARK}: {_KEYWORD}[CODE] reason"
# The mark has to open the comment. Without its colon it is prose, unless brackets follow.
_DIRECTIVE = re.compile(rf"\s*{MARK}\b\s*(?:(?P<colon>:)|(?=\w*\s*\[))\s*(?P<rest>.*)", re.S)
_REST = re.compile(
    r"(?P<keyword>[\w-]*)\s*(?:\[(?P<codes>[^\]]*)(?P<close>\])?)?(?P<reason>.*)", re.S
)
_WORD = re.compile(r"\w")
_BLANK = " \t\f\v\\"


def is_directive(comment: str) -> bool:
    """Whether a comment speaks to klplint, rightly written or not, and so of nothing else."""
    return _directive(comment) is not None


def _directive(comment: str) -> re.Match[str] | None:
    if MARK not in comment:
        return None
    return _DIRECTIVE.match("\n".join(plain_lines(comment)))


def find_suppressions(source: Source) -> tuple[Suppression, ...]:
    """The suppressions in a file, in order, those with faults too."""
    if MARK not in source.text:
        return ()
    found: list[Suppression] = []
    targets: dict[int, int] = {}
    for span in reversed(source.comments):
        text = source.text[span.start : span.end]
        if is_directive(text):
            lines = _lines(source, span, targets)
            codes, reason, fault = _read(text)
            region = source.region(span.start, span.end)
            found.append(Suppression(codes, reason, region, lines, fault))
    return tuple(reversed(found))


def checked(suppressions: Iterable[Suppression], known: frozenset[str]) -> tuple[Suppression, ...]:
    """`suppressions`, where one that names a code not `known` has that for its fault."""
    return tuple(_checked(suppression, known) for suppression in suppressions)


def _checked(suppression: Suppression, known: frozenset[str]) -> Suppression:
    unknown = [code for code in suppression.codes if code not in known]
    if suppression.fault or not unknown:
        return suppression
    hint = nearest(unknown[0].upper(), known)
    fault = f'unknown rule code "{unknown[0]}"{hint}; "klplint rules" lists all rules'
    return msgspec.structs.replace(suppression, fault=fault)


def _read(comment: str) -> tuple[tuple[str, ...], str, str]:
    """Codes, reason and fault of a directive: what is wrong with it, "" if nothing is."""
    directive = _directive(comment)
    parts = _REST.match(directive["rest"]) if directive else None
    if directive is None or parts is None:
        return (), "", _FORM
    codes = tuple(dict.fromkeys(re.findall(r"[^\s,]+", parts["codes"] or "")))
    reason = " ".join(parts["reason"].split()).lstrip(":,;- ")
    fault = _fault(parts, codes, reason)
    if not fault and not directive["colon"]:
        fault = f"the colon after {MARK} is missing"
    return codes, reason, f"{fault}; {_FORM}" if fault else ""


def _fault(parts: re.Match[str], codes: tuple[str, ...], reason: str) -> str:
    if parts["keyword"] != _KEYWORD:
        if not parts["keyword"]:
            return f"the word {_KEYWORD} is missing"
        return f'unknown keyword "{parts["keyword"]}"{nearest(parts["keyword"], [_KEYWORD])}'
    if parts["codes"] is None:
        return f"{_KEYWORD} has no rule code"
    if not parts["close"]:
        return "the bracket is not closed"
    if not codes:
        return "the brackets are empty"
    if not _WORD.search(reason):
        return "the reason is missing"
    return ""


def _lines(source: Source, span: Span, targets: dict[int, int]) -> tuple[int, ...]:
    """The lines that a directive is for.

    Behind code it is its own line, before code that line. A directive that stands alone is for
    the next line, over further directives that stand so. `targets` says for lines that begin
    with one which line that is for; it is filled from the end of the file on.
    """
    first, last = source.position(span.start)[0], source.position(max(span.start, span.end - 1))[0]
    if source.code[source.offset(first, 1) : span.start].strip(_BLANK):
        return (first,)
    behind = source.code[span.end : source.offset(last + 1, 1)].rstrip("\r\n").strip(_BLANK)
    target = last if behind else targets.get(last + 1, last + 1)
    targets[first] = target
    # Its own lines too: another comment there may be what a finding is about.
    return (*range(first, last + 1), *(() if behind else (target,)))
