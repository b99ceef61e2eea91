"""The one door to LiteLLM: imported at the first call, with what it would do unasked switched off before."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import os
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from agentconf.errors import NotInstalled

T = TypeVar("T")

_BEFORE_IMPORT: Final = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches its file of models
    "LITELLM_MODE": "PRODUCTION",  # else it reads a .env of whichever folder this runs in
}
_BROUGHT: Final = "gpt-4o"
_KEPT_S: Final = 900.0
dropped_clients: Final[deque[tuple[float, Any]]] = deque(maxlen=1000)
"""What `forget_clients` dropped, and when: longer than LiteLLM takes to close it."""

_quiet: Final = threading.RLock()
"""One at a time: two that overlap would put each other's back in place of the process's own output."""
_LOGGERS: Final = ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router")


@lru_cache(maxsize=1)
def litellm() -> Any:
    """LiteLLM itself, which takes seconds to import. Raises NotInstalled."""
    os.environ.update(_BEFORE_IMPORT)
    try:
        # by its name, so that type checkers need not read a package of 340 MB
        found: Any = quietly(_imported)
    except ImportError as error:
        if error.name not in {None, "litellm"}:
            raise
        raise NotInstalled(
            "calls need LiteLLM, which is not installed: pip install 'agentconf-gitops[litellm]'"
        ) from None
    found.suppress_debug_info = True  # else it prints where to give feedback with every error
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what it logs of an error may hold the request
    return found


def _imported() -> Any:
    found = importlib.import_module("litellm")
    found.ModelResponse()  # its types are put together when first used, with warnings and in a good part of a second
    found.types.utils.ModelResponseStream()
    return found


def is_open() -> bool:
    """Whether LiteLLM has been imported through here."""
    return litellm.cache_info().currsize > 0


def quietly(call: Callable[[], T]) -> T:
    """The outcome of a call. LiteLLM prints advice, and warns of what is none of its callers' business."""
    with (
        _quiet,
        contextlib.redirect_stdout(cast("Any", _Aside(sys.stdout))),
        contextlib.redirect_stderr(cast("Any", _Aside(sys.stderr))),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        return call()


class _Aside:
    """Where this thread prints, for a while: nowhere. What others print goes where it would."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._thread = threading.get_ident()

    def write(self, text: str) -> int:
        if threading.get_ident() == self._thread or self._stream is None:
            return len(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@lru_cache(maxsize=1)
def provider_error() -> type[Exception]:
    """What every error of a provider is one of: LiteLLM's classes are those of OpenAI's SDK, and more."""
    litellm()
    found: type[Exception] = importlib.import_module("openai").OpenAIError
    return found


@lru_cache(maxsize=1)
def left_out() -> Any:
    """As a header's value: the header is not sent, though OpenAI's SDK would take one from the environment."""
    litellm()
    return importlib.import_module("openai").Omit()


def may_get_better(error: BaseException) -> bool:
    """Whether the same call may succeed when it is tried again: by LiteLLM's own rule on the status.

    Without a status, as where the connection broke or timed out, it may.
    """
    module = litellm()
    if isinstance(error, module.Timeout | module.APIConnectionError):
        return True
    status = getattr(error, "status_code", None)
    return isinstance(status, int) and bool(module.utils.should_retry(status))


def unwrapped(error: Exception) -> Exception:
    """The error of a stream as the provider's own, where LiteLLM has wrapped it for its router."""
    inner = getattr(error, "original_exception", None)
    is_wrapped = isinstance(error, litellm().exceptions.MidStreamFallbackError)
    return inner if is_wrapped and isinstance(inner, Exception) else error


def broken(message: str, provider: str, model: str) -> Exception:
    """LiteLLM's error for a connection that broke."""
    found: Exception = litellm().APIConnectionError(message=message, llm_provider=provider, model=model)
    return found


def pause_s(error: BaseException, attempt: int) -> float:
    """How long to wait before trying again, in seconds: by Retry-After, else longer each time, with jitter.

    `attempt` counts from 0.
    """
    headers = getattr(getattr(error, "response", None), "headers", None) or _headers(error)
    waited: float = litellm().utils.calculate_retry_after(
        remaining_retries=-attempt, max_retries=0, response_headers=headers
    )
    return waited


def _headers(error: BaseException) -> Any:
    return getattr(error, "litellm_response_headers", None)


def is_about_context(error: BaseException) -> bool:
    """Whether the messages were too long for the model."""
    return isinstance(error, litellm().ContextWindowExceededError)


@lru_cache(maxsize=1)
def beside_tools() -> Mapping[str, Any]:
    """What goes with tools: LiteLLM would look for those of its gateway, which it cannot without the package mcp."""
    return {} if importlib.util.find_spec("mcp") else {"_skip_mcp_handler": True}


@lru_cache(maxsize=4096)
def taken_parameters(model: str) -> frozenset[str] | None:
    """The OpenAI parameters that LiteLLM takes for a model, by its names; None where it cannot say."""
    ask = litellm().get_supported_openai_params
    provider, _, bare = model.partition("/")
    try:
        said = quietly(lambda: ask(model=bare, custom_llm_provider=provider))
    except Exception:  # noqa: BLE001  # whatever it trips over, it has not said
        return None
    return frozenset(said) if isinstance(said, list) else None


def counted_tokens(model: str, texts: Iterable[str] = (), messages: Any = None) -> int:
    """How many tokens a text or messages are, by LiteLLM's own count; it reaches for no network."""
    try:
        model = _counted_as(model)
        if messages is not None:
            return int(litellm().token_counter(model=model, messages=messages))
        return int(litellm().token_counter(model=model, text="".join(texts)))
    except Exception:  # noqa: BLE001  # whatever it trips over: four characters a token
        said = repr(messages) if messages is not None else "".join(texts)
        return max(1, len(said) // 4)


@lru_cache(maxsize=4096)
def _counted_as(model: str) -> str:
    """The model, or where LiteLLM would fetch its tokens' table from the network, one whose table it brings."""
    kind = litellm().utils.huggingface_tokenizer_kind(model)
    return model if kind in {None, "anthropic"} else _BROUGHT


def forget_clients(marks: Iterable[Mapping[str, str]]) -> int:
    """Drop LiteLLM's clients whose keys hold all parts of one of the marks, and say how many.

    LiteLLM closes what is dropped once no call uses it any more. It holds it weakly until then: were it not kept here,
    the garbage collector could be first, and would leave its connections to nobody.
    """
    cache = litellm().in_memory_llm_clients_cache
    while dropped_clients and dropped_clients[0][0] < time.monotonic() - _KEPT_S:
        dropped_clients.popleft()
    wanted = [[f"{name}={value}," for name, value in mark.items()] for mark in marks]
    keys = [
        key
        for key in list(getattr(cache, "cache_dict", ()))
        if any(all(part in f"{key}," for part in parts) for parts in wanted)
    ]
    for key in keys:
        dropped_clients.append((time.monotonic(), cache.cache_dict.get(key)))
        cache.delete_cache(key)
    return len(keys)
