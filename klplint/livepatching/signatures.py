"""The type of a function by the tokens of its head: what it returns, and its parameters' types."""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.csource.brackets import closing, outside_parentheses, top_level_parts
from klplint.csource.lexer import blanked
from klplint.csource.outline import Body
from klplint.livepatching.file_items import FileItems

_WORD = re.compile(r"[A-Za-z_]\w*|[*()\[\],.]|\S")
# Words of a head that do not change how a function is called.
_NOT_TYPES = re.compile(
    r"\b(?:static|extern|inline|__inline(?:__)?|noinline\w*|__always_inline|notrace|noinstr|asmlinkage"
    r"|__visible|__weak|__cold|__pure|__must_check|__init|__exit|__sched|__user|__rcu|__iomem"
    r"|__percpu|__force|__maybe_unused|__always_unused|__used|__ref|__latent_entropy|__noreturn"
    r"|__private|__kernel|__bpf_kfunc|__visible|__attribute_const__|__malloc|__noclone|__nocfi)\b"
)
_ATTRIBUTE = re.compile(r"\b__\w+\s*\(")
# The kernel's short names of types (include/linux/types.h, include/asm-generic/int-ll64.h).
_SHORT = {
    "u8": "unsigned char",
    "s8": "signed char",
    "u16": "unsigned short",
    "s16": "short",
    "u32": "unsigned int",
    "s32": "int",
    "u64": "unsigned long long",
    "s64": "long long",
    "__u8": "unsigned char",
    "__u16": "unsigned short",
    "__u32": "unsigned int",
    "__u64": "unsigned long long",
    "uint8_t": "unsigned char",
    "uint16_t": "unsigned short",
    "uint32_t": "unsigned int",
    "uint64_t": "unsigned long long",
    "uint": "unsigned int",
    "unsigned": "unsigned int",
}
_UNSIGNED = re.compile(r"unsigned(?= (?:char|short|int|long))")
_BASIC = frozenset(
    {"void", "char", "short", "int", "long", "unsigned", "signed", "bool", "float", "double"}
)


class Signature(NamedTuple):
    """The type of a function, as its tokens show it."""

    returns: str
    parameters: tuple[str, ...]


def signature_of(items: FileItems, body: Body) -> Signature:
    """The type of a function."""
    text = blanked(items.source.statements, [])[body.head : body.start]
    head = _without_attributes(_NOT_TYPES.sub(" ", text))
    if body.macro:
        opened = head.find("(")
        inside = head[opened + 1 : (closing(head, opened + 1) or len(head)) - 1]
        return Signature("", tuple(map(_spaced, top_level_parts(inside))))
    name = re.search(rf"\b{re.escape(body.name)}\s*\(", head)
    if name is None:
        return Signature(_spaced(head), ())
    end = (closing(head, name.end()) or len(head)) - 1
    parameters = [_type_of(part) for part in top_level_parts(head[name.end() : end])]
    return Signature(
        _written_out(head[: name.start()]), tuple(_written_out(p) for p in parameters if p)
    )


def _without_attributes(head: str) -> str:
    """A head without attributes that have arguments: `__printf(1, 2)`, `__attribute__((weak))`."""
    while match := _ATTRIBUTE.search(head):
        end = closing(head, match.end())
        head = head[: match.start()] + (head[end:] if end else "")
    return head


def _type_of(parameter: str) -> str:
    """A parameter without its name."""
    words = _spaced(parameter).split()
    pointer = re.search(r"\(\s*\*\s*[A-Za-z_]\w*", parameter)
    if pointer:
        return _spaced(re.sub(r"(\(\s*\*\s*)[A-Za-z_]\w*", r"\1", parameter, count=1))
    outside = outside_parentheses(parameter)
    names = re.findall(r"[A-Za-z_]\w*", re.sub(r"\[[^\]]*\]", "", outside))
    is_tagged = len(names) >= 2 and names[-2] in ("struct", "union", "enum")
    if len(names) >= 2 and names[-1] not in _BASIC and not is_tagged:
        place = len(words) - 1 - words[::-1].index(names[-1])
        words = words[:place] + words[place + 1 :]
    return "" if words == ["void"] else " ".join(words).replace("[ ]", "*")


def _spaced(text: str) -> str:
    """A text with one space between tokens."""
    return " ".join(_WORD.findall(text))


def _written_out(text: str) -> str:
    """A type with the kernel's short names of types written out."""
    words = _UNSIGNED.sub("UNSIGNED", _spaced(text)).split()
    return " ".join(_SHORT.get(word, word) for word in words).replace("UNSIGNED", "unsigned")
