"""The container file and the manifests of deploy/: whether they hang together, and say what docs/serving.md says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from agentconf.cli.serve import command as serve
from agentconf.server.guard.names import Names
from tests.manifests import container_named, containers, documents, pod
from tests.support import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
DEPLOYMENTS = [path for path in MANIFESTS if path.name.startswith("from-")]
PAGE = (REPOSITORY / "docs/serving.md").read_text(encoding="utf-8")
PORT = 8700

each_deployment = pytest.mark.parametrize("manifest", DEPLOYMENTS, ids=lambda path: path.name)


def server(manifest: Path) -> dict[str, Any]:
    return container_named(manifest, "agentconf")


def options(manifest: Path) -> dict[str, Any]:
    """What `agentconf serve` makes of the container's arguments."""
    name, *arguments = server(manifest)["args"]
    assert name == "serve"
    return serve.make_context("serve", arguments, resilient_parsing=False).params


def test_there_is_a_manifest_for_each_way() -> None:
    assert [path.name for path in MANIFESTS] == ["from-configmap.yaml", "from-git.yaml", "service.yaml"]


@each_deployment
def test_every_mount_names_a_volume_and_every_volume_is_mounted(manifest: Path) -> None:
    volumes = [volume["name"] for volume in pod(manifest)["volumes"]]
    mounts = [mount for container in containers(manifest) for mount in container["volumeMounts"]]
    assert {mount["name"] for mount in mounts} == set(volumes)
    assert all("subPath" not in mount for mount in mounts)


@each_deployment
def test_nobody_may_more_than_they_must(manifest: Path) -> None:
    spec = pod(manifest)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(manifest):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"].keys() == {"requests", "limits"}
        assert container["image"].startswith("registry.example.com/")
    written = [one["name"] for one in server(manifest)["volumeMounts"] if not one.get("readOnly")]
    assert written == ["last-good", "scratch"]


@each_deployment
def test_the_arguments_are_those_of_serve_and_their_files_are_mounted(manifest: Path) -> None:
    asked = options(manifest)
    mounts = [PurePosixPath(one["mountPath"]) for one in server(manifest)["volumeMounts"]]
    tree = next(one["value"] for one in server(manifest)["env"] if one["name"] == "AGENTCONF_DIR")
    for file in (asked["tokens"], asked["tls_cert"], asked["tls_key"], asked["last_good"], tree):
        assert any(PurePosixPath(file).is_relative_to(mount) for mount in mounts), file
    assert asked["host"] == "0.0.0.0"
    assert not asked["without_tokens"]
    assert not asked["without_tls"]
    assert asked["writes"] == "off"


@each_deployment
def test_probes_ask_what_there_is_on_the_port_that_is_served(manifest: Path) -> None:
    container = server(manifest)
    assert container["ports"] == [{"name": "https", "containerPort": options(manifest)["port"]}]
    probes = {name: container[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert {probe["port"] for probe in probes.values()} == {"https"}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/healthz",
    }  # fmt: skip


@each_deployment
def test_a_pod_has_the_time_to_end_that_the_server_may_take(manifest: Path) -> None:
    pause = int(server(manifest)["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod(manifest)["terminationGracePeriodSeconds"] > pause + options(manifest)["grace_s"]


@each_deployment
def test_the_server_answers_to_the_name_of_the_service(manifest: Path) -> None:
    service = next(one for one in documents(DEPLOY / "kubernetes/service.yaml") if one["kind"] == "Service")
    names = Names(options(manifest)["hosts"])
    name = service["metadata"]["name"]
    for host in (name, f"{name}.agents.svc", f"{name}.agents.svc.cluster.local:443", "10.0.0.7:8700"):
        assert names.fault({b"host": host.encode()}, "GET") is None, host
    assert names.fault({b"host": b"evil.example"}, "GET") is not None
    assert service["spec"]["selector"] == documents(manifest)[0]["spec"]["selector"]["matchLabels"]
    assert service["spec"]["ports"][0]["targetPort"] == server(manifest)["ports"][0]["name"]


def test_both_deployments_run_the_same_server() -> None:
    def alike(manifest: Path) -> dict[str, Any]:
        found = {key: value for key, value in server(manifest).items() if key not in {"env", "volumeMounts"}}
        return {**found, "mounts": [one["name"] for one in server(manifest)["volumeMounts"]][1:]}

    one, other = map(alike, DEPLOYMENTS)
    assert one == other


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines if line.strip()]


def test_the_container_copies_what_is_there_and_sent_to_the_builder() -> None:
    sent = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [shlex.split(said)[:-1] for name, said in instructions() if name == "COPY" and not said.startswith("--")]
    for file in (one for files in copied for one in files):
        assert (REPOSITORY / file).exists(), file
        assert f"!{file}" in sent


def test_the_container_runs_the_server_as_nobody_in_particular() -> None:
    said = dict(instructions())
    assert said["USER"] == "10001:10001"
    assert said["EXPOSE"] == str(PORT)
    assert said["ENTRYPOINT"] == '["agentconf"]'
    name, *arguments = yaml.safe_load(said["CMD"])
    assert name == "serve"
    serve.make_context("serve", arguments)


def test_what_the_page_quotes_stands_in_a_manifest() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (*MANIFESTS, DEPLOY / "Dockerfile")]
    quotes = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert quotes
    for quote in quotes:
        assert any(quote.strip() in text for text in texts), quote
