"""find lists the same files as a walk from directory to directory, or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from klplint.kernel import find_listing
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.file_listing import DirectoryListing, ListingAhead, list_directory

SOURCE = b"int x;\n"


def write(file: Path, content: bytes = SOURCE) -> Path:
    """A file, with the directories above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory with everything that a listing treats in a way of its own."""
    root = tmp_path / "tree"
    for name in (
        *("top.c", "one/two/deep/deeper/file.c", "one/two/entry.S", "one/header.h", "one/not.rs"),
        *("tools/left/out.c", "drivers/tools/stays/in.c", "-name/-print/x.c", "(/,/!.c"),
        *("new\nline/in name/x\n.c", "spaces 0, /1.5 0/x .c", "mod/mod/patched_funcs.csv"),
        *("built/cache/CACHEDIR.TAG", "built/cache/left/out.c", "marked/dir/CACHEDIR.TAG/out.c"),
        *("nested/repo/.git/HEAD", "nested/repo/.git/hook.c", "nested/repo/code.c"),
    ):
        write(root / name)
    write(Path(os.fsdecode(os.fsencode(root) + b"/latin/\xe9\xff/\xfc.c")))
    outside = write(tmp_path / "outside.c")
    (root / "one/two/link_out.c").symlink_to(outside)
    (root / "one/two/link_in.c").symlink_to(root / "top.c")
    (root / "one/two/broken.c").symlink_to(root / "nowhere.c")
    (root / "one/two/loop").symlink_to(root / "one")
    (root / "link").symlink_to(root / "drivers")
    (root / "marked/by/link").mkdir(parents=True)
    (root / "marked/by/link/CACHEDIR.TAG").symlink_to("nowhere")
    write(root / "marked/by/link/kept.c")
    os.mkfifo(root / "one/two/pipe.c")
    (root / "one/two/directory.c").mkdir()
    write(root / "one/two/directory.c/inside.h")
    os.utime(root / "one/header.h", ns=(1, 1))
    return root


def listings(tree: Path, exclude: tuple[str, ...]) -> Iterator[DirectoryListing]:
    """What find lists, and what a walk does."""
    yield list_directory(tree, tree, exclude)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(find_listing, "_FEW", 1000)
        yield list_directory(tree, tree, exclude)


@pytest.fixture(autouse=True)
def small_trees_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """find lists directories of any size."""
    monkeypatch.setattr(find_listing, "_FEW", 0)


@pytest.mark.parametrize(
    "exclude", [(), DEFAULT_EXCLUDES, ("*.S", "deep/"), ("/one/two/", "/tools/"), ("t*", "!tools")]
)
def test_the_same_files_as_a_walk(tree: Path, exclude: tuple[str, ...]) -> None:
    by_find, walked = listings(tree, exclude)
    assert by_find == walked
    assert list(by_find.files) == list(walked.files)
    assert "one/header.h" in by_find.files


def test_find_is_what_lists(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("klplint.kernel.file_listing.from_walk", None)
    assert "one/two/deep/deeper/file.c" in list_directory(tree, tree, ()).files


FAILURES: dict[str, str] = {
    "fails": "exit 1",
    "prints whole seconds": r"printf 'f./one/x.c\0007 1700000000, 1700000000, 12\000'",
    "prints nine digits": r"printf 'f./one/x.c\0007 1.123456789, 1.123456789, 12\000'",
    "prints a time before 1970": r"printf 'f./one/x.c\0007 -1.1234567890, 1.1234567890, 12\000'",
}


@pytest.mark.parametrize("does", FAILURES)
def test_a_find_that(
    does: str, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = listings(tree, ())
    program = write(tmp_path / "bin/find", f"#!/bin/sh\n{FAILURES[does]}\n".encode())
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert list_directory(tree, tree, ()) == expected


def test_without_find(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, _ = listings(tree, ())
    monkeypatch.setattr(find_listing, "_PROGRAM", "no-such-find")
    assert list_directory(tree, tree, ()) == expected
    with ListingAhead(tree, tree, ()) as ahead:
        assert ahead.digest is None


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file": lambda tree: write(tree / "top.c", b"int y;\n"),
    "a file deep inside": lambda tree: write(tree / "one/two/deep/deeper/file.c", b"int y;\n"),
    "a new file": lambda tree: write(tree / "one/two/new.h"),
    "a file that is gone": lambda tree: (tree / "one/two/entry.S").unlink(),
    "a file behind a link": lambda tree: write(tree.parent / "outside.c", b"int y;\n"),
    "another name": lambda tree: (tree / "one").rename(tree / "eins"),
    "a mark": lambda tree: write(tree / "drivers/tools/CACHEDIR.TAG"),
    "what git ignores": lambda tree: write(tree / ".gitignore", b"*.h\n"),
}


def test_each_change_has_another_digest(tree: Path) -> None:
    shutil.rmtree(tree / "nested/repo/.git")
    subprocess.run(["git", "init", "-q", tree], check=True)
    digests = []
    for _ in range(2):
        with ListingAhead(tree, tree, ()) as ahead:
            digests.append(ahead.digest)
    assert digests[0] == digests[1] is not None
    for name, change in CHANGES.items():
        change(tree)
        with ListingAhead(tree, tree, ()) as ahead:
            assert ahead.digest not in (*digests, None), name
            digests.append(ahead.digest)


def test_nested_repositories_have_no_digest(tree: Path) -> None:
    with ListingAhead(tree, tree, ()) as ahead:
        assert ahead.digest is None
