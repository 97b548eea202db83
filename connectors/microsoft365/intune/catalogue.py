"""Creates kinds of settings catalogue policies.

Each kind has its own settings and leaves a policy's other settings unchanged. Intune can only replace all settings of a
policy together, so the other settings are sent again.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from connectors.microsoft365.intune import assignments, conflicts
from connectors.microsoft365.intune.catalogue_settings import (
    PROPERTIES,
    Table,
    held_instances,
    merge_settings,
    shown_settings,
    unmanaged_definitions,
    unread_settings,
)
from connectors.microsoft365.intune.client import CATALOGUE, WITH_SETTINGS, Via
from connectors.microsoft365.intune.conflicts import explain_hidden_settings
from connectors.microsoft365.intune.policies import IntunePolicies, intune_policy_kind
from connectors.microsoft365.intune.policy import Policy, extra_settings, is_marked
from connectors.microsoft365.intune.setting_keys import definition_key, values_of_instances
from connectors.microsoft365.permissions import INTUNE_COMPUTERS
from toolkit.errors import Rejected
from toolkit.records import dataclass
from toolkit.sdk import Desired, Doubt, Kind, Properties, Remote, UnknownProperty
from toolkit.values import Body, Settings, effective


class CataloguePolicy(Policy):
    """A settings catalogue policy of a certain kind.

    toolkit does not change settings in it that belong to other kinds.
    """

    properties: ClassVar[Properties] = PROPERTIES
    catalogue: ClassVar[Table] = {}
    groups: ClassVar[Mapping[str, Body]] = {}  # a new group of settings, by its definition
    template: ClassVar[Body] = MappingProxyType({"platforms": "windows10", "technologies": "mdm"})

    @classmethod
    def shown_settings(cls, row: Body) -> Body:
        """Return all settings of a policy, including the settings from the settings catalogue."""
        return {**super().shown_settings(row), **shown_settings(row, cls.catalogue)}

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties that toolkit does not compare, and the settings that this kind does not cover."""
        return [*super().unknown(body), *unread_settings(body, cls.catalogue)]

    @classmethod
    def is_in(cls, row: Body) -> bool:
        """Return whether a policy sets a setting of this kind.

        If a policy has toolkit's mark, a setting with an empty value counts too.
        """
        if any(shown_settings(row, cls.catalogue).values()):
            return True
        definitions = {setting.definition for setting in cls.catalogue.values()}
        return is_marked(row) and not held_instances(row).keys().isdisjoint(definitions)


_UNCHANGED = ("name", "description", "platforms", "technologies", "roleScopeTagIds", "templateReference")


@dataclass(frozen=True, slots=True)
class CataloguePolicies(IntunePolicies):
    """The policies of a kind. A policy belongs to the kind if it contains a setting of the kind."""

    spec: type[CataloguePolicy] = CataloguePolicy
    collection: str = CATALOGUE
    name_property: ClassVar[str] = "name"
    expand: ClassVar[str] = WITH_SETTINGS

    def holds(self, row: Body) -> bool:
        return bool(explain_hidden_settings(row)) or self.spec.is_in(row)

    def describe_missing_parts(self, row: Body) -> str:
        return explain_hidden_settings(row)

    def needs_whole_object(self, settings: Body) -> bool:
        return not self.spec.catalogue.keys().isdisjoint(settings)

    def new_body(self, name: str, body: Body) -> Body:
        return {**self.spec.template, "settings": self._settings({}, extra_settings(body), name)}

    def change(self, via: Via, now: Remote, new_name: Body, body: Body) -> None:
        """Send a policy's new name and description. If settings change, send the whole policy instead."""
        settings = extra_settings(body)
        if not self.needs_whole_object(settings):
            self.patch(via, now, new_name)
            return
        unchanged = {key: now.body[key] for key in _UNCHANGED if key in now.body}
        policy = {**unchanged, **new_name, "settings": self._settings(now.body, settings, now.name)}
        via.intune.replace(self.collection, now.id, policy)

    def delete(self, via: Via, remote: Remote) -> None:
        """Delete a policy. Raise Rejected if it contains settings that others added, because they would be lost."""
        if unmanaged_settings := unmanaged_definitions(self.read_once_more(via, remote), self.spec.catalogue):
            raise Rejected(
                f"{remote.name} was not deleted, because it has settings from others that would be deleted with it, "
                f"such as {unmanaged_settings[0]}. Remove those settings, or delete the policy yourself"
            )
        via.intune.delete(self.collection, remote.id)

    def refuse(self, name: str, written: Body) -> None:
        """Raise Rejected if the service would refuse the settings. Some kinds override this."""

    def _settings(self, before: Body, settings: Body, name: str) -> list[Body]:
        """Return all settings to send for a policy. Raise Rejected if the policy would have no settings."""
        written = {setting: settings[setting] for setting in self.spec.catalogue if setting in settings}
        self.refuse(name, written)
        merged = merge_settings(before, self.spec.catalogue, written, self.spec.groups)
        if not merged:
            raise Rejected(f"{name}: the policy would have no settings, which Intune does not allow. Delete the policy")
        return merged


def conflicts_of(spec: type[CataloguePolicy]) -> Callable[[Via, Sequence[Desired], Collection[str]], Iterator[Doubt]]:
    """Return a function that finds the policies that conflict with objects of a kind."""

    def claimed_keys(desired: Desired) -> Mapping[str, frozenset[str]]:
        set_names = [name for name in spec.catalogue if effective(desired.settings.get(name), None)]
        return {name: frozenset({definition_key(spec.catalogue[name].definition)}) for name in set_names}

    def read_settings(row: Body) -> Settings:
        shown = shown_settings(row, spec.catalogue)
        return {name: spec.table()[name].form.read(value) for name, value in shown.items()}

    def values(settings: Settings) -> Mapping[str, Hashable]:
        written = {name: spec.table()[name].form.write(settings.get(name)) for name in spec.catalogue}
        return values_of_instances(
            spec.catalogue[name].to_instance(value, {}) for name, value in written.items() if value
        )

    titles = {name: setting.title for name, setting in spec.catalogue.items()}
    own = conflicts.KindSettings(
        CATALOGUE, None, claimed_keys, titles, spec.is_in, read_settings, values, on_computers=lambda _: True
    )
    return lambda via, desired, deleted_ids: conflicts.conflicts(via, desired, deleted_ids, own)


def catalogue_kind(
    name: str,
    *,
    title: str,
    plural: str,
    endpoint: CataloguePolicies,
    sample: str,
    doubts: Callable[[Via, Sequence[Desired]], Iterable[Doubt]] = assignments.doubts,
) -> Kind[Via]:
    """Return a kind of settings catalogue policies."""
    return intune_policy_kind(
        endpoint,
        name=name,
        title=title,
        plural=plural,
        spec=endpoint.spec,
        reference="https://learn.microsoft.com/graph/api/resources/"
        "intune-deviceconfigv2-devicemanagementconfigurationpolicy?view=graph-rest-beta",
        permissions=INTUNE_COMPUTERS,
        sample=sample,
        doubts=doubts,
        conflicts=conflicts_of(endpoint.spec),
    )
