"""Objects that an import meets in a tenant: each type of a service, with properties present and absent."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any, NamedTuple

from connectors.emulator.google_workspace.chrome_policy.stored import SCHEMAS, Field, Type
from connectors.emulator.google_workspace.cloud_identity import SYSTEM
from connectors.google_workspace.kinds.policy_setting.raw import name_of
from tests.cases import CASES, laid_over
from tests.contract.foreign import IDENTITY
from tests.emulated import Tenant
from tests.facts.google_tenant import dlp_rules
from tests.facts.graph import beta_additions, graph_types, v1_properties
from tests.facts.real_tenant import conditional_access_policies
from tests.facts.tables import PropertyType, read_rows
from toolkit.sdk.form import ENTRIES, is_annotation, leaves

PREFIX = "#microsoft.graph."
_IDS = (f"5eed0000-0000-4000-8000-{number:012x}" for number in count(1))


class Seeded(NamedTuple):
    """An object that a test put into a tenant."""

    kind: str
    name: str


def seed_dlp_rules(tenant: Tenant) -> Iterator[Seeded]:
    """Add the rules of a real tenant, and a rule without each part that Google may leave out."""
    (shape,) = [
        row for row in tenant.objects("google.policies").values() if row["setting"]["type"] == "settings/rule.dlp"
    ]
    rules = list(dlp_rules())
    full: Mapping[str, Any] = {
        **rules[1],
        "action": {**rules[1]["action"], "alertCenterAction": {"alertCenterConfig": {"severity": "HIGH"}}},
        "ruleTypeMetadata": {"dlpRuleMetadata": {"alertSeverity": "HIGH"}},
        "state": "ACTIVE",
    }
    rules += [{**full, "displayName": "With every part"}]
    rules += [
        {**{name: value for name, value in full.items() if name != left_out}, "displayName": f"Without {left_out}"}
        for left_out in ("description", "state", "ruleTypeMetadata", "createTime")
    ]
    actions = full["action"]
    rules += [
        {
            **full,
            "displayName": f"Without {left_out}",
            "action": {app: does for app, does in actions.items() if app != left_out},
        }
        for left_out in actions
    ]
    for rule in rules:
        key = next(_IDS)
        setting = {**shape["setting"], "value": rule}
        tenant.put("google.policies", key, {**shape, "name": f"policies/{key}", "setting": setting})
        yield Seeded("google_workspace.dlp_rule", rule["displayName"])


LOCATION, GONE = "5eed1111-0000-4000-8000-000000000001", "5eed1111-0000-4000-8000-000000000002"
_CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "from a named location": {"locations": {"includeLocations": [LOCATION], "excludeLocations": []}},
    "from everywhere but two": {"locations": {"includeLocations": ["All"], "excludeLocations": [LOCATION, GONE]}},
    "from trusted places": {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
    "on phones": {"platforms": {"includePlatforms": ["android", "iOS"], "excludePlatforms": []}},
    "but not on Macs": {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["macOS"]}},
    "at high risk": {"userRiskLevels": ["high"], "signInRiskLevels": ["medium", "high"]},
    "at insider risk": {"insiderRiskLevels": "elevated", "servicePrincipalRiskLevels": ["low"]},
    "on filtered devices": {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}},
    "with device codes": {"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}},
    "for workloads": {"clientApplications": {"includeServicePrincipals": [LOCATION], "excludeServicePrincipals": []}},
    "for two apps": {"applications": {"includeApplications": [LOCATION, GONE], "excludeApplications": [GONE]}},
    "for an action": {"applications": {"includeApplications": [], "includeUserActions": ["urn:user:registerdevice"]}},
    "for filtered apps": {"applications": {"applicationFilter": {"mode": "include", "rule": "CustomSec.a -eq 1"}}},
    "for a context": {"applications": {"includeAuthenticationContextClassReferences": ["c1"]}},
    "for a group": {"users": {"includeUsers": [], "includeGroups": [LOCATION], "excludeGroups": [GONE]}},
    "for a role": {"users": {"includeUsers": [], "includeRoles": [LOCATION], "excludeRoles": [GONE]}},
    "for guests": {
        "users": {
            "includeUsers": [],
            "includeGuestsOrExternalUsers": {
                "guestOrExternalUserTypes": "b2bCollaborationGuest,serviceProvider",
                "externalTenants": {"membershipKind": "enumerated", "members": [LOCATION]},
            },
        }
    },
    "for a deleted person": {"users": {"includeUsers": [GONE], "excludeUsers": ["GuestsOrExternalUsers"]}},
}
_STRENGTH = {
    "id": LOCATION,
    "displayName": "Passkeys",
    "policyType": "custom",
    "requirementsSatisfied": "mfa",
    "allowedCombinations": ["fido2"],
    "combinationConfigurations": [{"id": GONE, "allowedAAGUIDs": [LOCATION]}],
}
_CONTROLS: Mapping[str, Mapping[str, Any]] = {
    "asking for a strength": {"grantControls": {"operator": "OR", "authenticationStrength": _STRENGTH}},
    "asking for terms of use": {"grantControls": {"operator": "AND", "termsOfUse": [LOCATION, GONE]}},
    "asking for a custom control": {"grantControls": {"operator": "OR", "customAuthenticationFactors": [LOCATION]}},
    "asking for several": {"grantControls": {"operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}},
    "with no control": {"grantControls": None, "sessionControls": None},
    "with every session control": {
        "sessionControls": {
            "applicationEnforcedRestrictions": {"isEnabled": True},
            "cloudAppSecurity": {"isEnabled": True, "cloudAppSecurityType": "mcasConfigured"},
            "signInFrequency": {"isEnabled": True, "value": None, "type": None, "frequencyInterval": "everyTime"},
            "persistentBrowser": {"isEnabled": True, "mode": "never"},
            "disableResilienceDefaults": True,
        }
    },
    "off": {"state": "disabled"},
    "only recorded": {"state": "enabledForReportingButNotEnforced"},
}


def seed_conditional_access(tenant: Tenant) -> Iterator[Seeded]:
    """Add a policy with each condition and each control, and the policies of a real tenant."""
    collection = "entra.conditionalAccessPolicies"
    policies = tenant.objects(collection).values()
    (shape,) = [policy for policy in policies if policy["displayName"] == "Block legacy authentication"]
    school = {"@odata.type": f"{PREFIX}ipNamedLocation", "id": LOCATION, "displayName": "School network"}
    ranges = [{"@odata.type": f"{PREFIX}iPv4CidrRange", "cidrAddress": "203.0.113.0/24"}]
    tenant.put("entra.namedLocations", LOCATION, {**school, "isTrusted": True, "ipRanges": ranges})
    parts = {name: {"conditions": part} for name, part in _CONDITIONS.items()} | dict(_CONTROLS)
    bodies = [{**laid_over(shape, part), "displayName": f"Policy {name}"} for name, part in parts.items()]
    for body in [*bodies, *conditional_access_policies()]:
        key = next(_IDS)
        tenant.put(collection, key, {**body, "id": key})
        yield Seeded("microsoft365.conditional_access_policy", str(body["displayName"]))


_TYPES = {
    "intune.compliancePolicies": {
        "windows_compliance_policy": "windows10CompliancePolicy",
        "ios_compliance_policy": "iosCompliancePolicy",
        "macos_compliance_policy": "macOSCompliancePolicy",
        "android_work_profile_compliance_policy": "androidWorkProfileCompliancePolicy",
        "android_fully_managed_compliance_policy": "androidDeviceOwnerCompliancePolicy",
    },
    "intune.deviceConfigurations": {
        "windows_configuration": "windows10GeneralConfiguration",
        "ios_configuration": "iosGeneralDeviceConfiguration",
        "android_work_profile_configuration": "androidWorkProfileGeneralDeviceConfiguration",
        "android_fully_managed_configuration": "androidDeviceOwnerGeneralDeviceConfiguration",
    },
}
"""The types of Intune's policies, by the collection that holds them and the kind that covers them."""

_UNCOVERED = {
    "intune.compliancePolicies": ("windows_compliance_policy", "CompliancePolicy"),
    "intune.deviceConfigurations": ("windows_configuration", "Configuration"),
}
"""The kind under which an import lists types without a kind of their own, and the ending of such types' names."""

_EACH_HAS = ("roleScopeTagIds", "version", "createdDateTime", "lastModifiedDateTime", "scheduledActionsForRule")
_FILTERED = "deviceAndAppManagementAssignmentFilter"


def _targets(tenant: Tenant) -> Sequence[Sequence[Mapping[str, Any]]]:
    """Return assignments of every type of target, with each type of filter."""
    groups = {group.get("mail") or group["displayName"]: key for key, group in tenant.objects("groups").items()}
    staff = groups[f"all-staff@{tenant.domain}"]
    (screen, *_) = tenant.objects("intune.assignmentFilters")
    twins = [next(_IDS), next(_IDS)]
    (shape,) = [group for key, group in tenant.objects("groups").items() if key == staff]
    for twin in twins:
        tenant.put("groups", twin, {**shape, "id": twin, "displayName": "Twins", "mail": None, "mailEnabled": False})
    include = {f"{_FILTERED}Id": screen, f"{_FILTERED}Type": "include"}
    exclude = {f"{_FILTERED}Id": screen, f"{_FILTERED}Type": "exclude"}
    none = {f"{_FILTERED}Id": None, f"{_FILTERED}Type": "none"}

    def group(key: str, narrowed: Mapping[str, Any], of: str = "groupAssignmentTarget") -> Mapping[str, Any]:
        return {"@odata.type": PREFIX + of, "groupId": key, **narrowed}

    devices, users = ({"@odata.type": f"{PREFIX}{of}AssignmentTarget"} for of in ("allDevices", "allLicensedUsers"))
    return [
        [],
        [group(staff, include)],
        [{**devices, **exclude}, group(twins[0], none, "exclusionGroupAssignmentTarget")],
        [{**users, **include}, {**devices, **none}],
        [group(staff, exclude), group(twins[0], include), group(GONE, none)],
    ]


def _values(names: Mapping[str, PropertyType], draw: int) -> Mapping[str, Any]:
    """Return properties of a type: none, all, every second or every third, so that two of them may be apart."""
    body: dict[str, Any] = {}
    for place, (name, declared) in enumerate(sorted(names.items())):
        set_here = (False, True, place % 2 == 0, place % 2 == 1, place % 3 == 0)[draw]
        if declared.is_collection:
            body[name] = []
            continue
        match declared.name:
            case "Edm.Boolean" | "boolean":
                body[name] = set_here
            case "Edm.Int32" | "number":
                body[name] = 4 if set_here else None
            case "Edm.String" | "string":
                body[name] = f"10.{draw}" if set_here else None
            case enumeration if enumeration in graph_types()["enumerations"]:
                members = graph_types()["enumerations"][enumeration].split()
                body[name] = members[-1 if set_here else 0]
            case _:
                body[name] = None
    return body


def seed_intune(tenant: Tenant) -> Iterator[Seeded]:
    """Add policies of each type, with properties present and absent, and each type of assignment."""
    targets = _targets(tenant)
    yield from _seed_uncovered(tenant)
    for collection, types in _TYPES.items():
        shapes = {policy["@odata.type"]: policy for policy in tenant.objects(collection).values()}
        for kind, of in types.items():
            names = {**v1_properties(of), **beta_additions(of)}
            shape = shapes.get(PREFIX + of) or {
                name: value for name, value in next(iter(shapes.values())).items() if name in _EACH_HAS
            }
            for draw, assigned in enumerate(targets):
                key, name = next(_IDS), f"{of} {draw}"
                assignments = [{"id": f"{key}_{place}", "target": target} for place, target in enumerate(assigned)]
                body = {**shape, **_values(names, draw), "@odata.type": PREFIX + of, "id": key}
                body |= {"displayName": name, "description": None, "assignments": assignments}
                tenant.put(collection, key, body)
                yield Seeded(f"microsoft365.{kind}", name)


def _seed_uncovered(tenant: Tenant) -> Iterator[Seeded]:
    abstract = ("deviceCompliancePolicy", "deviceConfiguration")
    for collection, (kind, ending) in _UNCOVERED.items():
        (shape, *_) = tenant.objects(collection).values()
        for of in graph_types()["v1.0"]:
            if of.endswith(ending) and of not in (*_TYPES[collection].values(), *abstract):
                key, name = next(_IDS), f"{of} of nobody"
                kept = {name: value for name, value in shape.items() if name in _EACH_HAS}
                body = {**kept, **_values(v1_properties(of), 1), "@odata.type": PREFIX + of, "id": key}
                tenant.put(collection, key, {**body, "displayName": name, "description": None, "assignments": []})
                yield Seeded(f"microsoft365.{kind}", f"{name} ({of})")


def edit_everything(tenant: Tenant, draw: int) -> int:
    """Change a tenth of the values of every object to values of other objects, and return the number of edits."""
    random, edits = Random(draw), 0
    for collection in sorted({case.stored for case in CASES}):
        objects = tenant.objects(collection)
        values: dict[str, list[Any]] = {}
        for path, value in (leaf for body in objects.values() for leaf in leaves(body)):
            if value not in values.setdefault(path, []):
                values[path].append(value)
        edited = {}
        for key, body in objects.items():
            drawn = _redraw(body, values, random)
            edits += drawn != body
            edited[key] = drawn
        tenant.control("PUT", f"/objects/{collection}", edited)
    return edits


def _redraw(body: Any, values: Mapping[str, Sequence[Any]], random: Random, path: str = "") -> Any:
    """Return a copy of a body with other values in some of its properties."""
    if isinstance(body, Mapping) and body:
        return {
            name: value
            if name in IDENTITY or is_annotation(name)
            else _redraw(value, values, random, f"{path}.{name}" if path else name)
            for name, value in body.items()
        }
    if isinstance(body, list) and any(isinstance(entry, Mapping) for entry in body):
        return [_redraw(entry, values, random, path + ENTRIES) for entry in body]
    if random.random() > _SHARE:
        return body
    match body:
        case bool():
            return not body
        case int():
            return random.choice([body + 1, *values.get(path, [])])
        case _:
            return random.choice(values[path]) if values.get(path) else body


_SHARE = 0.1


_UNIT_VALUES = {Type.TEXT: ("a trip", "another trip"), Type.FLAG: (True, False), Type.NUMBER: ("60", "300")}


def seed_chrome_policies(tenant: Tenant) -> Iterator[Seeded]:
    """Set each Chrome policy in two units, to the first and the last of its values."""
    units = {unit["orgUnitPath"]: key for key, unit in tenant.objects("google.orgunits").items()}
    there = tenant.objects("google.chromePolicies")
    for schema in SCHEMAS.values():
        for place, unit in enumerate(("/Staff", "/Pupils")):
            target = f"orgunits/{units[unit]}"
            name = f"{schema.name.removeprefix('chrome.')} @ {unit}"
            if schema.keys or ".kiosk." in schema.name or f"{target}/{schema.name}" in there:
                continue
            value = {field.name: _chrome_value(field, place) for field in schema.fields if not field.acknowledges}
            body = {"targetKey": {"targetResource": target}, "policySchema": schema.name, "value": value}
            tenant.put("google.chromePolicies", f"{target}/{schema.name}", body)
            yield Seeded("google_workspace.chrome_policy", name)


def _chrome_value(field: Field, place: int) -> Any:
    if field.type is Type.CHOICE:
        value: Any = field.choices[-place]
    elif field.type is Type.NUMBER:
        value = {field.inside: _UNIT_VALUES[field.type][place]}
    else:
        value = _UNIT_VALUES[field.type][place]
    return [f"{place}.example"] if field.repeated else value


def seed_console_settings(tenant: Tenant) -> Iterator[Seeded]:
    """Set each setting for which Google has a default in a unit, with its switches reversed."""
    units = {unit["orgUnitPath"]: key for key, unit in tenant.objects("google.orgunits").items()}
    there = {row["setting"]["type"] for row in tenant.objects("google.policies").values() if row["type"] == "ADMIN"}
    for of, default in SYSTEM.items():
        if f"settings/{of}" in there:
            continue
        key = next(_IDS)
        value = {name: not switch if isinstance(switch, bool) else switch for name, switch in default.items()}
        query = {"orgUnit": f"orgUnits/{units['/Staff']}", "sortOrder": 500}
        body = {"name": f"policies/{key}", "customer": f"customers/{tenant.customer_id}", "type": "ADMIN"}
        setting = {"type": f"settings/{of}", "value": value}
        tenant.put("google.policies", key, {**body, "policyQuery": query, "setting": setting})
        yield Seeded("google_workspace.policy_setting", name_of(of, "/Staff"))


def seed_mail_rules(tenant: Tenant) -> Iterator[Seeded]:
    """Add a mail rule for each parameter of Exchange Online, alone or with the parameters that it needs."""
    collection = "exchange.transportRules"
    (shape,) = [rule for rule in tenant.objects(collection).values() if rule["Name"] == "Route MIS mail"]
    rows = {row["parameter"]: row for row in read_rows("mail_rule_parameters")}
    for parameter, row in rows.items():
        if row["online"] != "works" or row["role"] not in ("condition", "exception", "action", "setting"):
            continue
        if parameter == "Name":
            continue
        parameters = [parameter, *row["needs"].split(), *(_REJECTS if parameter in _REJECTS else ())]
        if row["role"] != "action":
            parameters.append("PrependSubject")
        if not any(rows[name]["role"] == "condition" for name in parameters):
            parameters.append("SentToScope")
        parameters += [name for name, other in rows.items() if other["default"] and other["needs"] in parameters]
        values = {rows[name]["shown"] or name: _mail_value(rows[name], tenant) for name in parameters}
        key, name = next(_IDS), f"Rule with {parameter}"
        empty = {"RecipientDomainIs": None, "RouteMessageOutboundConnector": None, "Comments": None}
        named = {"Name": name, "Identity": name, "Guid": key, "ImmutableId": key, "DistinguishedName": f"CN={name}"}
        tenant.put(collection, key, {**shape, **empty, **named, **values})
        yield Seeded("microsoft365.transport_rule", name)


_REJECTS = ("RejectMessageReasonText", "RejectMessageEnhancedStatusCode")
"""Parameters of which Exchange sets one if a rule has the other."""


def _mail_value(row: Mapping[str, str], tenant: Tenant) -> Any:
    of, parameter = row["type"], row["parameter"]
    if "ADAttribute" in parameter or "Property" in parameter:
        return ["Department:trip"]
    if "IpRanges" in parameter:
        return ["203.0.113.0/24"]
    value: Any = {
        "Boolean": True,
        "RecipientIdParameter": f"office@{tenant.domain}",
        "ByteQuantifiedSize": "1 MB (1,048,576 bytes)",
        "SclValue": "5",
        "DateTime": "2026-12-18T16:00:00",
        "RejectEnhancedStatus": "5.7.1",
    }.get(of.removesuffix("[]"), row["values"].split()[0] if row["values"] else "trip")
    return [value] if of.endswith("[]") else value
