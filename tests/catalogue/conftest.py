from __future__ import annotations

import pytest

from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.live.installed import load_litellm


@pytest.fixture(scope="session")
def litellm() -> LiteLLMFile:
    """LiteLLM's own file, as the version that the tests are pinned to has it."""
    loaded = load_litellm()
    assert loaded is not None, "litellm is not installed; run make .venv/.test-ready"
    return loaded
