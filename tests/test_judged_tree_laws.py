"""What is said of a tree that was judged step by step is what is said of it at once, whatever came before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.diff.drafts import Known
from agentconf.diff.work import Order, review
from agentconf.judged_tree import JudgedTree, View, judged_tree
from agentconf.pipeline import redraft
from agentconf.source import layout
from agentconf.source.tree import Origin, Tree, Unread, metadata_schema_of
from agentconf.validation import Order as ValidationOrder
from agentconf.validation import validate
from tests.diff.cases import OUTLOOK

SEEDS: Final = st.integers(0, 10**9)
FOLDERS: Final = ("", "team/", "team/deep/")
NAMES: Final = ("a", "b", "c", "d", "ab", "Bad Name", "default")
LINES: Final = (
    "owner: team@example.com", "description: An agent.", "name: [1]", "enabled: false", "enabled: maybe",
    "delegates: [a, b]", "delegates: [c]", "delegates: [nobody]",
    "delegates: [a, d]  # agentconf: allow delegation-cycle -- so",
    "delegates: [b]  # agentconf: allow unknown-delegate -- soon",
    "extends: careful", "extends: [careful, quick]", "extends: carefull",
    "instructions_file: p.md", "instructions_file: missing.md", "instructions_file: b.yaml",
    "instructions: 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ'", "tags: [x, x]", "temprature: 1",
    "tags: [y, y]  # agentconf: allow duplicate-tag -- twice", "tags: [z]  # agentconf: allow duplicate-tag -- idle",
    "# agentconf: allow unowned-agent", "environments: {dev: {enabled: false}}",
    "environments: {prd: {enabled: false}}", "environments: {prod: {llm: {temperature: 9}}}",
    "environments: {dev: {delegates: [a]}}",
    "llm: {model: openai/gpt-4.1, temperature: 0.2}", "llm: {model: openai/old}", "llm: {model: gone/model}",
    "llm: {model: openai/gpt-4.1, temperature: 9}", "llm: {model: openai/gpt-4.1, api_base: 'http://example.com'}",
    "llm: {model: openai/gpt-4.1, api_key: '${env:OPENAI_API_KYE}'}",
    'llm: {model: openai/gpt-4.1, api_key: "$\\x7bfile:/etc/x}"}',
    "llm: {model: openai/gpt-4.1, api_key: '${file:/etc/y}'}",
    "limits: ]", "limits: {budget: {usd: 0}}", "metadata: {cost_centre: x}",
)  # fmt: skip
SHARED: Final = {
    "_defaults.yaml": (
        "owner: o@example.com\n", "llm: {model: openai/gpt-4.1}\n", "delegates: [a]\n", "enabled: false\n",
        "instructions_file: p.md\n", "providers: {openai: {api_key: '${env:OPENAI_API_KEY}'}}\n", "extends: x\n",
        "description: D\n# agentconf: allow unowned-agent -- no\n",
    ),
    "team/_defaults.yaml": ("tags: [t, t]\n", "llm: {temperature: 9}\n", "instructions_file: q.md\n"),
    "_profiles/careful.yaml": ("llm: {top_p: 0.5}\n", "extends: quick\n", "enabled: false\n"),
    "_profiles/quick.yaml": ("llm: {timeout: 5}\n", "extends: careful\n", "delegates: [d]\n"),
    "_environments/dev.yaml": ("{}\n", "overrides: {enabled: false}\n", "defaults: {llm: {model: openai/old}}\n"),
    "_environments/prod.yaml": ("{}\n", "nonsense: 1\n"),
    "_settings.yaml": (
        "default_agent: a\n", "default_agent: nobody\n", "environments: [dev, prod]\n", "environments: [prod]\n",
        "format: 99\n", "rules: {duplicate-tag: error, unowned-agent: off}\n", "secrets: {env: ['*_API_KEY']}\n",
        "rules: {disabled-delegate: error}\n",
        "default_agent: b  # agentconf: allow disabled-default-agent -- soon\n",
    ),
    "_models.yaml": (
        "models: {openai/old: {retires: 2026-01-01}, openai/gpt-4.1: {context_tokens: 1000}}\n",
        "models: {openai/gpt-4.1: {}}\n",
    ),
    "_unknown.yaml": ("{}\n",),
}  # fmt: skip
KEY: Final = "# sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ"
STEPS: Final[dict[str, tuple[dict[str, str], dict[str, str | None]]]] = {
    "whom another delegates to comes": ({"a.yaml": "delegates: [b]\n"}, {"b.yaml": "owner: x@example.com\n"}),
    "whom another delegates to goes": ({"a.yaml": "delegates: [b]\n", "b.yaml": "{}\n"}, {"b.yaml": None}),
    "a name that may have been meant": ({"a.yaml": "delegates: [helpr]\n"}, {"helper.yaml": "{}\n"}),
    "a circle": ({"a.yaml": "delegates: [b]\n", "b.yaml": "{}\n"}, {"b.yaml": "delegates: [a]\n"}),
    "a circle that is excused": (
        {"a.yaml": "delegates: [b]\n", "b.yaml": "delegates: [a]  # agentconf: allow delegation-cycle -- so\n"},
        {"a.yaml": "{}\n"},
    ),
    "a second file with an id, and none": ({"b/a.yaml": "{}\n"}, {"a.yaml": "{}\n", "b/a.yaml": None}),
    "a second file, behind": ({"a.yaml": "{}\n", "c.yaml": "delegates: [a]\n"}, {"b/a.yaml": "{}\n", "a.yaml": None}),
    "a prompt of all": ({"_defaults.yaml": "instructions_file: p.md\n", "a.yaml": "{}\n"}, {"b.yaml": "{}\n"}),
    "a file that is a prompt": (
        {"a.yaml": "name: A\n", "b.yaml": "instructions_file: a.yaml\n"},
        {"a.yaml": "name: B\n# password: hunter2hunter2\n"},
    ),
    "a prompt's key, excused where it is named": (
        {"a.yaml": "instructions_file: b.yaml # agentconf: allow secret-in-text -- none\n", "b.yaml": "name: B\n"},
        {"b.yaml": f"name: B\n{KEY}\n"},
    ),
    "a prompt's key, excused where it stands": (
        {"a.yaml": "instructions_file: b.yaml\n", "b.yaml": f"name: B\n{KEY}\n"},
        {"b.yaml": f"name: B\n{KEY} # agentconf: allow secret-in-text -- none\n"},
    ),
    "an excuse that the tree itself needs": (
        {
            "_settings.yaml": "default_agent: c  # agentconf: allow unknown-default-agent -- soon\n"
            "rules: {useless-excuse: error}\n",
            "a.yaml": "{}\n",
        },
        {"a.yaml": "enabled: false\n"},
    ),
    "a default of all": ({"_defaults.yaml": "{}\n", "a.yaml": "{}\n"}, {"_defaults.yaml": "enabled: false\n"}),
    "a profile that nobody takes": (
        {"_profiles/p.yaml": "{}\n", "a.yaml": "extends: p\n", "b.yaml": "{}\n"}, {"a.yaml": "{}\n"}
    ),
    "an excuse beside another's": (
        {
            "a.yaml": "tags: [x, x]\nenabled: true\n",
            "b.yaml": "tags: [x, x]  # agentconf: allow duplicate-tag -- b\nenabled: true\n",
        },
        {"a.yaml": "tags: [x, x]  # agentconf: allow duplicate-tag -- a\nenabled: true\nname: A\n"},
    ),
    "an error elsewhere": (
        {"a.yaml": "enabled: true\n", "b.yaml": "enabled: true\ntemprature: 1\n"}, {"a.yaml": "enabled: false\n"}
    ),
    "the default agent": ({"_settings.yaml": "default_agent: a\n", "a.yaml": "{}\n"}, {"a.yaml": "enabled: false\n"}),
    "a variable that others name": (
        {
            "a.yaml": "llm: {model: x/y, api_key: '${env:ACME_API_KEY}'}\n",
            "b.yaml": "llm: {model: x/y, api_key: '${env:ACME_API_KYE}'}\n",
        },
        {"a.yaml": "{}\n"},
    ),
}  # fmt: skip
PROMPTS: Final = {"p.md": (b"One.", b"Two.", b"password: hunter2hunter2", b"\xff"), "q.md": (b"Three.", b"Four.")}
SCHEMAS: Final = (None, b'{"type": "object", "required": ["cost_centre"]}', b"{")


@dataclass
class World:
    """Files and prompts that change step by step; a tree of them holds what they are at the moment."""

    random: Random
    files: dict[str, bytes] = field(default_factory=dict)
    prompts: dict[str, bytes] = field(default_factory=dict)
    schema: bytes | None = None

    def fill(self) -> None:
        for _ in range(self.random.randint(2, 7)):
            self.files[self.any_path()] = self.any_agent()
        for path in self.random.sample(list(SHARED), self.random.randint(0, 5)):
            self.change_shared(path)
        for path in PROMPTS:
            self.change_prompt(path)

    def any_path(self) -> str:
        return f"{self.random.choice(FOLDERS)}{self.random.choice(NAMES)}.yaml"

    def any_agent(self) -> bytes:
        lines = self.random.sample(LINES, self.random.randint(0, 5))
        known = {line.partition(":")[0]: line for line in lines}  # nearly always, a key stands there once
        return "".join(f"{line}\n" for line in known.values()).encode()

    def change_shared(self, path: str) -> None:
        texts = self.random.sample(SHARED[path], min(len(SHARED[path]), self.random.choice((1, 1, 2))))
        self.files[path] = "".join(texts).encode()

    def change_prompt(self, path: str) -> None:
        self.prompts[path] = self.random.choice(PROMPTS[path])

    def step(self) -> None:
        """What somebody else has committed meanwhile."""
        match self.random.randrange(6):
            case 0:
                self.change_shared(self.random.choice(list(SHARED)))
            case 1:
                self.change_prompt(self.random.choice(list(PROMPTS)))
            case 2:
                self.schema = self.random.choice(SCHEMAS)
            case 3:
                self.files.pop(self.random.choice(list(self.files)), None)
            case _:
                self.files[self.any_path()] = self.any_agent()

    def tree(self) -> Tree:
        prompts = {**self.files, **self.prompts}
        files = dict(sorted(self.files.items()))
        schema = metadata_schema_of("agents.d", self.schema)
        missing = Unread("there is no such file")
        return Tree(Origin("git", "agents.d"), "agents.d", files, (), lambda path: prompts.get(path, missing), schema)

    def edit(self) -> tuple[str, bytes | None]:
        """What a writer does to one agent's file: a path, and its bytes or None."""
        agents = [path for path in self.files if layout.is_agent(path)]
        if not agents or self.random.random() < 0.25:
            return self.any_path(), self.any_agent()
        path = self.random.choice(agents)
        match self.random.randrange(4):
            case 0:
                return path, None
            case 1:
                return path, self.any_agent()
            case _:
                return path, self._merged(self.files[path])

    def _merged(self, data: bytes) -> bytes:
        """A line taken out, and another put in."""
        lines = data.decode().splitlines()
        if lines and self.random.random() < 0.5:
            lines.pop(self.random.randrange(len(lines)))
        lines.append(self.random.choice(LINES))
        return "".join(f"{line}\n" for line in lines).encode()


def view(tree: Tree, path: str | None = None, day: str = "") -> View:
    return View(OUTLOOK, (day,), tree.shown(path) if path is not None else None)


def differing(before: JudgedTree, after: Tree) -> set[str]:
    """The files and the prompts in which a tree differs."""
    tree = before.draft.tree
    files = {path for path in {*tree.files, *after.files} if tree.files.get(path) != after.files.get(path)}
    prompts = before.draft.config.prompt_paths
    return files | {path for path in prompts if tree.open_prompt(path) != after.open_prompt(path)}


def advanced(known: JudgedTree, tree: Tree, path: str | None = None) -> JudgedTree:
    changed = differing(known, tree) | ({path} if path is not None else set())
    return known.advanced(redraft(known.draft, tree, changed), changed, view(tree, path))


def assert_as_if_judged_at_once(known: JudgedTree) -> None:
    whole = validate(known.draft.tree, ValidationOrder(outlook=OUTLOOK))
    kept = tuple(one for one in whole.diagnostics if known.view.keeps(one))
    assert known.diagnostics == kept
    assert known.validation(()) == replace(whole, diagnostics=())


def assert_same_review(before: JudgedTree, after: JudgedTree) -> None:
    trees = before.draft.tree, after.draft.tree
    known = Known(before.draft, before.seen), Known(after.draft, after.seen)
    incremental = review(*trees, ("a", "b"), Order(OUTLOOK), known)
    assert incremental.as_json() == review(*trees, ("a", "b"), Order(OUTLOOK)).as_json()


@given(SEEDS)
def test_each_step_says_what_judging_everything_says(seed: int) -> None:
    random = Random(seed)
    world = World(random)
    world.fill()
    tree = world.tree()
    known = judged_tree(tree, view(tree))
    assert_as_if_judged_at_once(known)
    for _ in range(4):
        if random.random() < 0.4:
            world.step()
            known = advanced(known, world.tree())
            assert_as_if_judged_at_once(known)
        path, data = world.edit()
        tree = known.draft.tree
        files = {name: text for name, text in tree.files.items() if name != path} | (
            {path: data} if data is not None else {}
        )
        after = advanced(known, replace(tree, files=dict(sorted(files.items()))), path)
        assert_as_if_judged_at_once(after)
        assert_same_review(known, after)
        if random.random() < 0.7:  # it was committed
            world.files = files
            known = after


@pytest.mark.parametrize("name", STEPS)
def test_what_one_file_may_change_elsewhere(name: str) -> None:
    before, change = STEPS[name]
    files = {path: text.encode() for path, text in sorted(before.items())}
    tree = World(Random(1), files, {"p.md": b"One."}).tree()
    known = judged_tree(tree, view(tree))
    for path, text in change.items():
        files = {one: data for one, data in files.items() if one != path}
        if text is not None:
            files = dict(sorted({**files, path: text.encode()}.items()))
        after = advanced(known, replace(tree, files=files), path)
        assert_as_if_judged_at_once(after)
        assert_same_review(known, after)
        known = after
    for prompt in (b"Two.", b"\xff"):
        known = advanced(known, World(Random(1), files, {"p.md": prompt}).tree())
        assert_as_if_judged_at_once(known)


def test_another_day_judges_everything_anew() -> None:
    tree = World(
        Random(1),
        {"a.yaml": b"llm: {model: openai/old}\n", "_models.yaml": b"models: {openai/old: {retires: 2026-06-02}}\n"},
    ).tree()
    known = judged_tree(tree, view(tree, "a.yaml"))
    tomorrow = replace(OUTLOOK, today=OUTLOOK.today.replace(month=7))
    later = known.advanced(redraft(known.draft, tree, ()), (), View(tomorrow, ("tomorrow",), "agents.d/a.yaml"))
    assert later.diagnostics == validate(tree, ValidationOrder(outlook=tomorrow)).diagnostics
    assert later.diagnostics != known.diagnostics
