"""Fixtures for tests on real kernels."""

from __future__ import annotations

import pytest

from tests.kernel.runs import KernelRun, run_on


@pytest.fixture(params=["6.12", "6.1"])
def kernel_run(request: pytest.FixtureRequest) -> KernelRun:
    """A full run on Linux 6.12 and on 6.1."""
    return run_on(request.param)
