"""A page of the manual, for a terminal and as Markdown: what is wrong, why, an example, what to do, who may say no."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from agentconf.diagnostic import Rule
from agentconf.rules.manual import FIRST_FILE, Page

_LANGUAGES = ("yaml", "json")


def as_text(page: Page, width: int = 80, style: Callable[..., str] = lambda text, **how: text) -> str:
    """The page with lines of at most `width` characters, but for the examples."""
    rule = page.rule
    lines = [f"{style(rule.code, bold=True)} {style(rule.name, bold=True)}: {page.title}"]
    for heading, said in (("What", page.what), ("Why", page.why)):
        lines += _section(heading, _wrapped(said, width), style)
    for heading, files, words in (("Bad", page.bad, page.bad_in_words), ("Good", page.good, page.good_in_words)):
        lines += _section(heading, _example(files) if files else _wrapped(words, width), style)
    lines += _section("Fix", _wrapped(page.fix, width), style)
    lines += _section("Severity", _severity(page, width), style)
    return "\n".join([*lines, ""])


def as_markdown(page: Page) -> str:
    """The page without its heading."""
    parts = [page.title, page.what, f"**Why:** {page.why}"]
    for heading, files, words in (("Bad", page.bad, page.bad_in_words), ("Good", page.good, page.good_in_words)):
        parts += [f"**{heading}:**", *_blocks(files)] if files else [f"**{heading}:** {words}"]
    parts += [f"**Fix:** {page.fix}", f"**Severity:** {severity_of(page)}"]
    if page.rule.can_be_set:
        parts.append(f"```yaml\n{setting_of(page.rule)}\n```")
    if page.rule.can_be_excused:
        parts.append(f"```yaml\n{excuse_for(page.rule)}\n```")
    return "\n\n".join(parts) + "\n"


def setting_of(rule: Rule) -> str:
    """The lines of `_settings.yaml` that change a rule's severity."""
    other = "error" if rule.severity == "warning" else "warning"
    return f"rules:\n  {rule.name}: {other}  # or {rule.severity}, or off"


def excuse_for(rule: Rule) -> str:
    """The comment that excuses a line."""
    return f"# agentconf: allow {rule.name} -- why"


def severity_of(page: Page) -> str:
    """What a finding is, whether the settings or a comment may say otherwise, and what it does to a service."""
    rule = page.rule
    usual = "An error" if rule.severity == "error" else "A warning"
    rare = [one for one in page.severities if one != rule.severity]
    default = f"{usual} by default" + (f", in some cases a {rare[0]}" if rare else "")
    run_time = "At run time an error refuses its agents." if rule.refuses else "At run time it refuses nobody."
    if rule.can_be_set and rule.can_be_excused:
        return f"{default}. The settings may say otherwise, and a comment may excuse a line. {run_time}"
    if rule.can_be_excused:
        return f"{default}. A comment may excuse a line. {run_time}"
    return f"Always {usual.lower()}: it can be neither set nor excused. {run_time}"


def _section(heading: str, body: list[str], style: Callable[..., str]) -> list[str]:
    return ["", style(heading, bold=True), *(f"  {line}".rstrip() for line in body)]


def _wrapped(text: str, width: int) -> list[str]:
    paragraphs = [
        textwrap.wrap(paragraph, max(width - 2, 20), break_long_words=False, break_on_hyphens=False)
        for paragraph in text.split("\n\n")
    ]
    return [line for index, lines in enumerate(paragraphs) for line in ([""] if index else []) + lines]


def _example(files: dict[str, str]) -> list[str]:
    lines = []
    for path, text in files.items():
        if _needs_name(files):
            lines += [f"{path}:"]
        lines += [f"  {line}" for line in text.splitlines()]
    return lines


def _severity(page: Page, width: int) -> list[str]:
    lines = _wrapped(severity_of(page), width)
    if page.rule.can_be_set:
        lines += ["", "In _settings.yaml:", *(f"  {line}" for line in setting_of(page.rule).splitlines())]
    if page.rule.can_be_excused:
        lines += ["", "Behind the line, or on one of its own above it:", f"  {excuse_for(page.rule)}"]
    return lines


def _blocks(files: dict[str, str]) -> Iterator[str]:
    for path, text in files.items():
        if _needs_name(files):
            yield f"`{path}`"
        language = path.rpartition(".")[2]
        yield f"```{language if language in _LANGUAGES else 'text'}\n{text.rstrip()}\n```"


def _needs_name(files: dict[str, str]) -> bool:
    return list(files) != [FIRST_FILE]
