"""Barriers that a configuration file adds: [families.KIND]."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from klplint.barriers.opposite import opposite
from klplint.catalogue.select import find_rule
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from tests.support.command import klplint
from tests.support.paths import MINIKERNEL, ROOT

_BLOCK = re.compile(r"For (\w+)[^\n]*(?:\n[^\n`]+)*:\n\n```toml\n(\[families.*?)```", re.DOTALL)
DOCUMENTED = dict(_BLOCK.findall((ROOT / "docs/configuration.md").read_text()))
PAIRS = [
    *(("DPDK", "rte_smp_rmb()", "rte_smp_wmb()"), ("DPDK", "rte_rmb()", "rte_mb()")),
    *(("liburcu", "cmm_smp_rmb()", "cmm_smp_wmb()"), ("Xen", "xen_rmb()", "xen_wmb()")),
    *(("QEMU", "smp_mb_acquire()", "smp_mb_release()"), ("QEMU", "smp_rmb()", "smp_wmb()")),
    ("QEMU", "qatomic_load_acquire(&f)", "qatomic_store_release(&f, 1)"),
]
CODE = """\
int d, f;
void put(void)
{
	d = 1;
	%(writer)s;
	f = 1;
}
int bare(void)
{
	int x = f;

	%(reader)s;
	return x + d;
}
int paired(void)
{
	int x = f;

	/* Pairs with %(partner)s() in put(). */
	%(reader)s;
	return x + d;
}
int stale(void)
{
	int x = f;

	/* Pairs with %(partner)s() in put_by_its_old_name(). */
	%(reader)s;
	return x + d;
}
"""


def test_there_is_an_example_for_each_project() -> None:
    assert list(DOCUMENTED) == ["DPDK", "liburcu", "Xen", "QEMU"]


@pytest.mark.parametrize(("project", "reader", "writer"), PAIRS)
def test_the_documented_families_work(
    tmp_path: Path, project: str, reader: str, writer: str
) -> None:
    partner = writer.partition("(")[0]
    text = CODE % {"reader": reader, "writer": writer, "partner": partner}
    (tmp_path / "ring.c").write_text(text)
    # KLP004 watches loads only where its own list has them.
    config = DOCUMENTED[project] + '\n[rule.KLP004]\nextend-barriers = ["%s"]\n'
    (tmp_path / "klplint.toml").write_text(config % reader.partition("(")[0])
    without = klplint(tmp_path, "-f", "json")
    reports = [(f["code"], f["function"]) for f in json.loads(without.stdout)["findings"]]
    assert reports == [("KLP003", "bare")]
    done = klplint(tmp_path, "--kernel", MINIKERNEL, "-f", "json")
    reports = [(f["code"], f["function"]) for f in json.loads(done.stdout)["findings"]]
    assert reports == [("KLP003", "bare"), ("KLP004", "stale")]


def test_the_sides_of_the_tables_are_those_of_klplint(tmp_path: Path) -> None:
    (tmp_path / "klplint.toml").write_text(DOCUMENTED["DPDK"])
    settings = read_config(tmp_path / "klplint.toml")
    check = find_rule(configured_catalogue(settings.rule_choice), "KLP003").check
    assert isinstance(check, ReadBarrierCheck)
    assert check.barriers == ("smp_rmb", "rte_smp_rmb", "rte_rmb")
    assert "rte_smp_wmb" in check.write_barriers
    families = check.families
    assert families.orders_writes("rte_smp_wmb")
    assert families.orders_no_writes("rte_smp_rmb")
    assert opposite(families).orders_writes("rte_smp_rmb")
    assert families.does_as("rte_smp_mb", "rte_smp_wmb")
    assert families.does_as("rte_smp_mb", "smp_wmb")
    assert not families.does_as("rte_smp_wmb", "rte_smp_mb")
    assert check.access_rules.ordering("rte_smp_wmb") == "writes"


def test_config_shows_the_families(tmp_path: Path) -> None:
    (tmp_path / "klplint.toml").write_text('[families.reader]\nmy_rmb = "smp_wmb"\n')
    done = klplint("config", tmp_path)
    assert re.search(r"families\.reader\.my_rmb +\S*klplint\.toml:2 +\"smp_wmb\"", done.stdout)


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ('[families.raeder]\nx = "y"', 1, "families.raeder: unknown kind of barrier (did you mean"),
        ('[families.raeder]\nx = "y"', 1, "expected one of reader, writer, full, load, store"),
        (
            '[families.reader]\nx = "smp_wmb"\n[families.writer]\nx = "smp_rmb"',
            4,
            "families.writer.x: is also in [families.reader]; expected each name in one family",
        ),
        ('[families.reader]\nx = "smp_wm"', 2, 'families.reader.x: "smp_wm" is not a barrier'),
        ('[families.reader]\nx = "smp_wm"', 2, "did you mean smp_wmb?"),
        ('[families.reader]\nx = "smp_rmb"', 2, "is not a barrier that orders writes"),
        ('[families.writer]\nx = "smp_wmb"', 2, "is not a barrier that orders reads"),
        ('[families.store]\nx = "f"', 2, "expected one of [families.reader], [families.load]"),
        ('[families.full]\nx = "f"', 2, "is not a barrier that orders reads or writes"),
        ('[families.writer]\nsmp_rmb = "smp_rmb"', 2, "is in klplint's own family of kind reader"),
        ('[families.reader]\n"a b" = "smp_wmb"', 2, '"a b" is not a name in C'),
        ('[families.reader]\nx = ""', 2, '"" is not a name in C'),
        (
            "[families.reader]\nx = 1",
            2,
            "families.reader.x: expected the name of its usual partner",
        ),
        ("families = 1", 1, "families: expected a table"),
    ],
)
def test_wrong_families_are_reported_with_their_place(
    tmp_path: Path, text: str, line: int, expected: str
) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text(text + "\n")
    (tmp_path / "a.c").write_text("int a;\n")
    for command in ((), ("config",)):
        done = klplint(*command, tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith(f"klplint: {config}:{line}: families")
        assert expected in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_the_tables_work_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.klplint.families.reader]\nx = "smp_wm"\n')
    (tmp_path / "a.c").write_text("int a;\n")
    done = klplint(tmp_path)
    assert done.stderr.startswith(
        f"klplint: {tmp_path}/pyproject.toml:2: tool.klplint.families.reader.x: "
    )
