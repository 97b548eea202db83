"""The grain of each part of a control: the smallest piece of a tenant for which it can have a value of its own."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from pydantic import ValidationError

from toolkit.planning.desired.audience_paths import audience_paths
from toolkit.planning.plan_details import RealisedControl
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.part import Level, Part, Resource
from toolkit.values import Settings


class Grain(StrEnum):
    """The smallest piece of a tenant for which a part of a control can have a value of its own."""

    TENANT = "tenant"  # the trust sets it, and no school has its own
    DOMAIN = "domain"
    UNIT = "unit"
    GROUP = "group"
    PERSON = "person"
    LIST = "list"  # a mailing list or a group with its members
    RECORD = "record"  # no setting: a person confirms it, or toolkit counts it


@dataclass(frozen=True, slots=True)
class PartGrain:
    """The grain of a part of a control on a cloud."""

    control: str
    part: str
    provider: str
    grain: Grain


def list_grains(
    realised: Collection[RealisedControl], kinds: Mapping[str, Kind[Connection]], domains: Collection[str]
) -> Iterator[PartGrain]:
    """Yield the grain of each part of the controls of a trust, once for each cloud. `kinds` are by full name.

    A part that no school can have, because its objects are for everyone in the tenant, is in a control of no school.
    """
    parts: dict[tuple[str, str, str], list[Part]] = {}
    for control in realised:
        for part in control.realisation.parts:
            parts.setdefault((control.control, part.name, control.provider), []).append(part)
    for (control_name, name, provider), alike in sorted(parts.items()):
        resources = [resource for part in alike for resource in part.resources]
        grains = {grain_of(kinds[f"{provider}.{resource.kind}"], resource, domains) for resource in resources}
        # The objects of an enforced part without objects are known once the people are read.
        without_objects = Grain.PERSON if any(part.level is Level.ENFORCED for part in alike) else Grain.RECORD
        yield PartGrain(control_name, name, provider, max(grains, key=list(Grain).index, default=without_objects))


def grain_of(kind: Kind[Connection], resource: Resource, domains: Collection[str]) -> Grain:
    """Return the grain of an object that a part of a control needs. It follows from the object's kind and settings."""
    if kind.per_person:
        return Grain.PERSON
    if resource.name in domains:
        return Grain.DOMAIN
    try:
        settings: Settings = kind.spec.desired(resource.settings)
    except (ValidationError, ValueError):
        settings = {}
    targets = kind.reaches(resource.name, settings)
    if "@" in resource.name.strip("@") and " " not in resource.name:
        return Grain.LIST
    if any(name.startswith("/") for name in targets.groups):
        return Grain.UNIT
    return Grain.GROUP if audience_paths(kind, resource.name, settings) else Grain.TENANT
