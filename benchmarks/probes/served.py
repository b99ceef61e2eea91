"""What serves a folder and follows it: agentconf, and what people write or take instead of it.

Each follows in a thread of its own. `mark` is what is served as an agent's ticket now, read as a service would read
it.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import watchfiles
import yaml

import agentconf
from benchmarks.probes.layout import agent_files

STEP_MS, DEBOUNCE_MS = 10, 100


class Served(Protocol):
    """A folder that is followed."""

    @property
    def swaps(self) -> int:
        """How often something new was served."""

    def mark(self, agent_id: str) -> object:
        """The ticket in the agent's metadata."""


class ByAgentconf:
    """`agentconf.watch` with its defaults."""

    def __init__(self, tree: Path) -> None:
        self.conf = agentconf.watch(tree, environment="prod")

    @property
    def swaps(self) -> int:
        return self.conf.snapshot.generation

    def mark(self, agent_id: str) -> object:
        return self.conf[agent_id].metadata["ticket"]


class _Followed:
    """Follows with watchfiles: the first yield, an empty one, says that it listens."""

    def __init__(self, tree: Path, take: Callable[[set[str]], None], **options: Any) -> None:
        self._tree, self._take, self._options = tree, take, options
        self._listens = threading.Event()
        self.swaps = 0
        threading.Thread(target=self._follow, daemon=True).start()
        if not self._listens.wait(60):
            raise SystemExit("watchfiles does not begin to listen")

    def _follow(self) -> None:
        for changes in watchfiles.watch(self._tree, rust_timeout=1_000, yield_on_timeout=True, **self._options):
            self._listens.set()
            paths = {path for _, path in changes if path.endswith((".yaml", ".yml"))}
            if paths:
                self._take(paths)
                self.swaps += 1


class ByBareLoop(_Followed):
    """The floor: trusts events, parses what they name with libyaml, checks and merges nothing."""

    def __init__(self, tree: Path) -> None:
        self._values = _parsed(tree)
        super().__init__(tree, self._renew, watch_filter=None, step=STEP_MS, debounce=DEBOUNCE_MS)

    def _renew(self, paths: set[str]) -> None:
        for path in map(Path, paths):
            with contextlib.suppress(OSError, yaml.YAMLError):  # git writes in place: more events follow
                self._values[path.stem] = _value(path)

    def mark(self, agent_id: str) -> object:
        value = self._values[agent_id]
        return value["metadata"]["ticket"] if isinstance(value, dict) else None  # a file that was just cut is served


class ByFullReload(_Followed):
    """What a service has that read its files once: watchfiles with its defaults, and everything read again."""

    def __init__(self, tree: Path) -> None:
        self._root, self._values = tree, _parsed(tree)
        super().__init__(tree, self._renew)

    def _renew(self, _: set[str]) -> None:
        self._values = _parsed(self._root)

    def mark(self, agent_id: str) -> object:
        return self._values[agent_id]["metadata"]["ticket"]


class ByDynaconf(_Followed):
    """dynaconf's own `reload()`, which something else must call: watchfiles with its defaults.

    It is one object in which later files replace what earlier ones set, so only the last agent can be asked for.
    """

    def __init__(self, tree: Path) -> None:
        files = [str(tree / file) for file in agent_files(tree)]
        self._settings = importlib.import_module("dynaconf").Dynaconf(settings_files=files)
        self._settings.get("METADATA")
        super().__init__(tree, lambda _: self._settings.reload())

    def mark(self, agent_id: str) -> object:
        try:
            return self._settings.get("METADATA")["ticket"]
        except (AttributeError, KeyError, TypeError):  # while it reloads, what it holds is half there
            return None


class ByFlagd:
    """The OpenFeature provider of flagd on one file of flags, a flag an agent; it looks every half second."""

    swaps = 0

    def __init__(self, tree: Path) -> None:
        api = importlib.import_module("openfeature.api")
        flagd = importlib.import_module("openfeature.contrib.provider.flagd")
        config = importlib.import_module("openfeature.contrib.provider.flagd.config")
        path = str(tree / "flags.json")
        provider = flagd.FlagdProvider(resolver_type=config.ResolverType.FILE, offline_flag_source_path=path)
        api.set_provider_and_wait(provider)
        self._client = api.get_client()

    def mark(self, agent_id: str) -> object:
        return self._client.get_object_value(agent_id, {})["metadata"]["ticket"]


def _parsed(tree: Path) -> dict[str, Any]:
    return {file.stem: _value(tree / file) for file in agent_files(tree)}


def _value(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


KINDS: dict[str, Callable[[Path], Served]] = {
    "agentconf": ByAgentconf,
    "bare": ByBareLoop,
    "full": ByFullReload,
    "dynaconf": ByDynaconf,
    "flagd": ByFlagd,
}
