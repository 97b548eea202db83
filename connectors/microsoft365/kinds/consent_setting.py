"""Settings of the tenant: which apps people may use without approval, who approves other apps, and more."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.directory import has_mailbox, members_path
from connectors.microsoft365.graph.service import to_literal
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.setting_tables import (
    GraphSettings,
    TableProperty,
    by_object,
    model_of,
    name_rules,
    to_nested,
)
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

_LEAST = 2  # reviewers with a mailbox
# Graph returns a longer form than it accepts, so only the id identifies the group.
_GROUP = re.compile(r"(?:/v1\.0|/beta)?/groups/([^/]+)/transitiveMembers(?:/microsoft\.graph\.user)?", re.IGNORECASE)
_REQUESTS = "/policies/adminConsentRequestPolicy"
_AUTHORIZATION = "/policies/authorizationPolicy"
_MEMBERS = "defaultUserRolePermissions."
_SELF = "ManagePermissionGrantsForSelf."
_OF_OWNERS = "ManagePermissionGrantsForOwnedResource."
"""The prefix of policies about consent by team owners. All other policies are read as people's own consent."""
_POLICIES: Mapping[str, str] = {
    "verified_low_risk": f"{_SELF}microsoft-user-default-low",
    "microsoft_recommended": f"{_SELF}microsoft-user-default-recommended",
    "everything": f"{_SELF}microsoft-user-default-legacy",
}
NOTHING = "nothing"
_GRANTS, _REVIEWERS = "defaultUserRolePermissions.permissionGrantPoliciesAssigned", "reviewers"


def _read_grants(value: Json) -> Value:
    """Return a list of grants without order.

    A custom policy keeps its full name, so that it differs from Microsoft's policies.
    """
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
        "Whether people may request apps to which they may not give access.",
        effect=Effect("people can no longer request an app", switches_off)),
    TableProperty(
        "consent_requests", "reviewers", _REQUESTS, _REVIEWERS, list[str], ADDRESSES, None,
        "Addresses of the groups that decide on requests.", ["leadership@example-primary.example"],
        effect=Effect("some people no longer decide on requests for apps", removes_entries)),
    TableProperty(
        "consent_requests", "reviewers_notified", _REQUESTS, "notifyReviewers", bool, FLAG, False,
        "Whether reviewers are notified of a request.",
        effect=Harmless.NOTICE),
    TableProperty(
        "consent_requests", "reviewers_reminded", _REQUESTS, "remindersEnabled", bool, FLAG, False,
        "Whether reviewers are reminded before a request expires.",
        effect=Harmless.NOTICE),
    TableProperty(
        "consent_requests", "request_days", _REQUESTS, "requestDurationInDays", Annotated[int, Field(ge=1, le=60)],
        NUMBER, None, "Number of days after which a request expires without a decision.", 30,
        effect=Harmless.PART),
    TableProperty(
        "app_registration", "users_register_apps", _AUTHORIZATION, "defaultUserRolePermissions.allowedToCreateApps",
        bool, FLAG, True, "Whether people may register their own apps.",
        effect=Effect("people can no longer register their own apps", switches_off)),
    TableProperty(
        "app_registration", "risky_apps", _AUTHORIZATION, "allowUserConsentForRiskyApps", bool, FLAG, False,
        "Whether people may give access to apps that Microsoft calls risky.", nullable=True,
        effect=Effect("people can no longer give access to apps that Microsoft calls risky", switches_off)),
    TableProperty(
        "user_consent", "users_allow", _AUTHORIZATION, _GRANTS,
        Literal["nothing", "verified_low_risk", "microsoft_recommended", "everything"], Form("word", _read_grants),
        "microsoft_recommended", "Apps to which people may give access without approval.",
        effect=Effect("people can no longer give access to some apps", becomes(*_STRICTEST))),
    TableProperty(
        "directory", "users_make_tenants", _AUTHORIZATION, f"{_MEMBERS}allowedToCreateTenants", bool, FLAG, True,
        "Whether people may create their own tenant.",
        effect=Effect("people can no longer create their own tenant", switches_off)),
    TableProperty(
        "directory", "users_make_groups", _AUTHORIZATION, f"{_MEMBERS}allowedToCreateSecurityGroups", bool, FLAG, True,
        "Whether people may create security groups.",
        effect=Effect("people can no longer create security groups", switches_off)),
    TableProperty(
        "directory", "users_read_recovery_keys", _AUTHORIZATION, f"{_MEMBERS}allowedToReadBitlockerKeysForOwnedDevice",
        bool, FLAG, True, "Whether people may read the BitLocker keys of their own devices.",
        effect=Effect("people can no longer read the BitLocker keys of their devices", switches_off)),
    TableProperty(
        "directory", "guests_invited_by", _AUTHORIZATION, "allowInvitesFrom",
        Literal["none", "adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers", "everyone"], TEXT, "everyone",
        "People who may invite guests.",
        effect=Effect("some people can no longer invite guests", becomes(*_INVITERS))),
    TableProperty(
        "directory", "admins_reset_own_passwords", _AUTHORIZATION, "allowedToUseSSPR", bool, FLAG, True,
        "Whether administrators may reset their own forgotten passwords.",
        effect=Effect("administrators can no longer reset their own passwords", switches_off)),
    TableProperty(
        "directory", "old_powershell_blocked", _AUTHORIZATION, "blockMsolPowerShell", bool, FLAG, False,
        "Whether the retired MSOnline module of PowerShell is blocked.",
        effect=Effect("scripts with the old MSOnline module of PowerShell stop working", switches_on)),
)  # fmt: skip
"""In the order in which they are written, since reviewers must be set before consent is closed."""
ConsentSetting = model_of(
    "ConsentSetting",
    __name__,
    "Entra settings for the whole tenant: access by apps, and actions that people may take without a role.",
    PROPERTIES,
)
_CLOSES = (
    "after this change, an app that a class needs may be refused. Write the setting in data.app_consent, which names "
    "the reviewers of requests and waits until the first three weeks of a term are over"
)


def closes(before: Settings, after: Settings) -> Mapping[str, str]:
    """Return a warning if people could no longer give apps access, because no API shows which apps they need."""
    return {"users_allow": _CLOSES} if after.get("users_allow") == NOTHING != before.get("users_allow") else {}


def _replace_reviewers_with_names(via: Microsoft365, shown: Body) -> Body:
    return {**shown, _REVIEWERS: _find_reviewer_names(via, shown[_REVIEWERS])} if _REVIEWERS in shown else shown


def _send_settings(via: Microsoft365, path: str, before: Body, changed: Body) -> None:
    """Send the changed settings.

    Raise an error if no one could then approve apps. The settings for requests are always sent completely.
    """
    if path == _REQUESTS:
        whole = {**before, **changed}
        via.graph.send("PUT", path, {**whole, _REVIEWERS: _make_reviewer_scopes(via, texts(whole[_REVIEWERS]))})
        return
    if changed.get(_GRANTS) == NOTHING and (why := _count_reviewers(via, ())):
        raise Rejected(why)
    grants = {_GRANTS: _complete_grants(before[_GRANTS], str(changed[_GRANTS]))} if _GRANTS in changed else {}
    via.graph.send("PATCH", path, to_nested({**changed, **grants}))


def _complete_grants(before: Json, word: str) -> list[Json]:
    """Return the complete list of grants to write. A grant that is not about people's own consent is kept."""
    kept = [policy for policy in texts(before) if policy.startswith(_OF_OWNERS)]
    return [*([_POLICIES[word]] if word in _POLICIES else []), *kept]


def _doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt if a change stops consent although fewer than two people with mailboxes can decide on requests."""
    settings_by_name = {written.address.name: written.settings for written in desired}
    if settings_by_name.get("user_consent", {}).get("users_allow") != NOTHING:
        return
    reviewers = entries(settings_by_name.get("consent_requests", {}).get(_REVIEWERS))
    if why := _count_reviewers(via, reviewers):
        yield Doubt("user_consent", "users_allow", why)


def _find_reviewer_names(via: Microsoft365, reviewers: Json) -> list[Json]:
    """Return the address of each reviewer, which is a group. Other reviewers appear as Graph's query."""
    return [_find_reviewer_name(via, text(reviewer.get("query"))) for reviewer in mappings(reviewers)]


def _find_reviewer_name(via: Microsoft365, query: str) -> str:
    match = _GROUP.fullmatch(query)
    if not match:
        return query
    groups = via.graph.pages("/groups", filter=f"id eq {to_literal(match[1])}", select="id,mail,displayName")
    if not groups:
        return query  # a deleted group has no reviewers
    return text(groups[0].get("mail")) or text(groups[0].get("displayName")) or match[1]


def _make_reviewer_scopes(via: Microsoft365, names: Sequence[str]) -> list[Json]:
    """Return reviewers in Graph's form.

    Raise NotFound for a missing group, BadAnswer for a group that cannot be read.
    """
    return [
        {"query": _to_reviewer_query(via, name), "queryType": "MicrosoftGraph", "queryRoot": None} for name in names
    ]


def _to_reviewer_query(via: Microsoft365, name: str) -> str:
    return name if name.startswith("/") else f"/groups/{segment(_find_group_id(via, name))}/transitiveMembers"


def _find_group_id(via: Microsoft365, name: str) -> str:
    directory = via.directory(people=False, groups=[name])
    if name in directory.groups:
        return directory.groups[name].id
    if name in directory.unknown and name not in directory.gone:
        raise BadAnswer(directory.unknown[name])
    raise NotFound(directory.unknown.get(name, f"there is no group {name}"))


def _count_reviewers(via: Microsoft365, groups_to_set: Sequence[str]) -> str:
    """Return why too few people could decide on requests, or "" if at least two people with mailboxes could.

    `groups_to_set` are the groups that the change sets as reviewers. If there are none, the present groups are counted.
    """
    names = groups_to_set or _find_reviewer_names(via, _read_current_reviewers(via))
    groups = [str(name) for name in names if not str(name).startswith("/")]
    paths = [members_path(_find_group_id(via, name), "accountEnabled", "assignedPlans") for name in groups]
    people = {text(row.get("id")): row for path in paths for row in via.graph.pages(path)}
    able = [row for row in people.values() if flag(row.get("accountEnabled"), missing=False) and has_mailbox(row)]
    if len(able) >= _LEAST:
        return ""
    people_able = "1 person" if len(able) == 1 else f"{len(able)} people"
    return (
        f"{people_able} with a mailbox could decide on requests for apps, but at least {_LEAST} are needed. Name in "
        f"`reviewers` a role whose group has at least {_LEAST}"
    )


def _read_current_reviewers(via: Microsoft365) -> Json:
    policy: Body = via.graph.get(_REQUESTS)
    if not isinstance(policy.get("requestDurationInDays"), int):
        raise BadAnswer(f"GET {_REQUESTS}: the response does not contain the duration of a request")
    return policy.get("reviewers") if policy.get("isEnabled") is True else None


KIND = Kind(
    name="consent_setting",
    title="Entra setting",
    plural="groups of settings",
    spec=ConsentSetting,
    endpoint=GraphSettings(PROPERTIES, _replace_reviewers_with_names, _send_settings),
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
                consequence="no one could decide on people's requests for apps",
            ),
        ),
    ),
    names_there=lambda _via: list(by_object(PROPERTIES)),
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
