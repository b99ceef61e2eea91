"""Where a generated tree has its files: what a peer that knows nothing of the layout has to be told."""

from __future__ import annotations

from pathlib import Path


def agents_by_team(tree: Path) -> dict[Path, list[Path]]:
    """Each team's folder, with the files of its agents."""
    teams = sorted(folder for folder in tree.iterdir() if folder.is_dir() and folder.name[0] not in "._")
    return {team: sorted(team.glob("[!_]*.yaml")) for team in teams}


def agent_files(tree: Path) -> list[Path]:
    """Every file that is an agent's, at any depth: no part of its path begins with `_` or a dot."""
    files = (file.relative_to(tree) for file in tree.rglob("*.yaml"))
    return sorted(file for file in files if all(part[0] not in "._" for part in file.parts))
