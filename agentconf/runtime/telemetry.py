"""Spans and metrics of calls for OpenTelemetry, by its conventions for generative AI; nothing where it is missing.

What a span says never holds a prompt, an answer, or a provider's message.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from agentconf import __version__
from agentconf.runtime.usage.record import CallRecord

if TYPE_CHECKING:
    from opentelemetry.metrics import Histogram
    from opentelemetry.trace import Span, Tracer

# The names as opentelemetry-semantic-conventions 0.66b2 has them, for attributes and metrics of gen_ai. They are not
# stable there, and following each release of that package would change other people's dashboards.
OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_STREAM: Final = "gen_ai.request.stream"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHED_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105  # of tokens of text
AGENT: Final = "gen_ai.agent.id"
ERROR: Final = "error.type"
DIGEST: Final = "agentconf.digest"
VARIANT: Final = "agentconf.variant"
ENVIRONMENT: Final = "agentconf.environment"
ATTEMPTS: Final = "agentconf.attempts"
COST: Final = "agentconf.cost_usd"
ESTIMATED: Final = "agentconf.tokens_estimated"

DURATION_METRIC: Final = "gen_ai.client.operation.duration"
TOKENS_METRIC: Final = "gen_ai.client.token.usage"
_SECONDS: Final = tuple(0.01 * 2**power for power in range(14))
_TOKENS: Final = tuple(4**power for power in range(14))

_CHAT: Final = "chat"
_PROVIDERS: Final = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "vertex_ai_beta": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""LiteLLM's names, where the conventions have others."""


_begun: Final[ContextVar[None]] = ContextVar("agentconf_call_span")


class CallSpan(Protocol):
    """One call that is under way."""

    def leave(self) -> None:
        """Makes it no longer the current one: before a stream is handed out, whose reader has a context of its own."""

    def finish(self, record: CallRecord) -> None:
        """Ends it with what is known of the call. Once, from any thread or task."""


def start(agent: str, model: str, provider: str | None) -> CallSpan:
    """The span of a call to a model, current from now on in this thread or task. `provider` is LiteLLM's name."""
    tools = _tools()
    if tools is None:
        return _NOTHING
    try:
        return _Call(tools, {OPERATION: _CHAT, REQUEST_MODEL: model, AGENT: agent} | _provider(provider))
    except Exception:  # noqa: BLE001  # whatever a service has set up there, a call does not fail for it
        return _NOTHING


class _Nothing:
    def leave(self) -> None:
        pass

    def finish(self, record: CallRecord) -> None:
        pass


_NOTHING: Final[CallSpan] = _Nothing()


@dataclass(frozen=True, slots=True)
class _Tools:
    tracer: Tracer
    duration: Histogram
    tokens: Histogram


@cache
def _tools() -> _Tools | None:
    """What the service has set up, or will: OpenTelemetry's API hands on to it. None where that is not installed."""
    try:
        from opentelemetry import metrics, trace
    except ImportError:
        return None
    meter = metrics.get_meter("agentconf", __version__)
    duration = meter.create_histogram(
        DURATION_METRIC, "s", "GenAI operation duration.", explicit_bucket_boundaries_advisory=_SECONDS
    )
    tokens = meter.create_histogram(
        TOKENS_METRIC, "{token}", "Number of input and output tokens used.", explicit_bucket_boundaries_advisory=_TOKENS
    )
    return _Tools(trace.get_tracer("agentconf", __version__), duration, tokens)


def _provider(name: str | None) -> dict[str, Any]:
    return {PROVIDER: _PROVIDERS.get(name, name)} if name else {}


class _Call:
    def __init__(self, tools: _Tools, asked: Mapping[str, Any]) -> None:
        from opentelemetry import context, trace

        self._tools = tools
        self._asked = asked
        name = f"{_CHAT} {asked[REQUEST_MODEL]}"
        self._span: Span | None = tools.tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=asked)
        self._tokens: Any = (_begun.set(None), context.attach(trace.set_span_in_context(self._span)))

    def leave(self) -> None:
        from opentelemetry import context

        tokens, self._tokens = self._tokens, None
        if tokens is not None:
            # a stream that somebody else's task closes ends in another context than it began in; OpenTelemetry would
            # log that as an error, and a variable of ours just says so
            with suppress(ValueError):
                _begun.reset(tokens[0])
                context.detach(tokens[1])

    def finish(self, record: CallRecord) -> None:
        span = self._span
        if span is None:
            return
        with suppress(Exception):  # as in `start`
            self.leave()
        self._span = None
        with suppress(Exception):
            _end(span, record)
        with suppress(Exception):
            self._count(record)

    def _count(self, record: CallRecord) -> None:
        """Without the digest: each edit of the configuration would begin new series."""
        said = {**self._asked, **_provider(record.provider), **_given(
            {RESPONSE_MODEL: record.model, VARIANT: record.variant, ENVIRONMENT: record.environment}
        )}  # fmt: skip
        self._tools.duration.record(record.latency_s, said | _given({ERROR: record.error}))
        if record.model is not None:
            self._tools.tokens.record(record.tokens.input, said | {TOKEN_TYPE: "input"})
            self._tools.tokens.record(record.tokens.output, said | {TOKEN_TYPE: "output"})


def _end(span: Span, record: CallRecord) -> None:
    if span.is_recording():
        span.set_attributes(_said(record))
        if record.error is not None:
            from opentelemetry.trace import Status, StatusCode

            span.set_status(Status(StatusCode.ERROR))
    span.end()


def _said(record: CallRecord) -> dict[str, Any]:
    tokens = record.tokens
    said = {
        RESPONSE_MODEL: record.model,
        REQUEST_STREAM: record.is_stream or None,
        FIRST_CHUNK: record.first_token_s,
        CACHED_TOKENS: tokens.cached or None,
        REASONING_TOKENS: tokens.reasoning or None,
        ESTIMATED: tokens.is_estimated or None,
        ERROR: record.error,
        DIGEST: record.digest or None,
        VARIANT: record.variant,
        ENVIRONMENT: record.environment,
        ATTEMPTS: record.attempts,
        COST: record.cost_usd,
    }
    if record.model is not None:
        said |= {INPUT_TOKENS: tokens.input, OUTPUT_TOKENS: tokens.output}
    return _provider(record.provider) | _given(said)


def _given(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
