"""Settings-catalogue policies that no other kind reads. Playbooks write their settings with Microsoft's ids."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

from connectors.microsoft365.intune import Via, assignments, conflicts
from connectors.microsoft365.intune.client import CATALOGUE, WITH_SETTINGS
from connectors.microsoft365.intune.configuration import settings_of_kinds
from connectors.microsoft365.intune.conflicts import explain_hidden_settings
from connectors.microsoft365.intune.policies import intune_policy_kind
from connectors.microsoft365.intune.setting_keys import definition_key, keys_of, values_of_instances
from connectors.microsoft365.intune.setting_paths import INSIDE, is_place, join_settings, split_settings
from connectors.microsoft365.intune.setting_paths import PREFIX as PLACED
from connectors.microsoft365.intune.setting_values import write_setting
from connectors.microsoft365.kinds.settings_catalogue_policy.policies import OtherCataloguePolicies, lost_secret
from connectors.microsoft365.kinds.settings_catalogue_policy.spec import (
    SettingsCataloguePolicy,
    kind_of,
    written_settings,
)
from connectors.microsoft365.permissions import INTUNE_COMPUTERS
from toolkit.sdk import Desired, Doubt, Lifecycle, OtherObject, OtherObjects, text
from toolkit.values import Body, Settings, entries

_FIXED = ("platforms", "technologies", "template")


def _find_refusals(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each change that would lose a secret, or change a property that Intune cannot change."""
    rows_by_name = {text(row.get("name")).casefold(): row for row in via.intune.all(CATALOGUE, expand=WITH_SETTINGS)}
    for entry in desired:
        row = rows_by_name.get((entry.handling.adopt or entry.renamed_from or entry.address.name).casefold())
        if row is None or kind_of(row) is not None:
            continue
        shown = SettingsCataloguePolicy.observed(row)
        listed = [f"{PLACED}{place}" for place in entries(entry.settings.get("settings"))]
        if listed and (lost := lost_secret(shown, listed)):
            yield Doubt(entry.address.name, "settings", lost)
        for setting in _FIXED:
            if setting in entry.settings and entry.settings[setting] != shown[setting]:
                reason = (
                    f"Intune cannot change the {setting} of a policy ({shown[setting] or 'none'}). Write the present "
                    "value, or delete the policy first"
                )
                yield Doubt(entry.address.name, setting, reason)


def _doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    yield from assignments.doubts(via, desired)
    yield from _find_refusals(via, desired)


def _find_claimed_keys(desired: Desired) -> Mapping[str, frozenset[str]]:
    places = [place for place, value in desired.settings.items() if is_place(place) and value is not None]
    return {place: frozenset({definition_key(place.removeprefix(PLACED).rpartition(INSIDE)[2])}) for place in places}


def _find_comparable_values(settings: Settings) -> Mapping[str, Hashable]:
    written = join_settings({place: value for place, value in settings.items() if is_place(place)})
    return values_of_instances(write_setting(definition, entry, {}) for definition, entry in written.items())


def _is_for_computers(desired: Desired) -> bool:
    return any(place.startswith(f"{PLACED}device_vendor_msft") for place in desired.settings)


def _read_named_settings(row: Body) -> Settings:
    return split_settings(written_settings(row))


_OWN = conflicts.KindSettings(
    CATALOGUE,
    None,
    _find_claimed_keys,
    may_be=lambda row: kind_of(row) is None,
    shows=_read_named_settings,
    values=_find_comparable_values,
    on_computers=_is_for_computers,
)


def _conflicts(via: Via, desired: Sequence[Desired], deleted_ids: Collection[str]) -> Iterator[Doubt]:
    return conflicts.conflicts(via, desired, deleted_ids, _OWN)


def _policies_with_shared_settings(via: Via) -> Iterator[OtherObject]:
    """Yield the policies that also contain settings of another kind, so that no kind reads all of them."""
    settings = settings_of_kinds()
    for row in via.intune.all(CATALOGUE, expand=WITH_SETTINGS):
        if not explain_hidden_settings(row) and kind_of(row) is None:
            own_keys = keys_of(row).keys()
            if shared := tuple(name for name, keys in settings.items() if keys & own_keys):
                yield OtherObject(str(row.get("name") or row.get("id")), shared)


def _restore_removed_settings(_name: str, before: Settings, restored: Settings) -> Settings:
    """Return the settings for a rollback, with the values of the settings that the change removed."""
    listed = restored.get("settings")
    if not isinstance(listed, tuple):
        return restored
    places = [f"{PLACED}{place}" for place in listed]
    return {**{place: before[place] for place in places if place in before}, **restored}


KIND = intune_policy_kind(
    OtherCataloguePolicies(),
    name="settings_catalogue_policy",
    title="settings-catalogue policy",
    plural="settings-catalogue policies",
    spec=SettingsCataloguePolicy,
    reference="https://learn.microsoft.com/graph/api/resources/"
    "intune-deviceconfigv2-devicemanagementconfigurationpolicy?view=graph-rest-beta",
    permissions=INTUNE_COMPUTERS,
    doubts=_doubts,
    conflicts=_conflicts,
    lifecycle=Lifecycle(restores=_restore_removed_settings),
    other_objects=OtherObjects(
        "Settings-catalogue policies with settings of other kinds", _policies_with_shared_settings
    ),
    sample="""\
- microsoft365.settings_catalogue_policy: School software on Windows
  platforms: windows10
  technologies: mdm
  settings:
    device_vendor_msft_policy_config_applicationmanagement_blocknonadminuserinstall: _1
  assigned_to: [all-staff@example-primary.example]
""",
)
