"""For all tests: a cache that begins empty, and a small kernel tree to change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.paths import MINIKERNEL

# No example fails because the machine is busy. In CI, hypothesis takes the same examples each time
# (its profile "ci"); `make test-properties` looks at many more, and at others each time.
settings.register_profile("default", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=5_000, print_blob=True)


@pytest.fixture(scope="session", autouse=True)
def empty_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees what a user, or another test process, has cached."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def minikernel(tmp_path: Path) -> Path:
    """A copy of the minikernel, for a test to change; nothing else is in its parent directory."""
    return shutil.copytree(MINIKERNEL, tmp_path / "linux")
