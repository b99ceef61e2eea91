"""The published schemas: one definition with the typed model, and three readers that agree."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError, validators

from agentconf import codes, pipeline
from agentconf.config import sense, shape, text
from agentconf.config.files import WrittenKeys
from agentconf.config.resolve import Resolver
from agentconf.config.schemas import file_name, published, rendered
from agentconf.snapshot.seal import Sealer
from tests import generated
from tests.support import REPOSITORY, document_of, needs_service, values

NAMES = ("agent", "defaults", "profile", "environment", "settings", "models")
SCHEMAS = [REPOSITORY / "schema" / file_name(name) for name in NAMES]

WRITTEN_ONLY = ("extends", "instructions_file", "environments")
"""Keys that are gone once an agent is resolved; their types are the model `WrittenKeys`."""

BATCHES = 8
DOCUMENTS_A_BATCH = 1300
SEED = 20_261_121


# -- the second opinion


def _pattern(validator: Any, pattern: str, instance: object, schema: object) -> Iterator[ValidationError]:
    """`$` is the very end, as in ECMAScript; in Python's `re` it also stands before a last line break."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


SecondOpinion = validators.extend(  # type: ignore[no-untyped-call]  # jsonschema leaves it untyped
    Draft202012Validator, {"pattern": _pattern}
)
SECOND_OPINION = SecondOpinion(shape.schema("agent"), format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_schema_second_opinion_and_typed_model_agree_on_ten_thousand_documents(batch: int) -> None:
    assert BATCHES * DOCUMENTS_A_BATCH >= 10_000
    assert_three_agree(batch)


@pytest.mark.proof
@pytest.mark.parametrize("batch", range(BATCHES, 20 * BATCHES))
def test_they_agree_on_two_hundred_thousand(batch: int) -> None:
    assert_three_agree(batch)


def assert_three_agree(batch: int) -> None:
    random = Random(SEED + batch)
    counted: Counter[str] = Counter()
    for _ in range(DOCUMENTS_A_BATCH):
        document = generated.agent(random)
        for _ in range(random.choice((0, 1, 1, 1, 2))):
            document = generated.changed(document, random)
        accepted = accepts(document)
        assert SECOND_OPINION.is_valid(document) == accepted, document
        counted["accepted" if accepted else "rejected"] += 1
        counted[assert_model_agrees(document, accepted)] += 1
    assert counted["accepted"] + counted["rejected"] == DOCUMENTS_A_BATCH
    assert min(counted["accepted"], counted["rejected"]) > DOCUMENTS_A_BATCH // 4
    assert counted["of a null or a type only"] + counted["of a secret"] < DOCUMENTS_A_BATCH // 20


def accepts(document: dict[str, Any]) -> bool:
    made = document_of(json.dumps(document, ensure_ascii=False))
    assert made.faults == ()
    return shape.is_well_formed(made, "agent")


def assert_model_agrees(document: dict[str, Any], accepted: bool) -> str:
    """The typed model takes what the schema accepts, and nothing that it rejects. The answer says how they agree.

    Four things only one of them can say. Null clears, so the model never meets one, and what the schema has against
    a null, it alone has. Where null clears a key that must be there once all is merged, the model knows, and the line
    says missing-key. A reference that names nothing, in a header, is text to the schema, and the line says
    literal-secret. And the schema wants `response_format` to say its type in every layer, the model once.
    """
    complaint, lacks_key = refusal_of_model(document)
    if not accepted and accepts(with_types(without_nulls(document))):
        return "of a null or a type only"
    if not accepted:
        assert complaint is not None or lacks_key, document
        return "both reject"
    if any(text.findings(document_of(json.dumps(document, ensure_ascii=False)))):
        return "of a secret"
    assert (complaint is None) == (not lacks_key), (complaint, document)
    return "lacks a key" if lacks_key else "both accept"


def without_nulls(value: Any) -> Any:
    """The value without the keys that null clears, in fallbacks too."""
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return (
        {key: without_nulls(item) for key, item in value.items() if item is not None}
        if isinstance(value, dict)
        else value
    )


def with_types(value: Any) -> Any:
    """The value with a type in every response format."""
    if isinstance(value, list):
        return [with_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: with_types(item) for key, item in value.items()}
    if isinstance(made.get("response_format"), dict):
        made["response_format"].setdefault("type", "text")
    return made


def refusal_of_model(document: dict[str, Any]) -> tuple[Exception | None, bool]:
    """What the typed model says of a document over the base layer, alone and in its environment."""
    tree = values({"_defaults": generated.BASE, f"_environments/{generated.ENVIRONMENT}": {}, "a": document})
    draft = pipeline.draft(tree)
    lacks_key = False
    try:
        WrittenKeys.model_validate({key: document[key] for key in WRITTEN_ONLY if key in document})
        for environment in (None, generated.ENVIRONMENT):
            resolver = Resolver(draft.config, environment)
            resolved = resolver.resolve(draft.config.agents["a"])
            lacks_key = lacks_key or codes.MISSING_KEY in {found.rule for found in sense.findings(resolver, resolved)}
            Sealer().seal(resolved)
    except (
        ValueError,
        TypeError,
        AttributeError,
    ) as error:  # the last two: resolving is only asked of accepted documents
        return error, lacks_key
    return None, lacks_key


@pytest.mark.parametrize("key", ["id", "environment", "file", "temprature", "X-off"])
def test_keys_that_only_a_resolved_agent_has_are_unknown_in_a_file(key: str) -> None:
    assert not accepts({key: "a"})


@pytest.mark.parametrize(
    "blocks", ["prod", ["prod"], {"prod": "text"}, {"prod": {"temprature": 1}}, {"not a name": {}}, {"": {}}]
)
def test_the_blocks_of_environments_are_checked_whatever_environment_is_asked_for(blocks: object) -> None:
    assert not accepts({"environments": blocks})
    assert not SECOND_OPINION.is_valid({"environments": blocks})


@pytest.mark.parametrize("name", ["variants", "experiment", "environments", "delegates"])
@pytest.mark.parametrize("kind", ["defaults", "profile"])
def test_keys_of_agents_alone_are_unknown_in_shared_layers(name: str, kind: str) -> None:
    assert not shape.is_well_formed(document_of(json.dumps({name: None})), kind)
    assert shape.is_well_formed(document_of(json.dumps({"providers": {"openai": {}}})), kind)


# -- the files


@pytest.mark.parametrize("name", NAMES)
def test_schema_folder_package_and_model_say_the_same(name: str) -> None:
    text_of_model = rendered(published()[name])
    assert (REPOSITORY / "schema" / file_name(name)).read_text("utf-8") == text_of_model
    assert (shape.FOLDER / file_name(name)).read_text("utf-8") == text_of_model


def test_nothing_else_is_published() -> None:
    assert set(published()) == set(NAMES)
    assert {path.name for path in shape.FOLDER.iterdir()} == {file_name(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_stands_alone(name: str) -> None:
    schema = published()[name]
    for reference in references(schema):
        assert reference.startswith("#/$defs/")
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described_for_editors(name: str) -> None:
    schema = published()[name]
    for mapping in (schema, *schema.get("$defs", {}).values()):
        for key, shown in mapping["properties"].items():
            assert shown.keys() >= {"description", "markdownDescription"}, key
            assert "`" not in shown["description"], key


@pytest.mark.parametrize("name", NAMES)
def test_examples_of_a_key_are_valid_themselves(name: str) -> None:
    schema = published()[name]
    for mapping in (schema, *schema.get("$defs", {}).values()):
        for key, shown in mapping["properties"].items():
            alone = {"$defs": schema.get("$defs", {}), **shown}
            for shown_value in shown.get("examples", ()):
                assert SecondOpinion(alone).is_valid(shown_value), key


def references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in {"$ref", "$dynamicRef", "$id"} and isinstance(value, str):
                yield value
            yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)


def test_check_jsonschema_accepts_the_schemas() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--check-metaschema", *map(str, SCHEMAS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ajv_compiles_the_schemas_in_its_strict_mode() -> None:
    ajv = needs_service("ajv")
    options = [
        "--spec=draft2020",
        "--strict=true",
        "-c",
        "ajv-formats",
        "-c",
        str(REPOSITORY / "tests/services/ajv-keywords.cjs"),
    ]
    inputs = [word for path in SCHEMAS for word in ("-s", str(path))]
    done = subprocess.run(
        [ajv, "compile", *options, *inputs],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY / "tests/services",
    )
    assert done.returncode == 0, done.stdout + done.stderr
