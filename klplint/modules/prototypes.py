"""The types of functions, as their heads write them, compared word by word.

Two heads of the same words have the same type. Of other heads only libclang knows whether their
types are the same; without it, only the number of parameters counts.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.csource.brackets import split_arguments, top_level_parts

_NOT_TYPE = frozenset(
    {"static", "inline", "extern", "asmlinkage", "noinline", "notrace", "noinstr", "fastcall"}
    | {"noinline_for_stack", "volatile", "register", "__inline", "__inline__", "auto"}
)
_ATTRIBUTE = re.compile(r"\b__\w+\b(?:\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?")
_TYPE_WORDS = frozenset(
    {"__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32", "__s64", "__le16", "__le32"}
    | {"__le64", "__be16", "__be32", "__be64", "__kernel_size_t", "__wsum", "__sum16", "__poll_t"}
    | {"__int128", "__virtio16", "__virtio32", "__virtio64", "__builtin_va_list"}
)
_TOKEN = re.compile(r"[A-Za-z_]\w*|\.\.\.|[^\s\w]|\d\w*")
_BASIC = frozenset(
    {"void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "bool"}
    | {"_Bool"}
)
_ENUMERATION = re.compile(r"enum \w+")
_INTEGER = "enum"
_INTEGERS = ("int", "unsigned int")
_TAGS = frozenset({"struct", "union", "enum"})
_QUALIFIERS = frozenset({"const", "volatile", "restrict", "__restrict"})


class Prototype(NamedTuple):
    """The type of a function by its words."""

    result: str
    parameters: tuple[str, ...]

    @property
    def number(self) -> int:
        """The number of parameters; `...` counts."""
        return len(self.parameters)


def prototype_of(head: str, name: str) -> Prototype | None:
    """The type that the head of a function writes; None where it is not plain."""
    match = re.search(rf"\b{re.escape(name)}\s*\(", head)
    split = split_arguments(head, match.end()) if match else None
    if match is None or split is None:
        return None
    before, behind = head[: match.start()], head[split[1] :]
    if "(" in _without_attributes(before) or _without_attributes(behind).strip():
        return None
    texts = [head[span.start : span.end] for span in split[0]]
    if len(texts) == 1 and texts[0].strip() == "void":
        texts = []
    parameters = [_parameter(text) for text in texts]
    result = _words(before)
    if not result or None in parameters:
        return None
    return Prototype(" ".join(result), tuple(p for p in parameters if p is not None))


def are_same(one: str, other: str) -> bool:
    """Whether two types, as libclang spells them, are called alike.

    An enumeration is passed as an integer.
    """
    if one == other:
        return True
    parts = [(*top_level_parts(inner), result) for result, inner in map(_split, (one, other))]
    return len(parts[0]) == len(parts[1]) and all(map(_is_alike, *parts))


def _split(text: str) -> tuple[str, str]:
    """The result and the parameters of a type."""
    place = text.find("(")
    return text[:place].strip(), text[place + 1 :].removesuffix(")")


def _is_alike(one: str, other: str) -> bool:
    one, other = one.strip(), other.strip()
    each = {_INTEGER if _ENUMERATION.fullmatch(text) else text for text in (one, other)}
    return len(each) == 1 or (_INTEGER in each and each <= {_INTEGER, *_INTEGERS})


def _without_attributes(text: str) -> str:
    return _ATTRIBUTE.sub(lambda m: m[0] if m[0] in _TYPE_WORDS else " ", text)


def _words(text: str) -> list[str]:
    """The words of a type, without what is not part of it."""
    tokens = [t for t in _TOKEN.findall(_without_attributes(text)) if t not in _NOT_TYPE]
    return _as_usual(tokens)


def _as_usual(tokens: list[str]) -> list[str]:
    """A type with its words in one order: `unsigned` is `unsigned int`, `const` comes first."""
    stars = "".join(t for t in tokens if t == "*")
    place = tokens.index("*") if "*" in tokens else len(tokens)
    base, rest = tokens[:place], [t for t in tokens[place:] if t not in _QUALIFIERS]
    words = sorted(t for t in base if t in _QUALIFIERS) + [t for t in base if t not in _QUALIFIERS]
    plain = [word for word in words if word in _BASIC]
    if plain and len(plain) == len([word for word in words if word not in _QUALIFIERS]):
        words = [*(word for word in words if word in _QUALIFIERS), *_basic(plain)]
    return [*words, *(["*" * len(stars)] if stars else []), *(t for t in rest if t != "*")]


def _basic(words: list[str]) -> list[str]:
    """A type of C in its usual words: `long unsigned int` is `unsigned long`."""
    if len(words) > 1 and "int" in words:
        words = [word for word in words if word != "int"]
    if words == ["unsigned"]:
        words = ["unsigned", "int"]
    if "signed" in words and "char" not in words:
        words = [word for word in words if word != "signed"] or ["int"]
    return sorted(words, key=lambda word: (word not in {"unsigned", "signed"}, word))


def _parameter(text: str) -> str | None:
    """The type of a parameter, without its name; None where that is not plain."""
    text = _without_attributes(text).strip()
    if text == "...":
        return text
    if "(" in text:
        return _function_pointer(text)
    is_array = "[" in text
    tokens = [t for t in _TOKEN.findall(re.sub(r"\[[^\]]*\]", " ", text)) if t not in _NOT_TYPE]
    if not tokens:
        return None
    tokens = _without_name(tokens)
    if is_array:
        tokens.append("*")
    if tokens.count("*") == 0:  # a value: its own qualifiers are not part of the type
        tokens = [t for t in tokens if t not in _QUALIFIERS]
    return " ".join(_as_usual(tokens))


def _without_name(tokens: list[str]) -> list[str]:
    """The tokens of a parameter without its name, if it has one."""
    words = [t for t in tokens if t not in _QUALIFIERS and t != "*"]
    last = tokens[-1]
    if last in _BASIC or last == "*" or last in _QUALIFIERS or len(words) == 1:
        return tokens
    if words[0] in _TAGS and len(words) == 2:
        return tokens
    return tokens[:-1]


def _function_pointer(text: str) -> str | None:
    """The type of a parameter that is a pointer to a function."""
    match = re.fullmatch(r"(.*?)\(\s*\*\s*(?:const\s+)?\w*\s*\)\s*\((.*)\)\s*", text, re.DOTALL)
    if match is None:
        return None
    inner = [] if match[2].strip() == "void" else top_level_parts(match[2])
    parameters = [_parameter(part) for part in inner]
    if None in parameters:
        return None
    return f"{' '.join(_words(match[1]))} (*)({', '.join(p for p in parameters if p)})"
