"""What was accepted of a folder: as trees for the pipeline, and as what is kept for the next start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentconf.diagnostic import Diagnostic
from agentconf.live.content import Content, only_bytes
from agentconf.live.disk import Disk
from agentconf.live.kept import Bytes, Kept
from agentconf.live.last_good import LastGood
from agentconf.live.patience import Patience
from agentconf.live.reload import Reloader
from agentconf.pipeline import Draft
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.tree import Origin, Tree


@dataclass(frozen=True, slots=True)
class Accepted:
    """The folder that is followed, what counts of it, and where that is kept."""

    origin: Origin
    disk: Disk
    patience: Patience
    last_good: LastGood | None

    def tree(
        self, files: Mapping[str, bytes], prompts: dict[str, Content], faults: tuple[Diagnostic, ...] = ()
    ) -> Tree:
        """A tree of accepted bytes. Prompts that are opened for the first time are read from the disk, and kept."""

        def open_prompt(path: str) -> Content:
            if path not in prompts:
                prompts[path] = self.disk.open_prompt(path)
            return prompts[path]

        return Tree(self.origin, self.disk.shown_as, files, faults, open_prompt, self.disk.metadata_schema)

    def has_its_schema(self, draft: Draft | None) -> bool:
        """Whether a draft was made with the schema that lies beside the root now."""
        return draft is not None and draft.tree.metadata_schema == self.disk.metadata_schema

    def keep(self, snapshot: Snapshot, reloader: Reloader) -> None:
        """Keep the accepted bytes; put together in the thread that writes them."""
        if self.last_good is None:
            return
        # not the snapshot: the last to let go of one would take apart ten thousand agents in one turn
        digest, generation, held = snapshot.digest, snapshot.generation, tuple(reloader.held())
        files, prompts = self.patience.files, self.patience.prompts

        def kept() -> Kept:
            return Kept(digest, generation, Bytes(files, only_bytes(prompts)), held)

        self.last_good.keep(kept)
