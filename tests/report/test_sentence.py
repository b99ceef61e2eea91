from __future__ import annotations

from agentconf.report.sentence import sentence
from tests.report.findings import finding


def test_it_has_the_hint_and_the_environment_where_there_is_one() -> None:
    assert sentence(finding("wrong")) == "wrong"
    assert sentence(finding("wrong", hint="write right", environment="prod")) == "wrong (write right) [prod]"
