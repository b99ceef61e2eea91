"""Policies over whole trees: what is violated, and where that is said."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from agentconf import codes
from tests.rules.policies import PROVIDERS, holds, judged

EU = """\
policies:
  - id: eu-data-stays-in-eu
    when: "'pii' in agent.tags"
    require: "agent.providers.all(p, p.region == 'eu')"
    message: agents that see personal data use EU endpoints only
"""
AGENT = "tags: [pii]\nllm:\n  model: openai/gpt-4.1-mini\n"


def test_a_violation_names_the_policy_and_stands_where_the_value_was_set() -> None:
    (found,) = judged({"_settings.yaml": EU, "_defaults.yaml": PROVIDERS, "team/a.yaml": AGENT})
    assert (found.file, found.line, found.column, found.key) == ("agents.d/team/a.yaml", 3, 10, "llm.model")
    assert found.message == "policy 'eu-data-stays-in-eu': agents that see personal data use EU endpoints only"
    assert found.hint == "it requires agent.providers.all(p, p.region == 'eu')"
    assert [(one.message, one.file, one.line) for one in found.related] == [
        ("the policy", "agents.d/_settings.yaml", 2),
        ("the connection 'openai'", "agents.d/_defaults.yaml", 1),
    ]
    assert found.severity == "error"
    assert not found.rule.refuses


def test_an_agent_that_meets_it_or_is_not_concerned_has_no_finding() -> None:
    good, other = AGENT.replace("openai/gpt-4.1-mini", "mistral/mistral-large"), AGENT.replace("pii", "x")
    assert judged({"_settings.yaml": EU, "_defaults.yaml": PROVIDERS, "a.yaml": good, "b.yaml": other}) == []


def test_the_line_is_in_whichever_file_wrote_the_value() -> None:
    """The fallback of a profile, the value of an environment's override, and what nobody wrote."""
    require = {"policies": [{"id": "p", "require": "agent.models.all(m, m.region == 'eu')"}]}
    profile = "llm:\n  fallbacks:\n    - model: openai/gpt-4.1-mini\n"
    agent = "extends: safe\nllm: {model: mistral/mistral-large}\n"
    tree: dict[str, Any] = {"_settings.yaml": require, "_defaults.yaml": PROVIDERS, "_profiles/safe.yaml": profile}
    tree["a.yaml"] = agent
    (found,) = judged(tree)
    assert (found.file, found.line, found.key) == ("agents.d/_profiles/safe.yaml", 3, "llm.fallbacks[0].model")
    cool = {"policies": [{"id": "p", "require": "agent.llm.temperature <= 0.5", "severity": "warning"}]}
    dev = "overrides:\n  llm:\n    temperature: 1\n"
    tree = {"_settings.yaml": cool, "_environments/dev.yaml": dev, "_environments/prod.yaml": "{}", "a.yaml": AGENT}
    set_in_dev, unset_in_prod = sorted(judged(tree), key=lambda one: one.environment or "")
    assert (set_in_dev.file, set_in_dev.line, set_in_dev.environment) == ("agents.d/_environments/dev.yaml", 3, "dev")
    assert (unset_in_prod.file, unset_in_prod.line) == ("agents.d/a.yaml", 3)
    assert unset_in_prod.message.endswith("of a type that it does not take, such as null)")
    assert set_in_dev.severity == "warning"


def test_what_has_no_answer_is_violated() -> None:
    assert not holds("agent.limits.budget.usd <= 10", AGENT)
    assert not holds("agent.metadata.ticket == 'x'", AGENT)
    assert not holds("agent.tags[5] == 'x'", AGENT)
    assert not holds("agent.metadata.pii", {"metadata": {"pii": "yes"}, "llm": {"model": "openai/x"}})
    policy = {"policies": [{"id": "p", "when": "agent.limits.budget.usd > 10", "require": "true"}]}
    (found,) = judged({"_settings.yaml": policy, "a.yaml": AGENT})
    assert "'when' has no answer" in found.message


@pytest.mark.parametrize(
    "condition",
    [
        "agent.owner == null && agent.limits == null && agent.requires == null && agent.experiment == null",
        "!has(agent.owner) && !has(agent.limits.budget) && !has(agent.metadata.ticket)",
        "agent.delegates == [] && agent.variants == {} && agent.metadata == {} && agent.enabled",
        "agent.id == 'a' && agent.environment == null && environment == null && agent.file == 'agents.d/a.yaml'",
        "agent.llm.temperature == null && agent.llm.model == 'openai/gpt-4.1-mini'",
        "size(agent.models) == 1 && agent.models[0].model == 'openai/gpt-4.1-mini'",
        "agent.models.all(m, m.price == null && m.max_input_tokens == null && m.provider == 'openai')",
        "agent.providers.all(p, p.name == 'openai' && p.type == 'openai' && p.has_api_key && p.region == null)",
        "agent['tags'] == ['pii'] && agent.tags.exists(t, t.matches('^p[a-z]{1,3}$'))",
    ],
)
def test_every_key_is_there_and_null_where_nobody_set_it(condition: str) -> None:
    assert holds(condition, AGENT)


def test_facts_come_from_what_is_known_and_prices_first_from_the_agent() -> None:
    models = "models:\n  openai/own:\n    mode: chat\n    input_per_million: 2\n    output_per_million: 0\n"
    models += "    max_input_tokens: 8000\n    capabilities: [tools]\n    retires: 2027-01-01\n"
    agent = {"llm": {"model": "openai/own", "fallbacks": [{"model": "mistral/x", "cost": {"input_per_million": 7}}]}}
    condition = (
        "agent.models[0].price.input_per_million == 2.0 && agent.models[0].price.output_per_million == 0.0"
        " && agent.models[0].capabilities == ['tools'] && agent.models[0].max_input_tokens == 8000"
        " && agent.models[0].retires == '2027-01-01' && agent.models[0].mode == 'chat'"
        " && agent.models[1].is_fallback && agent.models[1].price.input_per_million == 7.0"
        " && agent.models[1].price.output_per_million == null && agent.models[1].region == 'eu'"
    )
    assert holds(condition, agent, **{"_models.yaml": models})


def test_models_of_variants_count_and_those_switched_off_do_not() -> None:
    agent = {
        "llm": {"model": "openai/a", "fallbacks": [{"model": "mistral/off", "enabled": False}]},
        "variants": {"one": {"weight": 1, "llm": {}}, "two": {"weight": 1, "llm": {"model": "mistral/b"}}},
        "experiment": {"control": "one"},
    }
    assert holds("agent.models.map(m, m.model) == ['openai/a', 'openai/a', 'mistral/b']", agent)
    assert holds("agent.models.exists_one(m, m.variant == 'two') && size(agent.providers) == 2", agent)


def test_no_secret_is_handed_over() -> None:
    agent = 'llm: {model: x/y, api_key: "${fernet:gAAAAABmSECRETSECRET}", extra_headers: {X-Api-Key: "${env:KEY}"}}\n'
    require = "agent.llm.api_key == '${fernet:***}' && agent.providers[0].has_api_key"
    policy = {"policies": [{"id": "p", "require": require}]}
    assert judged({"_settings.yaml": policy, "a.yaml": agent}) == []


def test_a_line_is_excused_by_the_policys_id() -> None:
    excused = AGENT.replace("gpt-4.1-mini", "gpt-4.1-mini  # agentconf: allow eu-data-stays-in-eu -- a test, until May")
    tree = {"_settings.yaml": EU, "_defaults.yaml": PROVIDERS, "a.yaml": excused}
    every = tuple(rule.code for rule in (codes.POLICY_VIOLATION, codes.USELESS_EXCUSE, codes.EXCUSE_WITHOUT_REASON))
    assert judged(tree, codes=every) == []
    idle = {**tree, "a.yaml": excused.replace("pii", "none")}
    (found,) = judged(idle, codes=every)
    assert found.message == "there is nothing to excuse: no eu-data-stays-in-eu on its line"


def test_the_library_is_imported_only_where_a_tree_has_policies() -> None:
    program = (
        "import sys; from tests.rules.policies import judged; "
        "judged({'a.yaml': 'llm: {model: x/y}'}); before = [name for name in sys.modules if name.startswith('cel')]; "
        "judged({'a.yaml': 'llm: {model: x/y}', '_settings.yaml': 'policies: [{id: p, require: \"true\"}]'}); "
        "print(before, 'cel.cel' in sys.modules, 'rich' in sys.modules); import cel; print(cel.evaluate('1 + 1'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[] True False", "2"]
