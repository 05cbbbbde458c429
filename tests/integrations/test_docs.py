"""README and docs/: their commands give what is shown, their settings and links hold.

See tests/support/doc_sessions.py for what a session is.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import klplint.checks
from klplint.catalogue.load import load_catalogue
from klplint.catalogue.places import builtin_rules
from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from klplint.config.settings import TABLES, Settings
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.doc_sessions import (
    PAGES,
    expect_what_is_shown,
    is_shown,
    scratch_tree,
    sessions,
    text_of,
)
from tests.support.paths import MINIKERNEL, ROOT
from tests.support.rule_examples import examples

RULE_PAGES = sorted(ROOT.glob("rules/*/README.md"))
_TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


@pytest.mark.parametrize("page", [p for p in PAGES if sessions(p)], ids=lambda page: page.name)
def test_commands_give_what_is_shown(page: Path, tmp_path: Path) -> None:
    expect_what_is_shown(page, scratch_tree(tmp_path))


def test_three_dots_stand_for_any_lines() -> None:
    assert is_shown("a\n...\nd\n", "a\nb\nc\nd\n")
    assert is_shown("...\n", "")
    assert not is_shown("a\n...\nd\n", "a\nb\n")
    assert not is_shown("a.c\n", "abc\n")


def test_the_pages_that_people_start_with_have_sessions() -> None:
    have = {page.name for page in PAGES if sessions(page)}
    assert {"README.md", "adopting.md", "patches.md", "commands.md", "writing-a-rule.md"} <= have


def settings_shown() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, shown in enumerate(_TOML.findall(text_of(page))):
            yield f"{page.name}-{number}", shown


@pytest.mark.parametrize(
    "shown", [t for _, t in settings_shown()], ids=[i for i, _ in settings_shown()]
)
def test_settings_are_settings(shown: str, tmp_path: Path) -> None:
    file = tmp_path / "klplint.toml"
    file.write_text(re.sub(r"^rules = .*$", "", shown, flags=re.MULTILINE))
    assert configured_catalogue(read_config(file).rule_choice)


def test_all_keys_of_the_configuration_are_reported() -> None:
    keys = {field.encode_name for field in msgspec.structs.fields(Settings)} - {*TABLES}
    shown = _TOML.findall(text_of(ROOT / "docs/configuration.md"))[0]
    assert {line.split(" = ")[0] for line in shown.splitlines()} == keys


@pytest.mark.parametrize("page", [*PAGES, *RULE_PAGES], ids=lambda p: f"{p.parent.name}-{p.name}")
def test_links_lead_somewhere(page: Path) -> None:
    for path, section in _LINK.findall(text_of(page)):
        target = page.parent / path if path else page
        assert target.exists(), path
        headings = re.findall(r"^#+ (.+)$", text_of(target), re.MULTILINE) if section else []
        assert not section or section in map(anchor, headings)


def anchor(heading: str) -> str:
    """The name by which GitHub links to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_every_page_and_every_rule_is_linked_from_the_readme() -> None:
    linked = {path for path, _ in _LINK.findall(text_of(ROOT / "README.md"))}
    pages = {os.path.relpath(page, ROOT) for page in [*PAGES, *RULE_PAGES]}
    assert pages - {"README.md"} <= linked
    assert {rule.code for rule in load_catalogue()} <= {
        *re.findall("KLP...", text_of(ROOT / "docs/rules.md"))
    }


def test_the_readme_is_short() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) <= 150


def test_the_example_catalogue_has_a_true_page(tmp_path: Path) -> None:
    listed = load_catalogue([ROOT / "docs/example-rules"])
    (rule,) = (rule for rule in listed if rule.code.startswith("SITE"))
    for name, code in examples(rule).items():
        (tmp_path / name).write_text(code)
    result = lint(
        Plan(find_sources([tmp_path], MINIKERNEL, ()), (rule,), Execution(jobs=1)), Silence()
    )
    assert [finding.place.file for finding in result.findings] == ["wrong-1.c"]


def test_the_example_of_a_check_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = text_of(ROOT / "docs/writing-a-check.md")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "forbidden_call.py").write_text(code)
    monkeypatch.setattr(klplint.checks, "__path__", [*klplint.checks.__path__, str(tmp_path)])
    directory = tmp_path / "rules" / "SITE002-forbidden-call"
    shutil.copytree(builtin_rules() / "KLP001-task-not-current", directory)
    (directory / "rule.toml").write_text(
        'code = "SITE002"\nname = "forbidden-call"\nlevel = "note"\nprecision = "low"\n'
        'summary = "-"\ndescription = "-"\ntags = []\ncheck = "forbidden_call"\n'
        'functions = ["schedule_idle"]\ninstead = "sleep"\n'
    )
    rules = tuple(r for r in load_catalogue([directory.parent]) if r.code == "SITE002")
    idle = MINIKERNEL / "kernel/sched/idle.c"
    result = lint(Plan(find_sources([idle], None, ()), rules, Execution(jobs=1)), Silence())
    assert {finding.message for finding in result.findings} == {"schedule_idle() is called: sleep"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_are_named_exist(page: Path) -> None:
    man_page = text_of(ROOT / "man/klplint.1").replace("\\-", "-").replace("\\fB", " ")
    expected_ones = {*_OPTION.findall(man_page), "--help", "--version"}
    of_others = re.compile(r"`?(git|pre-commit|pip|b4|docker|csgrep|checkpatch\.pl) [^`\n]*")
    assert {*_OPTION.findall(of_others.sub("", text_of(page)))} <= expected_ones
