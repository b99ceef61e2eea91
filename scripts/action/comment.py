"""The last step of action.yml: the review as one comment of the pull request, written anew in place.

TOKEN: what to write with; it is in no argument, no message and no request to another host. FILE: the review, whose
first line is the mark that the comment is found again by. NUMBER: the pull request. SAYS_SOMETHING: whether a comment
is worth making where there is none. GITHUB_API_URL, GITHUB_GRAPHQL_URL, GITHUB_REPOSITORY: as GitHub sets them.

Whatever GitHub answers, the job goes on: the same review is in its summary.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MARK = "<!-- agentconf diff -->"
ACTIONS = "github-actions[bot]"
"""Who writes with the token of a workflow."""
PER_PAGE = 100
MOST_PAGES = 100
TIMEOUT_S = 20
LIMIT_BYTES = 64 << 20
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Refused(Exception):
    """GitHub did not do what was asked. `status` is 0 where it was not reached."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token is for the host that it was made for."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


OPENER = urllib.request.build_opener(_Stays)


def ask(method: str, address: str, sent: Any = None) -> Any:
    """What GitHub answers, as JSON. Raises Refused."""
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['TOKEN']}",
        "Content-Type": "application/json",
        "User-Agent": "agentconf",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    body = None if sent is None else json.dumps(sent).encode()
    try:
        _require_safe(address)
        request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310
        with OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return json.loads(answer.read(LIMIT_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(error.code, f"GitHub answers {error.code}{_told(error)}") from None
    except (OSError, http.client.HTTPException) as error:
        raise Refused(0, f"GitHub is not reached: {getattr(error, 'reason', None) or type(error).__name__}") from None
    except ValueError:
        raise Refused(0, "what GitHub answers is no JSON, or the token is no token") from None


def _require_safe(address: str) -> None:
    """Without encryption the token goes to this machine alone. Raises Refused."""
    where = urlsplit(address)
    if where.scheme != "https" and (where.scheme != "http" or where.hostname not in LOOPBACK):
        raise Refused(0, "the address of GitHub's API is not https")


def _told(error: urllib.error.HTTPError) -> str:
    """The sentence in the body of a refusal, if there is one."""
    try:
        said = json.loads(error.read(LIMIT_BYTES))["message"]
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return ""
    return f" ({said[:200]})" if isinstance(said, str) else ""


def author() -> str:
    """Whose comments are ours. The REST API does not tell a workflow's token who it is; GraphQL does."""
    address = os.environ.get("GITHUB_GRAPHQL_URL") or f"{os.environ['GITHUB_API_URL']}/graphql"
    try:
        login = ask("POST", address, {"query": "query { viewer { login } }"})["data"]["viewer"]["login"]
    except (Refused, KeyError, TypeError):
        return ACTIONS
    return login if isinstance(login, str) else ACTIONS


def comments(address: str) -> Iterator[dict[str, Any]]:
    """Every comment of the pull request, the oldest first. Raises Refused."""
    for page in range(1, MOST_PAGES + 1):
        found = ask("GET", f"{address}?per_page={PER_PAGE}&page={page}")
        if not isinstance(found, list):
            raise Refused(0, "what GitHub answers is no list of comments")
        yield from (one for one in found if isinstance(one, dict))
        if len(found) < PER_PAGE:
            return
    raise Refused(0, f"there are more than {MOST_PAGES * PER_PAGE:,} comments")


def is_ours(comment: dict[str, Any], login: str) -> bool:
    """By its author and its first line: what others write, or quote, is left alone."""
    user, body = comment.get("user"), comment.get("body")
    if not isinstance(user, dict) or not isinstance(body, str) or not isinstance(comment.get("id"), int):
        return False
    return user.get("login") == login and body.splitlines()[:1] == [MARK]


def write(text: str) -> str:
    """Makes the comment, or writes it anew; what was done, in a sentence. Raises Refused."""
    repository, number = os.environ["GITHUB_REPOSITORY"], os.environ["NUMBER"]
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository) or not re.fullmatch("[0-9]+", number):
        raise Refused(0, "this event has no pull request")
    issues = f"{os.environ['GITHUB_API_URL']}/repos/{repository}/issues"
    login = author()
    ours = next((one for one in comments(f"{issues}/{number}/comments") if is_ours(one, login)), None)
    if ours is not None:
        ask("PATCH", f"{issues}/comments/{ours['id']}", {"body": text})
        return "the comment is written anew"
    if os.environ["SAYS_SOMETHING"] != "true":
        return "nothing changes for any agent, and there is no comment to write anew"
    ask("POST", f"{issues}/{number}/comments", {"body": text})
    return "the comment is made"


def shown(text: str) -> str:
    """One line for the log, in which neither the token nor a command to the runner can stand."""
    without = text.replace(os.environ["TOKEN"], "***") if os.environ["TOKEN"] else text
    return "".join(one if one.isprintable() else " " for one in without).replace("%", "%25")


def without_comment(kind: str, reason: str) -> None:
    """A line that the runner shows beside the job."""
    print(f"::{kind} title=agentconf::{reason}; the review is in the summary of the job")


def run() -> int:
    if not os.environ["TOKEN"]:
        without_comment("notice", "there is no token to comment with")
        return 0
    try:
        print(f"agentconf: {write(Path(os.environ['FILE']).read_text(encoding='utf-8'))}")
    except Refused as error:
        if error.status == http.client.FORBIDDEN:
            why = "this token may not comment, as in a pull request from a fork or without pull-requests: write"
            without_comment("notice", why)
        else:
            without_comment("warning", f"no comment: {shown(str(error))}")
    return 0


if __name__ == "__main__":
    sys.exit(run())
