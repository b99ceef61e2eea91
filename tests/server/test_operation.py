"""Health, status, metrics, the OpenAPI document, the log, TLS, and the end."""

from __future__ import annotations

import datetime
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agentconf.errors import SourceUnavailable
from agentconf.live.metrics import Metric, Sample
from agentconf.server.exposition import exposition
from agentconf.server.run import Tls, bind, require_certificate
from tests.live.support import put, wait_for
from tests.server.support import Running, problem_of, rest_of


def certificate(folder: Path) -> Tls:
    """One that signs itself, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    import ipaddress

    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
    return Tls(str(folder / "cert.pem"), str(folder / "key.pem"))


def test_ready_says_how_it_goes(tree: Path) -> None:
    with Running(tree) as running:
        assert running.get("/healthz").json() == {"status": "ok"}
        digest = running.watch.snapshot.digest
        assert running.get("/readyz").json() == {"status": "ready", "state": "fresh", "generation": 1, "digest": digest}
        put(tree, {"coder.yaml": "temprature: 1\n"})
        wait_for(lambda: running.get("/readyz").json()["state"] == "failing", "the bad file")
        said = running.get("/api/status").json()
        assert [one["code"] for one in said["quarantined"]["coder"]] == ["AC102"]
        assert running.get("/api/agents/coder").json()["config"]["owner"] == "dev@example.net"


def test_the_status_says_what_is_served(running: Running) -> None:
    said = running.get("/api/status").json()
    assert (said["state"], said["agents"], said["disabled"], said["default_agent"]) == ("fresh", 3, ["old"], "writer")
    assert said["applied"] == running.watch.snapshot.digest


def test_a_part_of_the_server_adds_to_the_status_and_the_metrics(running: Running) -> None:
    running.serving.reports["clients"] = lambda: [1, 2]
    running.serving.meters.append(lambda: [Metric("agentconf_clients", "gauge", "clients", (Sample(2),))])
    assert running.get("/api/status").json()["clients"] == [1, 2]
    assert "agentconf_clients 2\n" in running.get("/metrics").text


def test_the_metrics_are_those_of_the_watch_and_the_answers(running: Running) -> None:
    running.get("/api/agents/nobody")
    text = running.get("/metrics").text
    for metric in running.watch.metrics:
        assert f"# TYPE {metric.name} {metric.kind}\n" in text
    assert "agentconf_agents 3\n" in text
    assert 'agentconf_reload_total{result="applied"}' in text
    assert 'agentconf_http_requests_total{code="404"} ' in text


def test_labels_are_escaped_and_metrics_of_one_name_are_one() -> None:
    metrics = [Metric("m", "gauge", 'a "help"\nof two lines', (Sample(1.5, {"a": 'x"y\\z\n'}),)),
               Metric("m", "gauge", "more", (Sample(2),))]  # fmt: skip
    expected = '# HELP m a "help"\\nof two lines\n# TYPE m gauge\nm{a="x\\"y\\\\z\\n"} 1.5\nm 2\n'
    assert exposition(metrics) == expected


def test_models_are_those_in_use_with_what_is_known(running: Running) -> None:
    said = running.get("/api/models").json()
    assert {one["model"]: one["agents"] for one in said["models"]} == {
        "mistral/mistral-large-latest": ["trader", "writer"], "openai/gpt-4.1": ["writer"],
        "openai/gpt-4.1-mini": ["coder"],
    }  # fmt: skip


def test_models_are_recommended_as_the_command_does(running: Running) -> None:
    said = running.get("/api/models/recommend?for=writer&cheaper=true&limit=2").json()
    assert said["for"]["model"] == "openai/gpt-4.1"
    assert len(said["models"]) <= 2
    assert all(one["cheaper"] for one in said["models"])
    answer = running.get("/api/models/recommend?cheaper=true")
    assert (answer.status_code, problem_of(answer)) == (422, "invalid-parameter")
    assert running.get("/api/models/recommend?for=nobody").status_code == 404


def test_the_openapi_document_describes_every_answer(running: Running) -> None:
    said = running.get("/openapi.json").json()
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            responses = operation["responses"]
            assert {"400", "403", "413", "421", "429", "500"} <= responses.keys(), (path, method)
            for status, response in responses.items():
                media = response.get("content", {})
                if int(status) >= 400:
                    own = {"application/json"} if path.startswith("/ofrep/") else set()  # the protocol's own errors
                    assert media.keys() - own <= {"application/problem+json"}, (path, status)
                    assert media, (path, status)
                elif status == "200":
                    assert media, path
    assert {"/api/agents", "/api/agents/{agent_id}", "/api/status", "/metrics", "/readyz"} <= said["paths"].keys()
    text = json.dumps(said)
    for named in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert named in said["components"]["schemas"]
    assert "#/$defs" not in text


def test_a_request_is_logged_without_its_query(running: Running) -> None:
    running.get("/api/status?ticket=something-secret")
    line = running.logged("/api/status")
    assert {"at", "client", "method", "path", "status", "bytes", "ms", "token"} == line.keys()
    assert (line["client"], line["method"], line["status"], line["token"]) == ("127.0.0.1", "GET", 200, None)
    assert "something-secret" not in str(running.log())


def test_over_tls_it_answers_the_same(tree: Path, tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    require_certificate(tls)
    with Running(tree, tls=tls) as running:
        assert running.get("/api/agents/writer").json()["id"] == "writer"


def test_a_certificate_that_is_none_is_said(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    (tmp_path / "cert.pem").write_text("nothing")
    with pytest.raises(SourceUnavailable, match="no certificate with its key"):
        require_certificate(tls)
    with pytest.raises(SourceUnavailable, match=r"cannot read \S+missing.pem: no such file"):
        require_certificate(Tls(str(tmp_path / "missing.pem")))


def test_an_encrypted_key_asks_nobody_for_its_passphrase(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    assert tls.key is not None
    key = serialization.load_pem_private_key(Path(tls.key).read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"word")
    )
    Path(tls.key).write_bytes(locked)
    with pytest.raises(SourceUnavailable, match=r"the key in \S+ is encrypted"):
        require_certificate(tls)


def test_a_port_that_is_taken_is_said() -> None:
    with bind("127.0.0.1", 0) as taken, pytest.raises(SourceUnavailable, match=r"port \d+: address already in use"):
        bind("127.0.0.1", taken.getsockname()[1])


def test_the_end_waits_for_what_has_begun(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(*_: Any) -> dict[str, Any]:
        begun.set()
        assert may_end.wait(10)
        return {"models": [], "generation": 1, "digest": "sha256:0"}

    monkeypatch.setattr("agentconf.server.routes.models.models_in_use", slow)
    with Running(tree) as running, running.connection() as connection:
        connection.sendall(b"GET /api/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert begun.wait(10)
        running.server.should_exit = True
        wait_for(running.serving.stopping.is_set, "the end's beginning")
        may_end.set()
        assert rest_of(connection).startswith(b"HTTP/1.1 200 ")


def test_usage_is_what_the_record_says(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentconf.runtime.tokens import Tokens
    from agentconf.runtime.usage.record import CallRecord
    from agentconf.runtime.usage.store import UsageStore

    monkeypatch.setenv("AGENTCONF_USAGE_URL", f"sqlite:///{tmp_path}/usage.sqlite3")
    answer = running.get("/api/usage")
    assert (answer.status_code, problem_of(answer)) == (404, "not-kept")
    store = UsageStore()
    call = CallRecord(1_700_000_000, "writer", model="openai/gpt-4.1", tokens=Tokens(10, 5), cost_usd=0.25)
    store.write([call, call])
    store.close()
    said = running.get("/api/usage?by=model&since=2023-01-01T00:00:00").json()
    row = said["rows"][0]
    assert (row["key"], row["calls"], row["cost_usd"]) == ({"model": "openai/gpt-4.1"}, 2, 0.5)
    assert said["total"]["input_tokens"] == 20
    assert running.get("/api/usage?since=2030-01-01").json()["rows"] == []
    monkeypatch.setenv("AGENTCONF_USAGE_URL", "nonsense")
    assert running.get("/api/usage").status_code == 503
