"""A record that cannot be opened fails no call; when it can be, nothing of what waited is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentconf.runtime.usage.late import LateStore
from agentconf.runtime.usage.unavailable import UsageUnavailable
from agentconf.runtime.usage.writer import Recorder
from tests.runtime.usage.support import call, count
from tests.support import REPOSITORY


def test_a_state_folder_that_cannot_be_had_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "agentconf").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("AGENTCONF_USAGE_URL", raising=False)
    recorder = Recorder(LateStore())
    recorder.record(call())
    assert not recorder.flush(0.3)
    assert "the folder for the record of calls cannot be used" in caplog.text
    (tmp_path / "agentconf").unlink()
    assert recorder.flush(30)
    recorder.close()
    assert count(tmp_path / "agentconf" / "usage.sqlite3") == 1


@pytest.mark.parametrize("url", ["no url", "sqlite://", "nosuch://host/usage", "postgresql+psycopg://me:pw@host/usage"])
def test_a_url_that_cannot_be_used_fails_nothing_but_its_use(url: str) -> None:
    store = LateStore(url)
    with pytest.raises(UsageUnavailable):
        store.write([call()])


WITHOUT = """
import logging, sys
logging.basicConfig(format="%(message)s")
sys.modules["sqlalchemy"] = None
from agentconf.runtime.usage.late import LateStore
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.writer import Recorder
recorder = Recorder(LateStore())
recorder.record(CallRecord(at=0.0, agent="a"))
recorder.close(1.5)
print(recorder.dropped)
"""


def test_without_sqlalchemy_the_log_names_the_extra() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert "pip install 'agentconf-gitops[litellm]'; calls go on, and their records wait" in done.stderr
    assert "Traceback" not in done.stderr
