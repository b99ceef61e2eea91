"""How long things may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEFAULT_SETTLE_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds.

    `settle`: the quiet time after which the disk is looked at again; what it says twice is published.
    `settle_limit`: when something is published at the latest, however much goes on.
    `lock_limit`: how long git's lock on its index may hold up a reload.
    `beat`: how often the root is compared with the folder that is listened to.
    `sweep`, `hash_sweep`: how often the whole tree is looked at unasked, and opened file by file.
    `blind_sweep`: how often it is swept where no event tells of changes.
    """

    settle: float = DEFAULT_SETTLE_S
    settle_limit: float = 1.0
    lock_limit: float = 10.0
    beat: float = 0.1
    sweep: float = 30.0
    hash_sweep: float = 600.0
    blind_sweep: float = 1.5


DEFAULT: Final = Timing()
