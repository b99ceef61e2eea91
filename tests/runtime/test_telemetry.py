"""Spans and metrics, as OpenTelemetry's own SDK hands them on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.semconv.attributes import error_attributes
from opentelemetry.trace import SpanKind, StatusCode

from agentconf.runtime import telemetry
from agentconf.runtime.telemetry import start
from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.record import CallRecord
from tests.runtime.conftest import Exported
from tests.support import REPOSITORY

SECRET = "hunter2-and-more"


def record(agent: str = "a", **said: Any) -> CallRecord:
    given: dict[str, Any] = {"at": 0.0, "environment": "prod", "digest": "sha256:1", "model_asked": "azure/gpt-4.1",
             "model": "azure/gpt-4.1", "provider": "azure", "tokens": Tokens(100, 20, 30, 5), "cost_usd": 0.25,
             "latency_s": 1.5, "prompt": SECRET, "answer": SECRET}  # fmt: skip
    return CallRecord(agent=agent, **(given | said))


def names_of(module: Any) -> set[str]:
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_names_are_those_of_the_conventions() -> None:
    ours = {value for name, value in vars(telemetry).items() if name.isupper() and str(value).startswith("gen_ai.")}
    theirs = names_of(gen_ai_attributes) | names_of(gen_ai_metrics)
    assert len(ours) >= 12
    assert ours <= theirs
    assert telemetry.ERROR == error_attributes.ERROR_TYPE
    known = {one.value for one in gen_ai_attributes.GenAiProviderNameValues}
    assert set(telemetry._PROVIDERS.values()) <= known


def test_a_span_says_what_is_known_of_the_call(exported: Exported) -> None:
    start("a", "azure/gpt-4.1", "azure").finish(record(variant="small", first_token_s=0.5, is_stream=True, attempts=2))
    (span,) = exported.spans
    assert (span.name, span.kind, span.status.status_code) == ("chat azure/gpt-4.1", SpanKind.CLIENT, StatusCode.UNSET)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "azure.ai.openai", "gen_ai.agent.id": "a",
        "gen_ai.request.model": "azure/gpt-4.1", "gen_ai.response.model": "azure/gpt-4.1",
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20, "gen_ai.usage.cache_read.input_tokens": 30,
        "gen_ai.usage.reasoning.output_tokens": 5, "gen_ai.response.time_to_first_chunk": 0.5,
        "agentconf.digest": "sha256:1", "agentconf.variant": "small", "agentconf.environment": "prod",
        "agentconf.attempts": 2, "agentconf.cost_usd": 0.25,
    }  # fmt: skip


def test_a_failure_has_its_kind_and_nothing_else(exported: Exported) -> None:
    start("failing", "openai/x", "openai").finish(record("failing", model=None, provider=None, error="Timeout"))
    (span,) = exported.spans
    said = dict(span.attributes or {})
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert (said["error.type"], said["gen_ai.provider.name"]) == ("Timeout", "openai")
    assert "gen_ai.usage.input_tokens" not in said
    assert span.events == ()
    (point,) = exported.points("gen_ai.client.operation.duration", gen_ai__agent__id="failing")
    assert point.attributes["error.type"] == "Timeout"
    assert exported.points("gen_ai.client.token.usage", gen_ai__agent__id="failing") == []


def test_no_prompt_and_no_answer_is_told(exported: Exported) -> None:
    start("a", "azure/gpt-4.1", "azure").finish(record(error="Timeout"))
    assert SECRET not in "".join(span.to_json() for span in exported.spans)


def test_metrics_are_of_an_agent_and_its_variant_and_not_of_a_digest(exported: Exported) -> None:
    for number in range(3):
        start("counted", "azure/x", "azure").finish(record("counted", variant="v", digest=f"sha256:{number}"))
    (point,) = exported.points("gen_ai.client.operation.duration", gen_ai__agent__id="counted")
    assert (point.count, point.sum, point.attributes["agentconf.variant"]) == (3, 4.5, "v")
    assert point.explicit_bounds[:2] == (0.01, 0.02)
    tokens = exported.points("gen_ai.client.token.usage", gen_ai__agent__id="counted")
    assert {one.attributes["gen_ai.token.type"]: one.sum for one in tokens} == {"input": 300, "output": 60}


def test_the_span_is_current_while_the_call_runs(exported: Exported) -> None:
    tracer = trace.get_tracer("test")
    with tracer.start_as_current_span("around") as around:
        span = start("a", "openai/x", "openai")
        with tracer.start_as_current_span("inside"):
            pass
        span.finish(record())
        assert trace.get_current_span() is around
    inside, call, outer = exported.spans
    assert inside.parent is not None
    assert call.parent is not None
    assert inside.parent.span_id == call.context.span_id
    assert call.parent.span_id == outer.context.span_id


def test_tasks_have_each_their_own(exported: Exported) -> None:
    async def one(agent: str) -> None:
        span = start(agent, "openai/x", "openai")
        current = trace.get_current_span()
        for _ in range(5):
            await asyncio.sleep(0)
            assert trace.get_current_span() is current
        span.finish(record(agent))

    async def many() -> None:
        await asyncio.gather(*(one(f"a{number}") for number in range(50)))

    asyncio.run(many())
    assert {(span.attributes or {})["gen_ai.agent.id"] for span in exported.spans} == {f"a{n}" for n in range(50)}
    assert all(span.parent is None for span in exported.spans)


def test_a_stream_that_ends_in_another_task_ends_in_peace(
    exported: Exported, caplog: pytest.LogCaptureFixture
) -> None:
    async def stream() -> AsyncIterator[int]:
        span = start("streaming", "openai/x", "openai")
        try:
            yield 1
            yield 2
        finally:
            span.finish(record("streaming"))

    async def read() -> None:
        chunks = stream()
        assert await anext(chunks) == 1
        await asyncio.create_task(chunks.aclose())  # type: ignore[attr-defined]

    asyncio.run(read())
    span = start("left", "openai/x", "openai")
    span.leave()
    assert not trace.get_current_span().get_span_context().is_valid
    thread = threading.Thread(target=span.finish, args=(record("left"),))
    thread.start()
    thread.join()
    assert len(exported.spans) == 2
    assert caplog.messages == []


def test_it_ends_once(exported: Exported, caplog: pytest.LogCaptureFixture) -> None:
    span = start("once", "openai/x", "openai")
    span.finish(record("once"))
    span.finish(record("once"))
    assert len(exported.spans) == 1
    assert exported.points("gen_ai.client.operation.duration", gen_ai__agent__id="once")[0].count == 1
    assert caplog.messages == []


WITHOUT = """
import sys, time
for name in sys.argv[1:]: sys.modules[name] = None
from agentconf.runtime.telemetry import start
from agentconf.runtime.usage.record import CallRecord
record = CallRecord(at=0.0, agent="a")
begin = time.process_time()
for _ in range(100_000):
    span = start("a", "openai/x", "openai"); span.leave(); span.finish(record)
print((time.process_time() - begin) * 10)
"""


def test_without_opentelemetry_it_costs_next_to_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, "opentelemetry"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert float(done.stdout) < 10.0  # microseconds; a shared machine is slow at times


def test_with_the_api_alone_nothing_is_told_and_nothing_fails() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_importing_it_imports_no_opentelemetry() -> None:
    script = "import sys, agentconf.runtime.telemetry; print([name for name in sys.modules if 'opentel' in name])"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
