"""`klplint lsp`: starts the language server, or the process that lints for it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from klplint.errors import UsageError

if TYPE_CHECKING:
    from klplint.lsp.bench import Planned

_NEEDED = ("pygls", "lsprotocol")
_GARBAGE_THRESHOLD = 50_000
"""Objects between two collections of garbage: a run makes many that live to its end."""


def serve() -> None:
    """Serve an editor on standard input and output, until it ends."""
    if not all(map(find_spec, _NEEDED)):
        raise UsageError('the language server needs pygls; run pip install "klplint[lsp]"')
    from klplint.lsp.server import serve as run

    # The same options, in the process that lints.
    run((sys.executable, "-m", "klplint", *sys.argv[1:], "--linter"))


def lint(options: Mapping[str, object]) -> None:
    """Lint for the server that started this process."""
    from klplint.cli.invocation import Invocation, handle_signals
    from klplint.cli.plan import plan_run
    from klplint.lsp.bench import Planned
    from klplint.lsp.lint_process import run

    def planned(path: Path) -> Planned:
        invocation = Invocation.of({**options, "paths": (path,)})
        with invocation.blaming_config():
            settings = invocation.settings()
            plan = plan_run((path,), settings, may_lack_tree=True)
        return Planned(plan, settings, invocation.config_file)

    gc.set_threshold(_GARBAGE_THRESHOLD)
    handle_signals()
    is_fixed = bool(options.get("config_file") or options.get("isolated"))
    run(planned, os.getppid(), has_fixed_config=is_fixed)
