"""The classes of <linux/cleanup.h>: which macros make an object of one, and its constructor.

`DEFINE_GUARD(sample, type, lock, unlock)` makes the function class_sample_constructor(), which
does what `lock` says. `guard(sample)(device)` calls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.brackets import split_arguments
from klplint.csource.lexer import Source, Span

_FEWEST_ARGUMENTS = {
    "guard": 1,
    "scoped_guard": 1,
    "scoped_cond_guard": 2,
    "CLASS": 2,
    "ACQUIRE": 2,
    "scoped_class": 2,
}
"""The macros that make an object, and how many arguments each gets at least."""
_NAMED = frozenset({"CLASS", "ACQUIRE", "scoped_class"})
"""Those whose second argument is the name of the object."""
_CONSTRUCTOR = re.compile(r"class_(\w+)_constructor")
_WORD = re.compile(r"[A-Za-z_]\w*")
_DEFINING = {
    "DEFINE_CLASS": 3,
    "DEFINE_GUARD": 2,
    "DEFINE_LOCK_GUARD_0": 1,
    "DEFINE_LOCK_GUARD_1": 2,
}
"""The macros that define a class, and which argument is the body of its constructor."""
_EXTENDING = {
    "EXTEND_CLASS": 2,
    "EXTEND_CLASS_COND": 3,
    "DEFINE_GUARD_COND": 2,
    "DEFINE_LOCK_GUARD_1_COND": 2,
}
"""The same for a class whose name is the first argument with the second one behind it."""
_DEFINITION = re.compile(rf"^(?P<macro>{'|'.join((*_DEFINING, *_EXTENDING))})\s*\(", re.MULTILINE)
# What an extended class has behind the name of its base: _try, _intr, _try_enabled.
_MOST_EXTENDED = 2


def class_made(macro: str, arguments: tuple[str, ...]) -> str:
    """The class of which a call makes an object; empty if it makes none."""
    fewest = _FEWEST_ARGUMENTS.get(macro)
    if fewest is None or len(arguments) < fewest or not _WORD.fullmatch(arguments[0]):
        return ""
    return arguments[0]


def object_made(macro: str, arguments: tuple[str, ...]) -> str:
    """The name of the object that a call makes; empty if the macro thinks up the name."""
    return arguments[1] if macro in _NAMED and class_made(macro, arguments) else ""


def constructor_of(name: str) -> str:
    """The constructor of a class."""
    return f"class_{name}_constructor"


def callee_of(name: str, arguments: tuple[str, ...]) -> str:
    """The function that a call comes to: of a macro that makes an object, its constructor."""
    made = class_made(name, arguments)
    return constructor_of(made) if made else name


def constructed(function: str) -> str:
    """The class whose constructor a function is; empty if it is none."""
    match = _CONSTRUCTOR.fullmatch(function)
    return match[1] if match else ""


def names_in_definition(class_: str) -> Iterator[str]:
    """The names that may stand first where a class is defined: its own, and those of its bases."""
    yield class_
    for _ in range(_MOST_EXTENDED):
        class_ = class_.rpartition("_")[0]
        if class_:
            yield class_


def constructors_in(source: Source, class_: str) -> Iterator[tuple[Span, Span]]:
    """The name and the body of each constructor that a file defines for a class."""
    text = source.skeleton
    for match in _DEFINITION.finditer(text):
        split = split_arguments(text, match.end())
        arguments = split[0] if split else ()
        words = [text[each.start : each.end] for each in arguments]
        macro = match["macro"]
        place = _DEFINING.get(macro) or _EXTENDING[macro]
        name = "".join(words[: 2 if macro in _EXTENDING else 1])
        if name == class_ and len(arguments) > place:
            yield arguments[0], arguments[place]
