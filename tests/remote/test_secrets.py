"""Values of references: from the server, when they are needed, in memory alone."""

from __future__ import annotations

import json
import logging
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from agentconf.config.secrets import SecretReference
from agentconf.errors import SecretUnavailable
from agentconf.remote import secrets as remote_secrets
from agentconf.remote.address import address_of
from agentconf.remote.connection import Connection
from agentconf.remote.fetch import Server
from agentconf.remote.secrets import Vault
from agentconf.secrets.reveal import Ground
from agentconf.server.access.caller import Scope
from agentconf.server.flat import with_secrets
from agentconf.testing import snapshot_of
from tests.live.support import put, wait_for
from tests.remote.answering import Answering, Forged, reply
from tests.remote.conftest import Dial
from tests.server.running import UNLIMITED, Running
from tests.server.support import token_in
from tests.server.test_push_snapshot import FERNET, PROVIDED

SECRET = "value-of-the-server"

CONFIG: dict[str, Any] = {
    "llm": {
        "model": "openai/gpt-4.1",
        "extra_headers": {"X-Team": "search", "X-Key": "${env:HEADER}"},
        "fallbacks": [{"model": "azure/gpt-4.1"}],
    },
    "variants": {"x": {"weight": 1, "llm": {"model": "mistral/large"}}},
    "experiment": {"control": "x"},
    "providers": {
        "openai": {"api_key": "${env:OPENAI}"},
        "azure": {"api_key": "${file:/run/secrets/azure}", "api_base": "https://eu.example.net"},
        "mistral": {"api_key": "${env:MISTRAL}", "params": {"client_secret": "${env:PARAMETER}"}},
    },
}
FLAT: dict[str, Any] = {
    "model": "openai/gpt-4.1", "api_key": "v-openai", "extra_headers": {"X-Team": "search", "X-Key": "v-header"},
    "fallbacks": [{"model": "azure/gpt-4.1", "api_base": "https://eu.example.net", "api_key": "v-azure"}],
}  # fmt: skip
OF_X: dict[str, Any] = {"model": "mistral/large", "api_key": "v-mistral", "params": {"client_secret": "v-parameter"}}


def telling(flat: Callable[[], Any] = lambda: FLAT, of_x: Any = None) -> Callable[[BaseHTTPRequestHandler], None]:
    """A server that tells secrets: a snapshot of one agent, and what its `llm` is."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        if "/llm" not in request.path:
            reply(request, Forged({"a": CONFIG}).document) if "snapshot" in request.path else None
        elif "secrets=true" in request.path:
            reply(request, (of_x or OF_X) if "variant=x" in request.path else flat())

    return answer


def reveal(conf: Connection, text: str, agent: str = "a") -> str:
    assert conf.snapshot.reveal is not None
    source, _, name = text.removeprefix("${").removesuffix("}").partition(":")
    return conf.snapshot.reveal(SecretReference(source, name), conf.resolve(agent)).get_secret_value()


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("${env:OPENAI}", "v-openai"),
        ("${file:/run/secrets/azure}", "v-azure"),
        ("${env:HEADER}", "v-header"),
        ("${env:MISTRAL}", "v-mistral"),
        ("${env:PARAMETER}", "v-parameter"),
    ],
)
def test_a_value_is_that_of_its_place(dial: Dial, reference: str, value: str) -> None:
    with Answering(telling()) as server:
        assert reveal(dial(server.url), reference) == value


def test_it_is_asked_for_once_in_a_while(dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    with Answering(telling()) as server:
        conf = dial(server.url)
        for _ in range(5):
            reveal(conf, "${env:OPENAI}")
        assert sum("/llm" in path for path, _ in server.asked) == 1
        monkeypatch.setattr(remote_secrets, "FRESH_S", 0.0)
        assert reveal(conf, "${env:OPENAI}") == "v-openai"
        wait_for(lambda: sum("/llm" in path for path, _ in server.asked) >= 2, "another question, aside")


def test_a_call_does_not_wait_for_a_server_that_hangs(dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does the event loop that it is made from."""
    is_over = threading.Event()
    with Answering(telling()) as server:
        conf = dial(server.url)
        reveal(conf, "${env:OPENAI}")
        monkeypatch.setattr(remote_secrets, "FRESH_S", 0.0)
        server.answer = lambda request: _hang(is_over)
        began = time.monotonic()
        assert reveal(conf, "${env:OPENAI}") == "v-openai"
        assert time.monotonic() - began < 1
        is_over.set()


def _hang(is_over: threading.Event) -> None:
    is_over.wait(5)


def test_nothing_is_asked_before_it_is_needed(dial: Dial) -> None:
    with Answering(telling()) as server:
        dial(server.url)
        assert not any("/llm" in path for path, _ in server.asked)


def test_while_the_server_is_away_what_is_held_is_used_for_its_time_to_live(
    dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_secrets, "FRESH_S", 0.0)
    with Answering(telling()) as server:
        conf, brief = dial(server.url), dial(server.url, ttl=0.000001)
        assert reveal(conf, "${env:OPENAI}") == reveal(brief, "${env:OPENAI}") == "v-openai"
        server.answer = lambda request: reply(request, b"{}", 500)
        assert reveal(conf, "${env:OPENAI}") == "v-openai"
        with pytest.raises(SecretUnavailable, match="the server answers 500"):
            reveal(brief, "${env:OPENAI}")


def test_a_token_that_was_revoked_ends_what_is_held(dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_secrets, "FRESH_S", 0.0)
    with Answering(telling()) as server:
        conf = dial(server.url, token="a-token")
        reveal(conf, "${env:OPENAI}")
        server.answer = lambda request: reply(request, b"{}", 403)
        assert reveal(conf, "${env:OPENAI}") == "v-openai"
        wait_for(lambda: not conf._vault._held, "the end of what was held")
        with pytest.raises(SecretUnavailable, match=r"\$\{env:OPENAI\}: the server refuses the token \(403\)"):
            reveal(conf, "${env:OPENAI}")


def test_a_key_travels_to_no_other_address_than_its_own(dial: Dial) -> None:
    """The server has another configuration by now: its key is not for what is served here."""
    for other in ({"api_base": "https://new.example.net"}, {"model": "azure/gpt-4.1"}, {"type": "azure"}):
        with Answering(telling(lambda other=other: {**FLAT, **other})) as server:  # type: ignore[misc]
            conf = dial(server.url)
            with pytest.raises(SecretUnavailable, match="serves another configuration by now"):
                reveal(conf, "${env:OPENAI}")


def test_a_reference_without_a_value_on_the_server_is_said(
    tmp_path: Path, root: Path, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    put(root, {"_defaults.yaml": PROVIDED % "${env:NOT_THERE}", "a.yaml": "llm: {model: openai/x}\n"})
    token = token_in(tmp_path / "tokens.json", "caller", Scope.READ, Scope.SECRETS)
    with Running(root, options=replace(UNLIMITED, tokens=str(tmp_path / "tokens.json"))) as server:
        conf = dial(server.url, token=token)
        with pytest.raises(SecretUnavailable, match="a secret of the agent has no value on the server"):
            reveal(conf, "${env:NOT_THERE}")


@pytest.mark.parametrize(
    "said", [[], "text", {"model": "openai/gpt-4.1"}, {**FLAT, "api_key": 7}, {**FLAT, "api_key": ""}]
)
def test_an_answer_that_holds_no_value_is_said(dial: Dial, said: Any) -> None:
    with Answering(telling(lambda: said)) as server:
        conf = dial(server.url)
        with pytest.raises(SecretUnavailable):
            reveal(conf, "${env:OPENAI}")


def test_a_reference_that_the_agent_does_not_name_is_not_asked_for(dial: Dial) -> None:
    with Answering(telling()) as server:
        conf = dial(server.url)
        with pytest.raises(SecretUnavailable, match="does not name it"):
            reveal(conf, "${env:ANOTHER}")
        assert not any("/llm" in path for path, _ in server.asked)


def test_over_plain_http_nothing_is_asked() -> None:
    vault = Vault(Server(address_of("http://config.example.net"), None), lambda _: CONFIG, 300)
    agent = snapshot_of({"a": {"llm": {"model": "openai/x"}}})["a"]
    with pytest.raises(SecretUnavailable, match="TLS or loopback"):
        vault.reveal(SecretReference("env", "OPENAI"), agent)


def test_a_value_is_in_no_text_no_log_no_cache_and_no_error(
    dial: Dial, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Answering(telling()) as server:
        conf = dial(server.url, cache=kept)
        reference = SecretReference("env", "OPENAI")
        assert conf.snapshot.reveal is not None
        value = conf.snapshot.reveal(reference, conf["a"])
        said = f"{value!r}{conf!r}{conf._vault!r}{conf._vault._held!r}{conf.status}{conf.snapshot.show('a')}"
        conf.close()
        assert not conf._vault._held
    written = b"".join(path.read_bytes() for path in kept.rglob("*") if path.is_file())
    assert "v-openai" not in said
    assert "v-openai" not in caplog.text
    assert b"v-openai" not in written


def test_local_means_this_machine(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        assert dial(server.url, secrets="local").snapshot.reveal is None


def test_the_key_of_this_process_is_looked_up_here(
    root: Path, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, {"bare.yaml": "owner: nobody\n"})
    monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/mine")
    monkeypatch.setenv("AGENTCONF_LLM_API_KEY", "of-the-client")
    with Running(root) as server:
        conf = dial(server.url)
        assert reveal(conf, "${env:AGENTCONF_LLM_API_KEY}", "bare") == "of-the-client"
        assert reveal(conf, "${env:AGENTCONF_LLM_API_KEY}", "default") == "of-the-client"
        with pytest.raises(SecretUnavailable):
            reveal(conf, "${env:HOME}", "bare")


def test_cipher_texts_are_asked_for_by_their_place(
    root: Path, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real answer of a server, to a client that knows two masks apart."""
    key = Fernet.generate_key()
    monkeypatch.setenv("AGENTCONF_FERNET_KEYS", key.decode())
    one, other = (Fernet(key).encrypt(text).decode() for text in (b"first value", b"second value"))
    keys = {name: {"api_key": f"${{fernet:{text}}}"} for name, text in (("openai", one), ("mistral", other))}
    provided = json.dumps({"providers": keys})
    put(root, {"_defaults.yaml": provided, "a.yaml": "llm: {model: openai/x, fallbacks: [{model: mistral/y}]}\n"})
    with Running(root) as server:
        flat = with_secrets(server.watch["a"], Ground())

        def answer(request: BaseHTTPRequestHandler) -> None:
            import httpx

            if "/llm" in request.path:
                reply(request, flat)
            elif "snapshot" in request.path:
                reply(request, httpx.get(f"{server.url}/api/snapshot").json())

        with Answering(answer) as before:
            snapshot = dial(before.url).snapshot
            assert snapshot.reveal is not None
            providers = snapshot["a"].providers
            references = [providers[name].api_key for name in ("openai", "mistral")]
            assert [str(reference) for reference in references] == ["${fernet:***}", "${fernet:***}"]
            values = [snapshot.reveal(one, snapshot["a"]).get_secret_value() for one in references if one is not None]
    assert values == ["first value", "second value"]
    assert one not in json.dumps(snapshot.show("a"))


def test_an_agent_with_masks_is_the_same_typed_agent(root: Path, dial: Dial) -> None:
    put(root, {"_defaults.yaml": PROVIDED % FERNET, "b.yaml": "llm: {model: openai/x}\n"})
    with Running(root) as server:
        conf = dial(server.url)
        assert conf["b"].llm == server.watch["b"].llm
        assert pickle.loads(pickle.dumps(conf["b"])) == conf["b"]
        put(root, {"b.yaml": "owner: second\nllm: {model: openai/x}\n"})
        wait_for(lambda: conf["b"].owner == "second", "the change")
