"""From a call that is over to its record, and to where records are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from agentconf.runtime.answer import Answer
from agentconf.runtime.course import Course
from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.retention import retention_days

if TYPE_CHECKING:
    from agentconf.runtime.usage.store import UsageStore
    from agentconf.runtime.usage.writer import Recorder


class Recording:
    """Opened with the first call: a client that calls nothing opens no database. `usage` as in `Options`."""

    def __init__(self, usage: UsageStore | str | EllipsisType | None, *, keeps_texts: bool) -> None:
        self._usage = usage
        self._keeps_texts = keeps_texts
        self._recorder: Recorder | None = None
        self._kept_days: dict[str, int | None] = {}
        self._lock = threading.Lock()

    def record(self, record: CallRecord) -> None:
        """Hand a record on; it never fails a call, and waits for nothing."""
        if self._usage is not None:
            (self._recorder or self._begun()).record(record)

    def keep(self, tree: str, settings: Mapping[str, Any]) -> None:
        """Keep the records of a tree for as long as its settings say."""
        self._kept_days[tree] = retention_days(settings)
        if self._recorder is not None:
            self._recorder.keep(tree, self._kept_days[tree])

    def flush(self, timeout: float) -> bool:
        return self._recorder is None or self._recorder.flush(timeout)

    def close(self) -> None:
        if self._recorder is not None:
            self._recorder.close()

    def of_answer(self, course: Course, answer: Answer, text: str | None) -> CallRecord:
        """The record of a call that was answered."""
        return self._of(
            course,
            model=answer.model,
            provider=course.step.provider,
            tokens=answer.tokens,
            cost_usd=answer.cost_usd,
            latency_s=answer.latency_s,
            answer=text if self._keeps_texts else None,
        )

    def of_error(self, course: Course, error: BaseException, tokens: Tokens) -> CallRecord:
        """The record of a call that no model answered."""
        return self._of(
            course,
            provider=course.provider,
            tokens=tokens,
            cost_usd=course.cost_usd,
            latency_s=course.age_s,
            error=type(error).__name__,
        )

    def _of(self, course: Course, **ended: Any) -> CallRecord:
        """What is known of a call however it ended, and how it did."""
        call = course.call
        return CallRecord(
            at=course.began_at,
            agent=call.agent.id,
            tree=call.tree,
            environment=call.agent.environment,
            digest=call.digest,
            variant=call.variant,
            model_asked=course.asked,
            first_token_s=course.first_token_s,
            attempts=course.calls,
            is_stream=call.is_stream,
            is_own=call.is_own,
            chain=call.chain,
            tags=call.tags,
            prompt=self._prompt(course),
            **ended,
        )

    def _prompt(self, course: Course) -> str | None:
        return _written(course.call.messages) if self._keeps_texts else None

    def _begun(self) -> Recorder:
        with self._lock:
            if self._recorder is None:
                recorder = _recorder(self._usage)
                for tree, days in self._kept_days.items():
                    recorder.keep(tree, days)
                self._recorder = recorder
            return self._recorder


def _written(messages: Sequence[Any]) -> str:
    try:
        return json.dumps(list(messages), default=str)
    except (TypeError, ValueError, RecursionError):  # a call does not fail for its record
        return str(messages)


def _recorder(usage: Any) -> Recorder:
    from agentconf.runtime.usage.late import LateStore
    from agentconf.runtime.usage.writer import Recorder

    return Recorder(LateStore(None if usage is ... else usage) if usage is ... or isinstance(usage, str) else usage)
