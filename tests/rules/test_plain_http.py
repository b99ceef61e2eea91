from __future__ import annotations

import pytest

from agentconf.rules.plain_http import check_document, is_plain
from agentconf.source import layout
from agentconf.source.layout import Place
from tests.support import document_of


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost", "http://localhost:11434", "http://LOCALHOST/v1", "http://vllm.localhost:8000", "http://localhost.:80",
        "http://127.0.0.1:8000/v1", "http://127.1.2.3", "http://[::1]:8000", "http://[::ffff:127.0.0.1]/", "https://example.com",
        "HTTPS://example.com", "unix:///run/llm.sock", "example.com", "",
    ],
)  # fmt: skip
def test_what_stays_on_this_machine_or_is_encrypted_is_fine(address: str) -> None:
    assert not is_plain(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com", "HTTP://example.com/v1", " http://example.com", "http://host.docker.internal:11434",
        "http://10.0.0.1", "http://192.168.1.2:8000", "http://0.0.0.0:8000", "http://localhost@example.com",
        "http://localhost.example.com", "http://127.0.0.1.example.com", "http://[fe80::1]", "http://notlocalhost",
        "http://[::1", "http://", "http://127.0.0.1@example.com", "http://2130706433",
    ],
)  # fmt: skip
def test_any_other_is_not(address: str) -> None:
    assert is_plain(address)


def test_each_address_is_found_on_its_value() -> None:
    text = (
        "providers:\n  a: {api_base: http://a.example.com}\n  b:\n    api_base: http://localhost\n"
        "llm:\n  api_base: 'http://b.example.com'\n  fallbacks:\n    - api_base: http://c.example.com\n"
        "x-llm: {api_base: http://d.example.com}\nmetadata: {api_base: http://e.example.com}\n"
    )
    place = layout.place("_defaults.yaml")
    assert isinstance(place, Place)
    found = list(check_document(document_of(text, "_defaults.yaml"), place))
    assert [(one.line, one.column, one.key) for one in found] == [
        (2, 17, "providers.a.api_base"), (6, 13, "llm.api_base"), (8, 17, "llm.fallbacks[0].api_base"),
    ]  # fmt: skip
