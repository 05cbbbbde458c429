"""Fixes as patch mails, in the form of `git format-patch`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.utils import format_datetime

import msgspec

from klplint.findings.finding import Finding

_WIDTH = 75
"""The columns of a description: Documentation/process/submitting-patches.rst."""
_NOBODY = "0" * 40
_MAGIC_DATE = "Mon Sep 17 00:00:00 2001"
"""By this date, programs recognise a mail of format-patch."""
_PERSON = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^<>"]*[^<>"\s]))\s*<([^<>]+)>\s*')
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.]+")
_LONGEST_NAME = 52
_LONGEST_LINE = 76
"""The longest line of a header with encoded words: RFC 2047, section 2."""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A patch, and what a mail says of it."""

    prefix: str
    """The subsystem, as subjects begin with it: "sched/core"."""
    findings: tuple[Finding, ...]
    diff: str
    recipients: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    """The commits that caused the findings, as `Fixes:` lines name them."""


class Sender(msgspec.Struct, frozen=True):
    """Who sends the mails, and when."""

    name: str
    address: str
    date: datetime


def subject(mail: Mail) -> str:
    """The subject without `[PATCH]`: the subsystem, and what the patch does."""
    titles = dict.fromkeys(f.fix.title for f in mail.findings if f.fix)
    codes = {finding.code for finding in mail.findings}
    if codes == {"KLP003"}:
        what = "document what read barriers pair with"
    elif codes == {"KLP004"}:
        what = "correct comments on read barriers"
    else:
        what = next(iter(titles)) if len(titles) == 1 else "correct what klplint reports"
    return f"{mail.prefix}: {what}"


def file_name(mail: Mail, number: int) -> str:
    """The name of the file for a mail, as format-patch makes it."""
    name = _NOT_IN_NAMES.sub("-", subject(mail)).strip("-.")[:_LONGEST_NAME]
    return f"{number:04}-{name.strip('-.')}.patch"


def rendered(mail: Mail, number: int, total: int, sender: Sender, version: str) -> str:
    """The whole mail. There is no Signed-off-by: only a person can give it."""
    series = f" {number}/{total}" if total > 1 else ""
    head = [
        f"From {_NOBODY} {_MAGIC_DATE}",
        f"From: {_name(sender.name, 'From')} <{sender.address}>",
        f"Date: {format_datetime(sender.date)}",
        f"Subject: {_encoded(f'[PATCH{series}] {subject(mail)}', 'Subject')}",
        *(f"Cc: {_recipient(recipient)}" for recipient in mail.recipients),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    tags = "\n".join(f"Fixes: {commit}" for commit in mail.fixes)
    body = "\n\n".join(filter(None, (*_description(mail.findings), tags)))
    tail = ["---", "", mail.diff.rstrip("\n"), "-- ", f"klplint {version}", ""]
    return "\n".join([*head, "", body, *tail])


def _recipient(written: str) -> str:
    """A person or list as a header has it; get_maintainer.pl quotes names that need it."""
    match = _PERSON.fullmatch(written)
    if match is None:
        return written
    name = re.sub(r"\\(.)", r"\1", match[1] or match[2])
    name, address = _name(name, "Cc"), f"<{match[3]}>"
    is_long = len(name.rpartition("\n")[2]) + len(f"Cc:  {address}") > _LONGEST_LINE
    return f"{name}\n {address}" if is_long else f"{name} {address}"


def _name(name: str, header: str) -> str:
    if name.isascii():
        quoted = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{quoted}"' if re.search(r'[",.:;<>@()\[\]\\]', name) else name
    return _encoded(name, header)


def _encoded(text: str, header: str) -> str:
    """A text as RFC 2047 has it in a header: as it is, or in readable words of UTF-8, as git."""
    if text.isascii():
        return text
    charset = Charset("utf-8")
    charset.header_encoding = QP
    valid = text.encode("utf-8", "replace").decode()
    return Header(valid, charset, header_name=header).encode()


def _description(findings: Sequence[Finding]) -> list[str]:
    """A paragraph for each finding: the evidence for its fix, else what was found."""
    reasons = dict.fromkeys(_reason(finding) for finding in findings)
    return [
        textwrap.fill(reason, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for reason in reasons
    ]


def _reason(finding: Finding) -> str:
    """Why a fix is right, as a sentence."""
    if finding.fix and finding.fix.reason:
        return finding.fix.reason
    return f"{finding.message.rstrip('.')}."
