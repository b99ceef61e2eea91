"""Values that cannot change: what is served is shared by every thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

T = TypeVar("T")


class FrozenDict(dict[str, T]):
    """A dict that refuses every change; equal to, and as fast as, a dict with the same items."""

    __slots__ = ()

    def __new__(cls, *items: Any, **more: Any) -> Self:
        frozen = super().__new__(cls)
        dict.update(frozen, *items, **more)
        return frozen

    # dict's own would take new items at any time; this one, in C, ignores what it is given, since __new__ took it
    if not TYPE_CHECKING:
        __init__ = object.__init__

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("configuration is read-only; copy it with dict(...) to change the copy")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # dict is unhashable since it changes; this one does not
        return hash(frozenset(self.items()))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[type[FrozenDict[T]], tuple[dict[str, T]]]:
        return FrozenDict, (dict(self),)


def freeze(value: Any) -> Any:
    """The same JSON-like value, unchangeable to any depth: dict to FrozenDict, list to tuple."""
    if isinstance(value, dict):
        return FrozenDict({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value
