"""What it means that a macro is called outside of functions, or is not called any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from klplint.livepatching.assessment import Change, Reason, Spot, not_patchable, with_care

_CHANGES = ("changed", "added", "removed")


class _Kind(NamedTuple):
    """Macros of one kind, and what follows from a change of their call."""

    names: re.Pattern[str]
    text: str
    is_fatal: bool
    """Whether a livepatch cannot make the change."""
    changes: tuple[str, ...] = _CHANGES


_KINDS = (
    _Kind(
        re.compile(r"EXPORT_\w+|__EXPORT_\w+"),
        "which symbols the kernel exports is fixed when it is built; a livepatch can only refer "
        "to them",
        is_fatal=True,
        changes=("changed", "added"),
    ),
    _Kind(re.compile(r"EXPORT_\w+|__EXPORT_\w+"), "it stays exported", is_fatal=False),
    _Kind(
        re.compile(
            r"\w+_initcall(?:_sync)?|__initcall|__exitcall|module_(?:init|exit)|__setup\w*"
            r"|early_param|module_\w+_driver|builtin_\w+"
        ),
        "it acts when the kernel or the module starts, which is over",
        is_fatal=True,
    ),
    _Kind(
        re.compile(r"module_param\w*|core_param\w*|MODULE_PARM_DESC|MODULE_DEVICE_TABLE"),
        "what is loaded has the parameters and device tables that it was built with",
        is_fatal=True,
    ),
    _Kind(
        re.compile(
            r"MODULE_(?:LICENSE|AUTHOR|DESCRIPTION|ALIAS\w*|VERSION|IMPORT_NS|INFO|FIRMWARE"
            r"|SOFTDEP)"
        ),
        "",
        is_fatal=False,
    ),
    _Kind(
        re.compile(r"TRACE_\w+|DEFINE_EVENT\w*|DECLARE_EVENT\w*|DECLARE_TRACE\w*|DEFINE_TRACE\w*"),
        "tracepoints are registered with the object that defines them",
        is_fatal=True,
    ),
    _Kind(
        re.compile(
            r"(?:NOKPROBE_SYMBOL|ALLOW_ERROR_INJECTION|KUNIT_\w+|kunit_\w+|BUILD_BUG_ON\w*"
            r"|static_assert|_Static_assert|MODULE_\w+)"
        ),
        "",
        is_fatal=False,
    ),
    _Kind(
        re.compile(r"(?:DEFINE|DECLARE)_\w+|\w*LIST_HEAD|\w*_INIT"),
        "the variable that it defines is in memory, and keeps its type and value",
        is_fatal=True,
        changes=("changed",),
    ),
    _Kind(re.compile(r"(?:DEFINE|DECLARE)_\w+|\w*LIST_HEAD"), "", is_fatal=False),
)


def macro_call_reasons(name: str, change: Change, spot: Spot) -> Iterator[Reason]:
    """Why a livepatch cannot change, add or remove the call of a macro, or only with care.

    `name` is that of the macro, with what follows it.
    """
    macro = name.partition("(")[0]
    for kind in _KINDS:
        if kind.names.fullmatch(macro) and change in kind.changes:
            if kind.text:
                yield (not_patchable if kind.is_fatal else with_care)(kind.text, spot)
            return
    yield with_care("is a macro: see whether what it makes is code, data or a registration", spot)
