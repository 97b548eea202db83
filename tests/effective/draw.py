"""Draws tenants with overlapping groups, units, exclusions and policies of others, always the same for a number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.emulated import Tenant

PEOPLE: Mapping[str, int] = {"users": 60, "staff": 46}
ACCOUNTS = 30
"""How many accounts of each tenant are asked about."""

TEACHER = "callum.copperfield"
"""A teacher whom every drawn tenant has in year-6, staff and trip-leaders."""

_DEFINITIONS = (
    "device_vendor_msft_policy_config_defender_allowcloudprotection",
    "device_vendor_msft_policy_config_power_allowhibernate",
    "device_vendor_msft_policy_config_experience_allowcortana",
)
_CONSOLE: Mapping[str, tuple[str, Sequence[object]]] = {
    "gmail.imap_access": ("enableImapAccess", (True, False)),
    "gmail.confidential_mode": ("enableConfidentialMode", (True, False)),
    "chat.external_chat_restriction": ("externalChatRestriction", ("NO_RESTRICTION", "TRUSTED_DOMAINS")),
    "security.session_controls": ("webSessionDuration", ("3600s", "7200s", "43200s")),
}
_CHROME: Mapping[str, Sequence[Mapping[str, object]]] = {
    "chrome.users.UrlBlocking": ({"urlBlocklist": ["a.example"]}, {"urlBlocklist": ["b.example", "c.example"]}),
    "chrome.users.SecondaryGoogleAccountSignin": (
        {"secondaryGoogleAccountSigninAllowed": "TRUE"}, {"secondaryGoogleAccountSigninAllowed": "FALSE"},
    ),
    "chrome.users.BrowserGuestModeEnabled": ({"browserGuestModeEnabled": True}, {"browserGuestModeEnabled": False}),
    "chrome.users.apps.InstallType/chrome:hkobaiihndnbfhbkmjjfbdimfbdcppdh": (
        {"appInstallType": "BLOCKED"}, {"appInstallType": "FORCED"}, {"appInstallType": "ALLOWED"},
    ),
}  # fmt: skip
_ONLY_FOR_UNITS = "chrome.users.BrowserGuestModeEnabled"
_FAMILIES = (
    ("malwareFilterPolicies", "malwareFilterRules", "MalwareFilterPolicy", "SentTo"),
    ("contentFilterPolicies", "contentFilterRules", "HostedContentFilterPolicy", "SentTo"),
    ("antiPhishPolicies", "antiPhishRules", "AntiPhishPolicy", "SentTo"),
    ("outboundSpamPolicies", "outboundSpamRules", "HostedOutboundSpamFilterPolicy", "From"),
)
_DOMAIN = {"SentTo": "RecipientDomainIs", "From": "SenderDomainIs"}


@dataclass(frozen=True)
class Draw:
    """A tenant and the source of chance with which its settings are drawn."""

    tenant: Tenant
    random: Random

    def some(self, values: Sequence[Any], most: int) -> list[Any]:
        """Return up to `most` different values, possibly none."""
        return self.random.sample(values, self.random.randint(0, min(most, len(values))))


def draw_tenant(tenant: Tenant, number: int) -> list[str]:
    """Change a tenant's groups, units and policies, and return the addresses to ask about, the teacher first."""
    draw = Draw(tenant, Random(number))
    _draw_google(draw)
    _draw_microsoft(draw)
    people = [user["userPrincipalName"] for user in tenant.objects("users").values() if user.get("accountEnabled")]
    google = {user["primaryEmail"] for user in tenant.objects("google.users").values()}
    teacher = f"{TEACHER}@{tenant.domain}"
    others = sorted(address for address in people if address in google and address != teacher)
    return [teacher, *draw.random.sample(others, ACCOUNTS - 1)]


def _draw_google(draw: Draw) -> None:
    tenant, random = draw.tenant, draw.random
    users, groups = tenant.objects("google.users"), _google_groups(tenant)
    units = {unit["orgUnitPath"]: key for key, unit in tenant.objects("google.orgunits").items()}
    _add_unit(tenant, units, "/Staff", "Teachers")
    for key in random.sample(sorted(users), 15):
        tenant.patch("google.users", key, orgUnitPath=random.choice(sorted(units)))
    for group in groups.values():
        for key in draw.some(sorted(users), 12):
            _join(tenant, group, key, users[key]["primaryEmail"], "USER")
    inner, outer = groups["trip-leaders"], groups["year-6"]
    _join(tenant, outer, inner, f"trip-leaders@{tenant.domain}", "GROUP")
    teacher = next(key for key, user in users.items() if user["primaryEmail"].startswith(TEACHER))
    for name in ("trip-leaders", "year-6", "all-staff"):
        _join(tenant, groups[name], teacher, f"{TEACHER}@{tenant.domain}", "USER")
    _draw_chrome(draw, units, groups)
    _draw_console(draw, units, groups)


def _google_groups(tenant: Tenant) -> dict[str, str]:
    """Return the ids of some groups by their names, with a group of a year that is added."""
    key = "01year6group000"
    address = f"year-6@{tenant.domain}"
    group = {"id": key, "email": address, "name": "Year 6", "description": "", "adminCreated": True}
    tenant.put("google.groups", key, group)
    tenant.put("google.addresses", address, {"id": key})
    names = ("all-staff", "trip-leaders", "teachers", "year-6", "office")
    rows = tenant.objects("google.groups").items()
    return {name: key for key, row in rows if (name := row["email"].partition("@")[0]) in names}


def _add_unit(tenant: Tenant, units: dict[str, str], above: str, name: str) -> None:
    key = "03ph8a2zdrawn01"
    unit = {
        "orgUnitId": f"id:{key}", "name": name, "description": "", "orgUnitPath": f"{above}/{name}",
        "parentOrgUnitPath": above, "parentOrgUnitId": f"id:{units[above]}",
    }  # fmt: skip
    tenant.put("google.orgunits", key, unit)
    units[f"{above}/{name}"] = key


def _join(tenant: Tenant, group: str, key: str, address: str, kind: str) -> None:
    row = {"id": key, "email": address, "role": "MEMBER", "status": "ACTIVE", "type": kind}
    tenant.put("google.members", f"{group}/{key}", row)


def _draw_chrome(draw: Draw, units: Mapping[str, str], groups: Mapping[str, str]) -> None:
    for policy, values in _CHROME.items():
        schema, _, app = policy.partition("/")
        keys = {"additionalTargetKeys": {"app_id": app}} if app else {}
        named = draw.some(sorted(groups.values()), 3) if policy != _ONLY_FOR_UNITS else []
        places = [f"orgunits/{units[path]}" for path in draw.some(sorted(units), 4)]
        for place in [*places, *(f"groups/{group}" for group in named)]:
            body = {
                "targetKey": {"targetResource": place, **keys}, "policySchema": schema,
                "value": draw.random.choice(values),
            }  # fmt: skip
            draw.tenant.put("google.chromePolicies", f"{place}/{policy}", body)
        ordered = draw.random.sample(named, len(named))
        ordering = f"{schema.rpartition('.')[0]}/{app}" if app else schema
        draw.tenant.put("google.chromeGroupOrderings", ordering, {"groupIds": ordered})


def _draw_console(draw: Draw, units: Mapping[str, str], groups: Mapping[str, str]) -> None:
    """Add policies by unit and group. As in Google's console, a group is stronger than a unit, and a lower unit than
    the units above it.
    """
    number = 0
    for key, policy in draw.tenant.objects("google.policies").items():
        if policy["type"] == "ADMIN" and policy["setting"]["type"].removeprefix("settings/") in _CONSOLE:
            draw.tenant.delete("google.policies", key)
    for kind, (column, values) in _CONSOLE.items():
        targets = [("orgUnit", f"orgUnits/{units[path]}", path.count("/") + (path != "/")) for path in
                   draw.some(sorted(units), 4)]  # fmt: skip
        targets += [("group", f"groups/{group}", 10) for group in draw.some(sorted(groups.values()), 2)]
        for way, target, strength in targets:
            number += 1
            body = {
                "name": f"policies/drawn{number}",
                "policyQuery": {way: target, "sortOrder": 1000 + 100 * strength + number / 10},
                "setting": {"type": f"settings/{kind}", "value": {column: draw.random.choice(values)}},
                "type": "ADMIN",
            }
            draw.tenant.put("google.policies", f"drawn{number}", body)


def _draw_microsoft(draw: Draw) -> None:
    tenant, random = draw.tenant, draw.random
    users = tenant.objects("users")
    groups = {row["displayName"]: key for key, row in tenant.objects("groups").items()}
    members = {key: list(row["members"]) for key, row in tenant.objects("members").items() if key in groups.values()}
    teacher = next(key for key, user in users.items() if user["userPrincipalName"].startswith(TEACHER))
    for name, key in groups.items():
        people = draw.some(sorted(users), 12)
        own = [teacher] if name in {"All staff", "Trip leaders", "Teachers"} else []
        tenant.put("members", key, {"members": list(dict.fromkeys([*members.get(key, ()), *people, *own]))})
    _draw_mail(draw)
    _draw_sign_in(draw, sorted(groups.values()), sorted(users))
    _draw_devices(draw, sorted(groups.values()), users)
    random.random()


def _draw_mail(draw: Draw) -> None:
    tenant = draw.tenant
    lists = sorted(row["PrimarySmtpAddress"] for row in tenant.objects("exchange.lists").values())
    people = sorted(row["PrimarySmtpAddress"] for row in tenant.objects("exchange.mailboxes").values())
    for policies, rules, column, about in _FAMILIES:
        default = next(row for row in tenant.objects(f"exchange.{policies}").values() if row.get("IsDefault"))
        for number in range(draw.random.randint(0, 3)):
            name = f"Drawn {number}"
            key = f"{policies}-{number}"
            policy = {**default, "Name": name, "Identity": name, "Id": name, "Guid": key, "IsDefault": False}
            tenant.put(f"exchange.{policies}", key, policy)
            conditions = _draw_conditions(draw, about, lists, people)
            rule = {
                "Name": name, column: name, "State": draw.random.choice(["Enabled", "Enabled", "Disabled"]),
                "Priority": number + 1, "Guid": f"rule-{key}", "IsValid": True, "Comments": "", **conditions,
            }  # fmt: skip
            tenant.put(f"exchange.{rules}", f"rule-{key}", rule)


def _draw_conditions(draw: Draw, about: str, lists: Sequence[str], people: Sequence[str]) -> dict[str, object]:
    names = (about, f"{about}MemberOf", _DOMAIN[about])
    empty: dict[str, object] = {f"{way}{name}": None for way in ("", "ExceptIf") for name in names}
    chosen = draw.random.choice(names)
    values: Mapping[str, list[str]] = {
        about: draw.random.sample(people, 10),
        f"{about}MemberOf": draw.random.sample(lists, 2),
        _DOMAIN[about]: [draw.tenant.domain],
    }
    exceptions = {f"ExceptIf{about}MemberOf": draw.random.sample(lists, 1)} if draw.random.random() < 0.5 else {}
    return {**empty, chosen: values[chosen], **exceptions}


def _draw_sign_in(draw: Draw, groups: Sequence[str], users: Sequence[str]) -> None:
    tenant = draw.tenant
    like = next(iter(tenant.objects("entra.conditionalAccessPolicies").values()))
    for number in range(4):
        everyone = draw.random.random() < 0.3
        people = {
            "includeUsers": ["All"] if everyone else draw.some(users, 8), "includeGroups": draw.some(groups, 2),
            "excludeUsers": draw.some(users, 4), "excludeGroups": draw.some(groups, 2), "includeRoles": [],
            "excludeRoles": [],
        }  # fmt: skip
        key = f"c0000000-0000-4000-8000-00000000000{number}"
        conditions = {**like["conditions"], "users": {**like["conditions"]["users"], **people}}
        state = draw.random.choice(["enabled", "disabled", "enabledForReportingButNotEnforced"])
        row = {**like, "id": key, "displayName": f"Drawn {number}", "state": state, "conditions": conditions}
        tenant.put("entra.conditionalAccessPolicies", key, row)


def _draw_devices(draw: Draw, groups: Sequence[str], users: Mapping[str, Mapping[str, Any]]) -> None:
    tenant, random = draw.tenant, draw.random
    like = next(row for row in tenant.objects("intune.managedDevices").values() if row["operatingSystem"] == "Windows")
    for number, key in enumerate(sorted(users)):
        identifier = f"d0000000-0000-4000-8000-{number:012}"
        changes = {
            "id": identifier, "azureADDeviceId": f"e0000000-0000-4000-8000-{number:012}", "userId": key,
            "deviceName": f"DRAWN-{number:03}", "userPrincipalName": users[key]["userPrincipalName"],
            "managedDeviceOwnerType": random.choice(["company", "personal"]),
            "enrollmentProfileName": random.choice(["Staff laptop", "Other"]),
        }  # fmt: skip
        tenant.put("intune.managedDevices", identifier, {**like, **changes})
    catalogue = next(iter(tenant.objects("intune.configurationPolicies").values()))
    compliance = next(
        row for row in tenant.objects("intune.compliancePolicies").values() if "windows10" in row["@odata.type"]
    )
    filters = sorted(tenant.objects("intune.assignmentFilters"))
    for number, targets in enumerate(_draw_targets(draw, groups, filters)):
        if number % 2:
            _put_catalogue(draw, catalogue, number, targets)
        else:
            _put_compliance(draw, compliance, number, targets)


def _draw_targets(draw: Draw, groups: Sequence[str], filters: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    for _ in range(10):
        chosen = draw.some(groups, 2)
        included: list[dict[str, Any]] = [
            {"@odata.type": f"{_ODATA}groupAssignmentTarget", "groupId": group} for group in chosen
        ]
        everyone = draw.random.choice([[], ["allDevices"], ["allLicensedUsers"]])
        included += [{"@odata.type": f"{_ODATA}{name}AssignmentTarget"} for name in everyone]
        named = {target.get("groupId") for target in included}
        excluded = [{"@odata.type": f"{_ODATA}exclusionGroupAssignmentTarget", "groupId": group} for group in
                    draw.some(groups, 1) if group not in named]  # fmt: skip
        yield [{**target, **_draw_filter(draw, filters)} for target in included] + [
            {**target, **_NO_FILTER} for target in excluded
        ]


_ODATA = "#microsoft.graph."
_FILTER_ID, _FILTER_TYPE = (f"deviceAndAppManagementAssignmentFilter{name}" for name in ("Id", "Type"))
_NO_FILTER: Mapping[str, Any] = {_FILTER_ID: None, _FILTER_TYPE: "none"}


def _draw_filter(draw: Draw, filters: Sequence[str]) -> Mapping[str, Any]:
    if draw.random.random() < 0.7:
        return _NO_FILTER
    return {_FILTER_ID: draw.random.choice(filters), _FILTER_TYPE: draw.random.choice(["include", "exclude"])}


def _assignments(key: str, targets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"id": f"{key}_{number}", "source": "direct", "sourceId": key, "target": target}
        for number, target in enumerate(targets)
    ]


def _put_catalogue(draw: Draw, like: Mapping[str, Any], number: int, targets: list[dict[str, Any]]) -> None:
    key = f"a0000000-0000-4000-8000-{number:012}"
    template = like["settings"][0]["settingInstance"]
    settings = [
        {"id": str(place), "settingInstance": {
            **{name: value for name, value in template.items() if name != "choiceSettingValue"},
            "settingDefinitionId": definition,
            "choiceSettingValue": {
                **template["choiceSettingValue"], "value": f"{definition}_{draw.random.randint(0, 1)}", "children": [],
            },
        }}
        for place, definition in enumerate(draw.random.sample(_DEFINITIONS, 2))
    ]  # fmt: skip
    row = {
        **like, "id": key, "name": f"Drawn {number}", "settings": settings, "settingCount": len(settings),
        "platforms": "windows10", "assignments": _assignments(key, targets), "isAssigned": bool(targets),
    }  # fmt: skip
    draw.tenant.put("intune.configurationPolicies", key, row)


def _put_compliance(draw: Draw, like: Mapping[str, Any], number: int, targets: list[dict[str, Any]]) -> None:
    key = f"b0000000-0000-4000-8000-{number:012}"
    random = draw.random
    drawn = {
        "passwordMinimumLength": random.choice([None, 6, 8, 12]),
        "passwordMinutesOfInactivityBeforeLock": random.choice([None, 1, 5, 15]),
        "osMinimumVersion": random.choice([None, "10.0.9", "10.0.22000"]),
        "bitLockerEnabled": random.choice([True, False]),
        "tpmRequired": False,
    }
    row = {**like, "id": key, "displayName": f"Drawn {number}", **drawn, "assignments": _assignments(key, targets)}
    draw.tenant.put("intune.compliancePolicies", key, row)
