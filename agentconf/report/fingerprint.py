"""By what a service recognises a finding in the next run."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable

from agentconf.diagnostic import Diagnostic


def fingerprints(findings: Iterable[Diagnostic]) -> list[str]:
    """One for each finding. Lines take no part, so that a line inserted above makes no finding a new one.

    What is said twice in one file is told apart by its order.
    """
    said: Counter[tuple[str | None, ...]] = Counter()
    made = []
    for finding in findings:
        what = (finding.code, finding.file, finding.key, finding.agent, finding.environment, finding.message)
        said[what] += 1
        text = json.dumps([*what, said[what]])
        made.append(hashlib.sha256(text.encode()).hexdigest())
    return made
