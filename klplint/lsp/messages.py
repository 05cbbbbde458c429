"""What the server and the process that lints send each other."""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

from klplint.facts.region import Region
from klplint.findings.finding import Finding, NotAnalysed

HEADER = struct.Struct("!I")
"""The length of a message, which precedes it."""


class Lint(msgspec.Struct, tag=True, frozen=True):
    """Lint a file; `texts` are those in the editor, by path, where they may not be on disk."""

    number: int
    path: str
    texts: dict[str, str]


class ListBarriers(msgspec.Struct, tag=True, frozen=True):
    """List all barriers of a file, also those that no rule checks; `texts` as for `Lint`."""

    number: int
    path: str
    texts: dict[str, str]


class LintTree(msgspec.Struct, tag=True, frozen=True):
    """Lint a directory as it is on disk."""

    number: int
    path: str


class Forget(msgspec.Struct, tag=True, frozen=True):
    """Read the configuration and the tree again."""


class Verify(msgspec.Struct, tag=True, frozen=True):
    """Say whether the tree is still as it was read; if not, read it again."""

    number: int


class Target(msgspec.Struct, frozen=True, order=True):
    """A place to go to, by the absolute path of its file."""

    path: str
    region: Region
    is_certain: bool = True
    """Whether the comment or the code is clear about it."""


class BarrierNote(msgspec.Struct, frozen=True):
    """A barrier, and what klplint says of its pair."""

    region: Region
    text: str
    """What a hover shows, in Markdown."""
    targets: tuple[Target, ...]
    """The barriers and functions at the other end, the best first."""


class RuleNote(msgspec.Struct, frozen=True):
    """What a client shows of a rule."""

    name: str
    page: str
    """The path of its page."""
    is_suppressible: bool = True
    """Whether comments may suppress its findings."""


class Linted(msgspec.Struct, tag=True, frozen=True):
    """The findings in a file or directory."""

    number: int
    root: str
    """The directory that the paths in the findings start from."""
    findings: tuple[Finding, ...]
    rules: dict[str, RuleNote]
    problems: tuple[NotAnalysed, ...] = ()


class Barriers(msgspec.Struct, tag=True, frozen=True):
    """The barriers of a file that was linted."""

    number: int
    barriers: tuple[BarrierNote, ...]
    others: frozenset[str] = frozenset()
    """The barriers that can be listed, although no rule checks them."""


class Failed(msgspec.Struct, tag=True, frozen=True):
    """A request could not be met."""

    number: int
    reason: str
    is_usual: bool = True
    """Whether the user can do something about it; if not, it is a fault of klplint."""


class Progressed(msgspec.Struct, tag=True, frozen=True):
    """How far a long run is."""

    number: int
    phase: str
    done: int
    steps: int


class Noted(msgspec.Struct, tag=True, frozen=True):
    """Something that the user should know."""

    sentence: str


class Verified(msgspec.Struct, tag=True, frozen=True):
    """Whether the tree is as it was read."""

    number: int
    is_current: bool


Request = Lint | ListBarriers | LintTree | Forget | Verify
Answer = Linted | Barriers | Failed | Progressed | Noted | Verified


def packed(message: Request | Answer) -> bytes:
    """A message as bytes, with its length."""
    content = msgspec.msgpack.encode(message)
    return HEADER.pack(len(content)) + content


def read_request(stream: BinaryIO) -> Request | None:
    """The next request; None at the end of the stream."""
    header = _exactly(stream, HEADER.size)
    if header is None:
        return None
    (size,) = HEADER.unpack(header)
    content = _exactly(stream, size)
    if content is None:
        return None
    request: Request = msgspec.msgpack.decode(content, type=Request)
    return request


def _exactly(stream: BinaryIO, size: int) -> bytes | None:
    """So many bytes of a stream, which may come in parts; None if it ends before."""
    content = bytearray()
    while len(content) < size:
        part = stream.read(size - len(content))
        if not part:
            return None
        content += part
    return bytes(content)


def answer_of(content: bytes) -> Answer:
    """An answer, from its bytes."""
    answer: Answer = msgspec.msgpack.decode(content, type=Answer)
    return answer
