"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in scratch repositories."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from tests.support.command import klplint
from tests.support.paths import ROOT
from tests.support.scratch_git import TOOLS, WRONG, Repository

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HARMLESS = WRONG.replace("klp_update_patch_state", "inspect")
Hook = dict[str, object]


@pytest.fixture
def kernel(minikernel: Path) -> Repository:
    """A kernel tree in git."""
    return Repository.of(minikernel)


def hooks() -> dict[str, Hook]:
    listed = msgspec.yaml.decode(MANIFEST.read_bytes(), type=list[Hook])
    return {str(hook["id"]): hook for hook in listed}


def use_hooks(repository: Repository, *arguments: str) -> None:
    """Hooks as in the manifest, but run as they are installed here."""
    local = [{**hook, "language": "system", "args": arguments} for hook in hooks().values()]
    configure(repository, {"repo": "local", "hooks": local})


def _page() -> str:
    return (ROOT / "docs" / "pre-commit.md").read_text(encoding="utf-8")


def configure(repository: Repository, source: dict[str, object]) -> None:
    config = msgspec.yaml.encode({"repos": [source]})
    repository.write(".pre-commit-config.yaml", config.decode())
    repository.environment["PRE_COMMIT_HOME"] = str(repository.directory.parent / "pre-commit")
    repository.commit("hooks")


def test_the_manifest_is_valid_and_has_all_hooks(kernel: Repository) -> None:
    done = kernel.run("pre-commit", "validate-manifest", MANIFEST)
    assert done.returncode == 0, done.stdout
    assert list(hooks()) == ["klplint", "klplint-fix", "klplint-all", "klplint-diff"]


def test_the_configuration_in_the_docs_is_valid(kernel: Repository) -> None:
    whole, fragment = re.findall(r"^```yaml\n(.*?)^```$", _page(), re.MULTILINE | re.DOTALL)
    for hooks_part in ("", fragment):
        text = whole.replace("      - id: klplint\n", hooks_part) if hooks_part else whole
        kernel.write(".pre-commit-config.yaml", text)
        done = kernel.run("pre-commit", "validate-config")
        assert (done.returncode, done.stdout) == (0, "")


def test_a_bad_commit_is_stopped_and_a_good_one_passes(kernel: Repository) -> None:
    use_hooks(kernel)
    assert kernel.run("pre-commit", "install").returncode == 0
    before = kernel.git("rev-parse", "HEAD")

    kernel.write("drivers/misc/new.c", WRONG)
    kernel.git("add", "--all")
    stopped = kernel.run("git", "commit", "-m", "bad")
    assert stopped.returncode == 1
    example = re.search(r"^\$ git commit.*?\n(.*?)^\.\.\.$", _page(), re.MULTILINE | re.DOTALL)
    assert example
    assert stopped.stdout.startswith(example[1])
    assert kernel.git("rev-parse", "HEAD") == before

    kernel.write("drivers/misc/new.c", HARMLESS)
    kernel.git("add", "--all")
    passed = kernel.run("git", "commit", "-m", "good")
    assert passed.returncode == 0, passed.stdout
    assert kernel.git("log", "-1", "--format=%s") == "good"


def test_all_files_are_linted_in_one_run_with_the_findings_of_the_whole_tree(
    kernel: Repository,
) -> None:
    for number in range(600):
        kernel.write(f"drivers/gen/f{number}.c", f"int f{number}(void) {{ return {number}; }}\n")
    kernel.write("tools/testing/left_out.c", WRONG)
    use_hooks(kernel, "--format", "concise")
    hooked = kernel.run("pre-commit", "run", "klplint", "--all-files", "--color=never")
    assert hooked.returncode == 1
    whole = klplint("--format", "concise", kernel.directory)
    assert hooked.stdout.endswith(f"{whole.stdout}{whole.stderr}\n")
    assert len(whole.stdout.splitlines()) > 20


def test_the_whole_tree_is_linted_in_one_run_however_many_files_it_has(
    kernel: Repository, tmp_path: Path
) -> None:
    commands = recorded_by_a_klplint_of_our_own(kernel, tmp_path)
    for number in range(3_000):  # too many for one command line of pre-commit
        kernel.write(f"drivers/gen/{number:04}_{'long_name_' * 10}.c", "int x;\n")
    use_hooks(kernel, "--quiet")
    manual = ("--hook-stage", "manual", "--all-files")
    done = kernel.run("pre-commit", "run", "klplint-all", *manual)
    assert done.returncode == 0, done.stdout
    assert commands.read_text() == "check\n--quiet\n"
    done = kernel.run("pre-commit", "run", "klplint", "--all-files")
    assert done.returncode == 0, done.stdout
    assert commands.read_text().count("check\n") > 2  # what the page warns of


def test_the_whole_tree_is_not_linted_at_a_commit(kernel: Repository, tmp_path: Path) -> None:
    commands = recorded_by_a_klplint_of_our_own(kernel, tmp_path)
    use_hooks(kernel)
    assert kernel.run("pre-commit", "install").returncode == 0
    kernel.write("drivers/misc/new.c", HARMLESS)
    kernel.git("add", "--all")
    assert kernel.run("git", "commit", "-m", "good").returncode == 0
    fixing = "fix\n--apply\n--allow-dirty\ndrivers/misc/new.c\n"
    assert commands.read_text() == f"check\ndrivers/misc/new.c\n{fixing}"


def test_the_hook_for_the_whole_tree_has_its_findings(kernel: Repository) -> None:
    use_hooks(kernel, "--format", "concise")
    manual = ("--hook-stage", "manual", "--all-files", "--color=never")
    hooked = kernel.run("pre-commit", "run", "klplint-all", *manual)
    whole = klplint("--format", "concise", kernel.directory)
    assert hooked.returncode == 1
    assert hooked.stdout.endswith(f"{whole.stdout}{whole.stderr}\n")


def test_the_pages_name_no_tag_that_does_not_exist() -> None:
    tags = set(Repository(ROOT).git("tag").split())
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        revisions = re.findall(r"rev: *(v[\d.]+)", page.read_text(encoding="utf-8"))
        assert tags.issuperset(revisions), page


def test_autoupdate_sets_the_commit(kernel: Repository, tmp_path: Path) -> None:
    source = tmp_path / "klplint.git"
    source.mkdir()
    shutil.copy(MANIFEST, source)
    newest = Repository.of(source).git("rev-parse", "HEAD")
    (whole, *_) = re.findall(r"^```yaml\n(.*?)^```$", _page(), re.MULTILINE | re.DOTALL)
    kernel.write(
        ".pre-commit-config.yaml", whole.replace("https://github.com/OWNER/klplint", str(source))
    )
    done = kernel.run("pre-commit", "autoupdate", "--bleeding-edge")
    assert done.returncode == 0, done.stdout
    assert newest in (kernel.directory / ".pre-commit-config.yaml").read_text(encoding="utf-8")


def test_three_thousand_names_in_one_call(kernel: Repository) -> None:
    names = [f"drivers/gen/a_file_with_a_long_name_{number:04}.c" for number in range(3_000)]
    for name in names:
        kernel.write(name, "int x;\n")
    assert klplint("--quiet", *names, directory=kernel.directory).returncode == 0
    kernel.write(names[-1], WRONG)
    done = klplint("--quiet", "--format", "concise", *names, directory=kernel.directory)
    assert done.returncode == 1
    assert done.stdout.count(f"{names[-1]}:4:") == 2


@pytest.mark.parametrize("with_upstream", [False, True])
def test_the_diff_hook_starts_from_what_pre_commit_says_else_from_upstream(
    kernel: Repository, tmp_path: Path, with_upstream: bool
) -> None:
    commands = recorded_by_a_klplint_of_our_own(kernel, tmp_path)
    use_hooks(kernel, "--kernel", "a tree")
    head = kernel.git("rev-parse", "HEAD")
    if with_upstream:
        kernel.git("branch", "base")
        kernel.git("branch", "--quiet", "--set-upstream-to=base")
    run = ("pre-commit", "run", "klplint-diff", "--hook-stage", "pre-push")
    by_hand = kernel.run(*run, "--all-files")
    assert by_hand.returncode == 0, by_hand.stdout
    printed = kernel.run(*run, "--from-ref", "HEAD~1", "--to-ref", "HEAD", "--verbose")
    assert printed.returncode == 0, printed.stdout
    upstream = f"--diff-from\n{head}\n" if with_upstream else ""
    assert commands.read_text() == f"check\n{upstream}--kernel\na tree\n"
    entry = str(hooks()["klplint-diff"]["entry"])
    direct = kernel.run("sh", "-c", f"exec {entry} one 'two words'", PRE_COMMIT_FROM_REF="abc")
    assert direct.returncode == 0, direct.stdout
    assert commands.read_text().endswith("check\n--diff-from\nabc\none\ntwo words\n")


def test_a_push_is_stopped_where_klplint_fails(kernel: Repository, tmp_path: Path) -> None:
    use_hooks(kernel)
    kernel.git("init", "--quiet", "--bare", tmp_path / "remote.git")
    kernel.git("remote", "add", "origin", tmp_path / "remote.git")
    kernel.git("push", "--quiet", "--set-upstream", "origin", "main")
    before = kernel.git("rev-parse", "HEAD")
    assert kernel.run("pre-commit", "install", "-t", "pre-push").returncode == 0
    commands = recorded_by_a_klplint_of_our_own(kernel, tmp_path, status=1)
    kernel.write("drivers/misc/new.c", WRONG)
    kernel.commit("bad")
    pushed = kernel.run("git", "push")
    assert pushed.returncode == 1, pushed.stdout
    assert commands.read_text() == f"check\n--diff-from\n{before}\n"
    assert kernel.git("rev-parse", "origin/main") == before


def test_only_what_is_pushed_is_reported(kernel: Repository, tmp_path: Path) -> None:
    use_hooks(kernel, "--format", "concise")
    kernel.git("init", "--quiet", "--bare", tmp_path / "remote.git")
    kernel.git("remote", "add", "origin", tmp_path / "remote.git")
    kernel.git("push", "--quiet", "--set-upstream", "origin", "main")
    assert kernel.run("pre-commit", "install", "-t", "pre-push").returncode == 0
    kernel.write("drivers/misc/new.c", HARMLESS)
    kernel.commit("good")
    passed = kernel.run("git", "push")
    assert passed.returncode == 0, passed.stdout
    kernel.write("drivers/misc/new.c", WRONG)
    kernel.commit("bad")
    stopped = kernel.run("git", "push")
    assert stopped.returncode == 1, stopped.stdout
    got = [line for line in stopped.stdout.splitlines() if "error: " in line and ".c:" in line]
    assert got
    assert all(line.startswith("drivers/misc/new.c:4:") for line in got)


@pytest.mark.network
def test_pre_commit_installs_it_from_its_repository(kernel: Repository, tmp_path: Path) -> None:
    """A true installation: pip builds klplint and gets what it depends on."""
    source = tmp_path / "klplint.git"
    for directory in ("klplint", "man", "rules"):
        shutil.copytree(
            ROOT / directory, source / directory, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", MANIFEST.name):
        shutil.copy(ROOT / name, source / name)
    rev = Repository.of(source).git("rev-parse", "HEAD")
    configure(kernel, {"repo": str(source), "rev": rev, "hooks": [{"id": "klplint"}]})
    kernel.environment["PATH"] = os.environ["PATH"]
    kernel.write("drivers/misc/new.c", WRONG)
    kernel.git("add", "--all")
    done = kernel.run(TOOLS / "pre-commit", "run", "klplint", "--color=never")
    assert done.returncode == 1, done.stdout
    assert "--> drivers/misc/new.c:4:25 in touch()" in done.stdout


def recorded_by_a_klplint_of_our_own(
    repository: Repository, directory: Path, status: int = 0
) -> Path:
    """A file with the arguments of all calls of klplint from now on, one in a line."""
    commands, program = directory / "commands", directory / "bin" / "klplint"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{commands}'\nexit {status}\n")
    program.chmod(0o755)
    repository.environment["PATH"] = f"{program.parent}:{repository.environment['PATH']}"
    return commands
