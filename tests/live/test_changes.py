"""How a watch tells: changes by iterator and by subscriber, in threads and event loops; its events; its log."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from functools import partial
from pathlib import Path

import pytest

from agentconf.live.change import Change
from agentconf.live.watch import Watch
from tests.live.conftest import Follow
from tests.live.support import (
    BAD,
    owned,
    put,
    stays,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)


def _next(changes: object) -> Change:
    change = changes.next(timeout=10)  # type: ignore[attr-defined]
    assert isinstance(change, Change)
    return change


def test_a_change_says_what_was_created_changed_and_deleted(root: Path, follow: Follow) -> None:
    put(root, {"c.yaml": owned("first")})
    conf = follow()
    changes, before = conf.changes(), conf.snapshot
    put(root, {"b.yaml": owned("first", "enabled: false\n")})
    switched_off = _next(changes)
    put(root, {"c.yaml": "owner: second\ntags: [x]\nllm: {model: openai/gpt-4.1, temperature: 0.5}\n"})
    changed = _next(changes)
    put(root, {"d.yaml": owned("first")})
    created = _next(changes)
    assert (switched_off.created, dict(switched_off.changed), switched_off.deleted) == ((), {}, ("b",))
    assert dict(changed.changed) == {"c": ("llm.temperature", "owner", "tags")}
    assert (created.created, dict(created.changed), created.deleted) == (("d",), {}, ())
    assert switched_off.previous == (1, before.digest)
    assert [one.generation for one in (switched_off, changed, created)] == [2, 3, 4]
    assert changed.previous == (switched_off.generation, switched_off.digest)
    assert created.digest == conf.snapshot.digest
    assert created.summary == "1 created, 0 changed, 0 deleted"
    assert json.loads(json.dumps(changed.as_json()))["changed"] == {"c": ["llm.temperature", "owner", "tags"]}
    assert "a" not in changed.changed


def test_a_shared_layer_changes_every_agent_that_has_it(root: Path, follow: Follow) -> None:
    conf = follow()
    changes = conf.changes()
    put(root, {"_defaults.yaml": "description: everyone\n"})
    change = _next(changes)
    assert dict(change.changed) == dict.fromkeys("ab", ("description",))


def test_a_slow_reader_gets_the_newest_as_one_and_misses_nothing(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentconf.live.feed.BACKLOG", 5)
    conf = follow()
    slow = conf.changes()
    for number in range(8):
        put(root, {"a.yaml": owned(number)})
        wait_owner(conf, number)
    conf.close()
    told = list(slow)
    assert len(told) == 5
    assert [change.previous.generation for change in told] == [1, *(change.generation for change in told[:-1])]
    assert told[-1].generation == 9
    assert dict(told[-1].changed) == {"a": ("owner",)}


def test_subscribers_are_called_until_they_leave(root: Path, follow: Follow) -> None:
    conf = follow()
    one: list[int] = []
    other: list[int] = []
    leave = conf.subscribe(lambda change: one.append(change.generation))
    conf.subscribe(lambda change: other.append(change.generation))
    put(root, {"a.yaml": owned("second")})
    wait_for(lambda: one == other == [2], "both subscribers")
    leave()
    put(root, {"a.yaml": owned("third")})
    wait_for(lambda: other == [2, 3], "the one that is left")
    assert one == [2]


def test_a_subscriber_that_raises_is_logged_and_the_others_are_told(
    root: Path, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    conf = follow()
    told: list[int] = []

    def fail(change: Change) -> None:
        raise RuntimeError("theirs")

    conf.subscribe(fail)
    conf.subscribe(lambda change: told.append(change.generation))
    for number in (2, 3):
        put(root, {"a.yaml": owned(number)})
        wait_for(partial(told.__contains__, number), "the other subscriber")
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        f"a subscriber failed on generation {number}; the others are told" for number in (2, 3)
    ]


def test_a_subscriber_that_hangs_holds_up_no_reload(root: Path, follow: Follow) -> None:
    conf = follow()
    is_over = threading.Event()
    conf.subscribe(lambda change: is_over.wait(20))
    try:
        for number in range(5):
            put(root, {"a.yaml": owned(number)})
            wait_owner(conf, number, seconds=2)
        wait_state(conf, "fresh")
    finally:
        is_over.set()


def test_a_subscriber_may_close_the_watch(root: Path, follow: Follow) -> None:
    conf = follow()
    conf.subscribe(lambda change: conf.close())
    put(root, {"a.yaml": owned("second")})
    wait_for(lambda: conf.status.reason == "the watch was closed", "the end")


def test_an_iterator_that_is_closed_is_told_no_more(root: Path, follow: Follow) -> None:
    conf = follow()
    changes = conf.changes()
    changes.close()
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second")
    assert changes.next(timeout=0) is None


def test_an_iterator_in_another_thread_ends_when_the_watch_is_closed(root: Path, follow: Follow) -> None:
    conf = follow()
    told: list[int] = []
    changes = conf.changes()
    reader = threading.Thread(target=lambda: told.extend(change.generation for change in changes))
    reader.start()
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second")
    conf.close()
    reader.join(timeout=5)
    assert not reader.is_alive()
    assert told == [2]


# -- event loops


async def _collect(conf: Watch, count: int, is_ready: threading.Barrier) -> list[int]:
    changes, told = conf.changes(), []
    await asyncio.to_thread(is_ready.wait, 5)
    async for change in changes:
        told.append(change.generation)
        if len(told) == count:
            break
    return told


def test_several_event_loops_are_told_each(root: Path, follow: Follow) -> None:
    conf = follow()
    is_ready = threading.Barrier(4)
    told: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: told.append(asyncio.run(_collect(conf, 3, is_ready)))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    is_ready.wait(5)
    for number in range(3):
        put(root, {"a.yaml": owned(number)})
        wait_owner(conf, number)
    for thread in threads:
        thread.join(timeout=5)
    assert told == [[2, 3, 4]] * 3


def test_async_iteration_ends_when_the_watch_is_closed(root: Path, follow: Follow) -> None:
    conf = follow()

    async def go() -> list[int]:
        changes = conf.changes()
        reading = asyncio.create_task(_all(changes))
        await asyncio.to_thread(put, root, {"a.yaml": owned("second")})
        await asyncio.to_thread(wait_owner, conf, "second")
        await asyncio.to_thread(conf.close)
        return await asyncio.wait_for(reading, 5)

    assert asyncio.run(go()) == [2]


async def _all(changes: object) -> list[int]:
    return [change.generation async for change in changes]  # type: ignore[attr-defined]


def test_a_reader_that_is_cancelled_loses_nothing_for_the_next(root: Path, follow: Follow) -> None:
    conf = follow()

    async def go() -> int:
        changes = conf.changes()
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.wait([waiting], timeout=0.02)
        waiting.cancel()
        await asyncio.to_thread(put, root, {"a.yaml": owned("second")})
        return (await asyncio.wait_for(anext(changes), 5)).generation

    assert asyncio.run(go()) == 2


def test_a_loop_that_was_closed_while_it_waited_disturbs_nobody(root: Path, follow: Follow) -> None:
    conf = follow()
    changes = conf.changes()
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(_all(changes))
    loop.run_until_complete(asyncio.wait([waiting], timeout=0.02))
    waiting.cancel()
    loop.run_until_complete(asyncio.wait([waiting]))
    loop.close()
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second")
    wait_state(conf, "fresh")


# -- events and the log


def test_events_say_what_was_applied_and_what_was_refused(root: Path, follow: Follow) -> None:
    conf = follow()
    events = conf.events()
    put(root, {"a.yaml": BAD})
    wait_for(lambda: conf.status.quarantined, "the refusal")
    put(root, {"b.yaml": owned("second")})
    wait_owner(conf, "second", "b")
    refused, applied = events.next(timeout=5), events.next(timeout=5)
    assert refused is not None
    assert applied is not None
    assert (refused.kind, refused.quarantined, refused.change) == ("refused", ("a",), None)
    assert [finding.code for finding in refused.diagnostics] == ["AC102"]
    said = json.loads(json.dumps(applied.as_json()))
    assert (said["event"], said["generation"], said["quarantined"]) == ("applied", 2, ["a"])
    assert said["changed"] == {"b": ["owner"]}
    assert "1 agent is refused" in said["reason"]
    assert set(said) == {
        "event", "generation", "digest", "created", "changed", "deleted", "quarantined", "diagnostics", "took_ms",
        "reason",
    }  # fmt: skip
    put(root, {"a.yaml": owned("mended")})
    mended = events.next(timeout=5)
    assert mended is not None
    assert (mended.kind, mended.reason) == ("applied", None)


def test_a_refusal_says_why_where_no_finding_does(root: Path, follow: Follow) -> None:
    put(root, {"_environments/prod.yaml": "{}\n"})
    conf = follow(environment="prod")
    events = conf.events()
    (root / "_environments/prod.yaml").unlink()
    refused = events.next(timeout=5)
    assert refused is not None
    assert (refused.kind, refused.diagnostics) == ("refused", ())
    assert "prod" in refused.as_json()["reason"]


def test_a_generation_is_one_line_of_the_log(root: Path, follow: Follow, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "agentconf.live")
    conf = follow()
    put(root, {"a.yaml": owned("second"), "c.yaml": owned("third")})
    wait_owner(conf, "third", "c")
    wait_owner(conf, "second")
    (root / "c.yaml").unlink()
    wait_gone(conf, "c")

    def lines() -> list[logging.LogRecord]:
        return [record for record in caplog.records if record.getMessage().startswith("applied")]

    wait_for(lambda: len(lines()) >= conf.snapshot.generation - 1, "the last line: it follows the swap")
    applied = lines()
    assert len(applied) == conf.snapshot.generation - 1
    assert applied[-1].message.endswith(": 0 created, 0 changed, 1 deleted")
    assert applied[-1].__dict__["agentconf"]["digest"] == conf.snapshot.digest
    assert [record.message[:5] for record in caplog.records if record not in applied] == ["ready"]


def test_no_line_of_the_log_and_no_status_holds_a_secret(
    root: Path, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "sk-proj-" + "aB3dE5fG7hJ9" * 4
    caplog.set_level(logging.DEBUG)
    conf = follow()
    events = conf.events()
    put(root, {"a.yaml": f"llm: {{model: openai/gpt-4.1, api_key: {secret}}}\n", "b.yaml": f"{secret}: {secret}\n"})
    wait_for(lambda: sorted(conf.status.quarantined) == ["a", "b"], "both refusals")
    put(root, {"a.yaml": f"owner: [{secret}\n"})
    wait_for(lambda: "AC001" in str(conf.status.as_json()), "the file that cannot be read")
    conf.close()
    said = [record.getMessage() + str(record.__dict__.get("agentconf")) for record in caplog.records]
    assert any("AC102" in line for line in said)
    told = [str(event.as_json()) for event in events]
    for text in (*said, *told, str(conf.status.as_json()), repr(conf.status), repr(conf)):
        assert secret not in text
        assert secret[8:20] not in text


def test_a_file_that_stays_bad_is_not_told_again(root: Path, follow: Follow) -> None:
    conf = follow()
    events = conf.events()
    put(root, {"a.yaml": BAD})
    wait_for(lambda: events.next(timeout=0), "the refusal")
    put(root, {"a.yaml": BAD + "# still\n"})
    stays(lambda: events.next(timeout=0) is None, "nothing is told", 0.2)
