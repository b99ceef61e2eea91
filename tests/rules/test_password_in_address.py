from __future__ import annotations

import time

import pytest

from agentconf.rules.password_in_address import passwords_in


@pytest.mark.parametrize(
    "address",
    [
        "https://user:pw1x@host",
        "https://user:p%40ss@host.example.com:8443/v1",
        "postgres://app:tr0ub4dor@db/agents",
        "redis://:hunter2@cache:6379/0",
        "mongodb+srv://a:b7c@cluster.example.net",
        "http://user:secret7@[::1]:8000",
        "HTTPS://User:Geheim@host",
    ],
)
@pytest.mark.parametrize("around", ["{}", "api_base: {}", 'api_base: "{}"', "# see {} there", "Use <{}>.", "({}),"])
def test_a_password_in_an_address_is_found(address: str, around: str) -> None:
    line = around.format(address)
    (place,) = passwords_in(line)
    assert line[slice(*place)] == address[: address.rindex("@") + 1]


@pytest.mark.parametrize(
    "line",
    [
        "https://host.example.com/v1",
        "https://user@host.example.com",
        "https://host:8443/a@b",
        "https://host:8443/v1?mail=a@example.com",
        "see https://host:8443 or write to a@example.com",
        "postgres://user:password@localhost/db",
        "postgres://user:${PASSWORD}@localhost/db",
        "https://<user>:<password>@host",
        "https://user:{password}@host",
        "https://user:xxxx@host",
        "https://user:***@host",
        "mailto:a@example.com",
        "git@github.com:org/repo.git",
        "10:30://x",
    ],
)
def test_an_address_without_a_password_or_with_something_in_its_place_is_fine(line: str) -> None:
    assert list(passwords_in(line)) == []


def test_in_an_address_that_is_used_a_bare_word_is_a_password_too() -> None:
    assert len(list(passwords_in("    api_base: https://user:password@host"))) == 1
    assert len(list(passwords_in('openai: {api_base: "https://user:pw@host"}'))) == 1


@pytest.mark.parametrize(
    "text",
    ["a://" * 60_000, "a://b:" * 40_000, "a" * 260_000 + "://", "a://:" + "b" * 260_000, "a+" * 130_000],
    ids=range(5),
)
def test_no_line_takes_long(text: str) -> None:
    begun = time.process_time()
    assert list(passwords_in(text)) == []
    assert time.process_time() - begun < 2
