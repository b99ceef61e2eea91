"""Which parameters LiteLLM passes on to a model: what the lock records, so that CI can judge without LiteLLM."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import warnings
from typing import Any, Final

_BEFORE_IMPORT: Final = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches its file of models
    "LITELLM_MODE": "PRODUCTION",  # else it reads a .env of whichever folder this runs in
}
_LOGGERS: Final = ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router")


def supported_parameters(model: str, provider: str) -> list[str] | None:
    """The OpenAI parameters that LiteLLM takes for a model, by its names, sorted; None where it cannot say.

    `provider` is LiteLLM's, `model` the name without it. Raises ImportError where LiteLLM is not installed. Imports
    LiteLLM, which takes seconds; reaches for no network, and prints nothing.
    """
    ask = _quietly(_imported)
    try:
        said = _quietly(lambda: ask(model=model, custom_llm_provider=provider))
    except Exception:  # noqa: BLE001  # whatever it trips over, it has not said
        return None
    if not isinstance(said, list):
        return None
    return sorted({name for name in said if isinstance(name, str)})


def _imported() -> Any:
    os.environ.update(_BEFORE_IMPORT)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # by its name, so that type checkers need not read a package of 340 MB
    return importlib.import_module("litellm.litellm_core_utils.get_supported_openai_params").get_supported_openai_params


def _quietly(call: Any) -> Any:
    """The outcome of a call. LiteLLM prints advice, and warns of what is none of its callers' business."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()
