"""A provider's error in our words: its own may repeat a key, or the prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_SAID: Final = {
    "AuthenticationError": "the provider refuses the key",
    "PermissionDeniedError": "the key may not use this model",
    "NotFoundError": "the provider has no such model, or the address is wrong",
    "RateLimitError": "the provider has had too many requests, or the account has no credit left",
    "ContextWindowExceededError": "the messages are longer than the model's context window",
    "ContentPolicyViolationError": "the provider's content policy refuses the messages",
    "UnsupportedParamsError": "the model does not take one of the parameters",
    "UnprocessableEntityError": "the provider cannot read the request",
    "BadRequestError": "the provider refuses the request as it is",
    "Timeout": "no answer in time",
    "APIConnectionError": "the provider cannot be reached, or the connection broke",
    "ServiceUnavailableError": "the provider is out of service for now",
    "BadGatewayError": "the provider is out of service for now",
    "InternalServerError": "the provider failed",
    "APIError": "the provider's answer cannot be read",
    "APIResponseValidationError": "the provider's answer cannot be read",
    "JSONSchemaValidationError": "the answer is not of the form that was asked for",
    "MidStreamFallbackError": "the connection broke in the middle of the answer",
}
"""By the name of LiteLLM's class."""
_NO_ANSWER: Final = "APIConnectionError"
_DEEPEST: Final = 8


def failure_of(error: BaseException) -> str:
    """What an error of a call means, as the end of a sentence, with its class and its HTTP status."""
    kind = type(error).__name__
    status = getattr(error, "status_code", None)
    if is_unanswered(error):  # LiteLLM makes a status up for it
        return f"{_SAID[_NO_ANSWER]} ({kind})"
    said = next((_SAID[one.__name__] for one in type(error).__mro__ if one.__name__ in _SAID), "the call failed")
    return f"{said} ({kind}, {status})" if isinstance(status, int) else f"{said} ({kind})"


def is_unanswered(error: BaseException) -> bool:
    """Whether the provider was not reached, or the connection broke."""
    return any(_name(one) == _NO_ANSWER for one in _led_to(error))


def _led_to(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    for _ in range(_DEEPEST):
        if one is None:
            return
        yield one
        one = one.__cause__ or one.__context__


def _name(error: BaseException) -> str:
    return type(error).__name__
