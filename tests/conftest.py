"""How hard the property tests search: `modest` for every run, `thorough` by HYPOTHESIS_PROFILE=thorough.

And for the tests that call LiteLLM, in whichever folder: what it keeps open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.kept_open import close_all, keep_all
from tests.runtime.ways import RUNNER

# A time limit for each example is one for a shared machine's mood; pytest-timeout holds the whole test.
settings.register_profile("modest", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("modest"), max_examples=2500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "modest"))


@pytest.fixture(scope="session", autouse=True)
def _connections() -> Iterator[None]:
    yield
    close_all(RUNNER)
    RUNNER.close()


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    yield
    keep_all()
