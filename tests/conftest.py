"""What all tests share: the rule for missing tools, and surroundings in a folder of the test's own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from services.kit.logs import LogFormat, LogLevel
from services.kit.process import ProcessSettings, Surroundings

# No test is about time, and where a machine decides whether main is green, examples are the same every time.
_IN_CI = bool(os.environ.get("CI"))  # noqa: TID251 - says where the tests run
settings.register_profile("backline", deadline=None, derandomize=_IN_CI)
settings.load_profile("backline")


@pytest.fixture(scope="session")
def require() -> Callable[[str, bool], None]:
    """Return what skips a test for a missing tool, with its reason; as a failure where the tool is required.

    `BACKLINE_REQUIRE` lists the required ones, so that continuous integration cannot go green by skipping.
    """
    required = os.environ.get("BACKLINE_REQUIRE", "").split(",")  # noqa: TID251 - says what the tests, not a service, need

    def check(tool: str, found: bool) -> None:  # noqa: FBT001 - reads as `require("chromium", found)`
        if not found and tool in required:
            pytest.fail(f"{tool} is required here (BACKLINE_REQUIRE) and was not found")
        if not found:
            pytest.skip(f"{tool} is not installed on this machine")

    return check


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    """Return surroundings with their state in the test's folder, quiet logs and no wait for load balancers."""
    return Surroundings(
        ProcessSettings(home=tmp_path, log_format=LogFormat.TEXT, log_level=LogLevel.ERROR, drain_s=0, grace_s=2)
    )
