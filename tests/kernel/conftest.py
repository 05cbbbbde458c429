"""Fixtures for tests on real kernels."""

from __future__ import annotations

import pytest

from tests.kernel.runs import KernelRun, run_on

VERSIONS = ("6.12", "6.1")


@pytest.fixture(params=VERSIONS)
def kernel_run(request: pytest.FixtureRequest) -> KernelRun:
    """A full run on Linux 6.12 and on 6.1."""
    return run_on(request.param)


@pytest.hookimpl(tryfirst=True)  # pytest-xdist adds the groups to the names in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests on a kernel in one process, which lints it once for them.

    pytest-xdist runs each group in one process. What does not say on which kernel runs on 6.12.
    """
    for item in items:
        if item.get_closest_marker("kernel") and not item.get_closest_marker("xdist_group"):
            callspec = getattr(item, "callspec", None)
            version = callspec.params.get("kernel_run", VERSIONS[0]) if callspec else VERSIONS[0]
            item.add_marker(pytest.mark.xdist_group(version))
