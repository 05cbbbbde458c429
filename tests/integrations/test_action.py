"""action.yml: its form, and its steps run as GitHub's runner runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.support.command import klplint
from tests.support.paths import MINIKERNEL, ROOT
from tests.support.scratch_git import TOOLS, WRONG, Repository

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")


class Input(msgspec.Struct, forbid_unknown_fields=True):
    description: str
    default: str = ""


class Output(msgspec.Struct, forbid_unknown_fields=True):
    description: str
    value: str


class Step(msgspec.Struct, forbid_unknown_fields=True, rename={"arguments": "with", "when": "if"}):
    name: str
    id: str = ""
    uses: str = ""
    arguments: dict[str, str | bool] = {}
    shell: str = ""
    env: dict[str, str] = {}
    run: str = ""
    when: str = ""


class Runs(msgspec.Struct, forbid_unknown_fields=True):
    using: str
    steps: tuple[Step, ...]


class Action(msgspec.Struct):
    inputs: dict[str, Input]
    outputs: dict[str, Output]
    runs: Runs


class Use(msgspec.Struct, forbid_unknown_fields=True, rename={"arguments": "with"}):
    """A step of a workflow that uses an action."""

    uses: str
    arguments: dict[str, str | bool] = {}


class Job(msgspec.Struct):
    steps: tuple[Use, ...]


class Workflow(msgspec.Struct):
    jobs: dict[str, Job]


TEXT = (ROOT / "action.yml").read_text(encoding="utf-8")
ACTION = msgspec.yaml.decode(TEXT, type=Action)
STEPS = {step.id or step.name: step for step in ACTION.runs.steps}


class Runner:
    """A workspace that is a kernel tree in git, and the directories and files a runner gives."""

    def __init__(self, directory: Path) -> None:
        shutil.copytree(MINIKERNEL, directory / "workspace")
        self.repository = Repository.of(directory / "workspace")
        self.workspace, self.temp = directory / "workspace", directory / "temp"
        (self.temp / "klplint" / "bin").mkdir(parents=True)
        (self.temp / "klplint" / "bin" / "klplint").symlink_to(TOOLS / "klplint")
        self.output, self.summary = directory / "output", directory / "summary"
        self.event = "push"

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """The main step with these inputs, the others at their defaults."""
        given = {name: value.default for name, value in ACTION.inputs.items()} | {
            name.replace("_", "-"): value for name, value in inputs.items()
        }
        step = STEPS["klplint"]
        names = {key: value[len("${{ inputs.") : -len(" }}")] for key, value in step.env.items()}
        environment = {key: given[name] for key, name in names.items()} | {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_SHA": self.repository.git("rev-parse", "HEAD"),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            "TMPDIR": str(self.temp),
        }
        return self.repository.run(*_BASH, "-c", step.run, **environment)

    def outputs(self) -> dict[str, str]:
        pairs = (line.partition("=") for line in self.output.read_text().splitlines())
        return {key: value for key, _, value in pairs}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_every_expression_names_what_there_is() -> None:
    expected_ones = {f"inputs.{name}" for name in ACTION.inputs}
    expected_ones |= {"steps.python.outputs.python-path", "github.action_path"}
    expected_ones |= {f"steps.klplint.outputs.{name}" for name in ACTION.outputs}
    used = {
        word
        for expression in _EXPRESSION.findall(TEXT)
        for word in re.findall(r"[a-z_]+\.[\w.-]+", expression)
    }
    assert used == expected_ones


def test_no_input_is_pasted_into_a_script() -> None:
    for step in ACTION.runs.steps:
        assert not _EXPRESSION.search(step.run)
        assert bool(step.run) == (step.shell == "bash") != bool(step.uses)


@pytest.mark.parametrize("step", [step.name for step in ACTION.runs.steps if step.run])
def test_scripts_are_well_formed(step: str) -> None:
    script = next(
        expected_ones.run for expected_ones in ACTION.runs.steps if expected_ones.name == step
    )
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_annotates_sums_up_and_writes_sarif(runner: Runner) -> None:
    done = runner.run()
    assert done.returncode == 1
    assert runner.outputs() == {"status": "1", "sarif-file": "klplint.sarif"}
    assert "\n::error file=drivers/misc/kflush.c,line=23,endLine=23,col=2," in done.stdout
    plain = klplint("-f", "markdown", MINIKERNEL).stdout
    assert runner.summary.read_text(encoding="utf-8") == plain
    sarif = json.loads((runner.workspace / "klplint.sarif").read_text(encoding="utf-8"))
    annotations = re.findall(r"^::\w+ file=.*title=KLP", done.stdout, re.MULTILINE)
    assert len(sarif["runs"][0]["results"]) == len(annotations)


def test_inputs_reach_klplint(runner: Runner) -> None:
    done = runner.run(
        path="kernel/sched\nlib",
        args="--select 'KLP002,KLP003'\n--exclude \"/kernel/sched/core.c\"",
        fail_on="never",
        sarif_file="out file.sarif",
    )
    assert done.returncode == 0, done.stdout
    assert runner.outputs() == {"status": "0", "sarif-file": "out file.sarif"}
    places = re.findall(r"^::\w+ file=([^,]*),.*title=(KLP\d+)", done.stdout, re.MULTILINE)
    assert set(places) == {("kernel/sched/idle.c", "KLP002"), ("lib/once_table.c", "KLP003")}
    assert runner.run(path="lib", fail_on="warning").returncode == 0
    assert runner.run(path="lib", fail_on="note").returncode == 1


def test_wrong_inputs_fail_and_leave_nothing_to_upload(runner: Runner) -> None:
    done = runner.run(path="no/such/directory")
    assert done.returncode == 2
    assert "klplint: no/such/directory: no such file or directory\n" in done.stdout
    assert runner.outputs() == {"status": "2"}
    assert not runner.summary.exists()
    assert runner.run(args="'one quote").returncode != 0


@pytest.mark.parametrize("event", ["pull_request", "push"])
def test_auto_is_the_base_that_a_pull_request_is_merged_into(runner: Runner, event: str) -> None:
    """The workspace is as actions/checkout leaves it: the merge alone, without its parents."""
    upstream = runner.repository
    upstream.git("checkout", "--quiet", "-b", "topic")
    upstream.write("drivers/misc/new.c", WRONG)
    upstream.commit("topic")
    upstream.git("checkout", "--quiet", "main")
    upstream.write("lib/meanwhile.c", WRONG)
    upstream.commit("meanwhile")
    upstream.git("merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    upstream.git("config", "uploadpack.allowAnySHA1InWant", "true")
    shallow = runner.workspace.parent / "shallow"
    upstream.git("clone", "--quiet", "--depth=1", runner.workspace.as_uri(), shallow)
    runner.repository, runner.event = Repository(shallow), event
    commands = runner.temp / "commands"
    ours = runner.temp / "klplint" / "bin" / "klplint"
    ours.unlink()
    ours.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{commands}'\n")
    ours.chmod(0o755)
    assert runner.run(diff_from="auto").returncode == 0
    given = commands.read_text()
    head = upstream.git("rev-parse", "HEAD")
    if event == "push":
        assert "--diff-from" not in given
    else:
        assert f"\n--diff-from\n{head}^1\n--\n.\n" in given
        changed = runner.repository.git("diff", "--name-only", f"{head}^1")
        assert changed == "drivers/misc/new.c"
    base = upstream.git("rev-parse", "main~1")
    assert runner.run(diff_from=base).returncode == 0
    assert f"\n--diff-from\n{base}\n" in commands.read_text()
    assert runner.run(diff_from="topic").returncode == 0
    assert f"\n--diff-from\n{upstream.git('rev-parse', 'topic')}\n" in commands.read_text()
    assert runner.run(diff_from="no-such-branch").returncode == 0
    assert "\n--diff-from\nno-such-branch\n" in commands.read_text()


def test_the_workflows_to_copy_use_what_the_action_has() -> None:
    page = (ROOT / "docs" / "github.md").read_text(encoding="utf-8")
    *workflows, fragment = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    steps = [
        step
        for text in workflows
        for job in msgspec.yaml.decode(_without_on(text), type=Workflow).jobs.values()
        for step in job.steps
    ]
    steps += msgspec.yaml.decode(fragment, type=list[Use])
    ours = [step for step in steps if step.uses == "OWNER/klplint@main"]
    assert len(ours) == 3
    assert all(step.arguments.keys() <= ACTION.inputs.keys() for step in ours)


def _without_on(workflow: str) -> str:
    """A workflow whose key `on` is text: PyYAML takes it for true, as YAML 1.1 has it."""
    return re.sub(r"^on:", "'on':", workflow, flags=re.MULTILINE)


def test_klplint_is_installed_from_the_actions_own_path(tmp_path: Path) -> None:
    """pip is asked for nothing but this directory; the build itself is test_packaging's."""
    asked = tmp_path / "asked"
    python = tmp_path / "python"
    pip = tmp_path / "temp" / "klplint" / "bin" / "pip"
    pip.parent.mkdir(parents=True)
    for program in (python, pip):
        program.write_text(f"#!/bin/sh\necho \"$@\" >> '{asked}'\n")
        program.chmod(0o755)
    environment = {"RUNNER_TEMP": str(tmp_path / "temp"), "PYTHON": str(python)}
    subprocess.run(
        [*_BASH, "-c", STEPS["Install klplint"].run],
        check=True,
        env=os.environ | environment | {"KLPLINT_SOURCE": str(ROOT)},
    )
    venv, install = asked.read_text().splitlines()
    assert venv == f"-m venv {tmp_path / 'temp' / 'klplint'}"
    assert install == f"install --quiet --disable-pip-version-check {ROOT}"


def test_the_category_is_in_the_file_because_github_does_not_replace_one(runner: Runner) -> None:
    runner.run(category="klplint-6.1", args="--exit-zero")
    log = json.loads((runner.workspace / "klplint.sarif").read_text(encoding="utf-8"))
    assert log["runs"][0]["automationDetails"]["id"] == "klplint-6.1/"


@pytest.mark.parametrize(
    ("upload", "args", "expected"),
    [("true", "", 0), ("false", "", 1), ("true", "--show-baselined", 1)],
)
def test_findings_of_a_baseline_become_no_alerts(
    runner: Runner, upload: str, args: str, expected: int
) -> None:
    klplint("baseline", "-q", "-o", runner.temp / "base", runner.workspace)
    done = runner.run(upload=upload, args=f"{args} --baseline {runner.temp / 'base'}")
    assert done.returncode == 0
    log = json.loads((runner.workspace / "klplint.sarif").read_text(encoding="utf-8"))
    assert bool(log["runs"][0]["results"]) == bool(expected)
