"""What `import agentconf` gives: few names, sorted, and nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib import resources

import pytest

import agentconf

HEAVY = ("pydantic", "yaml", "jsonschema_rs", "click", "rich", "litellm", "watchfiles", "fastapi", "agentconf.pipeline")


def test_the_names_are_few_sorted_and_said_once() -> None:
    assert list(agentconf.__all__) == sorted(set(agentconf.__all__))
    # fifteen, and `connect`: the third way to a snapshot, beside `load` and `watch`
    assert len(agentconf.__all__) <= 16


@pytest.mark.parametrize("name", agentconf.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(agentconf, name) is not None
    assert name in dir(agentconf)


def test_what_is_declared_for_type_checkers_is_what_is_exported() -> None:
    text = resources.files(agentconf).joinpath("__init__.py").read_text("utf-8")
    declared = [
        line.rsplit(" as ", 1)[1] for line in text.splitlines() if line.startswith("    from ") and " as " in line
    ]
    assert sorted(declared) == list(agentconf.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="laod"):
        agentconf.laod  # noqa: B018  # the mistake is the test


def test_importing_loads_nothing_heavy() -> None:
    program = f"import sys, agentconf; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_load_needs_neither_the_command_line_nor_what_is_optional() -> None:
    optional = ("click", "rich", "litellm", "watchfiles", "fastapi", "ruamel.yaml")
    program = f"import sys, agentconf; agentconf.load; print([name for name in {optional!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_is_typed_and_has_a_version() -> None:
    assert resources.files(agentconf).joinpath("py.typed").is_file()
    assert agentconf.__version__.count(".") == 2


def test_a_snapshot_is_a_mapping() -> None:
    assert issubclass(agentconf.Snapshot, Mapping)
