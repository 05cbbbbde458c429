"""`klplint fix --drop-task-parameter`: the switching function without its parameter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from klplint.checks.argument import ArgumentCheck
from klplint.cli import console
from klplint.cli.plan import plan_run
from klplint.config.settings import Settings
from klplint.engine.plan import Plan
from klplint.engine.switch_calls import SwitchCalls, switch_calls
from klplint.errors import TreeError, UsageError
from klplint.fixes.planning import FixedFile, NotFixed
from klplint.report.counts import counted
from klplint.signature.change import SignatureChange
from klplint.signature.request import Request

_MOST_SAID = 10


def dropped(
    paths: Sequence[Path], settings: Settings, second: str
) -> tuple[Plan, list[FixedFile], list[NotFixed]]:
    """The files of the tree without the parameter, and the calls of the second function.

    Raises UsageError where a second function is needed or cannot be had, TreeError where the tree
    has no switching function, or one that cannot be changed safely.
    """
    plan = plan_run(paths, settings)
    check = _argument_check(plan)
    with console.progress(settings.display) as progress:
        switching = switch_calls(plan, check, progress, second)
    if switching.unreadable:
        first = switching.unreadable[0]
        raise TreeError(f"{first.file}: cannot be read: {first.reason}; nothing was changed")
    if switching.naming:
        place = min(switching.naming)
        raise UsageError(f"--second-name: {second} is in the tree already ({place}); give another")
    request = _request(_defined(check, switching), check, second)
    files, root = frozenset(plan.sources.files), plan.sources.root
    calls = switching.of(request.name)
    change = SignatureChange(root, files, switching.facts, request, calls, switching.macros)
    _expect_possible(change, request)
    others = [NotFixed(call.where, change.reason(call)) for call in change.others]
    return plan, [*change.files()], others


def _request(name: str, check: ArgumentCheck, second: str) -> Request:
    return Request(
        name,
        check.argument,
        check.accept[0],
        second,
        accepted=check.accept,
        exporters=frozenset(check.exporters),
        marks=frozenset(check.marks),
    )


def _argument_check(plan: Plan) -> ArgumentCheck:
    for rule in plan.rules:
        if isinstance(rule.check, ArgumentCheck):
            return rule.check
    raise UsageError("--drop-task-parameter needs KLP001, which says what the functions are")


def _defined(check: ArgumentCheck, switching: SwitchCalls) -> str:
    """The switching function that the tree defines."""
    for name in check.functions:
        if switching.definitions(name):
            return name
    raise TreeError(
        f"no file in the PATHs defines {' or '.join(check.functions)}; give the whole tree"
    )


def _expect_possible(change: SignatureChange, request: Request) -> None:
    """Raise the error for what stands in the way."""
    obstacles = sorted(change.obstacles())
    if obstacles:
        first = obstacles[0]
        raise TreeError(
            f"{first.file}:{first.line}: {request.name}() cannot be changed: "
            f"{first.reason}; nothing was changed"
        )
    others = change.others
    if others and not request.second:
        places = ", ".join(call.where for call in others[:_MOST_SAID])
        raise UsageError(
            f"{counted(len(others), 'call')} of {request.name}() may pass another task "
            f"({places}); give --second-name NAME for a function that keeps the parameter"
        )
    if request.second and not others:
        raise UsageError(
            f"all calls of {request.name}() pass `{request.value}`: no second "
            "function is needed; omit --second-name"
        )
