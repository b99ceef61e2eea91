"""A process at the other end of two pipes, which is asked one thing after the other."""

from __future__ import annotations

import json
import re
import select
import subprocess
import tempfile
from typing import Any, Self

from benchmarks.ruler import Contender, Failed

_FOLDERS = re.compile(r"(?<![\w.])/(?:[^\s/'\":]+/)*")
PATIENCE_S = 300.0


class Talk:
    """Starts a probe that answers, and waits until it says that it begins."""

    def __init__(self, probe: Contender) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the process is
        self._process = subprocess.Popen(
            probe.command,
            cwd=probe.folder,
            env=dict(probe.variables),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
        )
        self.answer()

    def ask(self, command: str, *arguments: Any) -> Any:
        self.say(command, *arguments)
        return self.answer()

    def say(self, command: str, *arguments: Any) -> None:
        """Ask, without waiting for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([command, *arguments]).encode() + b"\n")

    def has_answered(self, seconds: float) -> bool:
        """Whether the answer comes within so many seconds."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def answer(self) -> Any:
        """What it says. Raises Failed where it ended, or says nothing for long."""
        assert self._process.stdout is not None
        if not self.has_answered(PATIENCE_S):
            raise Failed("it does not answer")
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise Failed(self._last_words())
        return json.loads(line)

    def close(self) -> None:
        """End it. It has nothing to tidy up but what lies in the scratch folder."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.terminate()
        self._process.wait()
        self._complaints.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _last_words(self) -> str:
        self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return f"exit status {self._process.returncode}: {_FOLDERS.sub('', lines[-1]) if lines else ''}"
