"""What a comment cites: titles of commits, subjects of mails, addresses. They are history.

The names in there are those of the time, and no partners.
"""

from __future__ import annotations

import re

_ADDRESS = r"\b[a-z]{2,6}://\S+|<[^<>\s]+@[^<>\s]+>"
_QUOTED = r"""\s*(?:\(["'\u201c].{1,200}?["'\u201d]\)|["\u201c][^"\u201d]{1,200}["\u201d])"""
_COMMIT = r"\bcommits?|\bfixes:|\b[0-9a-f]{7,40}(?![\w.])"
_BARE = r"\s+\((?:[^()]|\(\)){1,200}\)"
_MAIL = r"\b(?:subject|e?-?mail|message|thread|patch|series|titled|entitled)\b:?"
_SUBJECT = r"\[(?:RFC|PATCH|GIT\s+PULL|RESEND)\b[^\]]{0,40}\][^\"\u201d]*"
_CITED = re.compile(
    rf"(?:{_ADDRESS})|(?P<before>{_COMMIT}|{_MAIL}){_QUOTED}"
    rf"|(?P<hash>\bcommits?\s+[0-9a-f]{{7,40}}){_BARE}|(?-i:{_SUBJECT})",
    re.IGNORECASE,
)


def without_citations(sentence: str) -> str:
    """A sentence of the same length, with spaces for what it cites."""
    return _CITED.sub(_blank, sentence)


def _blank(match: re.Match[str]) -> str:
    before = match["before"] or match["hash"] or ""
    return before + " " * (len(match[0]) - len(before))
