"""Manifests for Kubernetes, as the tests of deploy/ and of docs/kubernetes read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def documents(manifest: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(manifest.read_text(encoding="utf-8")))


def pod(manifest: Path) -> dict[str, Any]:
    """What the manifest's one Deployment runs, which it selects itself."""
    (deployment,) = (one for one in documents(manifest) if one["kind"] == "Deployment")
    template: dict[str, Any] = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    spec: dict[str, Any] = template["spec"]
    return spec


def containers(manifest: Path) -> Iterator[dict[str, Any]]:
    spec = pod(manifest)
    yield from [*spec.get("initContainers", []), *spec["containers"]]


def container_named(manifest: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = (one for one in pod(manifest)["containers"] if one["name"] == name)
    return found
