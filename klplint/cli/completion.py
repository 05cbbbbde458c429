"""What a shell completes with TAB: codes of rules, architectures. Errors complete nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from klplint.catalogue.rule import Rule
from klplint.cli.plan import configured_catalogue
from klplint.config.load import find_config, read_config
from klplint.config.settings import Settings
from klplint.errors import KlplintError
from klplint.kernel.tree import Kernel


def rule_code(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names of rules that begin like `incomplete`, each with what it flags."""
    del param
    listed = _rules(ctx)
    codes = [_item(r.code, r) for r in listed if r.code.startswith(incomplete.upper())]
    names = [_item(r.header.name, r) for r in listed if r.header.name.startswith(incomplete)]
    return codes or names


def rule_codes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The same for the last word of a list with commas."""
    before, comma, last = incomplete.rpartition(",")
    items = rule_code(ctx, param, last)
    return [CompletionItem(before + comma + str(i.value), help=i.help) for i in items]


def architecture(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The architectures of the kernel that the PATHs, or the current folder, lie in."""
    del param
    # click leaves PATHs in `args` while the last option still lacks its value.
    paths = [*(ctx.params.get("paths") or ()), *map(Path, ctx.args), Path()]
    kernel = Kernel.around(Path(ctx.params.get("kernel") or paths[0]).resolve())
    known = kernel.architectures() if kernel else ()
    return [name for name in known if name.startswith(incomplete)]


def _item(value: str, rule: Rule) -> CompletionItem:
    return CompletionItem(value, help=rule.header.summary)


def _rules(ctx: click.Context) -> Iterable[Rule]:
    """The rules as the line typed so far, or the configuration for the current folder, has them."""
    try:
        named = ctx.params.get("config")
        config = None if ctx.params.get("isolated") else named or find_config(Path())
        settings = read_config(config) if config else Settings()
        further = tuple(ctx.params.get("rules") or ()) or settings.rules
        return configured_catalogue(Settings(rules=further).rule_choice)
    except KlplintError:
        return ()
