"""The device configurations of all platforms: the endpoint, and the creation of a kind for each type."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence

from connectors.microsoft365.intune import assignments, conflicts
from connectors.microsoft365.intune.client import ASSIGNMENTS, Via
from connectors.microsoft365.intune.compliance_first import ConfiguredSetting, PlannedCompliance, weaker_compliance
from connectors.microsoft365.intune.policies import IntunePolicies, intune_policy_kind, policies_of_other_types
from connectors.microsoft365.intune.policy import Policy, properties
from connectors.microsoft365.intune.setting_keys import is_set, keys_of, property_keys, values_of_properties
from connectors.microsoft365.permissions import INTUNE_POLICIES
from toolkit.records import dataclass
from toolkit.sdk import Desired, Doubt, Kind, OtherObjects, Permissions, Remote, kinds
from toolkit.values import Body, Json, Settings, effective

CONFIGURATIONS = "/deviceManagement/deviceConfigurations"
IN_BETA = f"/beta{CONFIGURATIONS}"
"""The collection for types that v1.0 lacks, completely or in part."""


def _return_unchanged(body: Body, before: Body) -> Body:  # noqa: ARG001 - for types whose lists keep unmanaged entries
    return body


@dataclass(frozen=True, slots=True)
class Configurations(IntunePolicies):
    """The device configurations of a type.

    `whole` adds the present properties that must be sent with changed ones.
    """

    whole: Callable[[Body, Body], Body] = _return_unchanged

    def new_body(self, name: str, body: Body) -> Body:  # noqa: ARG002 - IntunePolicies'
        return self.whole(properties(body), {})

    def change(self, via: Via, now: Remote, new_name: Body, body: Body) -> None:
        self.patch(via, now, {**new_name, **self.whole(properties(body), now.body)})


def settings_of_kinds() -> Mapping[str, frozenset[str]]:
    """Return the keys of each configuration setting, by a full name such as windows_configuration.password_required."""
    keys_by_name: dict[str, frozenset[str]] = {}
    for kind in kinds("microsoft365").values():
        endpoint: object = kind.endpoint
        if isinstance(endpoint, Configurations) and issubclass(kind.spec, Policy):
            for name, setting in kind.spec.table().items():
                if name not in kind.spec.extra_setting_names:
                    keys_by_name[f"{kind.name}.{name}"] = property_keys(endpoint.type_name, setting.wire)
    return keys_by_name


def _list_known_settings(row: Body) -> tuple[str, ...]:
    policy_keys = keys_of(row).keys()
    return tuple(name for name, keys in settings_of_kinds().items() if keys & policy_keys)


OTHER_CONFIGURATIONS: OtherObjects[Via] = OtherObjects(
    "device configurations of types that toolkit does not cover",
    lambda via: policies_of_other_types(via, CONFIGURATIONS, ASSIGNMENTS, _list_known_settings),
)


def compliance_of(name: str) -> str:
    """Return the name of the compliance policy kind for the same platform as a configuration kind."""
    return name.replace("_configuration", "_compliance_policy")


def conflicts_of(
    name: str, spec: type[Policy], endpoint: Configurations
) -> Callable[[Via, Sequence[Desired], Collection[str]], Iterator[Doubt]]:
    """Return a function that finds the policies that conflict with objects of a configuration kind."""
    table = spec.table()

    def values_to_write(desired: Desired) -> Mapping[str, Json]:
        selected = {name: value for name, value in desired.settings.items() if name not in spec.extra_setting_names}
        wire_values = {name: table[name].form.write(effective(value, None)) for name, value in selected.items()}
        return {name: value for name, value in wire_values.items() if is_set(value)}

    def claimed_keys(desired: Desired) -> Mapping[str, frozenset[str]]:
        return {name: property_keys(endpoint.type_name, table[name].wire) for name in values_to_write(desired)}

    def values(settings: Settings) -> Mapping[str, Hashable]:
        selected = {
            name: value for name, value in settings.items() if name in table and name not in spec.extra_setting_names
        }
        body = {table[name].wire: table[name].form.write(value) for name, value in selected.items()}
        return values_of_properties(endpoint.type_name, body)

    def read_settings(row: Body) -> Settings:
        return {
            name: table[name].form.read(row.get(table[name].wire))
            for name in table
            if name not in spec.extra_setting_names
        }

    own = conflicts.KindSettings(
        endpoint.collection,
        endpoint.odata_type,
        claimed_keys,
        shows=read_settings,
        values=values,
        on_computers=lambda _: endpoint.type_name.startswith("windows"),
    )

    def configured_settings(desired: Desired) -> list[ConfiguredSetting]:
        values_by_name = values_to_write(desired).items()
        return [ConfiguredSetting(name, table[name].wire, value, table[name].join) for name, value in values_by_name]

    def find_conflicts(via: Via, desired: Sequence[Desired], deleted_ids: Collection[str]) -> Iterator[Doubt]:
        configurations = [resource for resource in desired if resource.address.kind == name]
        judging = [resource for resource in desired if resource.address.kind == compliance_of(name)]
        policies = PlannedCompliance(via, compliance_of(name), judging, deleted_ids)
        yield from conflicts.conflicts(via, configurations, deleted_ids, own)
        for resource, audience in conflicts.audiences(via, configurations, own):
            for setting, reason in weaker_compliance(
                policies, endpoint.type_name, configured_settings(resource), audience
            ):
                yield Doubt(resource.address.name, setting.setting, reason, is_uncertain=True)

    return find_conflicts


def configuration_kind(
    name: str,
    *,
    title: str,
    spec: type[Policy],
    endpoint: Configurations,
    sample: str,
    permissions: Permissions = INTUNE_POLICIES,
    doubts: Callable[[Via, Sequence[Desired]], Iterable[Doubt]] = assignments.doubts,
    other_objects: OtherObjects[Via] | None = None,
) -> Kind[Via]:
    """Return the kind of a platform's device configurations."""
    page = f"https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-{endpoint.type_name.lower()}"
    return intune_policy_kind(
        endpoint,
        name=name,
        title=title,
        plural="configurations",
        spec=spec,
        reference=f"{page}?view=graph-rest-beta" if endpoint.collection == IN_BETA else page,
        permissions=permissions,
        sample=sample,
        doubts=doubts,
        conflicts=conflicts_of(name, spec, endpoint),
        judged_with=(compliance_of(name),),
        other_objects=other_objects,
    )
