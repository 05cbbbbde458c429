"""`klplint suppress`: adds comments to the sources that suppress today's findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from klplint.cli import console
from klplint.cli.notices import print_left_out, print_unreadable
from klplint.cli.output_files import OutputFile
from klplint.cli.plan import plan_run
from klplint.cli.source_diff import diff
from klplint.config.settings import Settings
from klplint.csource.suppression_edits import Edited, add_suppressions
from klplint.engine.lint import lint
from klplint.errors import KlplintError, TreeError, UsageError
from klplint.findings.finding import Finding
from klplint.report.counts import counted
from klplint.source_text import to_text

_UNSUPPRESSIBLE = "suppression"
"""The check whose findings are about suppressions themselves: no comment suppresses them."""
_SOME_FAILED = 1


def suppress(paths: Sequence[Path], settings: Settings, reason: str, *, apply: bool) -> int:
    """Print a diff that adds suppressions, or write them; the exit status."""
    text = _checked_reason(reason)
    plan = plan_run(paths, settings)
    with console.progress(settings.display) as progress:
        result = lint(plan, progress)
    print_unreadable(result.unread)
    reviewing = {rule.code for rule in plan.rules if rule.header.check == _UNSUPPRESSIBLE}
    findings = [finding for finding in result.findings if finding.code not in reviewing]
    number, failed = 0, 0
    for file, wanted in _by_file(findings).items():
        path = plan.sources.root / file
        before = _text_of(path)
        edited = add_suppressions(before, wanted, text)
        if apply and edited.text != before:
            with OutputFile(path) as output:
                output.write(edited.text)
        elif not apply:
            console.write("".join(diff(file, before, edited.text)))
        _say_impossible(file, wanted, edited)
        failed += len(edited.impossible)
        number += len(wanted) - len(edited.impossible)
    if not settings.quiet:
        print_left_out(plan.sources, paths)
        done = "written" if apply else "to write; --apply writes them"
        console.say(f"{counted(number, 'comment')} {done}")
    if result.unreadable:
        return KlplintError.exit_status
    return _SOME_FAILED if failed else 0


def _checked_reason(reason: str) -> str:
    """The reason in one line; UsageError where it cannot stand in a comment."""
    text = " ".join(reason.split())
    if not any(character.isalnum() for character in text):
        raise UsageError("--reason is empty; say why the findings are right as they are")
    for sign in ("*/", "/*"):
        if sign in text:
            raise UsageError(f"--reason has {sign} in it, which no comment can have; leave it out")
    if not text.isprintable():
        raise UsageError("--reason has characters that cannot be printed; leave them out")
    return text


def _by_file(findings: Iterable[Finding]) -> dict[str, dict[int, set[str]]]:
    """The codes of the findings on each line of each file."""
    files: defaultdict[str, dict[int, set[str]]] = defaultdict(dict)
    for finding in findings:
        files[finding.place.file].setdefault(finding.place.region.line, set()).add(finding.code)
    return files


def _text_of(path: Path) -> str:
    try:
        return to_text(path.read_bytes())
    except OSError as error:
        raise TreeError(f"{path}: cannot be read: {error.strerror}") from None


def _say_impossible(file: str, wanted: dict[int, set[str]], edited: Edited) -> None:
    for line in edited.impossible:
        codes = " and ".join(sorted(wanted[line]))
        console.say(
            f"{file}:{line}: no comment can be added that suppresses {codes}; change the code, or "
            "use [per-file-ignores]"
        )
