"""What a shell completes with TAB: codes of rules, architectures. Errors complete nothing.

Commands refer to these functions, so that what they need is imported when a shell asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from klplint.catalogue.rule import Rule


def rule_code(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names of rules that begin with `incomplete`, each with what it flags."""
    from click.shell_completion import CompletionItem

    rules = _rules(ctx)
    codes = [rule for rule in rules if rule.code.startswith(incomplete.upper())]
    if codes:
        return [CompletionItem(rule.code, help=rule.header.summary) for rule in codes]
    return [
        CompletionItem(rule.header.name, help=rule.header.summary)
        for rule in rules
        if rule.header.name.startswith(incomplete)
    ]


def rule_codes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The same for the last word of a list with commas."""
    from click.shell_completion import CompletionItem

    before, comma, last = incomplete.rpartition(",")
    items = rule_code(ctx, param, last)
    return [CompletionItem(before + comma + str(i.value), help=i.help) for i in items]


def architecture(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The architectures of the kernel that the PATHs, or the current directory, lie in."""
    from klplint.kernel.tree import Kernel

    # click leaves PATHs in `args` while the last option still lacks its value.
    paths = [*(ctx.params.get("paths") or ()), *map(Path, ctx.args), Path()]
    kernel = Kernel.around(Path(ctx.params.get("kernel") or paths[0]).resolve())
    names = kernel.architectures() if kernel else ()
    return [name for name in names if name.startswith(incomplete)]


def _rules(ctx: click.Context) -> Iterable[Rule]:
    """The rules as the words typed so far, or else the configuration, choose them."""
    from klplint.cli.invocation import Invocation
    from klplint.cli.plan import configured_catalogue
    from klplint.errors import KlplintError

    given = {key: ctx.params.get(key) for key in ("config_file", "isolated", "rules")}
    try:
        settings = Invocation.of(given).settings()
        return configured_catalogue(settings.rule_choice)
    except KlplintError:
        return ()
