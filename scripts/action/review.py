"""The third step of action.yml: what the change does to each resolved agent, in the summary of the job.

ACTION, TREE, ENVIRONMENTS, FOLDER, SUMMARY, SOURCE, BASE, FAIL_ON: the inputs. EVENT_BASE: the pull request's base.
The base's rules judge the head, so that a change cannot grade itself. The review itself is not printed: a line of a
config file in the log could pass for a command to the runner.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

RISKS = ("high", "medium", "low")
FOUND = 1
"""The status of `diff --fail-on` where the risk is reached; anything above means that there is no review."""


class Done(NamedTuple):
    """`said` is standard output; `reason` the sentence on standard error."""

    status: int
    said: str
    reason: str


def agentconf(form: str) -> Done:
    """One run of `agentconf diff`. No word of it can be taken for an option, or goes through a shell."""
    program = ["agentconf"] if os.environ["SOURCE"] == "none" else [sys.executable, "-I", "-m", "agentconf"]
    options = [f"--path={os.environ['TREE']}", "--settings-from=base", f"--format={form}"]
    options += [f"--environment={name}" for name in os.environ["ENVIRONMENTS"].split()]
    if os.environ["FAIL_ON"]:
        options.append(f"--fail-on={os.environ['FAIL_ON']}")
    base = os.environ["BASE"] or os.environ["EVENT_BASE"]
    command = [*program, "diff", *options, "--", f"{base}...HEAD"]
    # The token of the next step is not here; what earlier jobs left in a cache takes no part.
    with tempfile.TemporaryDirectory(dir=os.environ["RUNNER_TEMP"]) as cache:
        try:
            done = subprocess.run(
                command, cwd=os.environ["FOLDER"], env={**os.environ, "XDG_CACHE_HOME": cache}, check=False,
                stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except OSError as error:  # no such folder, or no agentconf on the path
            return Done(2, "", f"{error.filename}: {(error.strerror or '').lower()}")
    return Done(done.returncode, done.stdout, " ".join(done.stderr.split()))


def risk_of(review: dict[str, Any]) -> str:
    """The gravest risk, as `--fail-on` counts: a head that cannot be read is as grave as can be."""
    if review["head_diagnostics"]:
        return RISKS[0]
    found = {meaning["risk"] for change in review["changes"] for meaning in change["meanings"]}
    return next((risk for risk in RISKS if risk in found), "none")


def command(kind: str, text: str) -> None:
    """A line that the runner shows beside the job; what is in the text cannot begin another."""
    print(f"::{kind} title=agentconf::" + text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def append(variable: str, text: str) -> None:
    with open(os.environ[variable], "a", encoding="utf-8") as file:
        file.write(text)


def summarise(text: str) -> None:
    if os.environ["SUMMARY"] == "true":
        append("GITHUB_STEP_SUMMARY", f"\n{text}\n")


def not_reviewed(reason: str) -> int:
    """Says why. A gate that was asked for, and cannot judge, stays shut; otherwise the job goes on."""
    reason = reason.removeprefix("agentconf: ") or "agentconf diff ended without a word"
    is_missing = "no commit" in reason and "fetch-depth" not in reason
    way_out = " (the checkout needs the base: fetch-depth: 0)" if is_missing else ""
    sentence = f"the change is not reviewed: {reason}{way_out}"
    is_gate = bool(os.environ["FAIL_ON"])
    command("error" if is_gate else "notice", sentence)
    summarise(f"### agentconf: the change is not reviewed\n\n    {reason}{way_out}")
    return 1 if is_gate else 0


def run() -> int:
    report, data = agentconf("markdown"), agentconf("json")
    for done in (report, data):
        if done.status not in {0, FOUND}:
            return not_reviewed(done.reason)
    summarise(report.said)
    review = json.loads(data.said)
    file = Path(os.environ["RUNNER_TEMP"], "agentconf-review.md")
    file.write_text(report.said, encoding="utf-8")
    risk, agents = risk_of(review), review["agents_changed"]
    says_something = any(review[key] for key in ("changes", "base_diagnostics", "head_diagnostics"))
    outputs = {"risk": risk, "agents-changed": agents, "file": file, "says-something": str(says_something).lower()}
    append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))
    print(f"agentconf: {agents} {'agent changes' if agents == 1 else 'agents change'}, risk {risk}")
    if report.status == FOUND:
        command("error", f"the risk of this change is {risk}, and the job fails from {os.environ['FAIL_ON']} on")
    return report.status


if __name__ == "__main__":
    sys.exit(run())
