"""Retention policies with their locations. The retention period is in the one rule that each policy has."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.cmdlet import (
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    choose_rows,
    find_object,
)
from connectors.emulator.microsoft365.exchange.cmdlets import mailboxes
from connectors.emulator.microsoft365.exchange.parameters import BadParameters, Refused
from connectors.emulator.microsoft365.retention_rules import POLICIES, RULES, as_sequence, is_distributed
from connectors.emulator.store import Body, Json

ALL = "All"
_SITES = ("SharePoint", "OneDrive")
_TEAMS = ("TeamsChannel", "TeamsChat")
_DEFAULT = ("Exchange", "SharePoint", "OneDrive", "ModernGroup", "PublicFolder", "Skype")
LOCATIONS = tuple(f"{place}Location" for place in (*_DEFAULT, *_TEAMS))
EXCEPTIONS = tuple(f"{name}Exception" for name in LOCATIONS if name != "PublicFolderLocation")
PROPERTIES = (*LOCATIONS, *EXCEPTIONS)


def read_locations(request: Request) -> dict[str, Json]:
    """Return the locations of a new policy. Raise Refused, Missing or BadParameters."""
    locations = {name: _join_locations(name, (), _requested_locations(request, name)) for name in PROPERTIES}
    _check_family(name for name in PROPERTIES if locations[name])
    return dict(locations)


def changed_locations(request: Request, before: Body) -> dict[str, Json]:
    """Return the locations of a policy after removals and additions. Raise Refused, Missing or BadParameters."""
    after: dict[str, Sequence[Json]] = {}
    for name in PROPERTIES:
        gone = {str(location.get("Name")).lower() for location in _requested_locations(request, f"Remove{name}")}
        left = [location for location in as_sequence(before.get(name)) if _location_name(location) not in gone]
        after[name] = _join_locations(name, left, _requested_locations(request, f"Add{name}"))
    _check_family(name for name in PROPERTIES if after[name])
    return dict(after)


def would_keep_less(request: Request) -> bool:
    """Return whether a change would keep less data than before."""
    lesser = (*(f"Remove{name}" for name in LOCATIONS), *(f"Add{name}" for name in EXCEPTIONS))
    return any(request.parameters.get(name) for name in lesser)


def covers_only_teams(policy: Body) -> bool:
    """Return whether a policy keeps only Teams messages."""
    return any(policy.get(f"{place}Location") for place in _TEAMS)


def _requested_locations(request: Request, parameter: str) -> list[Body]:
    return [
        _resolve_location(request, parameter, str(location))
        for location in as_sequence(request.parameters.get(parameter))
    ]


def _resolve_location(request: Request, parameter: str, name: str) -> Body:
    if name.lower() == ALL.lower():
        return {"Name": ALL, "DisplayName": ALL}
    place = parameter.removeprefix("Add").removeprefix("Remove").partition("Location")[0]
    if place == "PublicFolder":
        raise Refused(f"The only value that {parameter} takes is All.")
    if place in _SITES:
        if not name.lower().startswith("https://"):
            raise Refused(f"'{name}' isn't the address of a site, which {parameter} needs.")
        return {"Name": name, "DisplayName": name}
    recipient = find_object(request.all("exchange.recipients"), name, mailboxes.NAMES)
    return {
        "Name": recipient["PrimarySmtpAddress"],
        "DisplayName": recipient["DisplayName"],
        "ImmutableIdentity": recipient["ExternalDirectoryObjectId"],
    }


def _join_locations(name: str, before: Sequence[Json], added: Sequence[Body]) -> Sequence[Json]:
    names_before = {_location_name(location) for location in before}
    together = [*before, *(location for location in added if _location_name(location) not in names_before)]
    if len(together) > 1 and any(_location_name(location) == ALL.lower() for location in together):
        raise Refused(f"All can't be combined with other values in {name}.")
    return together


def _location_name(location: Json) -> str:
    return str(location.get("Name")).lower() if isinstance(location, Mapping) else ""


def _check_family(names: Iterator[str]) -> None:
    families = {name.startswith(_TEAMS) for name in names}
    if len(families) > 1:
        raise BadParameters(
            "Parameter set cannot be resolved using the specified named parameters. Teams locations can't be combined "
            "with other locations in one policy."
        )


NAMES = ("Name", "Guid")
_LOCK = "RestrictiveRetention"
_WORKLOADS = "Exchange, SharePoint, OneDriveForBusiness, Skype, ModernGroup"


def _list_policies(request: Request) -> Outcome:
    detailed = bool(request.parameters.get("DistributionDetail"))
    rows = [_policy_row(request, policy, detailed=detailed) for policy in request.all(POLICIES)]
    return Outcome(choose_rows(request, rows, NAMES))


def _policy_row(request: Request, policy: Body, *, detailed: bool) -> Body:
    """Return a policy as Get shows it.

    If the distribution is not requested, the locations are empty and the status is pending.
    """
    vague: dict[str, Json] = {name: [] for name in PROPERTIES}
    status = "Success" if is_distributed(policy, request.now) else "Pending"
    return {
        **policy,
        **({} if detailed else vague),
        "Identity": policy["Name"],
        "Workload": _WORKLOADS,
        "TeamsPolicy": covers_only_teams(policy),
        "DistributionStatus": status if detailed else "Pending",
        "DistributionResults": [],
    }


def _create_policy(request: Request) -> Outcome:
    name = request.text("Name")
    _check_name_is_free(request, name)
    made: Body = {
        "Name": name,
        "Guid": str(uuid4()),
        "Comment": request.text("Comment"),
        "Enabled": request.parameters.get("Enabled", True),
        "Mode": "Enforce",
        _LOCK: request.parameters.get(_LOCK, False),
        **read_locations(request),
        "CreatedBy": request.caller,
        "WhenCreated": formats.to_moment(request.now),
        **change_stamp(request),
    }
    return Outcome([_policy_row(request, made, detailed=False)], writes=[Put(POLICIES, str(made["Guid"]), made)])


def _change_policy(request: Request) -> Outcome:
    before = find_object(request.all(POLICIES), request.text("Identity"), NAMES)
    sent = {name: request.parameters[name] for name in ("Comment", "Enabled", _LOCK) if name in request.parameters}
    if before[_LOCK] and (False in (sent.get("Enabled"), sent.get(_LOCK)) or would_keep_less(request)):
        raise lock_refusal(before)
    after = {**before, **sent, **changed_locations(request, before), **change_stamp(request)}
    return Outcome(writes=[Put(POLICIES, str(before["Guid"]), after)])


def _remove_policy(request: Request) -> Outcome:
    policy = find_object(request.all(POLICIES), request.text("Identity"), NAMES)
    if policy[_LOCK]:
        raise lock_refusal(policy)
    rules = [str(rule["Guid"]) for rule in request.all(RULES) if rule["Policy"] == policy["Guid"]]
    return Outcome(writes=[Remove(POLICIES, str(policy["Guid"])), *(Remove(RULES, guid) for guid in rules)])


def change_stamp(request: Request) -> Body:
    """Return the properties that every change sets: its author and time, and that distribution begins again."""
    return {"LastModifiedBy": request.caller, "WhenChanged": formats.to_moment(request.now)}


def lock_refusal(policy: Body) -> Refused:
    """Return the refusal of a change that would keep less data than a policy under Preservation Lock."""
    return Refused(
        f"The policy '{policy['Name']}' has RestrictiveRetention (Preservation Lock), so it can't be turned off, "
        "removed or made less restrictive."
    )


def _check_name_is_free(request: Request, name: str) -> None:
    if any(str(policy["Name"]).lower() == name.lower() for policy in request.all(POLICIES)):
        raise Refused(f"There is already a compliance policy with the name '{name}'.")


RUNS: Mapping[str, Run] = {
    "Get-RetentionCompliancePolicy": _list_policies,
    "New-RetentionCompliancePolicy": _create_policy,
    "Set-RetentionCompliancePolicy": _change_policy,
    "Remove-RetentionCompliancePolicy": _remove_policy,
}
