"""The Intune objects of a new school from `seed.json`: policies, apps and devices.

The trust, the local authority and the school made the policies. Catalogue policies with the same settings as toolkit's
were copied into the tenant, and are not assigned yet. Each of Intune's compliance states has a device.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter, with_config

from connectors.emulator import clock
from connectors.emulator.data_files import STRICT, change_texts, fill_names, from_template, read_data
from connectors.emulator.microsoft365.graph.bodies import fill_omitted
from connectors.emulator.microsoft365.graph.intune.devices import COLLECTION as DEVICES
from connectors.emulator.microsoft365.graph.intune.devices import EDITION, FILTERS, STATES, SUMMARIES, TAGS
from connectors.emulator.microsoft365.graph.intune.families import APPS, CATALOGUE, COMPLIANCE, CONFIGURATION, RULES
from connectors.emulator.microsoft365.graph.intune.family import COLLECTION as SETTINGS
from connectors.emulator.microsoft365.graph.intune.family import KEY, Family, default_settings
from connectors.emulator.microsoft365.graph.intune.policies import stored_assignments
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.school import Person, School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

_TYPE, _PREFIX = "@odata.type", "#microsoft.graph.deviceManagementConfiguration"
_MADE, _CHANGED = "2023-06-12T14:05:00Z", "2025-08-28T09:30:00Z"
_EVERY_DEVICE: Body = {_TYPE: "#microsoft.graph.allDevicesAssignmentTarget"}


def read_policies(school: School) -> Mapping[str, Any]:
    """Return the rows of policies, assignment filters, scope tags, apps and devices."""
    data = read_data(Path(__file__).parent / "seed.json")
    return cast("Mapping[str, Any]", change_texts(data, lambda text: fill_names(text, school)))


def compliance_policies(school: School, rows: Sequence[Body]) -> Iterator[Body]:
    """Yield the compliance policies, each with one action that blocks after three days."""
    for row in rows:
        name = str(row["name"])
        action, key = (school.identifier(kind, name) for kind in ("scheduled action", "scheduled rule"))
        rule = from_template(__file__, "rule", id=key, action=action)
        properties = cast("Body", row["properties"])
        itself: Body = {_TYPE: f"#microsoft.graph.{row['type']}", "displayName": name, **properties, "version": 4}
        made = _seeded_policy(
            school, COMPLIANCE, name, type_name=str(row["type"]), properties=itself, target=row["target"]
        )
        yield {**made, RULES: [rule]}


def catalogue_policies(school: School, rows: Sequence[Body]) -> Iterator[Body]:
    for row in rows:
        target = row.get("target", _EVERY_DEVICE) if row["assigned"] else None
        kind = CATALOGUE.type_name
        yield _seeded_policy(
            school, CATALOGUE, str(row["name"]), type_name=kind, properties=_to_catalogue_policy(row), target=target
        )


def _to_catalogue_policy(row: Body) -> Body:
    settings = [_setting_instance(setting) for setting in _as_rows(row["settings"])]
    return {
        "name": row["name"],
        "description": row.get("description", ""),
        "platforms": row["platforms"],
        "technologies": row["technologies"],
        "templateReference": {
            "templateId": row.get("template", ""),
            "templateFamily": row.get("family", "none"),
            "templateDisplayName": row.get("title"),
            "templateDisplayVersion": "Version 1" if "title" in row else None,
        },
        "settings": [{"id": str(number), "settingInstance": setting} for number, setting in enumerate(settings)],
        "settingCount": len(settings),
        "isAssigned": row["assigned"],
    }


def _setting_instance(setting: Body) -> Body:
    """Return a setting as Intune shows it: a choice with inner settings, a number, texts, or a group of settings."""
    definition = setting["definition"]
    shown: Body = {"settingDefinitionId": definition, "settingInstanceTemplateReference": None}
    plain: Body = {"settingValueTemplateReference": None}
    if "group" in setting:
        inside = [{**plain, "children": [_setting_instance(child) for child in _as_rows(setting["group"])]}]
        return {_TYPE: f"{_PREFIX}GroupSettingCollectionInstance", **shown, "groupSettingCollectionValue": inside}
    if "integer" in setting:
        number = {_TYPE: f"{_PREFIX}IntegerSettingValue", **plain, "value": setting["integer"]}
        return {_TYPE: f"{_PREFIX}SimpleSettingInstance", **shown, "simpleSettingValue": number}
    if "texts" in setting:
        texts = cast("Sequence[str]", setting["texts"])
        values = [{_TYPE: f"{_PREFIX}StringSettingValue", **plain, "value": text} for text in texts]
        return {_TYPE: f"{_PREFIX}SimpleSettingCollectionInstance", **shown, "simpleSettingCollectionValue": values}
    children = [_setting_instance(child) for child in _as_rows(setting.get("children", []))]
    chosen = {**plain, "value": f"{definition}_{setting['choice']}", "children": children}
    return {_TYPE: f"{_PREFIX}ChoiceSettingInstance", **shown, "choiceSettingValue": chosen}


def _as_rows(value: Json) -> Sequence[Body]:
    return cast("Sequence[Body]", value)


def policy_id(school: School, name: str) -> str:
    return school.identifier("intune policy", name)


def _seeded_policy(
    school: School, family: Family, name: str, *, type_name: str, properties: Body, target: Json
) -> Body:  # fmt: skip
    key, properties_of_type = policy_id(school, name), model(type_name, BETA) or {}
    itself: Body = {
        "roleScopeTagIds": ["0"],
        **properties,
        "id": key,
        "createdDateTime": _MADE,
        "lastModifiedDateTime": _CHANGED,
    }
    hidden = family.navigation - {"settings"}
    return {
        **fill_omitted(itself, properties_of_type, without=hidden),
        "assignments": stored_assignments(
            [{"target": target}] if target else [], key=key, declared_type=family.assignment
        ),
    }


_FOREVER = "9999-12-31T23:59:59Z"
_UNLISTED = frozenset({"deviceConfigurationStates", "logCollectionRequests", "users", "windowsProtectionState"})


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class _Device:
    name: str
    system: str  # Windows, iOS, Android
    model: str
    compliance: str  # Intune's state for the whole device
    policy: str = ""  # the policy that was evaluated, "" if there was none
    state: str = ""  # the state for that policy
    person: int | None = None  # whose it is, by place among the staff
    category: str = "Staff laptop"
    seen: int = 0  # days ago
    owner: str = "company"


def devices(school: School, rows: Mapping[str, Json]) -> Iterator[Body]:
    """Yield the devices of a new tenant. A device without a policy is compliant, which is Intune's default."""
    known_devices = TypeAdapter(list[_Device]).validate_python(rows["devices"])
    systems = TypeAdapter(dict[str, dict[str, str]]).validate_python(rows["systems"])
    for number, device in enumerate(known_devices):
        yield _seeded_device(school, device, number, systems[device.system])


def _seeded_device(school: School, device: _Device, number: int, system: Mapping[str, str]) -> Body:
    person = school.people[device.person] if device.person is not None and device.person < len(school.people) else None
    seen = clock.START - timedelta(days=device.seen, hours=number)
    grace = clock.START + timedelta(hours=48) if device.compliance == "inGracePeriod" else None
    given = from_template(
        __file__, "device", id=school.identifier("managed device", device.name),
        entra=school.identifier("entra device", device.name), grace=clock.text(grace) if grace else _FOREVER,
        compliance=device.compliance, category=device.category, name=device.name, number=number,
        profile=device.category if device.system == "Windows" else None,
        encrypted=device.compliance != "noncompliant", supervised=device.system == "iOS", seen=clock.text(seen),
        owner=device.owner, model=device.model, system=device.system, serial=f"EX{number:06d}", **system,
        **_user_properties(person),
    )  # fmt: skip
    shown = fill_omitted(given, model("managedDevice", BETA) or {}, without=_UNLISTED)
    edition = "Education" if device.system == "Windows" else ""
    return {**shown, EDITION: edition, STATES: _policy_states(school, device)}


def _user_properties(person: Person | None) -> Mapping[str, str]:
    if person is None:
        return {"user_id": "", "user_name": "", "address": ""}
    return {"user_id": person.id, "user_name": person.display_name, "address": person.address}


def _policy_states(school: School, device: _Device) -> list[Json]:
    if not device.policy:
        return []
    platform = "windows10AndLater" if device.system == "Windows" else "androidWorkProfile"
    key = policy_id(school, device.policy)
    return [from_template(__file__, "state", id=key, policy=device.policy, platform=platform, state=device.state)]


def seed(school: School) -> Seed:
    """Return Intune's collections in a new tenant."""
    rows = read_policies(school)
    return {
        COMPLIANCE.collection: {
            str(policy["id"]): policy for policy in compliance_policies(school, rows["compliance"])
        },
        CONFIGURATION.collection: {},
        CATALOGUE.collection: {str(policy["id"]): policy for policy in catalogue_policies(school, rows["catalogue"])},
        APPS.collection: {str(app["id"]): app for app in (_seeded_app(school, row) for row in rows["apps"])},
        DEVICES: {str(device["id"]): device for device in devices(school, rows)},
        SUMMARIES: {str(setting["id"]): setting for setting in rows["settings"]},
        FILTERS: {str(assignment_filter["id"]): assignment_filter for assignment_filter in rows["filters"]},
        TAGS: {str(tag["id"]): tag for tag in rows["tags"]},
        SETTINGS: {KEY: default_settings()},
    }


def _seeded_app(school: School, row: Body) -> Body:
    type_name, name = str(row["type"]), str(row["name"])
    key, properties_of_type = school.identifier("app", type_name, name), model(type_name, BETA) or {}
    given = from_template(__file__, "app", type=type_name, id=key, name=name, publisher=row["publisher"])
    whole = fill_omitted({**given, **cast("Body", row["properties"])}, properties_of_type, without=APPS.navigation)
    return {**whole, "assignments": []}
