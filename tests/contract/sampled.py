"""The settings that the sample playbooks manage in a tenant, and their places in the emulator's store."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tests.cases import CASES, Place, Stored
from tests.door import Door
from toolkit.engine.desired_state import expanded
from toolkit.engine.prepare_run import prepare_run
from toolkit.engine.refresh import Survey, surveyed
from toolkit.engine.runs import recall
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
    wanted: Settings
    place: Place
    every: bool  # the playbook selects it with all objects of the kind, not by name

    def __str__(self) -> str:
        return f"{self.kind}[{self.name}]"


def managed(door: Door, stored: Stored) -> Sequence[Managed]:
    """Return the objects in the tenant that playbooks manage, in the order of the playbooks."""
    with _wanted(door) as (wanted, survey):
        found = list(_found(wanted, survey))
    people = {key: one["userPrincipalName"] for key, one in stored["users"].items()}
    people |= {key: one["primaryEmail"] for key, one in stored["google.users"].items()}
    located = ((desired, seen, _place(seen, stored)) for desired, seen in found)
    return [
        Managed(
            seen.address.of_kind,
            people.get(seen.remote.id, _shown(desired, seen)),
            desired.settings,
            place,
            desired.address.name == EVERY,
        )
        for desired, seen, place in located
        if place
    ]


def _shown(desired: Desired, seen: Observed) -> str:
    return seen.remote.name if desired.address.name == EVERY else desired.address.name


def asked(door: Door) -> frozenset[str]:
    """Return the names of all desired objects, stored or inherited. Settings of units are without their unit."""
    with _wanted(door) as (wanted, _):
        return frozenset(desired.address.name.partition(" @ ")[0] for desired in wanted)


@contextmanager
def _wanted(door: Door) -> Iterator[tuple[Sequence[Desired], Survey]]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in door.variables.items():
            environment.setenv(name, value)
        settings = read_settings(door.playbooks)
        with (
            prepare_run(load(door.playbooks), settings, extensions=extensions, command="plan", writes=False) as run,
            surveyed(run.context, run.playbooks, recall(run.context, run.ledger)) as survey,
        ):
            now = run.context.now
            all_of_it = expanded(
                run.playbooks, survey.connections, survey.recalled, only=(), now=now, progress=lambda _: None
            )
            yield [one for one in all_of_it.expansion.wanted if isinstance(one, Desired)], survey


def _found(wanted: Sequence[Desired], survey: Survey) -> Iterator[tuple[Desired, Observed]]:
    for desired in wanted:
        for seen in survey.seen.objects.get(desired.address.of_kind, ()):
            ours = survey.recalled.known.get(desired.address)
            if desired.address.name in {EVERY, seen.address.name} or (ours and ours.remote_id == seen.remote.id):
                yield desired, seen


def _place(seen: Observed, stored: Stored) -> Place | None:
    """Return the place of an object; None if the emulator does not store it yet."""
    kind, name = seen.address.of_kind, seen.remote.id
    cases = [case for case in CASES if case.kind == kind]
    collection = next((case for case in cases if case.name == seen.address.name), cases[0]).stored
    units = {one["orgUnitPath"]: key for key, one in stored["google.orgunits"].items()}
    what, _, where = name.partition(" @ ")
    candidates = {
        name,
        name.removeprefix("policies/"),
        _SINGLE.get(kind, ""),
        *(f"{name}/{one['primaryEmail']}" for key, one in stored["google.users"].items() if key == name),
        *(key for key, one in stored["google.groups"].items() if one["email"] == name),
        f"orgunits/{units.get(where)}/chrome.{what.replace(' ', '/')}",
    }
    keys = [key for key in stored[collection] if key in candidates]
    keys = keys or [key for key, one in stored[collection].items() if {one.get(say) for say in _NAMED_BY} & candidates]
    if not keys and kind.partition(".")[2] in _OF_WHICH_ONE:
        keys = [*stored[collection]]
    if kind.endswith(".policy_setting"):
        keys = [key for key, one in stored[collection].items() if _policy(one) == (f"settings/{what}", units[where])]
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
    found: dict[str, set[tuple[str, Steps]]] = defaultdict(set)
    for case in CASES:
        for edit in case.all_edits if case.kind == kind else ():
            steps = [path for path in leaves(edit.wire) if path[0] not in _CONSTANT and path != ("setting", "type")]
            found[edit.setting] |= {(edit.stored or case.stored, one) for one in steps} if len(steps) == 1 else {_MANY}
    alone = {setting: next(iter(places)) for setting, places in found.items() if len(places) == 1}
    return {setting: one for setting, one in alone.items() if one != _MANY and list(alone.values()).count(one) == 1}


_MANY: tuple[str, Steps] = ("", ())
"""Stands for a setting that is stored in several places."""


@cache
def mark(kind: str) -> Steps:
    """Return the path of the text in which objects of a kind name their owner, or an empty path."""
    marks = (edit for case in CASES if case.kind == kind for edit in case.all_edits if edit.setting == "managed_by")
    return next((path for edit in marks for path in leaves(edit.wire)), ())


def key_in(one: Managed, collection: str, stored: Stored) -> str:
    """Return the key of a managed object in a collection. A policy's rule, for example, is in another collection."""
    if collection == one.place[0]:
        return one.place[1]
    policy = {one.place[1], one.name}
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
    found: Any = body
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def with_at(body: Mapping[str, Any], path: Steps, value: Any) -> dict[str, Any]:
    """Return an object with another value at a path; `...` removes the value."""
    name, *rest = path
    if rest:
        return {**body, name: with_at(body.get(name) or {}, tuple(rest), value)}
    return {key: one for key, one in {**body, name: value}.items() if one is not ...}
