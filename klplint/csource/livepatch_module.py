"""What a C file says of a livepatch module: its tables, its calls, the functions it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from klplint.csource.expanded_tokens import TooManyTokens, tokens_of
from klplint.csource.function_details import details_of
from klplint.csource.if_conditions import conditions_at
from klplint.csource.livepatch_objects import TableReader
from klplint.csource.livepatch_patches import PatchReader
from klplint.csource.livepatch_tables import Declarations
from klplint.csource.outline import Body, Outline, Use, call_names
from klplint.csource.version_conditions import depends_on_more
from klplint.facts.function_details import FunctionDetails
from klplint.facts.livepatch_modules import FunctionTable, LivepatchModule, ModuleCall, ObjectTable

_PREFIX = re.compile(r"_*klp_\w+")
_DESCRIBING = frozenset({"MODULE_INFO", "MODULE_LICENSE", "module_init", "module_exit"})
# The calls that make a file a part of a livepatch module; livepatching itself calls the others.
_BEGINNING = frozenset(
    {"klp_enable_patch", "klp_register_patch", "klp_shadow_alloc", "klp_shadow_get_or_alloc"}
)
_ENTRY_POINTS = frozenset({"module_init", "module_exit"})
_WORD = re.compile(r"&?\s*([A-Za-z_]\w*)")
_STATEMENT_BEFORE = re.compile(
    r"(?:[;{}]|\belse|\(\s*void\s*\)|\bcase\b[^;:?]*:|^\s*\w+\s*:)\s*\Z", re.MULTILINE
)
# How far before a call the text is looked at.
_NEAR = 200


def livepatch_module(outline: Outline, path: str) -> LivepatchModule | None:
    """What a file says of a livepatch module; None if it has no table and makes no such call."""
    declarations = Declarations(outline)
    reader = TableReader(outline.source, declarations)
    functions, objects = reader.read()
    others = PatchReader(outline.source, declarations)
    patches, states = tuple(others.patches()), others.states()
    unread = {*declarations.unread, *reader.unread, *others.unread}
    calls = tuple(_Calls(outline, declarations).all())
    is_calling = any(call.name in _BEGINNING for call in calls)
    if not (functions or objects or patches or states or unread or is_calling):
        return None
    wanted = set(_named_in(functions, objects))
    for call in calls:
        if call.name in _ENTRY_POINTS or _PREFIX.fullmatch(call.name):
            wanted |= {match[1] for a in call.arguments if (match := _WORD.fullmatch(a))}
            wanted.add(call.function)
    return LivepatchModule(
        functions=functions,
        objects=objects,
        patches=patches,
        states=states,
        calls=calls,
        definitions=tuple(_with_callees(outline, path, wanted)),
        members=tuple(sorted({*reader.members, *others.members})),
        unread=tuple(sorted(unread)),
    )


def _named_in(functions: Iterable[FunctionTable], objects: Iterable[ObjectTable]) -> Iterator[str]:
    """The functions that tables name."""
    tables = list(functions)
    for each in objects:
        for patched in each.objects:
            tables += patched.tables or ()
            yield from (callback.function for callback in patched.callbacks)
    for table in tables:
        yield from (function.new_name for function in table.functions)


def _with_callees(outline: Outline, path: str, names: set[str]) -> Iterator[FunctionDetails]:
    """The functions of a file with some names, and those of the file that these call."""
    bodies: dict[str, list[Body]] = {}
    for body in outline.bodies:
        bodies.setdefault(body.name, []).append(body)
    waiting, seen = sorted(names & bodies.keys()), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for body in bodies[name]:
            details = details_of(outline, path, body)
            yield details
            waiting += [call.name for call in details.calls if call.name in bodies]


class _Calls:
    """The calls of livepatching's functions, and the macros that describe a module."""

    def __init__(self, outline: Outline, declarations: Declarations) -> None:
        self._outline = outline
        self._macros = declarations.macros

    def all(self) -> Iterator[ModuleCall]:
        """The calls, in order."""
        source = self._outline.source
        for match in call_names(source.statements, 0, len(source.statements)):
            name = match[0]
            if name not in _DESCRIBING and not _PREFIX.fullmatch(name):
                continue
            use = self._outline.use_at(match.start())
            body = self._outline.body_at(match.start())
            if use is None or use.arguments is None or (body is None and name not in _DESCRIBING):
                continue
            yield ModuleCall(
                name=name,
                region=source.region(use.start, use.end),
                arguments=tuple(source.code[a.start : a.end] for a in use.arguments),
                values=tuple(self._value(a.start, a.end) for a in use.arguments),
                function=body.name if body else "",
                is_conditional=depends_on_more(map(str, conditions_at(source, use.start))),
                is_statement=self._is_statement(use),
            )

    def _value(self, start: int, end: int) -> str:
        """An argument with the macros of the file replaced."""
        try:
            tokens = self._macros.expanded(tokens_of(self._outline.source.code, start, end))
        except TooManyTokens:
            return self._outline.source.code[start:end]
        return " ".join(token.text for token in tokens)

    def _is_statement(self, use: Use) -> bool:
        text = self._outline.source.statements
        before = text[max(0, use.start - _NEAR) : use.start]
        behind = text[use.close : use.close + _NEAR].lstrip()
        return behind[:1] == ";" and (
            _STATEMENT_BEFORE.search(before) is not None or _follows_condition(before)
        )


def _follows_condition(before: str) -> bool:
    """Whether `if (...)` or the like is right before the end of a text."""
    text = before.rstrip()
    if not text.endswith(")"):
        return False
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[place], 0)
        if depth == 0:
            return re.search(r"\b(?:if|while|for)\s*\Z", text[:place]) is not None
    return False
