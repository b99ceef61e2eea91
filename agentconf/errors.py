"""Every exception of agentconf. Findings about files are diagnostics, not exceptions.

AgentconfError
├── InvalidConfig (ValueError)        the tree has errors; .diagnostics holds them all
├── AgentNotFound (KeyError)          no agent of that id
│   └── AgentDisabled                 it exists, and is switched off
├── KeyNotFound (KeyError)            no such key in the resolved agent
├── UnknownEnvironment (ValueError)   the tree does not have that environment
├── EditRefused (ValueError)          a change that cannot be made to a file exactly as asked
├── SourceUnavailable (OSError)       the tree cannot be read at all
│   └── GitUnavailable                git is missing, or refuses, or has not what was asked for
│       ├── NotInCommit               the commit is there, and the folder or file is not in it
│       └── GitBusy                   another git is at work in the same clone; in a moment it may be done
├── SecretUnavailable                 a reference has no value on this machine; .reference says which, masked
├── NoModel                           an agent has no model that is enabled, or none at all
├── NoConnection                      a provider's entry does not say what a call needs: its address, or its keys
├── NotADelegate                      an agent calls one that its `delegates` does not name
├── LimitExceeded                     a limit of the agent is reached; .retry_after_s says when it is not any more
│   ├── BudgetExceeded                its budget is spent; .resets_at
│   ├── PriceUnknown                  it has a budget, and nobody knows what the model costs
│   └── LimitsUnavailable             it has limits, and what they count cannot be read or written
└── NotInstalled (ImportError)        an extra is missing; the message says which to install
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from agentconf.diagnostic import Diagnostic


class AgentconfError(Exception):
    """What agentconf raises; the message is one sentence made to be read."""


class InvalidConfig(AgentconfError, ValueError):
    """The tree has errors. `diagnostics` holds every finding, warnings included."""

    shown_at_most = 5

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        errors = [finding for finding in self.diagnostics if finding.is_error]
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        lines = [f"the configuration has {count}:", *(f"  {finding}" for finding in errors[: self.shown_at_most])]
        if len(errors) > self.shown_at_most:
            lines.append(f"  and {len(errors) - self.shown_at_most} more")
        return "\n".join(lines)


class _Sentence(AgentconfError):
    """KeyError prints its argument's repr; a sentence is printed as it is."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class AgentNotFound(_Sentence, KeyError):
    """No agent of that id is served."""


class AgentDisabled(AgentNotFound):
    """The agent is in the tree with `enabled: false`."""


class KeyNotFound(_Sentence, KeyError):
    """No layer of the agent says anything about that key."""


class UnknownEnvironment(AgentconfError, ValueError):
    """The tree does not have the environment that was asked for."""


class EditRefused(AgentconfError, ValueError):
    """A change cannot be made to a file exactly as it was asked for; nothing was written."""


class SourceUnavailable(_Sentence, OSError):
    """The folder is missing or cannot be read."""


class GitUnavailable(SourceUnavailable):
    """Git is not installed, finds no repository, does not trust it, or lacks a commit; the message says the way out."""


class GitBusy(GitUnavailable):
    """Another git holds the lock, or has moved what was to be moved; nothing was done, and it can be tried again."""


class NotInCommit(GitUnavailable):
    """A commit has no such folder or file."""


class SecretUnavailable(AgentconfError):
    """A secret cannot be had: why, and of which reference, as it may be shown. Neither ever holds the value."""

    def __init__(self, reason: str, reference: str = "") -> None:
        self.reason = reason
        self.reference = reference
        super().__init__(reason, reference)

    def __str__(self) -> str:
        return f"{self.reference}: {self.reason}" if self.reference else self.reason


class NoModel(AgentconfError):
    """There is no entry to call: all are switched off, or the tree names no model."""


class NoConnection(AgentconfError):
    """A provider cannot be reached by what the tree says of it; the message says what is missing."""


class NotADelegate(AgentconfError):
    """An agent may call the agents that its `delegates` names, and no others."""


class LimitExceeded(AgentconfError):
    """A limit is reached. `limit` is its key (`requests_per_minute`); `retry_after_s` None is unknown."""

    def __init__(self, message: str, limit: str, retry_after_s: float | None = None) -> None:
        self.limit = limit
        self.retry_after_s = retry_after_s
        super().__init__(message)


class BudgetExceeded(LimitExceeded):
    """The budget of the period is spent, or what is left of it is reserved by calls that are under way.

    `resets_at` is when the next period begins, in UTC. `may_fall_back`: the agent's `on_exceeded` lets a cheaper entry
    take over.
    """

    may_fall_back = False

    def __init__(self, message: str, resets_at: datetime, retry_after_s: float) -> None:
        self.resets_at = resets_at
        super().__init__(message, "budget", retry_after_s)


class PriceUnknown(LimitExceeded):
    """An agent with a budget calls no model whose price nobody knows: it would count as free."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "budget")


class LimitsUnavailable(LimitExceeded):
    """What the limits count cannot be read or written: an agent that has limits is refused, never let through."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "limits")


class NotInstalled(AgentconfError, ImportError):
    """What an optional extra brings is not installed."""
