"""What LiteLLM keeps open among calls is closed in the end: what it drops warns in whichever test comes then."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

_ENOUGH = 1_000_000


def keep_all() -> None:
    """Let LiteLLM drop no client of its own: it keeps 200, and each test has a provider of its own."""
    if "litellm" in sys.modules:
        sys.modules["litellm"].in_memory_llm_clients_cache.max_size_in_memory = _ENOUGH


def close_all(runner: asyncio.Runner) -> None:
    """Close every client of this process."""
    if "litellm" in sys.modules:
        runner.run(_close())


async def _close() -> None:
    from agentconf.runtime import door

    litellm = door.litellm()
    kept = litellm.in_memory_llm_clients_cache.cache_dict
    for client in (*(client for _, client in door.dropped_clients), *kept.values()):
        with suppress(Exception):
            closed = client.close()
            if asyncio.iscoroutine(closed):
                await closed
    await litellm.close_litellm_async_clients()
