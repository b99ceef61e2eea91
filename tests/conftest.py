"""How hard the property tests search: `modest` for every run, `thorough` by HYPOTHESIS_PROFILE=thorough."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A time limit for each example is one for a shared machine's mood; pytest-timeout holds the whole test.
settings.register_profile("modest", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("modest"), max_examples=2500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "modest"))
