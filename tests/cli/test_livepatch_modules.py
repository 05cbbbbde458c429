"""Livepatch modules that cannot be read in full: a sentence for each part, and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import klplint
from tests.support.patched_kernel import patched_kernel

RULES = "KLP020,KLP021,KLP022,KLP023,KLP024,KLP025,KLP026,KLP027"
TAIL = "static struct klp_object objs[] = { { .funcs = funcs }, { } };\n"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return patched_kernel(tmp_path_factory.mktemp("kernel"))


def output(kernel: Path, directory: Path, **files: str) -> str:
    """What klplint prints for a module of some files."""
    for name, text in files.items():
        (directory / name.replace("_csv", ".csv").replace("_c", ".c")).write_text(text)
    options = ("--isolated", "--no-cache", "--kernel", kernel, "--select", RULES)
    done = klplint(*options, directory)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("funcs", "said"),
    [
        ("{ .old_name = name, .new_func = f }", "module.c:1: the name of the patched function is"),
        ("FUNCS(a, b)", "`FUNCS` is not defined in this file"),
        ('{ "scale_attr_shown", f }', "scale_attr_shown"),
    ],
)
def test_tables_that_are_not_plain(kernel: Path, tmp_path: Path, funcs: str, said: str) -> None:
    table = f"static struct klp_func funcs[] = {{ {funcs}, {{ }} }};\n"
    assert said in output(kernel, tmp_path, module_c=table + TAIL)


def test_a_patch_that_is_built_at_run_time(kernel: Path, tmp_path: Path) -> None:
    text = (
        "static struct klp_patch patch = { .mod = THIS_MODULE };\n"
        "static int start(void)\n{\n\tpatch.objs = kcalloc(2, 8, GFP_KERNEL);\n"
        "\treturn klp_enable_patch(&patch);\n}\n"
        'MODULE_INFO(livepatch, "Y");\n'
    )
    said = "module.c:4: the objects of patch are built at run time, or in another file"
    assert said in output(kernel, tmp_path, module_c=text)


def test_a_csv_with_wrong_columns(kernel: Path, tmp_path: Path) -> None:
    printed = output(kernel, tmp_path, patched_funcs_csv="vmlinux;meter_show\nvmlinux meter_show\n")
    assert "patched_funcs.csv:1: has 2 columns" in printed
    assert "patched_funcs.csv:2: has 2 columns" in printed


def test_types_that_cannot_be_compared(kernel: Path, tmp_path: Path) -> None:
    text = (
        "static unknown_t new_read(struct meter *m, other_t flags)\n{\n\treturn 0;\n}\n"
        'static struct klp_func funcs[] = { { "meter_read", new_read }, { } };\n'
    )
    printed = output(kernel, tmp_path, module_c=text + TAIL)
    assert "the types of meter_read() and new_read() could not be compared" in printed
    assert "KLP023" not in printed


def test_a_part_of_a_kernel_lacks_nothing(kernel: Path, tmp_path: Path) -> None:
    """Without the Makefiles of the object, no name counts as missing in it."""
    part = patched_kernel(tmp_path / "kernel")
    for makefile in ("drivers/Makefile", "drivers/gauge/Makefile", "Kbuild", "mm/Makefile"):
        (part / makefile).unlink()
    module = tmp_path / "module"
    module.mkdir()
    text = 'static struct klp_func funcs[] = { { "meter_read", f }, { } };\n'
    printed = output(part, module, module_c=text + TAIL)
    assert "no Makefile says plainly which object meter.c, which has meter_read()" in printed
    assert "KLP020" not in printed


def test_the_module_for_another_version(kernel: Path, tmp_path: Path) -> None:
    text = (
        "static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs, .immediate = true };\n"
        "static int start(void)\n{\n\tif (klp_register_patch(&patch))\n\t\treturn -1;\n"
        "\treturn klp_enable_patch(&patch);\n}\n"
        'MODULE_LICENSE("GPL");\nMODULE_INFO(livepatch, "Y");\n'
    )
    funcs = "static struct klp_func funcs[] = { { } };\n"
    printed = output(kernel, tmp_path, module_c=funcs + TAIL + text)
    assert "Linux 6.12 does not have klp_register_patch(): Linux 5.0 has it last" in printed
    assert "Linux 6.12 does not have klp_patch.immediate: Linux 4.16 has it last" in printed


def test_a_module_that_the_kernel_does_not_have(kernel: Path, tmp_path: Path) -> None:
    """Nothing is known of it: its functions are neither missing nor elsewhere."""
    text = (
        'static struct klp_func funcs[] = { { "foreign_read", f }, { "meter_read", f }, { } };\n'
        'static struct klp_object objs[] = { { .name = "foreign", .funcs = funcs }, { } };\n'
    )
    printed = output(kernel, tmp_path, module_c=text)
    assert printed.count("no Makefile of this kernel makes the module foreign") == 1
    assert "KLP020" not in printed


def test_a_target_beside_the_module(kernel: Path, tmp_path: Path) -> None:
    target = "static int foreign_read(int a)\n{\n\treturn a;\n}\n"
    text = (
        "static int new_read(int a, int b)\n{\n\treturn a;\n}\n"
        'static struct klp_func funcs[] = { { "foreign_read", new_read }, { } };\n'
        'static struct klp_object objs[] = { { .name = "foreign", .funcs = funcs }, { } };\n'
    )
    printed = output(kernel, tmp_path, module_c=text, foreign_c=target)
    assert "takes 2 arguments, and the old one 1" in printed
    assert "no Makefile" not in printed


def test_a_csv_that_is_named_is_not_taken_for_c(kernel: Path, tmp_path: Path) -> None:
    table = tmp_path / "patched_funcs.csv"
    table.write_text("vmlinux meter_shown new_show\n")
    done = klplint("--isolated", "--no-cache", "--kernel", kernel, "--select", RULES, table)
    assert "meter_shown" in done.stdout
    assert "read as C" not in done.stderr
