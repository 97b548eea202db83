"""Who decides on requests for apps: the groups that Graph names by a query, as a playbook names them."""

import re
from collections.abc import Sequence

from connectors.microsoft365.directory import has_mailbox, members_path
from connectors.microsoft365.graph.service import quoted
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound
from toolkit.sdk.shapes import flag, mappings, text
from toolkit.values import Body, Json

_LEAST = 2  # people who can decide
# Graph answers with a longer form than it takes, so that only the id tells which group is meant.
_GROUP = re.compile(r"(?:/v1\.0|/beta)?/groups/([^/]+)/transitiveMembers(?:/microsoft\.graph\.user)?", re.IGNORECASE)
REQUESTS = "/policies/adminConsentRequestPolicy"


def reviewer_names(via: Microsoft365, reviewers: Json) -> list[Json]:
    """Name groups by their addresses, and anyone else by the query that Graph has of them."""
    return [_name(via, text(reviewer.get("query"))) for reviewer in mappings(reviewers)]


def _name(via: Microsoft365, query: str) -> str:
    found = _GROUP.fullmatch(query)
    if not found:
        return query
    groups = via.graph.pages("/groups", filter=f"id eq {quoted(found[1])}", select="id,mail,displayName")
    if not groups:
        return query  # the group is gone, and with it who decides
    return text(groups[0].get("mail")) or text(groups[0].get("displayName")) or found[1]


def reviewer_scopes(via: Microsoft365, names: Sequence[str]) -> list[Json]:
    """Return how Graph takes reviewers; NotFound for a group that is not there, BadAnswer for one that is unread."""
    return [{"query": _query(via, name), "queryType": "MicrosoftGraph", "queryRoot": None} for name in names]


def _query(via: Microsoft365, name: str) -> str:
    return name if name.startswith("/") else f"/groups/{_id_of(via, name)}/transitiveMembers"


def _id_of(via: Microsoft365, name: str) -> str:
    directory = via.directory(people=False, groups=[name])
    if name in directory.groups:
        return directory.groups[name].id
    if name in directory.unknown and name not in directory.gone:
        raise BadAnswer(directory.unknown[name])
    raise NotFound(directory.unknown.get(name, f"there is no group {name}"))


def count_reviewers(via: Microsoft365, wanted: Sequence[str]) -> str:
    """Return why requests would not be decided: fewer than two people with mailboxes; "" where there are enough.

    `wanted` are the groups that are about to be written; without them those count that the tenant has.
    """
    names = wanted or reviewer_names(via, _current(via))
    groups = [str(name) for name in names if not str(name).startswith("/")]
    paths = [members_path(_id_of(via, name), "accountEnabled", "assignedPlans") for name in groups]
    people = {text(row.get("id")): row for path in paths for row in via.graph.pages(path)}
    able = [row for row in people.values() if flag(row.get("accountEnabled"), missing=False) and has_mailbox(row)]
    if len(able) >= _LEAST:
        return ""
    return (
        f"people with a mailbox who would decide on requests for apps: {len(able)}, and it takes {_LEAST}: name in "
        f"`reviewers` a role whose group has {_LEAST}"
    )


def _current(via: Microsoft365) -> Json:
    policy: Body = via.graph.get(REQUESTS)
    if not isinstance(policy.get("requestDurationInDays"), int):
        raise BadAnswer(f"GET {REQUESTS}: the answer does not show how long a request lasts")
    return policy.get("reviewers") if policy.get("isEnabled") is True else None
