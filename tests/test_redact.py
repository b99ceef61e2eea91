from __future__ import annotations

import pytest

from agentconf.redact import HIDDEN, line_without_keys, without_keys

KEYS = (
    "sk-abcdefghij",
    "sk-proj-AbCd_1234-efgh",
    "sk-ant-api03-AAAA",
    "key-3ax6xnjp29jd6fds4gc373sgvjxteol0",
    "sk-proj-abcdefghijklmnopqrst",
    "hf_AbCdEfGhIjKl",
    "abcdefghijklmnopqrst12",
    "gsk_abcdefgh1234",
    "xai-abcdefgh",
    "hf_abcdefghijkl",
    "ghp_0123456789abcdef",
    "glpat-abcdef123456",
    "xoxb-123456-abcdef",
    "AKIAABCDEFGHIJKLMNOP",
    "AIzaSyA-abcdefghijklmnopqrstu",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx",
    "gAAAAABmabcdefghijklmnop",
    "0123456789abcdef0123456789abcdef",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
)
HARMLESS = (
    "openai/gpt-4.1-mini",
    "anthropic/claude-sonnet-4-6",
    "azure-eu/gpt-5.6",
    "unknown key 'temprature' under llm",
    "${env:OPENAI_API_KEY}",
    "${file:/run/secrets/openai}",
    "os.environ/OPENAI_API_KEY",
    "https://eu.example.net/v1",
    "llm.fallbacks[0].model",
    "a fallback that costs more than the primary",
    "2026-05-01",
    "unknown key 'key_rotation_days'",
    "llm.key_rotation_days",
    "llm.key_id_2",
    "key-account-manager",
    "agents.d/key-account-manager.yaml and agents.d/team2/key-account-manager.yaml",
    "agents.d/hf-translator.yaml",
    "hf-translation-team",
    "sk-learn-helper",
    "agents.d/trading_2026/some_strategist_v2.yaml",
    "${env:AZURE_OPENAI_API_KEY_EU2}",
    "customer_support_tier2_emea",
    "agents.d/team1/customersupport_agent.yaml and agents.d/team2/customersupport_agent.yaml",
)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "around", ["{}", "api_key: {}", "unknown key '{}' under llm", "https://h/?k={}&x", "Bearer {}", '"{}",']
)
def test_what_looks_like_a_key_is_hidden(key: str, around: str) -> None:
    said = without_keys(around.format(key))
    assert key not in said
    assert HIDDEN in said


@pytest.mark.parametrize("text", HARMLESS)
def test_what_does_not_look_like_a_key_stays(text: str) -> None:
    assert without_keys(text) == text


def test_the_user_and_password_of_an_address_are_hidden() -> None:
    assert without_keys("https://user:pw@host/path") == "https://***@host/path"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("  api_key: hunter2", "  api_key: ***"),
        ("  api-key: hunter2", "  api-key: ***"),
        ("Authorization: Bearer hunter2", "Authorization: ***"),
        ("vertex_credentials: '{a: b}'", "vertex_credentials: ***"),
        ('llm: {api_key: hunter2, model: "a/b"}', "llm: {api_key: ***"),
        ("  api_key: ${env:KEY}  # why", "  api_key: ${env:KEY}  # why"),
        ('openai: {api_key: "${env:KEY}"}', 'openai: {api_key: "${env:KEY}"}'),
        ("  api_key: os.environ/KEY", "  api_key: os.environ/KEY"),
        ("  api_key: null", "  api_key: null"),
        ("  api_key:", "  api_key:"),
        ("  temperature: 0.2", "  temperature: 0.2"),
    ],
)
def test_a_line_is_shown_without_the_value_of_what_is_named_like_a_credential(line: str, shown: str) -> None:
    assert line_without_keys(line) == shown


def test_a_key_behind_a_name_of_words_is_hidden() -> None:
    assert "abcdefghij1" not in without_keys("key_store=sk-abcdefghij1 some_long_name_of_words_2/sk-abcdefghij1")
