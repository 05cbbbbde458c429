"""Fixes that leave a variable unused: it stays where a macro may use it without naming it there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec

from klplint.csource.lexer import Source
from klplint.engine.session import Session
from klplint.findings.finding import Finding, Result
from klplint.findings.fix import Fix, LeftVariable
from klplint.fixes.resolve import resolved
from klplint.index.included_macros import IncludedMacros
from klplint.source_text import source_or_nothing


def with_kept_variables(result: Result, session: Session) -> Result:
    """The result with fixes that remove no variable which a macro may use."""
    if not any(map(_variables, (*result.findings, *result.suppressed))):
        return result
    root = session.sources.root
    macros = IncludedMacros(root, session.index.files)
    source_of = cache(lambda file: Source(source_or_nothing(root / file)))

    def checked(finding: Finding) -> Finding:
        if finding.fix is None or not _variables(finding):
            return finding
        return msgspec.structs.replace(finding, fix=_checked(finding.fix, macros, source_of))

    return msgspec.structs.replace(
        result,
        findings=tuple(map(checked, result.findings)),
        suppressed=tuple(map(checked, result.suppressed)),
    )


def _variables(finding: Finding) -> list[LeftVariable]:
    """The variables that a fix removes if nothing uses them."""
    changes = finding.fix.changes if finding.fix else ()
    return [each for each in changes if isinstance(each, LeftVariable) and each.declared]


def _checked(fix: Fix, macros: IncludedMacros, source_of: Callable[[str], Source]) -> Fix | None:
    changes = []
    for change in fix.changes:
        if isinstance(change, LeftVariable) and change.declared:
            source = source_of(change.file)
            scope = source.span(change.scope)
            text = source.skeleton[scope.start : scope.end]
            if macros.may_name(change.name, text, change.file):
                change = msgspec.structs.replace(change, is_kept=True)  # noqa: PLW2901
        changes.append(change)
    if tuple(changes) == fix.changes:
        return fix
    return resolved(msgspec.structs.replace(fix, changes=tuple(changes)), source_of)
