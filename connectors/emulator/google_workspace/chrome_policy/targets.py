"""What policies are set on: units, each below another, and groups, with an app beside it where a schema needs one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.wire import Body, Json

UNITS, GROUP = "orgunits/", "groups/"
_COLLECTIONS: Mapping[str, str] = MappingProxyType({UNITS: ORG_UNITS, GROUP: GROUPS})


@dataclass(frozen=True, slots=True)
class Target:
    """A unit or group, such as orgunits/03ph8a2z1, and what else names the policy: app_id=chrome:abc..."""

    resource: str
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> Body:
        more: dict[str, Json] = {"additionalTargetKeys": dict(self.keys)} if self.keys else {}
        return {"targetResource": self.resource, **more}

    def stored(self, schema: str) -> str:
        """Name a policy on this target in the store."""
        return "/".join((self.resource, schema, *(value for _, value in self.keys)))


def read_target(asked: MethodCall, written: Json, kinds: tuple[str, ...] = (UNITS, GROUP)) -> Target:
    """Read a policyTargetKey; raises ApiError for one of another kind, or one that is not there."""
    resource = text(mapping(written).get("targetResource"))
    kind = next((one for one in kinds if resource.startswith(one)), "")
    if not kind:
        raise errors.invalid_argument(f"Invalid target resource: {resource}")
    if asked.collection(_COLLECTIONS[kind]).get(resource.removeprefix(kind)) is None:
        raise errors.not_found()
    return Target(resource, read_keys(written))


def read_keys(written: Json) -> tuple[tuple[str, str], ...]:
    keys = mapping(mapping(written).get("additionalTargetKeys"))
    return tuple(sorted((name, text(value)) for name, value in keys.items()))


def lineage(asked: MethodCall, resource: str) -> list[str]:
    """List where a target's policies may come from, nearest first: a unit and all above it; a group has none above."""
    found = [resource]
    while resource.startswith(UNITS):
        unit = asked.collection(ORG_UNITS).get(resource.removeprefix(UNITS)) or {}
        above = text(unit.get("parentOrgUnitId")).removeprefix("id:")
        if not above:
            break
        resource = UNITS + above
        found.append(resource)
    return found
