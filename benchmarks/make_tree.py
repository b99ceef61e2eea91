"""Write a realistic config tree for measuring: agents in team folders, defaults, a profile, environments.

usage: python -m benchmarks.make_tree FOLDER AGENTS [--seed 7] [--bad 0.0]

An agent's file has about 35 lines and 1 KB; every second one has instructions of 10 to 40 lines more.
`--bad 0.01` plants one mistake in 1 % of the agents and lists them, `FILE:LINE KIND`, in FOLDER.mistakes
beside the tree. The same arguments give the same bytes: measurements taken years apart are of the same work.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

TEAMS = ["billing", "support", "growth", "risk", "search", "platform", "legal", "data"]
ROLES = ["triage", "summarizer", "router", "classifier", "extractor", "planner", "reviewer", "translator"]
MODELS = [
    "openai/gpt-4.1",
    "openai/gpt-4.1-mini",
    "openai/gpt-4o-mini",
    "anthropic/claude-sonnet-4-6",
    "anthropic/claude-haiku-4-5",
    "gemini/gemini-2.5-flash",
    "mistral/mistral-large-3",
]
TAGS = ["pii", "eu", "batch", "interactive", "beta", "tier-1", "tier-2", "multilingual"]
PROSE = (
    "you are a careful assistant for the team answer only from the given context never invent an order "
    "number when unsure say so and hand over to a human keep the reply short polite and in the language of "
    "the customer cite the document identifier in square brackets refuse requests for credentials or "
    "personal data list the steps you took before the final answer use metric units and ISO dates check "
    "policy version first"
)
WORDS = PROSE.split()
PROVIDERS = ["openai", "anthropic", "gemini", "mistral"]

# What a line begins with, and what a mistake of that kind makes of it.
MISTAKES = {
    "unknown-key": ("  temperature: ", "  temprature: "),
    "wrong-type": ("  max_tokens: ", "  max_tokens: many # "),
    "out-of-range": ("  temperature: ", "  temperature: 7 # "),
    "unknown-profile": ("extends: careful", "extends: carefull"),
    "unknown-model": ("  model: ", "  model: openai/gpt-nonesuch # "),
    "syntax": ("limits:", "limits: ]"),
}

SHARED = {
    "_defaults.yaml": (
        "owner: platform@example.com\nproviders:\n"
        + "".join(f'  {name}: {{api_key: "${{env:{name.upper()}_API_KEY}}"}}\n' for name in PROVIDERS)
        + "llm:\n  model: openai/gpt-4.1-mini\n  temperature: 0.7\n  timeout: 30\n"
    ),
    "_profiles/careful.yaml": "llm:\n  top_p: 0.9\n  num_retries: 2\n",
    "_environments/dev.yaml": "defaults:\n  llm: {timeout: 60}\noverrides:\n  llm: {num_retries: 0}\n",
    "_environments/prod.yaml": "defaults:\n  llm: {timeout: 20}\n",
    "_settings.yaml": "format: 1\n",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a call wrote, for the line that the command prints."""

    files: int
    bytes: int
    lines: int
    mistakes: tuple[str, ...]

    def __str__(self) -> str:
        return f"files={self.files} bytes={self.bytes} lines={self.lines} mistakes={len(self.mistakes)}"


# The order in which the random numbers are drawn is part of the bytes: a draw moved is another tree.
def _sentence(random: Random) -> str:
    words = " ".join(random.choice(WORDS) for _ in range(random.randint(8, 15)))
    return words[0].upper() + words[1:] + "."


def _instruction(random: Random, first: bool) -> str:
    kind = random.random()
    if kind < 0.1 and not first:
        return ""
    if kind < 0.16:
        return "# " + random.choice(["Rules", "Context", "Tone"])
    return "- " + _sentence(random) if kind < 0.35 else _sentence(random)


def _instructions(random: Random) -> list[str]:
    lines: list[str] = []
    for _ in range(random.randint(10, 40)):
        lines.append(_instruction(random, first=not lines))
    return ["instructions: |", *(f"  {line}" if line else "" for line in lines), "  Done."]


def _heading(random: Random, team: str, role: str, number: int) -> list[str]:
    return [
        f"# Changes need a review from {team}.",
        f"name: {role.title()} no. {number}",
        f'description: "{_sentence(random)[:-1]}: {team}"',
        f"owner: {team}@example.com",
        "tags: [" + ", ".join(random.sample(TAGS, random.randint(2, 4))) + "]",
        "extends: careful",
        f"enabled: {'true' if random.random() < 0.95 else 'false'}",
    ]


def _llm(random: Random, primary: str, second: str, third: str) -> list[str]:
    lines = [
        "llm:",
        f"  model: {primary}",
        f"  temperature: {random.choice(['0', '0.0', '0.2', '0.7', '1.0'])}   # lower is steadier",
        f"  max_tokens: {random.choice([256, 512, 1024, 2048, 4096])}",
        f"  timeout: {random.choice(['10', '30s', '45', '1m'])}",
        f"  num_retries: {random.randint(0, 4)}",
    ]
    if random.random() < 0.3:
        lines.append("  stop: [\"\\n\\nHuman:\", 'END']")
    fallbacks = ["  fallbacks:", f"    - model: {second}", "      max_tokens: 1024"]
    return [*lines, *fallbacks, f"    - model: {third}   # last resort", "      temperature: 0.0"]


def _limits(random: Random) -> list[str]:
    usd = random.choice(["5", "25.50", "100", "0.75"])
    on_exceeded = random.choice(["block", "warn", "fallback"])
    return [
        "limits:",
        f"  budget: {{usd: {usd}, per: day, on_exceeded: {on_exceeded}}}",
        f"  requests_per_minute: {random.choice([30, 60, 120, 600])}",
        f"  max_parallel: {random.randint(1, 16)}",
    ]


def _metadata(random: Random) -> list[str]:
    return [
        "metadata:",
        f"  ticket: OPS-{random.randint(100, 9999)}",
        f"  reviewed: 2026-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
        f"  country: {random.choice(['no', 'se', 'de', 'on'])}",
    ]


def _agent(random: Random, number: int) -> tuple[str, list[str]]:
    """One agent's path in the tree, and its lines."""
    team, role = random.choice(TEAMS), random.choice(ROLES)
    models = random.sample(MODELS, 3)
    lines = _heading(random, team, role, number)
    lines += _llm(random, *models)
    lines += _limits(random)
    lines += ["environments:", "  dev:", "    llm: {max_tokens: 256}"]
    lines += _metadata(random)
    if number % 2 == 0:
        lines += _instructions(random)
    return f"{team}/{team}-{role}-{number:06d}.yaml", lines


def _plant_mistake(random: Random, path: str, lines: list[str]) -> str:
    """Spoil one of the lines, and tell which and how."""
    kind = random.choice(sorted(MISTAKES))
    right, wrong = MISTAKES[kind]
    at = next(index for index, line in enumerate(lines) if line.startswith(right))
    lines[at] = lines[at].replace(right, wrong, 1)
    return f"{path}:{at + 1} {kind}"


def _texts(agents: int, seed: int, bad: float, mistakes: list[str]) -> Iterator[tuple[str, str]]:
    yield from SHARED.items()
    for team in TEAMS:
        yield f"{team}/_defaults.yaml", f"tags: [{team}]\n"
    # Mistakes are drawn from a source of their own, so that the agents around them stay the same.
    random, wrong = Random(seed), Random(seed + 1)
    for number in range(agents):
        path, lines = _agent(random, number)
        if wrong.random() < bad:
            mistakes.append(_plant_mistake(wrong, path, lines))
        yield path, "\n".join(lines) + "\n"


def write_tree(folder: Path, agents: int, seed: int = 7, bad: float = 0.0) -> Written:
    """Write a tree of that many agents into the folder, a share of them `bad`, and tell what was written."""
    files = size = line_count = 0
    mistakes: list[str] = []
    for path, text in _texts(agents, seed, bad, mistakes):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        file.write_bytes(content)
        files, size, line_count = files + 1, size + len(content), line_count + text.count("\n")
    if bad:
        folder.with_name(folder.name + ".mistakes").write_text("\n".join(mistakes) + "\n")
    return Written(files, size, line_count, tuple(mistakes))


DESCRIPTION = "Write a realistic config tree for measuring; the same arguments give the same bytes."


def run() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.make_tree", description=DESCRIPTION)
    parser.add_argument("folder", type=Path)
    parser.add_argument("agents", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bad", type=float, default=0.0, help="share of agents with a mistake, such as 0.01")
    options = parser.parse_args()
    print(write_tree(options.folder, options.agents, options.seed, options.bad))


if __name__ == "__main__":
    run()
