"""Where the record of calls lies: a database by its URL, whose password is said nowhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agentconf.errors import NotInstalled
from agentconf.redact import printable, without_keys
from agentconf.runtime.state import state_folder
from agentconf.runtime.usage import NEEDS
from agentconf.runtime.usage.unavailable import UsageUnavailable
from agentconf.source.private import NotPrivate

try:
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import SQLAlchemyError
except ImportError:
    raise NotInstalled(NEEDS) from None

URL_VARIABLE: Final = "AGENTCONF_USAGE_URL"
FILE_NAME: Final = "usage.sqlite3"


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A database. `file` is that of SQLite, None for another; `shown` is without user, password and options."""

    url: URL
    shown: str
    file: Path | None

    def __repr__(self) -> str:
        return f"<Place {self.shown}>"


def chosen_place(url: str | None) -> Place:
    """The URL, else AGENTCONF_USAGE_URL, else `usage.sqlite3` in the user's state folder, which is made if missing.

    Raises UsageUnavailable, and ValueError where a URL is none.
    """
    said = url or os.environ.get(URL_VARIABLE)
    if said:
        return _place_of(said, "the URL" if url else URL_VARIABLE)
    try:
        file = state_folder() / FILE_NAME
    except (NotPrivate, OSError, RuntimeError) as error:
        why = error.strerror or "cannot be made" if isinstance(error, OSError) else str(error)
    else:
        return Place(URL.create("sqlite", database=os.fspath(file)), os.fspath(file), file)
    raise UsageUnavailable(
        f"the folder for the record of calls cannot be used ({why.lower()}); name a place by {URL_VARIABLE}"
    )


def _place_of(text: str, source: str) -> Place:
    url = _parsed(text)
    if url is None:  # raised out here, since what SQLAlchemy raises may quote the text
        raise ValueError(f"{source} is no URL of a database, such as postgresql+psycopg://user@host/name")
    if url.get_backend_name() != "sqlite":
        host = f"{url.host or ''}{f':{url.port}' if url.port else ''}"
        return Place(url, _quoted(f"{url.get_backend_name()}://{host}/{url.database or ''}"), None)
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ValueError(f"{source} must name a file, such as sqlite:////var/lib/agents/usage.sqlite3")
    return Place(url, printable(url.database), Path(url.database))


def _parsed(text: str) -> URL | None:
    try:
        return make_url(text)
    except (SQLAlchemyError, ValueError):
        return None


def _quoted(text: str) -> str:
    return printable(without_keys(text))
