"""The settings that the sample playbooks manage in a tenant, and their places in the emulator's store."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tests.cases import CASES, Place, Stored
from tests.door import Door
from toolkit.engine.desired_state import expand_for_tenants
from toolkit.engine.prepare_run import prepare_run
from toolkit.engine.refresh import TenantSurvey, open_survey
from toolkit.engine.runs import read_ledger_records
from toolkit.features import extensions
from toolkit.playbook.load import load
from toolkit.sdk.resource import EVERY, Desired, Observed
from toolkit.settings.settings import read_settings
from toolkit.values import Settings

Steps = tuple[str, ...]
"""The path to a setting in a stored object: the key at each level."""

_CONSTANT = {"policySchema", "targetKey", "@odata.type", "type", "name"}
"""Keys that an edit repeats from the object, so that the emulator can store an object that was not there."""

_SINGLE = {"microsoft365.compliance_settings": "settings"}
"""Kinds with one object in a tenant, whose key is not its id."""


@dataclass(frozen=True)
class Managed:
    """One managed object: its desired settings, and its place in the emulator's store."""

    kind: str
    name: str  # the name in a drift report
    desired: Settings
    place: Place
    every: bool  # the playbook selects it with all objects of the kind, not by name

    def __str__(self) -> str:
        return f"{self.kind}[{self.name}]"


def managed(door: Door, stored: Stored) -> Sequence[Managed]:
    """Return the objects in the tenant that playbooks manage, in the order of the playbooks."""
    with _read_survey(door) as (desired_resources, survey):
        pairs = list(_managed_pairs(desired_resources, survey))
    people = {key: user["userPrincipalName"] for key, user in stored["users"].items()}
    people |= {key: user["primaryEmail"] for key, user in stored["google.users"].items()}
    located = ((desired, seen, _place(seen, stored)) for desired, seen in pairs)
    return [
        Managed(
            seen.address.kind_path,
            people.get(seen.remote.id, _name_in_drift(desired, seen)),
            desired.settings,
            place,
            desired.address.name == EVERY,
        )
        for desired, seen, place in located
        if place
    ]


def _name_in_drift(desired: Desired, seen: Observed) -> str:
    return seen.remote.name if desired.address.name == EVERY else desired.address.name


def desired_names(door: Door) -> frozenset[str]:
    """Return the names of all desired objects, stored or inherited. Settings of units are without their unit."""
    with _read_survey(door) as (resources, _):
        return frozenset(desired.address.name.partition(" @ ")[0] for desired in resources)


@contextmanager
def _read_survey(door: Door) -> Iterator[tuple[Sequence[Desired], TenantSurvey]]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in door.variables.items():
            environment.setenv(name, value)
        settings = read_settings(door.playbooks)
        with (
            prepare_run(load(door.playbooks), settings, extensions=extensions, command="plan", writes=False) as run,
            open_survey(run.context, run.playbooks, read_ledger_records(run.context, run.ledger)) as survey,
        ):
            now = run.context.now
            all_of_it = expand_for_tenants(
                run.playbooks, survey.connections, survey.ledger_state, only=(), now=now, progress=lambda _: None
            )
            yield [resource for resource in all_of_it.expansion.wanted if isinstance(resource, Desired)], survey


def _managed_pairs(desired_resources: Sequence[Desired], survey: TenantSurvey) -> Iterator[tuple[Desired, Observed]]:
    for desired in desired_resources:
        for seen in survey.observed.objects.get(desired.address.kind_path, ()):
            ours = survey.ledger_state.known_objects.get(desired.address)
            if desired.address.name in {EVERY, seen.address.name} or (ours and ours.remote_id == seen.remote.id):
                yield desired, seen


def _place(seen: Observed, stored: Stored) -> Place | None:
    """Return the place of an object; None if the emulator does not store it yet."""
    kind, name = seen.address.kind_path, seen.remote.id
    cases = [case for case in CASES if case.kind == kind]
    collection = next((case for case in cases if case.name == seen.address.name), cases[0]).stored
    units = {unit["orgUnitPath"]: key for key, unit in stored["google.orgunits"].items()}
    what, _, where = name.partition(" @ ")
    candidates = {
        name,
        name.removeprefix("policies/"),
        _SINGLE.get(kind, ""),
        *(f"{name}/{user['primaryEmail']}" for key, user in stored["google.users"].items() if key == name),
        *(key for key, group in stored["google.groups"].items() if group["email"] == name),
        f"orgunits/{units.get(where)}/chrome.{what.replace(' ', '/')}",
    }
    keys = [key for key in stored[collection] if key in candidates]
    keys = keys or [key for key, body in stored[collection].items() if {*map(body.get, _NAMED_BY)} & candidates]
    if not keys and kind.partition(".")[2] in _OF_WHICH_ONE:
        keys = [*stored[collection]]
    if kind.endswith(".policy_setting"):
        keys = [key for key, body in stored[collection].items() if _policy(body) == (f"settings/{what}", units[where])]
        keys.sort(
            key=lambda key: stored[collection][key]["type"] == "ADMIN"
        )  # Google's own policy does not apply if an administrator set one
    return (collection, keys[-1]) if keys else None


_NAMED_BY = ("Domain", "email")
_OF_WHICH_ONE = (
    "consent_setting", "domain_allowlist", "exchange_setting", "files_protection", "message_encryption",
    "report_submission", "sharing_setting",
)  # fmt: skip
"""Kinds whose objects are properties of a single stored object."""


def _policy(body: Mapping[str, Any]) -> tuple[str, str]:
    return body["setting"]["type"], body["policyQuery"].get("orgUnit", "").rpartition("/")[2]


@cache
def paths(kind: str) -> Mapping[str, tuple[str, Steps]]:
    """Return the collection and path of each setting of a kind that has a path of its own."""
    places: dict[str, set[tuple[str, Steps]]] = defaultdict(set)
    for case in CASES:
        for edit in case.all_edits if case.kind == kind else ():
            steps = [path for path in leaves(edit.wire) if path[0] not in _CONSTANT and path != ("setting", "type")]
            collection = edit.stored or case.stored
            places[edit.setting] |= {(collection, steps[0]) if len(steps) == 1 else _MANY}
    single = {setting: next(iter(own)) for setting, own in places.items() if len(own) == 1}
    counts = Counter(single.values())
    return {setting: place for setting, place in single.items() if place != _MANY and counts[place] == 1}


_MANY: tuple[str, Steps] = ("", ())
"""Stands for a setting that is stored in several places."""


@cache
def mark(kind: str) -> Steps:
    """Return the path of the text in which objects of a kind name their owner, or an empty path."""
    marks = (edit for case in CASES if case.kind == kind for edit in case.all_edits if edit.setting == "managed_by")
    return next((path for edit in marks for path in leaves(edit.wire)), ())


def key_in(resource: Managed, collection: str, stored: Stored) -> str:
    """Return the key of a managed object in a collection. A policy's rule, for example, is in another collection."""
    if collection == resource.place[0]:
        return resource.place[1]
    policy = {resource.place[1], resource.name}
    return next(key for key, body in stored[collection].items() if {body.get(name) for name in _OF_POLICY} & policy)


_OF_POLICY = ("Policy", "SafeAttachmentPolicy")


def leaves(wire: Mapping[str, Any], above: Steps = ()) -> Iterator[Steps]:
    """Yield the path of every value of an object. A list is one value."""
    for name, value in wire.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name)


def at(body: Mapping[str, Any], path: Steps) -> Any:
    """Return the value at a path; None if there is none."""
    found_value: Any = body
    for step in path:
        found_value = found_value.get(step) if isinstance(found_value, Mapping) else None
    return found_value


def with_at(body: Mapping[str, Any], path: Steps, value: Any) -> dict[str, Any]:
    """Return an object with another value at a path; `...` removes the value."""
    name, *rest = path
    if rest:
        return {**body, name: with_at(body.get(name) or {}, tuple(rest), value)}
    return {key: inner for key, inner in {**body, name: value}.items() if inner is not ...}
