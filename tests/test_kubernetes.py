"""The manifests of docs/kubernetes: whether they hang together, and say what the page says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

import agentconf
from tests.manifests import container_named, containers, documents, pod
from tests.support import REPOSITORY

PAGE = REPOSITORY / "docs" / "kubernetes.md"
FOLDER = REPOSITORY / "docs" / "kubernetes"
CONFIG_MAP = FOLDER / "configmap"
MANIFESTS = [CONFIG_MAP / "deployment.yaml", *sorted(FOLDER.glob("*.yaml"))]
EXPECTED_KINDS = {
    "deployment.yaml": ["Deployment"],
    "git-sync.yaml": ["Deployment"],
    "single-file.yaml": ["Deployment"],
    "nfs.yaml": ["PersistentVolume", "PersistentVolumeClaim", "PersistentVolumeClaim", "Deployment"],
}

each_manifest = pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)


def service(manifest: Path) -> dict[str, Any]:
    return container_named(manifest, "your-service")


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container["env"]}


def test_every_manifest_is_looked_at() -> None:
    assert sorted(EXPECTED_KINDS) == sorted(path.name for path in MANIFESTS)
    assert {*FOLDER.rglob("*.yaml")} == {
        *MANIFESTS,
        CONFIG_MAP / "kustomization.yaml",
        *(CONFIG_MAP / "agents.d").rglob("*.yaml"),
    }


@each_manifest
def test_a_manifest_has_the_kinds_that_it_should(manifest: Path) -> None:
    found = documents(manifest)
    assert [one["kind"] for one in found] == EXPECTED_KINDS[manifest.name]
    assert all(one["apiVersion"] and one["metadata"]["name"] for one in found)


@each_manifest
def test_every_mount_names_a_volume_and_every_volume_is_mounted(manifest: Path) -> None:
    volumes = [volume["name"] for volume in pod(manifest)["volumes"]]
    mounts = [mount for container in containers(manifest) for mount in container["volumeMounts"]]
    assert len(volumes) == len(set(volumes))
    assert {mount["name"] for mount in mounts} == set(volumes)
    assert all("subPath" not in mount for mount in mounts)


@each_manifest
def test_the_tree_lies_in_a_volume_that_is_mounted_to_be_read(manifest: Path) -> None:
    container = service(manifest)
    tree = PurePosixPath(variables(container)["AGENTCONF_DIR"])
    assert tree.name == "agents.d"
    assert variables(container)["AGENTCONF_ENVIRONMENT"] == "prod"
    assert [mount["name"] for mount in container["volumeMounts"] if tree.is_relative_to(mount["mountPath"])] != []
    assert [mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")] == ["last-good"]


@each_manifest
def test_the_last_good_folder_of_the_page_is_a_volume(manifest: Path) -> None:
    said = re.search(r'last_good="([^"]+)"', PAGE.read_text(encoding="utf-8"))
    assert said
    (mount,) = (one for one in service(manifest)["volumeMounts"] if one["name"] == "last-good")
    assert mount["mountPath"] == said[1]
    (volume,) = (one for one in pod(manifest)["volumes"] if one["name"] == "last-good")
    assert volume.keys() & {"emptyDir", "persistentVolumeClaim"}


@each_manifest
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


@each_manifest
def test_every_claim_is_in_the_manifest(manifest: Path) -> None:
    claims = {one["metadata"]["name"] for one in documents(manifest) if one["kind"] == "PersistentVolumeClaim"}
    used = (one["persistentVolumeClaim"] for one in pod(manifest)["volumes"] if "persistentVolumeClaim" in one)
    assert {one["claimName"] for one in used} == claims


def test_a_claim_on_the_file_server_finds_its_volume() -> None:
    volume, claim, *_ = documents(FOLDER / "nfs.yaml")
    assert claim["spec"]["volumeName"] == volume["metadata"]["name"]
    for key in ("accessModes", "storageClassName"):
        assert claim["spec"][key] == volume["spec"][key]
    assert claim["spec"]["resources"]["requests"]["storage"] == volume["spec"]["capacity"]["storage"]


def test_git_sync_s_link_is_the_one_that_the_service_goes_through() -> None:
    manifest = FOLDER / "git-sync.yaml"
    clone, sync = (one for one in containers(manifest) if one["name"] != "your-service")
    tree = variables(service(manifest))["AGENTCONF_DIR"]
    for container in (clone, sync):
        said = dict(argument.removeprefix("--").partition("=")[::2] for argument in container["args"])
        assert f"{said['root']}/{said['link']}/agents.d" == tree
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        assert {said["root"], str(PurePosixPath(said["password-file"]).parent), "/tmp"} == mounts
    assert set(clone["args"]) - set(sync["args"]) == {"--one-time"}


def keys_and_files() -> dict[str, str]:
    """By the key in the ConfigMap, the file that the generator reads."""
    (kustomization,) = documents(CONFIG_MAP / "kustomization.yaml")
    (generator,) = kustomization["configMapGenerator"]
    assert kustomization["generatorOptions"] == {"disableNameSuffixHash": True}
    return dict(said.split("=") for said in generator["files"])


def items() -> dict[str, str]:
    """By the key in the ConfigMap, the path in the volume."""
    (volume,) = (one["configMap"] for one in pod(CONFIG_MAP / "deployment.yaml")["volumes"] if "configMap" in one)
    assert volume["name"] == "agents"
    return {item["key"]: item["path"] for item in volume["items"]}


def test_every_file_of_the_example_gets_its_key_and_its_place() -> None:
    files = {path.relative_to(CONFIG_MAP).as_posix() for path in (CONFIG_MAP / "agents.d").rglob("*") if path.is_file()}
    assert set(keys_and_files().values()) == files
    assert {key: f"agents.d/{path}" for key, path in items().items()} == keys_and_files()
    assert all(re.fullmatch(r"[-._a-zA-Z0-9]+", key) for key in keys_and_files())


def mounted(folder: Path, data: dict[str, str]) -> Path:
    """The volume as Kubernetes lays it out: the files reached through `..data`, which can be swapped."""
    (folder / "..2026_11_21").mkdir(parents=True)
    (folder / "..data").symlink_to("..2026_11_21")
    for key, path in items().items():
        (folder / "..data" / path).parent.mkdir(exist_ok=True)
        (folder / "..data" / path).write_text(data[key], encoding="utf-8")
        top = path.split("/")[0]
        if not (folder / top).is_symlink():
            (folder / top).symlink_to(f"..data/{top}")
    return folder


def test_what_the_config_map_mounts_is_a_tree(tmp_path: Path) -> None:
    data = {key: (CONFIG_MAP / file).read_text(encoding="utf-8") for key, file in keys_and_files().items()}
    snapshot = agentconf.load(mounted(tmp_path / "agents.d", data), environment="prod")
    assert sorted(snapshot) == ["trader", "translator"]
    assert (snapshot["translator"].instructions or "").startswith("Translate")
    assert snapshot.explain("trader", "limits.budget.usd").value == 20
    assert snapshot.diagnostics == ()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed; it has kustomize built in")
def test_kustomize_makes_the_config_map_that_the_deployment_mounts(tmp_path: Path) -> None:
    done = subprocess.run(["kubectl", "kustomize", CONFIG_MAP], capture_output=True, text=True, check=True)
    config_map, deployment = sorted(yaml.safe_load_all(done.stdout), key=lambda one: str(one["kind"]))
    assert (config_map["kind"], config_map["metadata"]["name"]) == ("ConfigMap", "agents")
    assert deployment == documents(CONFIG_MAP / "deployment.yaml")[0]
    assert config_map["data"].keys() == items().keys()
    assert len(agentconf.load(mounted(tmp_path / "agents.d", config_map["data"]), environment="prod")) == 2


def test_what_the_page_quotes_stands_in_a_manifest() -> None:
    page = PAGE.read_text(encoding="utf-8")
    manifests = [path.read_text(encoding="utf-8") for path in (*MANIFESTS, CONFIG_MAP / "kustomization.yaml")]
    quoted = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert quoted
    assert [block for block in quoted if not any(block in manifest for manifest in manifests)] == []


def test_what_the_page_links_to_is_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)#:]+(?:#[^)]*)?)\)", page)}
    assert links >= {f"kubernetes/{path.relative_to(FOLDER)}" for path in MANIFESTS if path.parent == FOLDER}
    assert [link for link in links if not (PAGE.parent / link).is_file()] == []
