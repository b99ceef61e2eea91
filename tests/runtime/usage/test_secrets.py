"""A password in a URL is in no message, no log, no repr, and no chain of exceptions."""

from __future__ import annotations

import logging
import sqlite3
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect

from agentconf.runtime.usage.place import chosen_place
from agentconf.runtime.usage.store import UsageStore
from agentconf.runtime.usage.unavailable import UsageUnavailable
from agentconf.runtime.usage.writer import Recorder
from tests.runtime.usage.support import acts, call

SECRET = "hunter2-and-more"
URLS = (
    f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/usage",
    f"mysql+pymysql://me:{SECRET}@127.0.0.1:1/usage?ssl_key={SECRET}",
    f"nosuchdatabase://me:{SECRET}@host/usage",
    f"{SECRET}",
    f"postgresql://me:{SECRET}@host:port/usage",
    f"sqlite://me:{SECRET}@host/",
)


class Talkative(DefaultDialect):
    """A driver that repeats what it was given: some do."""

    name = "talkative"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return sqlite3

    def connect(self, *given: Any, **more: Any) -> Any:
        raise sqlite3.OperationalError(f"no way in with {given} and {more}")


@pytest.fixture
def talkative() -> Iterator[UsageStore]:
    registry.register("talkative", __name__, "Talkative")
    store = UsageStore(f"talkative://me:{SECRET}@host/usage?password={SECRET}")
    yield store
    store.close()


def everything(error: BaseException) -> str:
    """All that a handler of errors could print: the chain in full, and what the frames hold of our own errors."""
    said = ["".join(traceback.format_exception(error)), repr(error), str(error), repr(error.args)]
    said += [everything(other) for other in (error.__cause__, error.__context__) if other is not None]
    return "\n".join(said)


@pytest.mark.parametrize("url", URLS, ids=range(len(URLS)))
def test_a_url_that_cannot_be_used_is_refused_without_it(url: str) -> None:
    with pytest.raises((UsageUnavailable, ValueError)) as caught:
        UsageStore(url).write([call()])
    assert SECRET not in everything(caught.value)


def test_a_place_shows_neither_user_nor_options() -> None:
    place = chosen_place(f"postgresql+psycopg://me:{SECRET}@db.example:5432/usage?sslpassword={SECRET}")
    assert place.shown == "postgresql://db.example:5432/usage"
    assert SECRET not in repr(place)


def test_what_a_driver_says_is_not_repeated(talkative: UsageStore) -> None:
    for act in acts(talkative):
        with pytest.raises(UsageUnavailable) as caught:
            act()
        assert SECRET not in everything(caught.value)
        assert "talkative://host/usage" in str(caught.value)
    assert SECRET not in repr(talkative)


def test_the_log_does_not_say_it(talkative: UsageStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    recorder = Recorder(talkative)
    recorder.record(call(prompt=SECRET))
    assert not recorder.flush(0.5)
    recorder.close(0.1)
    assert "talkative://host/usage" in caplog.text
    assert SECRET not in caplog.text
