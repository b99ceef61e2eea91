"""Which agents a change of the tree may reach: only these are resolved anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from agentconf.config.tree import AgentFile, ConfigTree
from agentconf.document.document import Document
from agentconf.live.entries import Entry
from agentconf.pipeline import Judge


def affected(
    before: Judge | None, after: Judge, entries: Mapping[str, Entry], refused: Collection[str]
) -> Iterable[AgentFile]:
    """The agents that may differ from what they were in the tree before; all of them where there was none."""
    agents = after.config.agents
    if before is None:
        return agents.values()
    if after.draft.exchanged is not None:
        return [agents[name] for name in after.draft.exchanged]
    if _is_another_world(before, after):
        return agents.values()
    names_changed = before.config.agent_ids != after.config.agent_ids
    spoilt = before.spoilt ^ after.spoilt
    known = before.config.agents
    reached = _reached(before, after, _changed_shared(before.config, after.config))

    def may_differ(agent: AgentFile) -> bool:
        if known.get(agent.id) is not agent or agent.id in spoilt:
            return True
        if not names_changed:
            return False
        return agent.id in refused or agent.id not in entries or entries[agent.id].has_delegates

    return [agent for agent in agents.values() if may_differ(agent) or reached(agent)]


def _is_another_world(before: Judge, after: Judge) -> bool:
    """Whether something changed that every agent may depend on."""
    one, other = before.config, after.config
    return (
        one.settings.document is not other.settings.document
        or one.settings.is_readable != other.settings.is_readable
        or one.models is not other.models
        or one.metadata_schema != other.metadata_schema
        or one.declares_providers != other.declares_providers
    )


def _shared(config: ConfigTree) -> dict[str, Document]:
    documents = (*config.defaults.values(), *config.profiles.values(), *config.environments.values())
    return {document.path: document for document in documents}


def _changed_shared(before: ConfigTree, after: ConfigTree) -> set[str]:
    """The paths of shared layers that are new, gone, different, or no longer as usable as they were."""
    one, other = _shared(before), _shared(after)
    changed = {path for path in one.keys() | other.keys() if one.get(path) is not other.get(path)}
    return changed | (before.unusable ^ after.unusable)


def _reached(before: Judge, after: Judge, changed: set[str]) -> Callable[[AgentFile], bool]:
    """Tells which agents have a changed layer, before or after; agents with the same layers are one case."""
    known: dict[tuple[str, tuple[str, ...]], bool] = {}

    def reached(agent: AgentFile) -> bool:
        if agent.document.path in changed:
            return True
        said = agent.document.value.get("extends", ())
        key = (agent.folder, (said,) if isinstance(said, str) else tuple(map(str, said or ())))
        if key not in known:
            sides = ((after.config, after.environment), (before.config, before.environment))
            known[key] = any(
                document.path in changed
                for config, environment in sides
                for document in config.documents_of(agent, environment)
            )
        return known[key]

    return reached if changed else lambda agent: False
