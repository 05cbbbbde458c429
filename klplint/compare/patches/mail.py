"""Patch files as they come: a bare diff, a mail, or a series of mails in an mbox.

The text of each mail is taken out of its encoding, and each line keeps the number that it has
in the file. In base64 no line has one; it is then counted from where the encoded text begins.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from email import message_from_string
from email.message import Message

from klplint.compare.patches.diff import Diff, read_diff, split_text
from klplint.compare.patches.strict_diff import NumberedLine
from klplint.errors import PatchError
from klplint.source_text import to_text

_FROM_LINE = re.compile(rb"^From \S+.*\d\d:\d\d:\d\d.*\d{4}\s*$", re.M)
_HEADER = re.compile(rb"\s*[A-Za-z][\w-]*:")


def read_patch(content: bytes, name: str) -> list[Diff]:
    """The diffs in a patch file; `name` is what to call it in a complaint.

    PatchError where there is none, or none of text files, or one is damaged.
    """
    diffs = [read_diff(lines, name) for lines in texts_in(content)]
    if any(diff.files for diff in diffs):
        return diffs
    binary = [path for diff in diffs for path in diff.binary]
    links = [path for diff in diffs for path in diff.links]
    kinds = ["binary files"] * bool(binary) + ["symbolic links or submodules"] * bool(links)
    if kinds:
        only = f"{' and '.join(kinds)} only ({[*binary, *links][0]})"
        raise PatchError(f"{name}: changes {only}; there is nothing to lint")
    raise PatchError(f"{name}: holds no diff; give a unified diff, a mail with one, or an mbox")


def texts_in(content: bytes) -> Iterator[list[NumberedLine]]:
    """The texts in a patch file, each of which may hold a diff, in order."""
    starts = [match.start() for match in _FROM_LINE.finditer(content)]
    if not starts or content[: starts[0]].strip():
        starts = [0]
    first = content.count(b"\n", 0, starts[0]) + 1
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        yield from _texts_in_message(content[start:end], first)
        first += content.count(b"\n", start, end)


def _is_mail(content: bytes) -> bool:
    """Whether a content begins with the header of a mail, behind a mailbox's own line or not."""
    if not _HEADER.match(content):
        return False
    message = _message(content)
    return "From" in message and ("Subject" in message or "Date" in message)


def _texts_in_message(content: bytes, first: int) -> Iterator[list[NumberedLine]]:
    """The texts of one mail, or the whole content where it is none; `first` is its line."""
    mark = _FROM_LINE.match(content)
    header = content[content.index(b"\n") + 1 :] if mark and b"\n" in content else content
    if not _is_mail(header):
        yield _numbered(content, first)
        return
    position = 0
    for part in _message(content).walk():
        if not _may_hold_diff(part):
            continue
        raw = str(part.get_payload()).encode("latin-1")
        position = max(content.find(raw, position), 0)
        line = first + content.count(b"\n", 0, position)
        encoding = part.get("Content-Transfer-Encoding", "").strip().lower()
        if encoding == "quoted-printable":
            lines = _unquoted(raw, line, _charset(part))
        else:
            decoded = part.get_payload(decode=True) if encoding == "base64" else raw
            lines = _numbered(decoded if isinstance(decoded, bytes) else raw, line, _charset(part))
        is_flowed = _parameter(part, "format") == "flowed"
        yield _unflowed(lines, _parameter(part, "delsp") == "yes") if is_flowed else lines


def _may_hold_diff(part: Message) -> bool:
    """Whether a part of a mail is text, or by its name a patch."""
    if part.get_content_maintype() == "text":
        return part.get_content_subtype() != "html"
    return not part.is_multipart() and (part.get_filename() or "").endswith((".patch", ".diff"))


def _parameter(part: Message, name: str) -> str:
    """A parameter of a part's type, in lower case; "" if it is not given."""
    return str(part.get_param(name, "")).lower()


def _unflowed(lines: list[NumberedLine], is_space_extra: bool) -> list[NumberedLine]:
    """Lines as they were before a mailer made them flow (RFC 3676).

    It puts a space before lines that begin with one, and breaks lines behind spaces; with
    `is_space_extra` behind one that it adds.
    """
    whole: list[NumberedLine] = []
    goes_on = False
    for number, text in lines:
        content = text.rstrip("\r\n")
        is_signature = content == "-- "
        if not is_signature:
            text = text.removeprefix(" ")
            content = content.removeprefix(" ")
        if goes_on and not is_signature:
            first, before = whole.pop()
            number, text = first, before + text
        goes_on = content.endswith(" ") and not is_signature
        if goes_on:
            text = text.rstrip("\r\n")
            text = text[:-1] if is_space_extra else text
        whole.append((number, text))
    return whole


def _message(content: bytes) -> Message:
    """A mail whose bodies are as they stand in the file, a character for each byte."""
    return message_from_string(content.decode("latin-1"))


def _charset(part: Message) -> str:
    return part.get_content_charset() or "utf-8"


def _numbered(content: bytes, first: int, charset: str = "utf-8") -> list[NumberedLine]:
    return list(enumerate(split_text(_text(content, charset)), first))


def _unquoted(content: bytes, first: int, charset: str) -> list[NumberedLine]:
    """Quoted-printable text: a line of it may stand on several lines of the file."""
    numbers: list[int] = []
    pieces: list[bytes] = []
    goes_on = False
    for number, line in enumerate(re.findall(rb"[^\n]*\n|[^\n]+", content), first):
        piece = quopri.decodestring(line)
        if not goes_on:
            numbers.append(number)
        numbers += [number] * (piece.count(b"\n") - 1)
        goes_on = not piece.endswith(b"\n")
        pieces.append(piece)
    return list(zip(numbers, split_text(_text(b"".join(pieces), charset)), strict=False))


def _text(content: bytes, charset: str) -> str:
    """UTF-8 if it is that, whatever a mail says; else as it says, or with odd bytes kept."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(charset).encode("utf-8", "replace").decode()
    except (UnicodeError, LookupError):
        return to_text(content)
