"""Fixtures for tests on real kernels, and in which processes they run."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.kernel.runs import KernelRun, run_on


@pytest.fixture(params=["6.12", "6.1"])
def kernel_run(request: pytest.FixtureRequest) -> KernelRun:
    """A full run on Linux 6.12 and on 6.1."""
    return run_on(request.param)


class _ByKernel(LoadScopeScheduling):
    """Runs all tests on a kernel in one process, which lints it once for them.

    pytest-xdist 3.8 does not see its own groups with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith("tests/kernel/"):
            return nodeid
        # SARIF goes to the process that has less to do.
        return "6.1" if nodeid.endswith("[6.1]") or "sarif_multitool" in nodeid else "6.12"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByKernel | None:
    """The scheduler of `make test-kernel`."""
    return _ByKernel(config, log) if config.getoption("dist") == "loadgroup" else None
