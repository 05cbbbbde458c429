"""Bad input: one clear sentence, exit status 2 where nothing can be done, nothing else lost."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint, klplint_process, refusal
from tests.support.paths import IDLE, MINIKERNEL

CALL = (
    "#include <linux/livepatch.h>\n"
    "void touch(struct task_struct *t)\n{\n\tklp_update_patch_state(t);\n}\n"
)


@pytest.fixture
def kernel(minikernel: Path) -> Path:
    """A kernel tree to spoil; drivers/good.c has one KLP001 finding."""
    for name in ("drivers", "fs", "kernel", "lib", "arch/x86/kernel"):
        shutil.rmtree(minikernel / name)
    (minikernel / "drivers").mkdir()
    (minikernel / "drivers" / "good.c").write_text(CALL)
    return minikernel


def findings(*arguments: object, status: int = 1) -> list[str]:
    """The findings' files, from a run that must go through."""
    done = klplint("-f", "json", "--select", "KLP001", *arguments)
    assert done.returncode == status, done
    assert "Traceback" not in done.stderr
    return [finding["file"] for finding in json.loads(done.stdout)["findings"]]


def test_no_such_path() -> None:
    assert "/no/such/place: no such file or directory" in complaint("/no/such/place")


def test_a_word_that_is_nearly_a_command() -> None:
    assert "did you mean check" in complaint("chekc")


def test_an_empty_directory_is_no_kernel(tmp_path: Path) -> None:
    assert "not in a kernel tree" in complaint(tmp_path)
    assert "give the tree" in complaint(tmp_path)


def test_a_tree_that_is_no_kernel(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("all:\n")
    assert "is not the root of a kernel tree" in complaint("--kernel", tmp_path, IDLE)


def test_an_empty_directory_of_a_kernel_has_nothing_to_find(kernel: Path) -> None:
    (kernel / "empty").mkdir()
    assert findings(kernel / "empty", status=0) == []


def test_a_path_without_read_permission(kernel: Path) -> None:
    closed = kernel / "drivers" / "closed.c"
    closed.write_text(CALL)
    closed.chmod(0)
    assert "permission denied" in refusal(klplint_process(closed, obeys_permissions=True))
    done = klplint_process("-f", "concise", kernel, obeys_permissions=True)
    assert done.returncode == 2
    assert "closed.c: cannot be read" in done.stderr
    assert "good.c" in done.stdout


def test_a_directory_without_read_permission(kernel: Path) -> None:
    closed = kernel / "drivers" / "closed"
    closed.mkdir()
    (closed / "file.c").write_text(CALL)
    closed.chmod(0)
    assert "permission denied" in refusal(klplint_process(closed, obeys_permissions=True))
    done = klplint_process("-f", "concise", kernel, obeys_permissions=True)
    closed.chmod(0o700)  # so that pytest can remove it
    assert done.returncode == 2
    assert "drivers/closed/: cannot be read: " in done.stderr
    assert "good.c" in done.stdout


def test_an_output_file_without_write_permission(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    done = klplint_process("-o", closed / "o.txt", IDLE, obeys_permissions=True)
    assert f"{closed}/o.txt: cannot be written: Permission denied" in refusal(done)


def test_a_cache_without_write_permission(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    usual = klplint_process(IDLE, env={"XDG_CACHE_HOME": str(closed)}, obeys_permissions=True)
    assert "the cache cannot be created" in usual.stderr
    assert usual.stdout == klplint(IDLE).stdout
    chosen = klplint_process("--cache-dir", closed / "cache", IDLE, obeys_permissions=True)
    assert "the cache cannot be created: Permission denied" in refusal(chosen)


def test_a_file_that_cannot_be_read_costs_only_itself(kernel: Path) -> None:
    """Reading a directory that bears a file's name fails for everyone."""
    (kernel / "drivers" / "directory.c").mkdir()
    assert findings(kernel) == ["drivers/good.c"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("latin1.c", CALL.replace("touch", "touch /* caf\xe9 */").encode("latin-1")),
        ("utf16.c", CALL.encode("utf-16")),
        ("binary.c", bytes(range(256)) * 200 + b"klp_update_patch_state" + bytes(1000)),
        ("nul.c", CALL.replace("(t)", "(\0t)").encode()),
        ("empty.c", b""),
        ("long_line.c", b"int x[] = {" + b"1," * 500_000 + b"};\n" + CALL.encode()),
        ("large.c", CALL.encode() + b"int padding_line_of_some_length = 12345;\n" * 250_000),
        ("comment.c", b"/* klp_update_patch_state never ends"),
        ("string.c", b'char *s = "klp_update_patch_state(t)'),
        ("deep.c", CALL.encode() + b"int d = " + b"(" * 20_000 + b"1" + b")" * 20_000 + b";\n"),
        ("included.c", b'#include "included.c"\n' + CALL.encode()),
    ],
)
def test_odd_files_cost_only_themselves(kernel: Path, name: str, content: bytes) -> None:
    (kernel / "drivers" / name).write_bytes(content)
    got = findings(kernel)
    assert "drivers/good.c" in got
    is_c = CALL.encode() in content or b"caf" in content or name == "nul.c"
    assert (f"drivers/{name}" in got) == is_c


def test_links_in_a_loop(kernel: Path) -> None:
    (kernel / "drivers" / "loop").symlink_to(kernel / "drivers")
    (kernel / "drivers" / "self.c").symlink_to(kernel / "drivers" / "self.c")
    (kernel / "drivers" / "nowhere.c").symlink_to("gone.c")
    (kernel / "drivers" / "again.c").symlink_to("good.c")
    assert findings(kernel) == ["drivers/good.c"]
    assert "cannot be resolved" in complaint(kernel / "drivers" / "self.c")


def test_paths_in_two_trees(kernel: Path) -> None:
    assert "different kernel trees" in complaint(kernel, IDLE)


def test_an_unknown_rule_code() -> None:
    message = complaint("--select", "KLP1", IDLE)
    assert 'unknown rule "KLP1" (did you mean KLP' in message


def test_an_unknown_architecture() -> None:
    assert "did you mean x86" in complaint("--arch", "x68", IDLE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jobs = \n", "klplint.toml: is not valid TOML: Invalid value (at line 1"),
        ("\nselct = []\n", "klplint.toml:2: selct: unknown key (did you mean select?)"),
        ('jobs = "many"\n', "klplint.toml:1: jobs: expected a whole number"),
        ("jobs = -1\n", "klplint.toml:1"),
        ('exclude = []\nfail-on = "fatal"\n', "klplint.toml:2: fail-on: "),
        ('rules = ["nowhere"]\n', "nowhere: no such directory of rules"),
    ],
)
def test_a_malformed_configuration(tmp_path: Path, text: str, expected: str) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text(text)
    assert expected in complaint("--config", config, IDLE)


def test_configuration_is_found_above_the_path_and_can_be_ignored(kernel: Path) -> None:
    (kernel / "klplint.toml").write_text('select = ["KLP003"]\n')
    assert klplint(kernel / "drivers" / "good.c").returncode == 0
    assert klplint("--isolated", kernel / "drivers" / "good.c").returncode == 1
    (kernel / "klplint.toml").unlink()
    (kernel / "pyproject.toml").write_text('[tool.klplint]\nselect = ["KLP003"]\n')
    assert klplint(kernel / "drivers" / "good.c").returncode == 0


def test_outputs_that_cannot_be_written(tmp_path: Path) -> None:
    assert "cannot be written" in complaint("-o", tmp_path / "no" / "o.txt", IDLE)
    assert "is a directory" in complaint("--sarif-output", tmp_path, IDLE)
    same = tmp_path / "o"
    assert "two outputs" in complaint("-o", same, "--sarif-output", same, IDLE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--output", "--baseline", "--patch", "--cache-dir", "--kernel"])
def test_a_name_that_is_empty(option: str) -> None:
    assert f"{option}: the value is empty" in complaint(option, "", IDLE)


def test_a_dash_is_no_file() -> None:
    assert "-: not an output file" in complaint("baseline", "-o", "-", IDLE)
    assert "-: not an output file" in complaint("--sarif-output", "-", IDLE)


def test_a_usual_cache_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = klplint(IDLE, env={"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert done.returncode == klplint(IDLE).returncode
    assert "the cache cannot be created" in done.stderr


def test_a_temporary_directory_whose_path_is_long(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    done = klplint_process("--no-cache", "--jobs", 2, IDLE, env={"TMPDIR": str(long)})
    assert (done.returncode, done.stderr) == (klplint(IDLE).returncode, klplint(IDLE).stderr)
    assert list(long.iterdir()) == []


def test_an_output_stays_as_it_was_if_the_run_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "o.sarif"
    output.write_text("yesterday's")
    complaint("--sarif-output", output, "--select", "NONE", IDLE)
    assert output.read_text() == "yesterday's"
    assert list(tmp_path.iterdir()) == [output]


def test_standard_output_that_is_full() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "klplint", IDLE], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "klplint: standard output cannot be written: No space left on device\n"


def test_paths_inside_and_outside_of_the_kernel_named(kernel: Path, tmp_path: Path) -> None:
    (tmp_path / "module.c").write_text(CALL)
    message = complaint("--kernel", kernel, kernel / "drivers", tmp_path / "module.c")
    assert "is in the --kernel tree, but other PATHs are not" in message


def test_a_device_is_written_to_and_not_replaced() -> None:
    assert klplint("-o", "/dev/null", IDLE).returncode == 1
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("command", ["check", "pairs", "coverage"])
def test_a_linted_file_is_no_output_file(command: str, tmp_path: Path) -> None:
    file = tmp_path / "a.c"
    file.write_text(CALL)
    done = klplint(command, "--kernel", MINIKERNEL, "-o", file, file)
    assert done.returncode == 2
    assert f"{file}: is one of the files to lint" in done.stderr
    assert file.read_text() == CALL


@pytest.mark.parametrize("command", ["check", "pairs", "coverage", "baseline"])
@pytest.mark.parametrize("name", ["Makefile", "drivers/good.c", "drivers/Kconfig.debug", "a.lds"])
def test_a_source_of_the_tree_is_no_output_file(kernel: Path, command: str, name: str) -> None:
    (kernel / "linted").mkdir()
    file = kernel / name
    content = file.read_text() if file.exists() else "something"
    file.write_text(content)
    message = complaint(command, "-o", file, kernel / "linted")
    assert message == f"klplint: {file}: is a source file of the tree; give another output file\n"
    assert file.read_text() == content


def test_other_files_of_the_tree_may_be_output_files(kernel: Path) -> None:
    output = kernel / "report.txt"
    output.write_text("yesterday's")
    assert klplint("-o", output, "-f", "concise", kernel / "drivers").returncode == 1
    assert "good.c" in output.read_text()


@pytest.mark.parametrize("pattern", ["!", "\\", "a\\", "[z-a]", "[[:foo:]]"])
def test_an_exclude_that_is_no_pattern(tmp_path: Path, pattern: str) -> None:
    said = f'"{pattern}" is not a valid .gitignore pattern'
    assert f"--exclude: {said}" in complaint("--exclude", pattern, IDLE)
    config = tmp_path / "klplint.toml"
    config.write_text(f"\nexclude = ['/lib/', '{pattern}']\n")
    assert f"klplint.toml:2: exclude: {said}" in complaint("--config", config, IDLE)


@pytest.mark.parametrize(
    "key",
    ["baseline", "output", "patch", "diff-from", "kernel", "compile-commands", "cache-dir"],
)
def test_a_nul_byte_in_the_configuration(tmp_path: Path, key: str) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text(f'{key} = "a\\u0000"\n')
    assert f"klplint.toml:1: {key}: contains a NUL character" in complaint("--config", config, IDLE)


def test_a_name_that_is_too_long() -> None:
    assert "File name too long" in complaint("a" * 300)


def test_a_configuration_file_that_is_none(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool]\nklplint = 1\n")
    said = "pyproject.toml:2: tool.klplint: expected a table: [tool.klplint]"
    assert said in complaint(directory=tmp_path)
    (tmp_path / "klplint.toml").mkdir()
    assert "klplint.toml: cannot be read: Is a directory" in complaint(directory=tmp_path)


@pytest.mark.parametrize("word", ["KLP", "klp0"])
def test_the_beginning_of_many_codes(word: str) -> None:
    message = complaint("explain", word)
    assert f'"{word}" matches several rules; give one of KLP000, KLP001, KLP002' in message
