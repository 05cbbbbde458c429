"""What is planned for a text that an editor has open."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.cli.invocation import Invocation
from klplint.cli.plan import plan_run
from klplint.errors import TreeError
from klplint.lsp.bench import Bench, Planned
from klplint.progress import Silence


class Listed(Exception):
    """A directory was searched for files."""


def listing(path: Path) -> Planned:
    raise Listed(path)


def test_a_new_file_in_no_tree_does_not_have_its_directory_listed(tmp_path: Path) -> None:
    with pytest.raises(
        TreeError, match="it is in no kernel tree, and is linted only once it is saved"
    ):
        Bench(listing, Silence()).plan(str(tmp_path / "new.c"))


def test_a_new_file_in_a_tree_is_planned_with_its_directory(minikernel: Path) -> None:
    with pytest.raises(Listed):
        Bench(listing, Silence()).plan(str(minikernel / "lib" / "new.c"))


@pytest.mark.parametrize("edited", [(), ("include/linux/wait.h",), ("lib/new.h",)])
def test_texts_that_are_not_saved_do_not_make_what_was_read_out_of_date(
    edited: tuple[str, ...], minikernel: Path, tmp_path: Path
) -> None:
    def planned(path: Path) -> Planned:
        options = {"isolated": True, "cache_dir": tmp_path / "cache", "jobs": 1, "paths": (path,)}
        settings = Invocation.of(options).settings()
        return Planned(plan_run((path,), settings, may_lack_tree=True), settings)

    bench = Bench(planned, Silence(), has_fixed_config=True)
    file = str(minikernel / "lib/once_table.c")
    texts = {str(minikernel / name): "int edited;\n" for name in edited}
    for text in ("int one;\n", "int two;\n"):
        bench.lint_text(file, {file: text, **texts})
        assert bench.is_current()
    (minikernel / "include/linux/slab.h").write_text("int saved;\n")
    assert not bench.is_current()
