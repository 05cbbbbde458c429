"""A kernel of 4.4: headers in other places, the compiler's stdarg.h, the idle loop of its time."""

from __future__ import annotations

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.csource.if_expressions import Value
from klplint.csource.lexer import Source
from klplint.engine.coverage import cover
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.facts.kernel_version import Version
from klplint.frontend.parse import ParseInput, TranslationUnitView
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.compiler_arguments import arguments_for
from klplint.kernel.header_wrapper import wrapper_for
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.expectations import differences, wants_in
from tests.support.paths import FIXTURES
from tests.support.single_file import errors_of, kernel_at, platform

OLD = FIXTURES / "oldkernel"
FILES = sorted(path.relative_to(OLD).as_posix() for path in OLD.rglob("*.[ch]"))


def test_its_version() -> None:
    assert kernel_at(OLD).version == Version(4, 4)


def test_all_rules() -> None:
    result = lint(
        Plan(find_sources([OLD], None, ()), load_catalogue(), Execution(jobs=2)), Silence()
    )
    assert differences(wants_in(FIXTURES / "oldkernel.expected"), result.findings) == []
    assert result.not_analysed == ()


def test_every_call_is_parsed() -> None:
    plan = Plan(find_sources([OLD], None, ()), load_catalogue(), Execution(jobs=2))
    coverage = cover(plan, Silence())
    assert coverage.missed() == ()
    assert coverage.classes()["call"] == 9
    loop = [c for c in coverage.occurrences if c.occurrence.function == "cpu_idle_loop"]
    assert [c.occurrence.arguments for c in loop] == [("current",)]


@pytest.mark.parametrize(
    "settings", [{}, {"CONFIG_SMP": None}, {"CONFIG_LIVEPATCH": None}], ids=str
)
@pytest.mark.parametrize("name", FILES)
def test_its_files_compile_without_an_error(name: str, settings: dict[str, Value]) -> None:
    """Headers in other places than today's are found."""
    if name.startswith("kernel/livepatch") and "CONFIG_LIVEPATCH" in settings:
        pytest.skip("not built without CONFIG_LIVEPATCH")
    unit = CompileUnit(
        file=OLD / name, path=name, root=OLD, kernel=kernel_at(OLD), target=platform(OLD)
    )
    source = Source(unit.file.read_text())
    arguments, unsaved = arguments_for(unit, settings)
    wrapper = wrapper_for(unit.file, source)
    view = TranslationUnitView(source, ParseInput(unit.file, arguments, unsaved, wrapper))
    assert errors_of(view) == []
