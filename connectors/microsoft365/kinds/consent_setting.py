"""To which apps people may give access to their school account, and who decides on the others: of the whole tenant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.directory import has_mailbox, members_path
from connectors.microsoft365.graph.service import quoted
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.setting_tables import GraphSettings, TableProperty, by_object, model_of, name_rules, nested
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound, Rejected
from toolkit.sdk import (
    ADDRESSES,
    FLAG,
    NUMBER,
    TEXT,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    Form,
    Harmless,
    Kind,
    Lifecycle,
    ObjectEffects,
    Permissions,
    Presupposition,
    Scale,
    becomes,
    flag,
    mappings,
    removes_entries,
    segment,
    switches_off,
    switches_on,
    text,
    texts,
)
from toolkit.values import Body, Json, Settings, Value, entries

_LEAST = 2  # people who can decide
# Graph answers with a longer form than it takes, so that only the id tells which group is meant.
_GROUP = re.compile(r"(?:/v1\.0|/beta)?/groups/([^/]+)/transitiveMembers(?:/microsoft\.graph\.user)?", re.IGNORECASE)
_REQUESTS = "/policies/adminConsentRequestPolicy"
_AUTHORIZATION = "/policies/authorizationPolicy"
_MEMBERS = "defaultUserRolePermissions."
_SELF = "ManagePermissionGrantsForSelf."
_OF_OWNERS = "ManagePermissionGrantsForOwnedResource."
"""How a policy about what owners of teams allow begins; whatever begins otherwise is read as people's own consent."""
_POLICIES: Mapping[str, str] = {
    "verified_low_risk": f"{_SELF}microsoft-user-default-low",
    "microsoft_recommended": f"{_SELF}microsoft-user-default-recommended",
    "everything": f"{_SELF}microsoft-user-default-legacy",
}
NOTHING = "nothing"
_GRANTS, _REVIEWERS = "defaultUserRolePermissions.permissionGrantPoliciesAssigned", "reviewers"


def _read_grants(value: Json) -> Value:
    """Read the list as a set; a policy of others keeps its name, so that it is never taken for one of these."""
    if value is None or isinstance(value, str):
        return value
    words = {policy: word for word, policy in _POLICIES.items()}
    own = sorted({policy for policy in texts(value) if not policy.startswith(_OF_OWNERS)})
    return ", ".join(words.get(policy, policy.removeprefix(_SELF)) for policy in own) or NOTHING


_STRICTEST = (NOTHING, "verified_low_risk", "microsoft_recommended")
_INVITERS = ("none", "adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers")
PROPERTIES = (
    TableProperty(
        "consent_requests", "requests_on", _REQUESTS, "isEnabled", bool, FLAG, False,
        "Says whether people may ask for an app to which they may not give access.",
        effect=Effect("people can no longer ask for an app", switches_off)),
    TableProperty(
        "consent_requests", "reviewers", _REQUESTS, _REVIEWERS, list[str], ADDRESSES, None,
        "Lists the groups that decide on requests, by their addresses.", ["leadership@example-primary.example"],
        effect=Effect("some people no longer decide on requests for apps", removes_entries)),
    TableProperty(
        "consent_requests", "reviewers_notified", _REQUESTS, "notifyReviewers", bool, FLAG, False,
        "Says whether they are notified of a request.",
        effect=Harmless.NOTICE),
    TableProperty(
        "consent_requests", "reviewers_reminded", _REQUESTS, "remindersEnabled", bool, FLAG, False,
        "Says whether they are reminded before a request ends.",
        effect=Harmless.NOTICE),
    TableProperty(
        "consent_requests", "request_days", _REQUESTS, "requestDurationInDays", Annotated[int, Field(ge=1, le=60)],
        NUMBER, None, "Says after how many days a request ends without a decision.", 30,
        effect=Harmless.PART),
    TableProperty(
        "app_registration", "users_register_apps", _AUTHORIZATION, "defaultUserRolePermissions.allowedToCreateApps",
        bool, FLAG, True, "Says whether people may register apps of their own.",
        effect=Effect("people can no longer register apps of their own", switches_off)),
    TableProperty(
        "app_registration", "risky_apps", _AUTHORIZATION, "allowUserConsentForRiskyApps", bool, FLAG, False,
        "Says whether people may give access to apps that Microsoft calls risky.", nullable=True,
        effect=Effect("people can no longer give access to apps that Microsoft calls risky", switches_off)),
    TableProperty(
        "user_consent", "users_allow", _AUTHORIZATION, _GRANTS,
        Literal["nothing", "verified_low_risk", "microsoft_recommended", "everything"], Form("word", _read_grants),
        "microsoft_recommended", "Says to which apps people may give access without asking.",
        effect=Effect("people can no longer give access to some apps", becomes(*_STRICTEST))),
    TableProperty(
        "directory", "users_make_tenants", _AUTHORIZATION, f"{_MEMBERS}allowedToCreateTenants", bool, FLAG, True,
        "Says whether people may make a tenant of their own.",
        effect=Effect("people can no longer make a tenant of their own", switches_off)),
    TableProperty(
        "directory", "users_make_groups", _AUTHORIZATION, f"{_MEMBERS}allowedToCreateSecurityGroups", bool, FLAG, True,
        "Says whether people may make security groups.",
        effect=Effect("people can no longer make security groups", switches_off)),
    TableProperty(
        "directory", "users_read_recovery_keys", _AUTHORIZATION, f"{_MEMBERS}allowedToReadBitlockerKeysForOwnedDevice",
        bool, FLAG, True, "Says whether people may read the BitLocker keys of their own devices.",
        effect=Effect("people can no longer read the BitLocker keys of their devices", switches_off)),
    TableProperty(
        "directory", "guests_invited_by", _AUTHORIZATION, "allowInvitesFrom",
        Literal["none", "adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers", "everyone"], TEXT, "everyone",
        "Says who may invite guests.",
        effect=Effect("some people can no longer invite guests", becomes(*_INVITERS))),
    TableProperty(
        "directory", "admins_reset_own_passwords", _AUTHORIZATION, "allowedToUseSSPR", bool, FLAG, True,
        "Says whether administrators may reset passwords of their own that they forgot.",
        effect=Effect("administrators can no longer reset their own passwords", switches_off)),
    TableProperty(
        "directory", "old_powershell_blocked", _AUTHORIZATION, "blockMsolPowerShell", bool, FLAG, False,
        "Says whether the retired MSOnline module of PowerShell is refused.",
        effect=Effect("scripts with the old MSOnline module of PowerShell stop working", switches_on)),
)  # fmt: skip
"""In the order in which they are written: who decides on requests comes before consent closes."""
ConsentSetting = model_of(
    "ConsentSetting",
    __name__,
    "Settings that Entra has once for the whole tenant: access of apps, and what people may do without a role.",
    PROPERTIES,
)
_CLOSES = (
    "from then on an app that a class needs may be refused: write it in data.app_consent, which names who decides on "
    "requests and waits for the first three weeks of a term to end"
)


def closes(before: Settings, after: Settings) -> Mapping[str, str]:
    """Return that people may no longer give access to apps, which no API can foresee the use of."""
    return {"users_allow": _CLOSES} if after.get("users_allow") == NOTHING != before.get("users_allow") else {}


def _with_names(via: Microsoft365, shown: Body) -> Body:
    return {**shown, _REVIEWERS: _reviewer_names(via, shown[_REVIEWERS])} if _REVIEWERS in shown else shown


def _send(via: Microsoft365, path: str, before: Body, changed: Body) -> None:
    """Change what is named; requests are sent whole, and consent closes only while the tenant shows who decides."""
    if path == _REQUESTS:
        whole = {**before, **changed}
        via.graph.send("PUT", path, {**whole, _REVIEWERS: _reviewer_scopes(via, texts(whole[_REVIEWERS]))})
        return
    if changed.get(_GRANTS) == NOTHING and (why := _count_reviewers(via, ())):
        raise Rejected(why)
    grants = {_GRANTS: _grants(before[_GRANTS], str(changed[_GRANTS]))} if _GRANTS in changed else {}
    via.graph.send("PATCH", path, nested({**changed, **grants}))


def _grants(before: Json, word: str) -> list[Json]:
    """Keep what is not people's own consent, such as that of owners of teams: the list is replaced whole."""
    kept = [policy for policy in texts(before) if policy.startswith(_OF_OWNERS)]
    return [*([_POLICIES[word]] if word in _POLICIES else []), *kept]


def _doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Refuse to close consent before two people with mailboxes decide on requests."""
    wanted = {written.address.name: written.settings for written in desired}
    if wanted.get("user_consent", {}).get("users_allow") != NOTHING:
        return
    asked = entries(wanted.get("consent_requests", {}).get(_REVIEWERS))
    if why := _count_reviewers(via, asked):
        yield Doubt("user_consent", "users_allow", why)


def _reviewer_names(via: Microsoft365, reviewers: Json) -> list[Json]:
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


def _reviewer_scopes(via: Microsoft365, names: Sequence[str]) -> list[Json]:
    """Return how Graph takes reviewers; NotFound for a group that is not there, BadAnswer for one that is unread."""
    return [{"query": _query(via, name), "queryType": "MicrosoftGraph", "queryRoot": None} for name in names]


def _query(via: Microsoft365, name: str) -> str:
    return name if name.startswith("/") else f"/groups/{segment(_id_of(via, name))}/transitiveMembers"


def _id_of(via: Microsoft365, name: str) -> str:
    directory = via.directory(people=False, groups=[name])
    if name in directory.groups:
        return directory.groups[name].id
    if name in directory.unknown and name not in directory.gone:
        raise BadAnswer(directory.unknown[name])
    raise NotFound(directory.unknown.get(name, f"there is no group {name}"))


def _count_reviewers(via: Microsoft365, wanted: Sequence[str]) -> str:
    """Return why requests would not be decided: fewer than two people with mailboxes; "" where there are enough.

    `wanted` are the groups that are about to be written; without them those count that the tenant has.
    """
    names = wanted or _reviewer_names(via, _current(via))
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
    policy: Body = via.graph.get(_REQUESTS)
    if not isinstance(policy.get("requestDurationInDays"), int):
        raise BadAnswer(f"GET {_REQUESTS}: the answer does not show how long a request lasts")
    return policy.get("reviewers") if policy.get("isEnabled") is True else None


KIND = Kind(
    name="consent_setting",
    title="setting of Entra",
    plural="groups of settings",
    spec=ConsentSetting,
    endpoint=GraphSettings(PROPERTIES, _with_names, _send),
    reference="https://learn.microsoft.com/graph/api/resources/authorizationpolicy",
    reach=Scale.TENANT,
    permissions=Permissions(
        read=(graph("Policy.Read.All"), graph("GroupMember.Read.All")),
        write=(
            graph("Policy.ReadWrite.Authorization"),
            graph("Policy.ReadWrite.ConsentRequest"),
            graph("GroupMember.Read.All"),
        ),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    logged=DIRECTORY,
    sample="""\
- microsoft365.consent_setting: app_registration
  users_register_apps: false
""",
    doubts=_doubts,
    names=name_rules(PROPERTIES),
    lifecycle=Lifecycle(
        closes=closes,
        presupposes=(
            Presupposition(
                setting="users_allow",
                kinds=("consent_setting",),
                names=lambda value: ["consent_requests"] if value == NOTHING else [],
                consequence="no one would decide on people's requests for apps",
            ),
        ),
    ),
    names_there=lambda _via: list(by_object(PROPERTIES)),
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
