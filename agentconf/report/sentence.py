"""A finding in one sentence, for reports that show it without its line."""

from __future__ import annotations

from agentconf.diagnostic import Diagnostic


def sentence(finding: Diagnostic) -> str:
    """What is wrong, what to write instead, and in which environment, where it does not hold in all."""
    hint = f" ({finding.hint})" if finding.hint else ""
    context = f" [{finding.environment}]" if finding.environment else ""
    return f"{finding.message}{hint}{context}"
