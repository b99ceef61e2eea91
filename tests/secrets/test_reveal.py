"""What holds of every source: the value comes out whole, and of nothing that goes wrong is it ever a part."""

from __future__ import annotations

import json
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from agentconf.config.secrets import SecretReference
from agentconf.errors import AgentconfError, SecretUnavailable
from agentconf.secrets import age, fernet
from agentconf.secrets.allowed import Allowed, allowed_by
from agentconf.secrets.keys import FERNET_VARIABLE, KeyRing
from agentconf.secrets.reveal import Ground, reveal

VALUE = "correcthorse-battery-staple"


@pytest.fixture
def write(tmp_path: Path, variables: dict[str, str]) -> Callable[[str, str], SecretReference]:
    """Puts a value where a source finds it."""

    def put(source: str, value: str) -> SecretReference:
        ring = KeyRing(variables)
        if source == "env":
            variables["A_KEY"] = value
            return SecretReference("env", "A_KEY")
        if source == "file":
            (tmp_path / "key").write_text(value, "utf-8")
            return SecretReference("file", str(tmp_path / "key"))
        if source == "fernet":
            return SecretReference("fernet", fernet.encrypt(ring, SecretStr(value)))
        return SecretReference("age", age.encrypt(age.own_recipients(ring), SecretStr(value)))

    return put


@pytest.fixture
def ground(tmp_path: Path, variables: dict[str, str]) -> Ground:
    return Ground(Allowed(files=(f"{tmp_path}/*",)), None, variables)


def why_not(reference: SecretReference, ground: Ground) -> SecretUnavailable:
    with pytest.raises(SecretUnavailable) as raised:
        reveal(reference, ground)
    return raised.value


def reason_of(reference: SecretReference, ground: Ground) -> str | None:
    """Why there is no value; None where there is one."""
    try:
        reveal(reference, ground)
    except SecretUnavailable as error:
        return error.reason
    return None


each_source = pytest.mark.parametrize("source", ["env", "file", "fernet", "age"])


@each_source
@pytest.mark.parametrize("value", [VALUE, "a", "ä€😀", "two\nlines", '{"a": 1}', "x" * 60_000])
def test_a_value_comes_out_as_it_went_in(
    source: str, value: str, write: Callable[[str, str], SecretReference], ground: Ground
) -> None:
    assert reveal(write(source, value), ground).get_secret_value() == value


@each_source
def test_a_value_masks_itself(source: str, write: Callable[[str, str], SecretReference], ground: Ground) -> None:
    class Holder(BaseModel):
        secret: SecretStr

    value = reveal(write(source, VALUE), ground)
    held = Holder(secret=value)
    shown = [str(value), repr(value), f"{value}", f"{value!r:>40}", "%s" % value, held.model_dump_json(), repr(held)]  # noqa: UP031
    shown += [repr(held.model_dump()), repr([value]), json.dumps({"a": str(value)})]
    assert not [text for text in shown if "correcthorse" in text]


@each_source
def test_what_is_missing_is_said_and_the_reference_as_it_may_be_shown(
    source: str, write: Callable[[str, str], SecretReference], ground: Ground
) -> None:
    reference = write(source, VALUE)
    name = {"env": "NO_KEY", "file": f"{reference.name}-not"}.get(source, "AAAA")
    error = why_not(SecretReference(source, name), ground)
    assert isinstance(error, AgentconfError)
    assert str(error).startswith(f"{SecretReference(source, name)}: ")
    assert error.reason[-1].isalnum()
    pickled: SecretUnavailable = pickle.loads(pickle.dumps(error))
    assert str(pickled) == str(error)


@pytest.mark.parametrize("source", ["file", "fernet", "age"])
def test_one_line_break_at_the_end_is_taken_off(
    source: str, write: Callable[[str, str], SecretReference], ground: Ground
) -> None:
    assert reveal(write(source, "a key\n"), ground).get_secret_value() == "a key"
    assert reveal(write(source, "a key\r\n"), ground).get_secret_value() == "a key"
    assert reveal(write(source, "a key\n\n"), ground).get_secret_value() == "a key\n"


@pytest.mark.parametrize("source", ["env", "file", "fernet", "age"])
def test_an_empty_value_is_none(source: str, write: Callable[[str, str], SecretReference], ground: Ground) -> None:
    assert "empty" in why_not(write(source, ""), ground).reason


def test_bytes_that_are_no_text_are_not_repeated(tmp_path: Path, ground: Ground) -> None:
    (tmp_path / "key").write_bytes(VALUE.encode() + b"\xff")
    error = why_not(SecretReference("file", str(tmp_path / "key")), ground)
    assert error.reason == "it is not UTF-8 text"
    assert "correcthorse" not in "".join(traceback.format_exception(error))
    assert error.__cause__ is error.__context__ is None


@pytest.mark.parametrize("source", ["env", "file"])
def test_a_changed_value_is_picked_up_at_the_next_call(
    source: str, write: Callable[[str, str], SecretReference], ground: Ground
) -> None:
    assert reveal(write(source, "one"), ground).get_secret_value() == "one"
    assert reveal(write(source, "two"), ground).get_secret_value() == "two"


def test_the_machines_own_variables_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY_OF_THIS_TEST", VALUE)
    assert reveal(SecretReference("env", "A_KEY_OF_THIS_TEST")).get_secret_value() == VALUE


@pytest.mark.parametrize("name", ["AGENTCONF_FERNET_KEYS", "AGENTCONF_FERNET_KEYS_FILE", "AGENTCONF_AGE_IDENTITY_FILE"])
def test_what_decrypts_is_handed_to_nobody(name: str, variables: dict[str, str]) -> None:
    variables[name] = VALUE
    error = why_not(SecretReference("env", name), Ground(Allowed(env=("*",)), None, variables))
    assert "never handed on" in error.reason


def test_the_settings_narrow_variables(ground: Ground, variables: dict[str, str]) -> None:
    variables |= {"OPENAI_API_KEY": VALUE, "DATABASE_PASSWORD": VALUE}
    narrow = Ground(allowed_by({"secrets": {"env": ["*_API_KEY"]}}), None, variables)
    assert reveal(SecretReference("env", "OPENAI_API_KEY"), narrow).get_secret_value() == VALUE
    assert "do not allow" in why_not(SecretReference("env", "DATABASE_PASSWORD"), narrow).reason
    assert "do not allow" in why_not(SecretReference("env", "openai_api_key"), narrow).reason


@pytest.mark.parametrize(
    "said", [[], {}, "*", None, {"env": "*"}, {"env": []}, {"env": [1]}, {"env": None}, {"envs": ["A_*"]}]
)
def test_settings_that_are_malformed_allow_nothing(said: object, variables: dict[str, str]) -> None:
    variables["A_KEY"] = VALUE
    allowed = allowed_by({"secrets": said})
    if said == {}:
        assert allowed == Allowed()
    else:
        why_not(SecretReference("env", "A_KEY"), Ground(allowed, None, variables))


def test_a_slip_beside_a_list_leaves_the_list_as_it_is() -> None:
    assert allowed_by({"secrets": {"env": ["A_*"], "file": ["/etc/keys/*"]}}) == Allowed(("A_*",), ())


@each_source
def test_no_reason_holds_a_key_of_the_machine(
    source: str, write: Callable[[str, str], SecretReference], ground: Ground, variables: dict[str, str]
) -> None:
    reference = write(source, VALUE)
    variables[FERNET_VARIABLE] = f"{fernet.new_key()},correcthorse-no-key"
    for name in (reference.name, reference.name + "x", "correcthorse"):
        assert "correcthorse" not in (reason_of(SecretReference(source, name), ground) or "")


@given(text=st.text(max_size=200), source=st.sampled_from(["env", "file", "fernet", "age"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_name_gives_a_value_or_a_sentence(text: str, source: str, ground: Ground) -> None:
    assert reason_of(SecretReference(source, text), ground) != ""
