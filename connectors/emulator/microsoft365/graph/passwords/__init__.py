"""Password rules in Graph: the group setting that contains the rules, and how long a domain's passwords are valid."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import check_body
from connectors.emulator.microsoft365.graph.policies import find_named_object, read_actions
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

GROUP_SETTINGS = "entra.groupSettings"
PASSWORD_RULES = "5cf42378-d67d-4f36-ba46-e8b86229381d"  # noqa: S105 (the id of a template)
DEFAULTS: Mapping[str, str] = {
    "BannedPasswordCheckOnPremisesMode": "Audit",
    "EnableBannedPasswordCheckOnPremises": "False",
    "EnableBannedPasswordCheck": "False",
    "LockoutDurationInSeconds": "60",
    "LockoutThreshold": "10",
    "BannedPasswordList": "",
}
_PATH = "/groupSettings"
_DIRECTORY = frozenset({"Directory.ReadWrite.All", "GroupSettings.ReadWrite.All"})
_CHANGES = _DIRECTORY | {"Policy.ReadWrite.Authorization"}
_READS = _DIRECTORY | {"Directory.Read.All", "Group.Read.All", "Group.ReadWrite.All", "GroupSettings.Read.All"}


def actions() -> Sequence[Action]:
    notes = "only the template of password rules"
    return (
        *domain_actions(),
        *read_actions(_PATH, GROUP_SETTINGS, "groupSetting", _READS),
        Action("POST", _PATH, _DIRECTORY, _create_group_setting, notes=notes),
        Action("PATCH", _PATH + "/{id}", _CHANGES, _change_group_setting, notes="all values together"),
        Action("DELETE", _PATH + "/{id}", _CHANGES, _delete_group_setting),
    )


def _create_group_setting(request: ActionRequest) -> Answer:
    kept = check_body(request.body(), "groupSetting", request.version)
    if kept.get("templateId") != PASSWORD_RULES:
        raise errors.not_found(str(kept.get("templateId")))
    if request.store.all(request.tenant_id, GROUP_SETTINGS):
        raise errors.invalid_request(
            "A conflicting object with one or more of the specified property values is present in the directory."
        )
    made: Body = {
        "id": str(uuid4()),
        "displayName": "Password Rule Settings",
        "templateId": PASSWORD_RULES,
        "values": _setting_values(kept.get("values"), DEFAULTS),
    }
    request.store.put(request.tenant_id, GROUP_SETTINGS, str(made["id"]), made)
    return Answer(status=201, body={**request.context("groupSettings", single=True), **made})


def _change_group_setting(request: ActionRequest) -> Answer:
    held, kept = find_named_object(request, GROUP_SETTINGS), check_body(request.body(), "groupSetting", request.version)
    request.store.put(
        request.tenant_id, GROUP_SETTINGS, str(held["id"]), {**held, "values": _setting_values(kept.get("values"), {})}
    )
    return Answer(status=204)


def _delete_group_setting(request: ActionRequest) -> Answer:
    request.store.delete(request.tenant_id, GROUP_SETTINGS, str(find_named_object(request, GROUP_SETTINGS)["id"]))
    return Answer(status=204)


def _setting_values(entries: Json, defaults: Mapping[str, str]) -> list[Body]:
    pairs = [pair for pair in (entries if isinstance(entries, list) else []) if isinstance(pair, Mapping)]
    values = {**defaults, **{str(pair.get("name")): str(pair.get("value") or "") for pair in pairs}}
    if set(values) != set(DEFAULTS):
        odd = min(set(values) ^ set(DEFAULTS))
        raise errors.invalid_request(f"The setting '{odd}' does not fit the template, which needs every value once.")
    for name in ("LockoutDurationInSeconds", "LockoutThreshold"):
        if not values[name].isdigit():
            raise errors.invalid_request(f"Invalid value specified for property '{name}' of resource 'Settings'.")
    for name in ("EnableBannedPasswordCheck", "EnableBannedPasswordCheckOnPremises"):
        if values[name].lower() not in ("true", "false"):
            raise errors.invalid_request(f"Invalid value specified for property '{name}' of resource 'Settings'.")
    return [{"name": name, "value": values[name]} for name in DEFAULTS]


_COLLECTION = "domains"
_WRITABLE = {"passwordValidityPeriodInDays": 90, "passwordNotificationWindowInDays": 14}  # with their defaults
_LONGEST = 2147483647  # never


def domain_actions() -> Sequence[Action]:
    notes = "only the two password periods. A period that the body omits returns to its default"
    return (
        Action("PATCH", "/domains/{id}", frozenset({"Domain.ReadWrite.All"}), _change_password_periods, notes=notes),
    )


def _change_password_periods(request: ActionRequest) -> Answer:
    domain, kept = find_named_object(request, _COLLECTION), check_body(request.body(), "domain", request.version)
    if odd := sorted(set(kept) - set(_WRITABLE)):
        raise errors.not_emulated(f"PATCH of {odd[0]} at {request.call.path}")
    if domain["authenticationType"] == "Federated":
        raise errors.invalid_request("Password policy cannot be set on a federated domain.")
    if not domain["isRoot"]:
        raise errors.invalid_request("Password policy can only be set on a root domain.")
    periods: dict[str, Json] = {name: kept.get(name) or unset for name, unset in _WRITABLE.items()}
    for name, days in periods.items():
        if not isinstance(days, int) or not 1 <= days <= _LONGEST:
            raise errors.invalid_request(f"Invalid value specified for property '{name}' of resource 'Domain'.")
    request.store.put(request.tenant_id, _COLLECTION, str(domain["id"]), {**domain, **periods})
    return Answer(status=204)
