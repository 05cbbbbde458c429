"""Patch files as people get them: a bare diff, a mail, or a series of mails in an mbox.

The text of each mail is decoded, and each line keeps the number that it has in the file. Lines in
base64 have none; they are counted from where the encoded text begins.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator, Sequence
from email import message_from_string
from email.message import Message

from klplint.compare.patches.diff import Diff, read_diff, split_text
from klplint.compare.patches.strict_diff import NumberedLine
from klplint.errors import PatchError
from klplint.source_text import to_text

_FROM_LINE = re.compile(rb"^From \S+.*\d\d:\d\d:\d\d.*\d{4}\s*$", re.MULTILINE)
_HEADER = re.compile(rb"\s*[A-Za-z][\w-]*:")


def read_patch(content: bytes, name: str) -> list[Diff]:
    """The diffs in a patch file; `name` is what to call it in an error.

    Raises PatchError where there is no diff, or none of text files, or one is damaged.
    """
    diffs = [read_diff(lines, name) for lines in texts_in(content)]
    if any(diff.files for diff in diffs):
        return diffs
    raise PatchError(f"{name}: {_why_nothing_to_lint(diffs)}")


def _why_nothing_to_lint(diffs: Sequence[Diff]) -> str:
    """What is in a patch that changes no text file."""
    binary = [path for diff in diffs for path in diff.binary]
    links = [path for diff in diffs for path in diff.links]
    kinds = []
    if binary:
        kinds.append("binary files")
    if links:
        kinds.append("symbolic links or submodules")
    if not kinds:
        return "contains no diff; give a unified diff, a mail with one, or an mbox"
    example = [*binary, *links][0]
    return f"changes only {' and '.join(kinds)} ({example}); there is nothing to lint"


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
    """Whether a content begins with the header of a mail."""
    if not _HEADER.match(content):
        return False
    message = _message(content)
    return "From" in message and ("Subject" in message or "Date" in message)


def _texts_in_message(content: bytes, first: int) -> Iterator[list[NumberedLine]]:
    """The texts of one mail, or the whole content where it is not a mail; `first` is its line."""
    mark = _FROM_LINE.match(content)
    header = content[content.index(b"\n") + 1 :] if mark and b"\n" in content else content
    if not _is_mail(header):
        yield _numbered(content, first)
        return
    position = 0
    for part in _message(content).walk():
        if _may_hold_diff(part):
            raw = str(part.get_payload()).encode("latin-1")
            position = max(content.find(raw, position), 0)
            yield _decoded(part, raw, first + content.count(b"\n", 0, position))


def _decoded(part: Message, raw: bytes, first: int) -> list[NumberedLine]:
    """The text of a part of a mail that stands in the file as `raw`, from the line `first` on."""
    encoding = part.get("Content-Transfer-Encoding", "").strip().lower()
    if encoding == "quoted-printable":
        lines = _unquoted(raw, first, _charset(part))
    else:
        decoded = part.get_payload(decode=True) if encoding == "base64" else raw
        lines = _numbered(decoded if isinstance(decoded, bytes) else raw, first, _charset(part))
    if _parameter(part, "format") == "flowed":
        return _unflowed(lines, is_space_extra=_parameter(part, "delsp") == "yes")
    return lines


def _may_hold_diff(part: Message) -> bool:
    """Whether a part of a mail is text, or by its name a patch."""
    if part.get_content_maintype() == "text":
        return part.get_content_subtype() != "html"
    return not part.is_multipart() and (part.get_filename() or "").endswith((".patch", ".diff"))


def _parameter(part: Message, name: str) -> str:
    """A parameter of a part's Content-Type, in lower case; "" if it is not given."""
    return str(part.get_param(name, "")).lower()


def _unflowed(lines: list[NumberedLine], *, is_space_extra: bool) -> list[NumberedLine]:
    """Lines as they were before a mailer made them flow (RFC 3676).

    Such a mailer puts a space before lines that begin with one, and breaks lines after spaces;
    with `is_space_extra` after a space that it adds.
    """
    whole: list[NumberedLine] = []
    goes_on = False
    for number, line in lines:
        is_signature = line.rstrip("\r\n") == "-- "
        text = line if is_signature else line.removeprefix(" ")
        is_flowing = not is_signature and text.rstrip("\r\n").endswith(" ")
        if is_flowing:
            text = text.rstrip("\r\n")
            text = text[:-1] if is_space_extra else text
        if goes_on and not is_signature:
            first, before = whole.pop()
            whole.append((first, before + text))
        else:
            whole.append((number, text))
        goes_on = is_flowing
    return whole


def _message(content: bytes) -> Message:
    """A mail with its bodies as they are in the file, a character for each byte."""
    return message_from_string(content.decode("latin-1"))


def _charset(part: Message) -> str:
    return part.get_content_charset() or "utf-8"


def _numbered(content: bytes, first: int, charset: str = "utf-8") -> list[NumberedLine]:
    return list(enumerate(split_text(_text(content, charset)), first))


def _unquoted(content: bytes, first: int, charset: str) -> list[NumberedLine]:
    """Quoted-printable text, a line of which may take several lines of the file."""
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
    """Text as UTF-8 if it is valid, whatever the mail says; else as it says, or with bytes kept."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(charset).encode("utf-8", "replace").decode()
    except (ValueError, LookupError):  # bytes that do not fit, or a name that is not a charset
        return to_text(content)
