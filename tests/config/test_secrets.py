from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.config.agent import Llm, Provider
from agentconf.config.secrets import (
    PATTERN,
    NotAReference,
    SecretReference,
    UnknownSource,
    is_credential_name,
    is_key_header,
    looks_like_reference,
    masked,
    parse_reference,
)

REFERENCES = {
    "${env:OPENAI_API_KEY}": ("env", "OPENAI_API_KEY"),
    "${env:_x1}": ("env", "_x1"),
    "os.environ/OPENAI_API_KEY": ("env", "OPENAI_API_KEY"),
    "${file:/run/secrets/azure key}": ("file", "/run/secrets/azure key"),
    "${fernet:gAAAAAB-_=}": ("fernet", "gAAAAAB-_="),
    "${age:-----BEGIN AGE-----\nabc\n}": ("age", "-----BEGIN AGE-----\nabc\n"),
}
LITERALS = (
    "hunter2", "", "${env:}", "${env:1A}", "${env:A B}", "${env:A} ", " ${env:A}", "x${env:A}", "${env:A}${env:B}",
    "$env:A", "${env:A", "{env:A}", "${env}", "${file:relative}", "${file:}", "${fernet:a b}", "${fernet:}",
    "${age:}", "os.environ/", "os.environ/1A", "os.environ/A-B", "${env:${env:A}}", "${env:A}\n", "${file:/a\nb}",
    "${env:" + "A" * 200 + "}",
)  # fmt: skip


@pytest.mark.parametrize("text", REFERENCES)
def test_references_name_a_source_and_what_to_look_for(text: str) -> None:
    reference = parse_reference(text)
    assert (reference.source, reference.name) == REFERENCES[text]
    assert re.fullmatch(PATTERN[1:-1], text)


@pytest.mark.parametrize("text", LITERALS)
def test_what_is_no_reference_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(NotAReference) as raised:
        parse_reference(text)
    assert len(text) < 3 or text not in str(raised.value)
    assert masked(text) == "***"


@pytest.mark.parametrize("source", ["vault", "ENV", "aws-sm", ""])
def test_an_unknown_source_is_said_by_name(source: str) -> None:
    with pytest.raises(UnknownSource, match=f"unknown source of secrets '{source}'"):
        parse_reference(f"${{{source}:path/to/it}}")


@given(st.text() | st.builds("${{{}:{}}}".format, st.sampled_from(("env", "file", "age", "fernet", "x")), st.text()))
def test_the_schemas_pattern_and_the_parser_agree(text: str) -> None:
    try:
        parse_reference(text)
        is_reference = True
    except NotAReference:
        is_reference = False
    assert is_reference <= looks_like_reference(text)
    assert is_reference == (re.fullmatch(PATTERN[1:-1], text) is not None)


def test_what_was_meant_as_a_reference_is_told_from_text() -> None:
    assert [looks_like_reference(text) for text in ("${vault:x}", "os.environ/", "${HOME}", "$5", "text ${env:A}")] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("${env:OPENAI_API_KEY}", "${env:OPENAI_API_KEY}"),
        ("os.environ/KEY", "${env:KEY}"),
        ("${file:/run/secrets/azure}", "${file:/run/secrets/azure}"),
        ("${fernet:gAAAAAB-_=}", "${fernet:***}"),
        ("${age:abc}", "${age:***}"),
    ],
)
def test_printing_shows_the_reference_and_of_cipher_texts_the_source_alone(text: str, shown: str) -> None:
    reference = parse_reference(text)
    assert str(reference) == shown
    assert repr(reference) == f"SecretReference({shown!r})"
    assert f"{reference} {reference!r} {reference!s}".count(shown) == 3
    assert masked(text) == shown


def test_a_typed_provider_prints_no_cipher_text() -> None:
    provider = Provider.model_validate({"api_key": "${fernet:gAAAAABsecret}", "extra_headers": {"X": "${age:hidden}"}})
    printed = f"{provider!r} {provider} {provider.model_dump()} {provider.model_dump_json()}"
    assert "gAAAAABsecret" not in printed
    assert "hidden" not in printed
    assert provider.api_key == SecretReference("fernet", "gAAAAABsecret")


@pytest.mark.parametrize("value", ["hunter2-literal", 12345678, ["hunter2-literal"], {"a": "hunter2-literal"}])
def test_the_typed_model_does_not_repeat_what_it_refuses(value: object) -> None:
    with pytest.raises(ValueError, match="api_key") as raised:
        Llm.model_validate({"api_key": value})
    assert "hunter2" not in str(raised.value)
    assert "12345678" not in str(raised.value)


@pytest.mark.parametrize(
    "name",
    ["api_key", "aws_secret_access_key", "aws_access_key_id", "aws_session_token", "vertex_credentials",
     "azure_password", "token", "client_secret", "key", "azure_ad_token", "KEY_1", "passphrase"],
)  # fmt: skip
def test_credentials_are_known_by_their_names(name: str) -> None:
    assert is_credential_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "vertex_project",
        "aws_region_name",
        "azure_scope",
        "max_tokens_x",
        "monkey",
        "tokenizer",
        "keyboard",
        "aws_role_name",
    ],
)
def test_other_parameters_are_not(name: str) -> None:
    assert not is_credential_name(name)


def test_headers_that_hold_a_key() -> None:
    assert all(map(is_key_header, ("Authorization", "X-API-Key", "api-key", "proxy-authorization")))
    assert not any(map(is_key_header, ("X-Team", "Content-Type", "X-Api-Keys-Of")))
