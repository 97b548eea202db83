"""Read from GitHub whether a listed person approved a pull request. The answer is GitHub's word, not a signature.

Follows https://docs.github.com/rest/pulls/reviews and https://docs.github.com/rest/pulls/pulls
"""

import json
import re
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from toolkit.errors import BadAnswer, NotAllowed, UsageError
from toolkit.records import dataclass
from toolkit.school.signers import ReviewSettings

TOKEN = "TOOLKIT_FORGE_TOKEN"  # noqa: S105 (the name of the variable)
API = "TOOLKIT_FORGE_API"
_ADDRESS = re.compile(r"https://(?P<host>[a-z0-9.-]+)/(?P<repository>[\w.-]+/[\w.-]+)/pull/(?P<number>[0-9]{1,9})")
_LOOPBACK = ("http://127.0.0.1:", "http://localhost:")
_PAGE = 100
_MOST_PAGES = 20
_SECONDS = 60
_LARGEST = 4_000_000  # bytes of a response
_DECIDES = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})  # a comment does not change an earlier decision


@dataclass(frozen=True, slots=True)
class ReviewedPull:
    """A pull request that a listed person approved: the person's role, the forge, the review and the commit."""

    by: str
    host: str
    review: str
    commit: str


class _StayAtForge(HTTPRedirectHandler):
    """Follows no redirect, because the token would go along."""

    def redirect_request(self, *_arguments: object, **_named: object) -> None:
        return None


def find_review(
    address: str, settings: ReviewSettings | None, variables: Mapping[str, str], ca_file: Path | None
) -> ReviewedPull:
    """Return the approval of a pull request by a person whom the school file lists.

    Raise NotAllowed if there is none for the newest commit, and UsageError if the address or a setting is wrong.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise UsageError(f"--review {address}: write the address as https://github.com/OWNER/REPOSITORY/pull/12")
    if settings is None:
        raise UsageError("--review: the school file has no `reviews:`, which names the repository and the reviewers")
    if match["repository"].casefold() != settings.repository.casefold():
        raise UsageError(f"--review {address}: `reviews:` in the school file names {settings.repository}")
    forge = _Forge(_find_api(match["host"], variables), _require_token(variables), ca_file)
    pull = f"/repos/{match['repository']}/pulls/{match['number']}"
    opened = _require_object(forge.read(pull), pull)
    author, commit = _text(opened, "user", "login").casefold(), _text(opened, "head", "sha")
    latest = _latest_decisions(_list_reviews(forge, f"{pull}/reviews"))
    roles = {login.casefold(): role for login, role in settings.reviewers.items()}
    decisions = {login: review for login, review in latest.items() if login in roles and login != author}
    refused = [roles[login] for login, review in decisions.items() if review["state"] == "CHANGES_REQUESTED"]
    if refused:
        raise NotAllowed(f"{address}: {', '.join(refused)} asked for changes. Nothing was written")
    for login, review in decisions.items():
        if review["state"] == "APPROVED" and review["commit_id"] == commit:
            return ReviewedPull(roles[login], match["host"], _text(review, "html_url"), commit)
    raise NotAllowed(
        f"{address}: no one whom `reviews:` in the school file lists has approved the newest commit {commit[:12]}, "
        "apart from the author. Nothing was written"
    )


def _find_api(host: str, variables: Mapping[str, str]) -> str:
    """Return the address of the forge's API without a slash at the end. An address in the settings comes first."""
    usual = "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3"
    api = (variables.get(API) or usual).rstrip("/")
    if not api.startswith(("https://", *_LOOPBACK)) or urlsplit(api).username:
        raise UsageError(f"{API} is {api}. It must begin with https://, because the token is sent there")
    return api


def _require_token(variables: Mapping[str, str]) -> str:
    token = variables.get(TOKEN, "")
    if not token.isascii() or not token.isprintable() or not token:
        raise UsageError(f"{TOKEN} is not set. In a job of GitHub Actions, set it to the token of the job")
    return token


@dataclass(frozen=True, slots=True)
class _Forge:
    api: str
    token: str
    ca_file: Path | None

    def read(self, path: str) -> Any:
        """Return the JSON of a response. Raise BadAnswer if it cannot be read or is not JSON."""
        context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        handlers = [HTTPSHandler(context=context), _StayAtForge()]
        if self.api.startswith(_LOOPBACK):
            handlers.append(ProxyHandler({}))
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "school-policy-toolkit",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        request = Request(self.api + path, headers=headers)  # noqa: S310 (https, or this computer)
        try:
            with build_opener(*handlers).open(request, timeout=_SECONDS) as response:
                return json.loads(response.read(_LARGEST))
        except (URLError, OSError, ValueError, RecursionError) as error:
            reason = getattr(error, "reason", None) or error
            raise BadAnswer(f"GET {self.api}{path}: the review cannot be read: {reason}") from error


def _list_reviews(forge: _Forge, path: str) -> Iterator[Mapping[str, Any]]:
    """Yield every review, oldest first. Raise BadAnswer if a page is not a list of reviews, or for too many pages."""
    for page in range(1, _MOST_PAGES + 1):
        rows = forge.read(f"{path}?per_page={_PAGE}&page={page}")
        if not isinstance(rows, list):
            raise BadAnswer(f"GET {path}: the response is not a list of reviews")
        yield from (_require_object(row, path) for row in rows)
        if len(rows) < _PAGE:
            return
    raise BadAnswer(f"GET {path}: there are more than {_PAGE * _MOST_PAGES} reviews")


def _latest_decisions(reviews: Iterator[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Return the last review with a decision by each person. The account of a reviewer may have been deleted."""
    decided = (review for review in reviews if review.get("state") in _DECIDES and review.get("user"))
    return {_text(review, "user", "login").casefold(): review for review in decided}


def _require_object(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadAnswer(f"GET {path}: the response is not an object")
    return value


def _text(row: Mapping[str, Any], *names: str) -> str:
    value: Any = row
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, str) or not value:
        raise BadAnswer(f"the forge's response has no {'.'.join(names)}")
    return value
