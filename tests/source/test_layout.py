from __future__ import annotations

import pytest

from agentconf.source.layout import (
    ID,
    Kind,
    Misplaced,
    Place,
    is_config_name,
    is_passed_over,
    misplaced_folder,
    place,
    stem,
    suggested_id,
)

PLACES = {
    "a.yaml": Place(Kind.AGENT, "a", ""),
    "a.yml": Place(Kind.AGENT, "a", ""),
    "trading/desk/a.b.yaml": Place(Kind.AGENT, "a.b", "trading/desk"),
    "_defaults.yaml": Place(Kind.DEFAULTS, "_defaults", ""),
    "_defaults.yml": Place(Kind.DEFAULTS, "_defaults", ""),
    "trading/_defaults.yaml": Place(Kind.DEFAULTS, "_defaults", "trading"),
    "_settings.yaml": Place(Kind.SETTINGS, "_settings", ""),
    "_models.yaml": Place(Kind.MODELS, "_models", ""),
    "_models.lock.json": Place(Kind.LOCK, "_models.lock.json", ""),
    "_profiles/careful.yaml": Place(Kind.PROFILE, "careful", "_profiles"),
    "_environments/prod.yml": Place(Kind.ENVIRONMENT, "prod", "_environments"),
}


@pytest.mark.parametrize("path", PLACES)
def test_a_files_part_in_the_tree_is_its_name(path: str) -> None:
    assert place(path) == PLACES[path]


@pytest.mark.parametrize("path", ["a.md", "a.json", "a.YAML", "yaml", "trading/notes.txt", "_profiles/notes.md"])
def test_other_suffixes_are_passed_over(path: str) -> None:
    assert place(path) is None


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("_default.yaml", "did you mean '_defaults.yaml'?"),
        ("_setings.yaml", "did you mean '_settings.yaml'?"),
        ("_notes.md", "names that begin with _ are reserved; give the file another name"),
        ("trading/_settings.yaml", "move it out of trading/"),
        ("trading/_models.lock.json", "move it out of trading/"),
        ("_profiles/eu/careful.yaml", "move it to _profiles/careful.yaml"),
        ("_profiles/_draft", "its name must end in .yaml"),
    ],
)
def test_a_reserved_name_that_nothing_reads_is_misplaced(path: str, hint: str) -> None:
    found = place(path)
    assert isinstance(found, Misplaced)
    assert found.hint == hint


@pytest.mark.parametrize(
    ("parent", "name", "is_right"),
    [
        ("", "trading", True),
        ("", "_profiles", True),
        ("", "_environments", True),
        ("trading", "_profiles", False),
        ("", "_profile", False),
        ("trading", "_x", False),
        ("trading", "desk", True),
    ],
)
def test_reserved_folders_stand_at_the_root(parent: str, name: str, is_right: bool) -> None:
    assert (misplaced_folder(parent, name) is None) == is_right


@pytest.mark.parametrize("name", [".git", "..data", ".a.yaml", "a.yaml~", "a.yaml.swp", "#a.yaml#"])
def test_dot_files_and_editors_leftovers_are_passed_over(name: str) -> None:
    assert is_passed_over(name)


@pytest.mark.parametrize("name", ["a.yaml", "a.swp.yaml", "#a.yaml", "a~b.yaml", "a.#b"])
def test_other_names_are_not(name: str) -> None:
    assert not is_passed_over(name)


def test_what_is_named_like_a_config_file() -> None:
    assert [is_config_name(name) for name in ("a.yaml", "a.yml", "_x", "a.md")] == [True, True, True, False]
    assert [stem(name) for name in ("a.b.yaml", ".yml", "a.md")] == ["a.b", "", None]


@pytest.mark.parametrize("name", ["a", "0", "a-b", "a.b_c", "a" * 64, "0.0", "a--b"])
def test_ids(name: str) -> None:
    assert ID.fullmatch(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", ".a", "a_", "A", "a b", "a" * 65, "ä", "a\n", "a/b"])
def test_what_is_no_id(name: str) -> None:
    assert not ID.fullmatch(name)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("Code Assistant", "code-assistant"),
        ("Code_Assistant", "code_assistant"),
        ("-a-", "a"),
        ("ÄÖ", None),
        ("default", None),
        ("x" * 63 + "-y", "x" * 63),
    ],
)
def test_a_better_id_is_suggested(name: str, better: str | None) -> None:
    assert suggested_id(name) == better
    assert better is None or ID.fullmatch(better)
