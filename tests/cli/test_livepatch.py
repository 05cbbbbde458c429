"""`klplint livepatch`: what it prints, its exit status, and what it refuses."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from unittest import mock

import pytest

from klplint.compare.patches.diff import split_text
from tests.support.command import complaint, klplint
from tests.support.patch_samples import unified
from tests.support.paths import MINIKERNEL

RINGDEV = "drivers/net/ringdev.c"
BODY = ("ringdev_fill(dev, dev->next, 64)", "ringdev_fill(dev, dev->next, 32)")
LAYOUT = ("\tu32 next;\n\tbool up;\n", "\tu32 next;\n\tu32 last;\n\tbool up;\n")


def edited(*edits: tuple[str, str], file: str = RINGDEV) -> str:
    """The diff of a file of the minikernel in which some texts are others."""
    text = changed = (MINIKERNEL / file).read_text()
    for old, new in edits:
        assert changed.count(old) == 1, old
        changed = changed.replace(old, new)
    return unified(split_text(text), split_text(changed), file)


def patch(directory: Path, text: str) -> Path:
    file = directory / "fix.patch"
    file.write_text(text)
    return file


def test_a_patchable_fix(tmp_path: Path) -> None:
    done = klplint("livepatch", "--patch", patch(tmp_path, edited(BODY)), MINIKERNEL)
    assert done.returncode == 0
    assert done.stdout.startswith("This fix can be livepatched.\n1 function changed.\n")
    assert "drivers/net/ringdev.c:53 in ringdev, or vmlinux if CONFIG_RINGDEV=y" in done.stdout


def test_a_fix_that_cannot_be_patched(tmp_path: Path) -> None:
    done = klplint("livepatch", "--patch", patch(tmp_path, edited(BODY, LAYOUT)), MINIKERNEL)
    assert done.returncode == 1
    assert "structure ringdev: not patchable\n  drivers/net/ringdev.c:18\n" in done.stdout


def test_users_of_a_header_are_looked_up_in_the_tree(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(MINIKERNEL, tree)
    header = tree / "include/linux/nine.h"
    header.write_text("#define NINE 9\n")
    (tree / "lib/nine.c").write_text("int nine(void)\n{\n\treturn NINE;\n}\n")
    fix = unified(["#define NINE 9\n"], ["#define NINE 10\n"], "include/linux/nine.h")
    done = klplint("livepatch", "-f", "json", "--patch", patch(tmp_path, fix), tree)
    (item,) = json.loads(done.stdout)["items"]
    assert item["users"]["first"] == [{"name": "nine", "place": {"file": "lib/nine.c", "line": 1}}]


def test_json_and_markdown(tmp_path: Path) -> None:
    fix = patch(tmp_path, edited(BODY))
    document = json.loads(klplint("livepatch", "-f", "json", "--patch", fix, MINIKERNEL).stdout)
    assert (document["version"], document["verdict"]) == (1, "patchable")
    assert document["functions"][0]["objects"] == ["ringdev", "vmlinux"]
    output = tmp_path / "ticket.md"
    done = klplint("livepatch", "-f", "markdown", "-o", output, "--patch", fix, MINIKERNEL)
    assert done.stdout == ""
    assert output.read_text().startswith("## Livepatch: patchable\n")


def test_a_format_of_other_commands_in_the_configuration_is_left_out(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(MINIKERNEL, tree)
    (tree / "klplint.toml").write_text('format = "sarif"\n')
    done = klplint("livepatch", "--patch", patch(tmp_path, edited(BODY)), tree)
    assert done.stdout.startswith("This fix can be livepatched.")


def test_standard_input(tmp_path: Path) -> None:
    stream = io.TextIOWrapper(io.BytesIO(edited(BODY).encode()))
    with mock.patch.object(sys, "stdin", stream):
        assert klplint("livepatch", "--patch", "-", MINIKERNEL).returncode == 0


def test_the_tree_around_the_current_directory_is_the_default(tmp_path: Path) -> None:
    fix = patch(tmp_path, edited(BODY))
    assert klplint("livepatch", "--patch", fix, directory=MINIKERNEL / "lib").returncode == 0


@pytest.mark.parametrize(
    ("config", "status", "text"),
    [
        ("CONFIG_RINGDEV=m\n", 0, "drivers/net/ringdev.c:53 in ringdev\n"),
        ("CONFIG_RINGDEV=y\n", 0, "drivers/net/ringdev.c:53 in vmlinux\n"),
        ("CONFIG_KPOLL=y\n", 1, "leaves out"),
    ],
)
def test_a_build_directory_has_the_configuration(
    tmp_path: Path, config: str, status: int, text: str
) -> None:
    build = tmp_path / "build"
    build.mkdir()
    (build / "source").symlink_to(MINIKERNEL)
    (build / ".config").write_text(config)
    done = klplint("livepatch", "--patch", patch(tmp_path, edited(BODY)), build)
    assert done.returncode == status
    assert text in done.stdout
    assert "not configured" not in done.stdout


def test_changes_since_a_revision(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(MINIKERNEL, tree)
    git(tree, ["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "1"])
    file = tree / RINGDEV
    file.write_text(file.read_text().replace(*BODY))
    (tree / "lib/nine.c").write_text("int nine(void)\n{\n\treturn 9;\n}\n")
    done = klplint("livepatch", "-f", "json", "--diff-from", "HEAD", tree)
    document = json.loads(done.stdout)
    assert [(f["name"], f["change"]) for f in document["functions"]] == [
        ("ringdev_poll", "changed"),
        ("nine", "added"),
    ]
    assert document["verdict"] == "with care"
    assert done.returncode == 1


def git(directory: Path, *commands: Iterable[str]) -> None:
    ours = ["git", "-C", str(directory), "-c", "user.name=n", "-c", "user.email=e"]
    for words in commands:
        subprocess.run([*ours, *words], check=True, capture_output=True)


def test_binary_parts_are_not_analysed(tmp_path: Path) -> None:
    binary = (
        "diff --git a/logo.ppm b/logo.ppm\nindex 1..2 100644\n"
        "Binary files a/logo.ppm and b/logo.ppm differ\n"
    )
    fix = edited(BODY) + binary
    done = klplint("livepatch", "--patch", patch(tmp_path, fix), MINIKERNEL)
    assert done.returncode == 1
    assert "Not analysed\n  - logo.ppm: is changed as binary data" in done.stdout


def test_a_renamed_file(tmp_path: Path) -> None:
    fix = (
        "diff --git a/lib/once_table.c b/lib/twice_table.c\nsimilarity index 100%\n"
        "rename from lib/once_table.c\nrename to lib/twice_table.c\n"
    )
    done = klplint("livepatch", "--patch", patch(tmp_path, fix), MINIKERNEL)
    assert done.returncode == 1
    assert "is lib/twice_table.c after the fix" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "no fix given; add --patch FILE"),
        (["--patch", "nothing.patch"], "nothing.patch: cannot read the patch"),
        (["--patch", "x", "--diff-from", "HEAD"], "cannot be combined"),
        (["--diff-from", "no-such-thing"], "--diff-from no-such-thing"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(MINIKERNEL, tree)
    assert sentence in complaint("livepatch", *arguments, tree, directory=tmp_path)


def test_a_patch_that_does_not_apply(tmp_path: Path) -> None:
    fix = patch(tmp_path, edited(BODY).replace("64", "65"))
    assert "does not apply" in complaint("livepatch", "--patch", fix, MINIKERNEL)


def test_a_tree_that_is_not_one(tmp_path: Path) -> None:
    fix = patch(tmp_path, edited(BODY))
    assert "give the tree that the fix is for" in complaint("livepatch", "--patch", fix, tmp_path)
    refused = complaint("livepatch", "--patch", fix, MINIKERNEL, MINIKERNEL / "lib")
    assert "give one TREE" in refused
