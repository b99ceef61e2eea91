"""What the tests of the live loader share: trees on disk, waiting for what was said, readers, other processes."""

from __future__ import annotations

import errno
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

import pytest

from agentconf.live.bell import Ring
from agentconf.live.metrics import Metric
from agentconf.live.timing import Timing
from agentconf.live.watch import Watch
from tests.support import REPOSITORY

T = TypeVar("T")

QUICK: Final = Timing(beat=0.02)
"""As in service, but for a quicker look at the root. Nothing is swept while a test runs: events must do."""

SWEPT: Final = Timing(beat=0.02, sweep=0.1, blind_sweep=0.1)

BAD: Final = "owner: bad\ntemprature: 1\n"
"""Read, and refused at once: nobody is still writing it."""

TORN: Final = "owner: torn\nllm: {model: openai/gpt-4"

IS_ROOT: Final = hasattr(os, "geteuid") and os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT or sys.platform != "linux", reason="mounts are for root on Linux")


def owned(owner: object, more: str = "") -> str:
    """An agent, told apart by its owner."""
    return f"owner: '{owner}'\nllm: {{model: openai/gpt-4.1}}\n{more}"


def put(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files as publishers do: each appears whole, by a rename."""
    for name, said in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.aside")
        aside.write_bytes(said.encode() if isinstance(said, str) else said)
        aside.rename(path)


def many(count: int, owner: object = "first") -> dict[str, str]:
    """The files of agents `agent-000` and so on."""
    return {f"agent-{number:03}.yaml": owned(owner) for number in range(count)}


def out_of_descriptors(*_: Any) -> None:
    """In the place of a call: the machine has no more."""
    raise OSError(errno.EMFILE, "too many open files")


# -- waiting


def wait_for(condition: Callable[[], T], what: str, seconds: float = 10.0) -> T:
    """What a condition gives as soon as it gives something. Fails by name behind the deadline."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.003)
    return found


def stays(condition: Callable[[], object], what: str, seconds: float) -> None:
    """Fails as soon as a condition does not hold within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), f"no longer true: {what}"
        time.sleep(0.003)


def owner_of(conf: Mapping[str, Any], agent: str = "a") -> str | None:
    """The owner that is served; None where the agent is not."""
    found = conf.get(agent)
    return found.owner if found is not None else None


def wait_owner(conf: Mapping[str, Any], owner: object, agent: str = "a", seconds: float = 10.0) -> None:
    wait_for(lambda: owner_of(conf, agent) == str(owner), f"owner {owner} of {agent}", seconds)


def wait_state(conf: Watch, state: str) -> None:
    """Wait for a state; the status follows the swap at once, and is not one with it."""
    wait_for(lambda: conf.status.state == state, f"the state {state}")


def wait_file(conf: Mapping[str, Any], end: str, agent: str = "a", seconds: float = 3.0) -> None:
    """Wait until an agent is served from the file whose path ends so."""
    wait_for(lambda: conf[agent].file.endswith(end), f"{agent} from {end}", seconds)


def wait_gone(conf: Mapping[str, Any], agent: str, seconds: float = 10.0) -> None:
    wait_for(lambda: agent not in conf, f"the end of {agent}", seconds)


def metric_of(conf: Watch, name: str, **labels: str) -> float:
    """The value of a metric with one sample, or of the sample with these labels."""
    metric: Metric = next(one for one in conf.metrics if one.name == f"agentconf_{name}")
    return next(sample.value for sample in metric.samples if sample.labels == labels)


def looked_since(conf: Watch, moment: float) -> bool:
    """Whether the whole folder was looked at since a moment (Unix seconds)."""
    return metric_of(conf, "last_full_scan_timestamp_seconds") > moment


class Reader(Generic[T]):
    """A thread that looks at something all the time and keeps what differs from the look before."""

    def __init__(self, look: Callable[[], T]) -> None:
        self._look = look
        self.seen: list[T] = []
        self._raised: BaseException | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="test-reader", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_for(lambda: self.seen or self._raised, "the reader's first look")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join(timeout=10)
        if self._raised is not None and kind is None:
            raise self._raised

    def _run(self) -> None:
        try:
            is_over = False
            while not is_over:
                is_over = self._is_over.wait(0.0005)  # and one more look
                found = self._look()
                if not self.seen or self.seen[-1] != found:
                    self.seen.append(found)
        except BaseException as error:  # noqa: BLE001  # raised again in the test
            self._raised = error


# -- bells that fail


class DeafBell:
    """Says that it listens, and never rings: every event is lost."""

    is_armed = True
    rebuilds = 0

    def __init__(self, ring: Ring) -> None:
        self.ring = ring

    def start(self, folder: str) -> None: ...

    def rearm(self, folder: str) -> None: ...

    def stop(self) -> None: ...


# -- other processes

_ANSWER = """
import json, os, sys, threading, time
from pathlib import Path
import agentconf
from agentconf.live.follow import Follower
from agentconf.live.last_good import LastGood, folder_for
from agentconf.live.reload import Reloader
from agentconf.live.timing import Timing
from agentconf.live.watch import Watch, watch
%s
print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(eval(line)), flush=True)
"""


class Program:
    """A Python process that runs some lines, then answers expressions, one at a time."""

    def __init__(self, lines: str, *arguments: str | Path, seconds: float = 30.0) -> None:
        self._seconds = seconds
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ANSWER % lines, *map(str, arguments)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        try:
            assert self._line() == "ready"
        except BaseException:
            self.end()
            raise

    def ask(self, expression: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(expression + "\n")
        return json.loads(self._line())

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _line(self) -> str:
        stdout = self.process.stdout
        assert stdout is not None
        readable, _, _ = select.select([stdout], [], [], self._seconds)
        line = stdout.readline() if readable else ""
        if not line:
            self.process.kill()
            pytest.fail(f"the program did not answer: {self.process.communicate()[1]}")
        return line.rstrip("\n")


NOBODY: Final = 65534

AS_NOBODY: Final = f"""
root = Path(sys.argv[1])
watch(root, last_good=None).close()  # all that is needed is imported, while it may still be read
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
conf = watch(root, last_good=None)
"""
"""A watch in a process for which modes count."""


def run(*command: str | Path, folder: Path) -> str:
    """The output of a program that succeeds."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout
