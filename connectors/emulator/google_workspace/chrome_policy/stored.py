"""Stored policy schemas, and stored policies of units and groups.

A unit without its own policy inherits the policy of the nearest unit above.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import with_config

from connectors.emulator.data_files import STRICT, read_table
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.store import Body, Json


class Type(StrEnum):
    """The type of a field in a policy schema. Each member's value is the name in a protobuf descriptor."""

    FLAG = "TYPE_BOOL"
    TEXT = "TYPE_STRING"
    CHOICE = "TYPE_ENUM"
    NUMBER = "TYPE_MESSAGE"  # {"duration": "300"}, {"value": "3"}: an int64 inside a message, so that none is possible


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Field:
    """A field of a Chrome policy schema."""

    name: str
    type: Type
    description: str = ""
    repeated: bool = False
    most: int = 0  # entries of a list; 0: any number
    urls: bool = False  # entries are URL patterns
    everything: bool = True  # "*" alone is such a pattern
    choices: tuple[str, ...] = ()
    type_name: str = ""  # of the enumeration or message
    inside: str = ""  # the name of the number inside its message
    range: tuple[int, int | None] = (0, None)
    notice: str = ""  # the value that has to be acknowledged by a field of its own
    acknowledges: bool = False  # it is such a field, and is never kept


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class PolicySchema:
    """A schema of Chrome policies, with its fields."""

    name: str
    description: str
    category: str
    fields: tuple[Field, ...]
    groups: bool = True  # may be set for a group too
    keys: tuple[str, ...] = ()  # names of the additional target keys
    default: Mapping[str, Any] = field(default_factory=dict)  # Google's own value, if it shows one
    together: tuple[str, ...] = ()  # fields that are set all or none

    @property
    def namespace(self) -> str:
        """Return the namespace, such as chrome.users.apps for chrome.users.apps.InstallType."""
        return self.name.rpartition(".")[0]

    def find(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


INSTALL_TYPE = "chrome.users.apps.InstallType"
APP_ID = "app_id"
SCHEMAS: Mapping[str, PolicySchema] = {
    schema.name: schema for schema in read_table(__file__, "schemas.json", PolicySchema)
}
"""The emulated policy schemas by name. Of Google's 1,100, only schemas that a school's policies need are emulated.

Names, fields and most values come from GAM's published list of schemas and from schemas that others published raw
(contracts/google.md, section 4). The beginning of a constant does not follow a rule. If it is unknown, it is made like
others.
"""


UNITS, GROUP = "orgunits/", "groups/"
_COLLECTIONS: Mapping[str, str] = {UNITS: ORG_UNITS, GROUP: GROUPS}


@dataclass(frozen=True, slots=True)
class Target:
    """A unit or group, such as orgunits/03ph8a2z1, with additional keys such as app_id=chrome:abc..."""

    resource: str
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def to_body(self) -> Body:
        more: dict[str, Json] = {"additionalTargetKeys": dict(self.keys)} if self.keys else {}
        return {"targetResource": self.resource, **more}

    def store_key(self, schema: str) -> str:
        """Return the key under which the store contains a policy of this target."""
        return "/".join((self.resource, schema, *(value for _, value in self.keys)))


def read_target(call: MethodCall, raw: Json, kinds: tuple[str, ...] = (UNITS, GROUP)) -> Target:
    """Return the target in a policyTargetKey. Raise ApiError if its type is wrong or it does not exist."""
    resource = text(mapping(raw).get("targetResource"))
    kind = next((prefix for prefix in kinds if resource.startswith(prefix)), "")
    if not kind:
        raise errors.invalid_argument(f"Invalid target resource: {resource}")
    if call.collection(_COLLECTIONS[kind]).get(resource.removeprefix(kind)) is None:
        raise errors.not_found()
    return Target(resource, read_keys(raw))


def read_keys(raw: Json) -> tuple[tuple[str, str], ...]:
    keys = mapping(mapping(raw).get("additionalTargetKeys"))
    return tuple(sorted((name, text(value)) for name, value in keys.items()))


def applicable_resources(call: MethodCall, resource: str) -> list[str]:
    """Return the names of the units or of the group whose policies apply to a target: a unit and the units above it,
    nearest first, or only the group.
    """
    resources = [resource]
    while resource.startswith(UNITS):
        unit = call.collection(ORG_UNITS).get(resource.removeprefix(UNITS)) or {}
        above = text(unit.get("parentOrgUnitId")).removeprefix("id:")
        if not above:
            break
        resource = UNITS + above
        resources.append(resource)
    return resources


POLICIES = "google.chromePolicies"  # by orgunits/ID or groups/ID, then schema, then the app's id for an app's policy
_ADDING = ".InstallType"  # the schema of a namespace of apps that puts one under management


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a target and of the units above it, nearest first."""

    resources: Sequence[str]
    set_at: Mapping[str, Mapping[str, Body]]  # by resource, then by key

    def source(self, schema: str, keys: tuple[tuple[str, str], ...]) -> str:
        """Return the unit or group that sets a policy, or "" if none sets it."""
        return next(
            (
                resource
                for resource in self.resources
                if Target(resource, keys).store_key(schema) in self.set_at[resource]
            ),
            "",
        )

    def value(self, schema: PolicySchema, keys: tuple[tuple[str, str], ...]) -> Mapping[str, Json] | None:
        """Return the effective value of a policy.

        If none is set, return Google's default, or None if Google does not show one.
        """
        source = self.source(schema.name, keys)
        if not source:
            return schema.default or None
        return mapping(self.set_at[source][Target(source, keys).store_key(schema.name)]["value"])

    def managing_unit(self, namespace: str, app: str) -> str:
        """Return the highest unit that manages an app, or "" if none manages it."""
        keys = ((APP_ID, app),)
        places = (
            resource
            for resource in reversed(self.resources)
            if _policy_key(resource, namespace, keys) in self.set_at[resource]
        )
        return next(places, "")

    def apps(self, namespace: str) -> list[str]:
        """Return the ids of the managed apps, in order."""
        every = [body for bodies in self.set_at.values() for body in bodies.values()]
        return sorted({_app_id(policy) for policy in every if policy["policySchema"] == namespace + _ADDING})


def read_policies(call: MethodCall, resource: str) -> Policies:
    """Read the Chrome policies of a unit or group, and of the units above it."""
    resources = applicable_resources(call, resource)
    return Policies(resources, {target: call.collection(POLICIES).with_prefix(target) for target in resources})


def resolve_policy(policies: Policies, schema: PolicySchema, target: Target) -> Iterator[Body]:
    """Yield the effective policy of a target, or one policy for each app. Yield nothing if the policy was never set."""
    if not schema.keys:
        yield from _resolve_single(policies, schema, Target(target.resource))
        return
    app_id = dict(target.keys).get(APP_ID)
    for app in policies.apps(schema.namespace):
        if app_id in (None, app):
            yield from _resolve_single(policies, schema, Target(target.resource, ((APP_ID, app),)))


def _resolve_single(policies: Policies, schema: PolicySchema, target: Target) -> Iterator[Body]:
    value = policies.value(schema, target.keys)
    if value is None:
        return
    body: dict[str, Json] = {"targetKey": target.to_body}
    if source := policies.source(schema.name, target.keys):
        body["sourceKey"] = Target(source, target.keys).to_body
    if target.keys and (added := policies.managing_unit(schema.namespace, target.keys[0][1])):
        body["addedSourceKey"] = Target(added, target.keys).to_body
    yield {**body, "value": {"policySchema": schema.name, "value": _complete_value(schema, value)}}


def _complete_value(schema: PolicySchema, value: Mapping[str, Json]) -> Body:
    """Return the complete value of a policy. A boolean that was never set is false, and empty lists are left out."""
    flags = {field.name: False for field in schema.fields if field.type is Type.FLAG and not field.acknowledges}
    return {name: content for name, content in {**flags, **schema.default, **value}.items() if content != []}


def policy_body(target: Target, schema: str, value: Mapping[str, Json]) -> Body:
    """Return a policy in the form that is stored."""
    return {"targetKey": target.to_body, "policySchema": schema, "value": value}


def find_schemas(pattern: str) -> list[PolicySchema] | None:
    """Return the schemas that match a filter, which names a schema or a whole namespace.

    None if the name is unknown.
    """
    namespace, _, leaf = pattern.rpartition(".")
    if leaf == "*":
        return [schema for schema in SCHEMAS.values() if schema.namespace == namespace]
    return [SCHEMAS[pattern]] if pattern in SCHEMAS else None


def _policy_key(resource: str, namespace: str, keys: tuple[tuple[str, str], ...]) -> str:
    return Target(resource, keys).store_key(namespace + _ADDING)


def _app_id(body: Body) -> str:
    return text(mapping(mapping(body["targetKey"]).get("additionalTargetKeys")).get(APP_ID))
