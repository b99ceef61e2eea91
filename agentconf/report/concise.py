"""One line a finding, for editors and `grep`."""

from __future__ import annotations

from agentconf.validation import Validation


def render(validation: Validation) -> str:
    return "".join(f"{finding}\n" for finding in validation.diagnostics)
