from __future__ import annotations

from collections.abc import Iterator

import pytest

from examples.loopback_provider import LoopbackProvider


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    """An OpenAI-compatible provider on loopback that does what it is told."""
    with LoopbackProvider() as provider:
        yield provider
