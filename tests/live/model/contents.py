"""Random contents of the files of a tree, each told apart by a number."""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

from agentconf.live.content import Content
from tests.live.model.trees import IDS, MODELS, PROFILES, PROMPTS, SETTINGS, UNREADABLE, is_agent, value_of

MODEL_NAMES: Final = ("openai/gpt-4.1", "anthropic/claude-haiku-4-5")


class Author:
    """Writes contents; `count` tells how many."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0

    def sound(self, path: str) -> bytes:
        """A new content for a path, in which nothing is wrong by itself."""
        self.count += 1
        return f"Prompt {self.count}".encode() if path in PROMPTS else _written(self.value(path))

    def broken(self, data: bytes) -> tuple[Content, ...]:
        """The same in all the ways that make it bad; the last of them cannot be written to a file."""
        self.count += 1
        said = value_of(data) or {}
        block = said.get("environments")
        block = block if isinstance(block, dict) else {}
        return (
            data + b"\n" * (self.count % 7) + b"[",
            _written({**said, f"bad_{self.count}": 1}),
            _written({**said, "llm": {"temperature": 3 + self.count}}),
            _written({**said, "extends": f"bad_{self.count}"}),
            _written({**said, "environments": {**block, "prod": {f"bad_{self.count}": 1}}}),
            b"",
            b"\xff\xfe\xff",
            UNREADABLE,
        )

    def switched_off(self, path: str) -> bytes:
        """Bad, and with the one word that holds all the same."""
        self.count += 1
        return _written({**self.value(path), "enabled": False, f"bad_{self.count}": 1})

    def value(self, path: str) -> dict[str, Any]:
        if path == SETTINGS:
            return self._some({
                "default_agent": self.random.choice(IDS),
                "environments": self.random.choice((["prod"], ["dev"], ["dev", "prod"])),
            })  # fmt: skip
        if path == MODELS:
            return {"models": {"openai/own": {"mode": "chat", "max_output_tokens": self.count}}}
        if path.startswith("_environments/"):
            return self._some({"defaults": self._layer(path), "overrides": self._layer(path)})
        return self._agent(path) if is_agent(path) else self._layer(path, is_profile=path.startswith("_profiles/"))

    def _layer(self, path: str, *, is_profile: bool = False) -> dict[str, Any]:
        random = self.random
        said = self._some({
            "owner": f"o{self.count}",
            "llm": self._llm(),
            "tags": [f"t{self.count}"],
            "instructions": f"Instructions {self.count}",
            "limits": {"budget": {"usd": self.count, "per": "day"}},
            "metadata": {f"m{random.randint(0, 2)}": self.count},
        })  # fmt: skip
        if self.random.random() < 0.08:
            said["enabled"] = random.choice((True, False, None))
        if self.random.random() < 0.1:
            said["providers"] = {"openai": {"api_version": str(self.count)}}
        if is_profile and self.random.random() < 0.4:
            said["extends"] = random.choice(PROFILES)
        if self.random.random() < 0.2:
            said.pop("instructions", None)
            said["instructions_file"] = self._prompt_for(path)
        return said

    def _agent(self, path: str) -> dict[str, Any]:
        random = self.random
        said = self._without_providers(path)
        if self.random.random() < 0.8:
            said.setdefault("llm", self._llm())["model"] = random.choice(MODEL_NAMES)
        if self.random.random() < 0.4:
            said["extends"] = random.choice((*PROFILES, list(PROFILES[:2])))
        if self.random.random() < 0.15:
            said["delegates"] = random.sample(IDS, random.randint(1, 2))
        if self.random.random() < 0.2:
            said["environments"] = {random.choice(("prod", "dev")): self._without_providers(path)}
        if self.random.random() < 0.1:
            said["variants"] = {"one": {"weight": 1}, "two": {"weight": self.count, "llm": {"temperature": 0.5}}}
            said["experiment"] = {"control": random.choice(("one", "one", "two", "three"))}
        return said

    def _without_providers(self, path: str) -> dict[str, Any]:
        return {key: value for key, value in self._layer(path).items() if key != "providers"}

    def _llm(self) -> dict[str, Any]:
        random = self.random
        said: dict[str, Any] = {"temperature": self.count % 200 / 100, "max_tokens": self.count}
        if self.random.random() < 0.2:
            said[random.choice(("top_p", "seed"))] = None
        if self.random.random() < 0.05:
            said["api_base"] = f"https://own{self.count}.example.net"
        return said

    def _prompt_for(self, path: str) -> str:
        folder = path.rpartition("/")[0]
        up = "../" * (folder.count("/") + 1) if folder else ""
        if self.random.random() < 0.05:
            return self.random.choice(("_defaults.yaml", "a.yaml", "missing.md"))
        return self.random.choice(("p.md", f"{up}p.md", f"{up}shared/s.md"))

    def _some(self, said: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in said.items() if self.random.random() < 0.4}


def _written(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()
