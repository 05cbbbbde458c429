"""README and docs/: their commands give what is shown, their settings and links hold.

A block ```console is a session: lines `$ command`, each followed by all that it prints, to
either stream. A line `...` stands for any lines. `$ cat FILE` writes a file that is not there
yet. All sessions of a page run one after the other in a copy of fixtures/minikernel in git,
in which my-rules is a copy of docs/example-rules.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from expectations import MINIKERNEL

import klplint.checks
from klplint.catalogue.load import builtin_rules, load_catalogue
from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from klplint.config.settings import Settings
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.tree import find_sources
from klplint.progress import Silence

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])
RULE_PAGES = sorted(ROOT.glob("rules/*/README.md"))
_SESSION = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.M)
_TOML = re.compile(r"^```toml\n(.*?)^```$", re.M | re.S)
_LINK = re.compile(r"\]\((?!https?://)([^)#]*)(?:#([^)]*))?\)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def sessions(page: Path) -> list[tuple[str, str]]:
    """All commands of a page with what each prints."""
    return [m for session in _SESSION.findall(text_of(page)) for m in _COMMAND.findall(session)]


def is_shown(shown: str, printed: str) -> bool:
    """Whether a command printed what a page shows, where `...` stands for any lines."""
    parts = (re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.M))
    return re.fullmatch(r"(?:.*\n)*?".join(parts), printed) is not None


OURS = Path(sys.executable).parent


def shell(folder: Path, command: str, programs: Path = OURS) -> str:
    """What a command prints, to either stream; git and klplint as if nobody had set them up.

    `programs` is the folder of the klplint to run.
    """
    names = {
        f"GIT_{r}_{k}": "a@example.org" for r in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")
    }
    environment = {
        **names,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "HOME": str(folder.parent),
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # that of the tests: see own_cache.py
    }
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1; {command}"], cwd=folder, env=environment, stdout=subprocess.PIPE
    )
    return done.stdout.decode()


def scratch_tree(folder: Path) -> Path:
    """A copy of the minikernel in git, with the example catalogue in it."""
    tree = folder / "linux"
    shutil.copytree(MINIKERNEL, tree)
    shutil.copytree(ROOT / "docs/example-rules", tree / "my-rules")
    shell(tree, "git init -q -b main && git add . && git commit -qm 1")
    return tree


def expect_what_is_shown(page: Path, tree: Path, programs: Path = OURS) -> None:
    """Run the sessions of a page in `tree`."""
    for command, output in sessions(page):
        named = re.fullmatch(r"cat (\S+)", command)
        if named and not (tree / named[1]).exists():
            (tree / named[1]).write_text(output)
        printed = shell(tree, command, programs)
        if not is_shown(output, printed):
            assert printed == output, command


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
    file.write_text(re.sub(r"^rules = .*$", "", shown, flags=re.M))
    assert configured_catalogue(read_config(file).rule_choice)


def test_all_keys_of_the_configuration_are_told() -> None:
    keys = {field.encode_name for field in msgspec.structs.fields(Settings)} - {"rule"}
    shown = _TOML.findall(text_of(ROOT / "docs/configuration.md"))[0]
    assert {line.split(" = ")[0] for line in shown.splitlines()} == keys


@pytest.mark.parametrize("page", [*PAGES, *RULE_PAGES], ids=lambda p: f"{p.parent.name}-{p.name}")
def test_links_lead_somewhere(page: Path) -> None:
    for path, section in _LINK.findall(text_of(page)):
        target = page.parent / path if path else page
        assert target.exists(), path
        headings = re.findall(r"^#+ (.+)$", text_of(target), re.M) if section else []
        assert not section or section in {h.lower().replace(" ", "-") for h in headings}


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
    from test_pages import examples

    listed = load_catalogue([ROOT / "docs/example-rules"])
    (rule,) = (rule for rule in listed if rule.code.startswith("SITE"))
    for name, code in examples(rule).items():
        (tmp_path / name).write_text(code)
    result = lint(
        Plan(find_sources([tmp_path], MINIKERNEL, ()), (rule,), Execution(jobs=1)), Silence()
    )
    assert [finding.place.file for finding in result.findings] == ["wrong-1.c"]


def test_the_example_of_a_check_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = text_of(ROOT / "docs/writing-a-rule.md")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    (tmp_path / "forbidden_call.py").write_text(code)
    monkeypatch.setattr(klplint.checks, "__path__", [*klplint.checks.__path__, str(tmp_path)])
    folder = tmp_path / "rules" / "SITE002-forbidden-call"
    shutil.copytree(builtin_rules() / "KLP001-task-not-current", folder)
    (folder / "rule.toml").write_text(
        'code = "SITE002"\nname = "forbidden-call"\nlevel = "note"\nprecision = "low"\n'
        'summary = "-"\ndescription = "-"\ntags = []\ncheck = "forbidden_call"\n'
        'functions = ["schedule_idle"]\ninstead = "sleep"\n'
    )
    rules = tuple(r for r in load_catalogue([folder.parent]) if r.code == "SITE002")
    idle = MINIKERNEL / "kernel/sched/idle.c"
    result = lint(Plan(find_sources([idle], None, ()), rules, Execution(jobs=1)), Silence())
    assert {finding.message for finding in result.findings} == {"schedule_idle() is called: sleep"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_are_named_exist(page: Path) -> None:
    man_page = text_of(ROOT / "man/klplint.1").replace("\\-", "-").replace("\\fB", " ")
    known = {*_OPTION.findall(man_page), "--help", "--version"}
    of_others = re.compile(r"`?(git|pre-commit|pip) [^`\n]*")
    assert {*_OPTION.findall(of_others.sub("", text_of(page)))} <= known
