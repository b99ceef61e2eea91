"""Why a call is refused, in one sentence, as the error that the caller gets."""

from __future__ import annotations

from datetime import datetime

from agentconf.errors import BudgetExceeded, LimitExceeded, PriceUnknown
from agentconf.runtime.limits.ask import Ask
from agentconf.runtime.limits.periods import at, end_of
from agentconf.runtime.limits.store import PER_DOLLAR, Claim, Refusal


def refused(ask: Ask, claim: Claim, refusal: Refusal) -> LimitExceeded:
    """The error for a limit that is reached."""
    if refusal.limit == "budget":
        return _budget(ask, claim, refusal)
    who, wait_s = f"the agent '{ask.agent.id}'", refusal.retry_after_s
    if refusal.limit == "max_parallel":
        text = f"{who} may have {counted(claim.bounds.parallel or 0)} at the same time, and {refusal.taken} "
        text += "is under way" if refusal.taken == 1 else "are under way"
    elif refusal.limit == "requests_per_minute":
        text = f"{who} may make {counted(claim.bounds.requests or 0)} a minute, and has made {refusal.taken}"
    else:
        most = claim.bounds.tokens or 0
        text = f"{who} may use {most:,} tokens a minute, of which {refusal.taken:,} are used or reserved"
        text += f"; this call may need {claim.tokens:,}"
        if claim.tokens > most:
            text += ": lower its max_tokens, or raise tokens_per_minute"
    again = f"; try again in {wait_s:.0f} s" if wait_s is not None else ""
    return LimitExceeded(text + again, refusal.limit, wait_s)


def no_price(ask: Ask) -> PriceUnknown:
    what = f"the agent '{ask.agent.id}' has a budget, and nobody knows what '{ask.model}' costs"
    return PriceUnknown(f"{what}: write its cost beside the model, or its prices in _models.yaml (0 is free)")


def counted(calls: int) -> str:
    return "1 call" if calls == 1 else f"{calls} calls"


def dollars(amount: int) -> str:
    """An amount as people write it, to the cent, and small ones finer."""
    usd = amount / PER_DOLLAR
    finer = f"{usd:,.6f}".rstrip("0")
    coarse = f"{usd:,.2f}"
    return f"${finer if 0 < usd < 1 and len(finer) > len(coarse) else coarse}"


def moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _budget(ask: Ask, claim: Claim, refusal: Refusal) -> BudgetExceeded:
    per, usd = claim.bounds.per, claim.bounds.usd or 0
    resets_at = at(end_of(per, claim.periods.start(per)))
    text = (
        f"the agent '{ask.agent.id}' may spend {dollars(usd)} a {per}, of which {dollars(refusal.taken)} is spent or "
        f"reserved; a call of '{ask.model}' may cost {dollars(claim.cost)}; "
        f"the budget begins anew at {moment(resets_at)}"
    )
    if claim.cost > usd:
        text += ", and does not hold this call then either: lower its max_tokens, or raise the budget"
    error = BudgetExceeded(text, resets_at, refusal.retry_after_s or 0.0)
    budget = ask.agent.limits.budget if ask.agent.limits is not None else None
    error.may_fall_back = budget is not None and budget.on_exceeded == "fallback" and not ask.is_beyond_budget
    return error
