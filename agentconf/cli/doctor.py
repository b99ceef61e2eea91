"""`agentconf doctor`: connections, keys and models, tried for real."""

from __future__ import annotations

import json
from contextlib import ExitStack

import click

from agentconf import pipeline
from agentconf.cli import console, options
from agentconf.cli.diagnosis import as_json, as_text
from agentconf.cli.loading import loading_litellm
from agentconf.cli.status import FOUND, GOOD
from agentconf.live.load import seal
from agentconf.live.machine import chosen_folder
from agentconf.progress import Progress
from agentconf.runtime.doctor.examination import Plan, TryCall, examined
from agentconf.runtime.doctor.targets import uses_of
from agentconf.secrets.allowed import allowed_by
from agentconf.secrets.reveal import Ground
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.folder import read_folder


@click.command("doctor")
@options.path_argument
@options.within_option
@click.option("--live", is_flag=True, help="Ask each model for one token too; this costs what a short call costs.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 600), default=10, show_default=True, metavar="SECONDS",
    help="How long each trial may take.",
)  # fmt: skip
@options.format_option("text", "json")
def command(path: str | None, environments: tuple[str, ...], live: bool, timeout: float, form: str) -> int:
    """Try what the agents rely upon: secrets, addresses, keys and models.

    Has each secret a value on this machine? Does the address of each provider answer, and does it list the model?
    Each is tried once, however many agents share it. No key is shown, and nothing of what a provider answers but the
    names of its models.

    \b
    agentconf doctor
    agentconf doctor -e prod --live
    agentconf doctor --format json | jq '.rows[] | select(.ok | not)'
    """
    snapshots = _snapshots(path, environments)
    with ExitStack() as open_bars:

        def work(total: int, label: str) -> Progress | None:
            open_bars.close()
            return open_bars.enter_context(console.progress(total, label, worth_a_bar=1))

        ground = Ground(allowed_by(snapshots[0].settings), snapshots[0].origin.path)
        plan = Plan(ground, timeout, _caller(ground) if live else None, work)
        rows = examined((use for snapshot in snapshots for use in uses_of(snapshot)), plan)
    if form == "json":
        console.write(json.dumps(as_json(rows, snapshots, is_live=live), indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(as_text(rows))
        _note_refused(snapshots)
    return FOUND if any(row.is_failed for row in rows) or any(one.refused for one in snapshots) else GOOD


def _snapshots(path: str | None, environments: tuple[str, ...]) -> list[Snapshot]:
    """The agents of each environment as this machine would serve them."""
    with pipeline.bulk():
        draft = pipeline.draft(read_folder(chosen_folder(path)))
        names = tuple(dict.fromkeys(environments)) or draft.config.checked_environments
        return [seal(draft, name) for name in names]


def _note_refused(snapshots: list[Snapshot]) -> None:
    count = len({agent for snapshot in snapshots for agent in snapshot.refused})
    if count:
        said = "1 agent has errors and was" if count == 1 else f"{count} agents have errors and were"
        console.note(f"{said} not looked at; see 'agentconf validate'")


def _caller(ground: Ground) -> TryCall:
    from agentconf.runtime.doctor.call import caller

    with loading_litellm():
        return caller(ground)
