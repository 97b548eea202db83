"""Reads and writes the settings-catalogue policies that no other kind reads."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from connectors.microsoft365.intune.catalogue_settings import definition_of, instances
from connectors.microsoft365.intune.client import CATALOGUE, WITH_SETTINGS, Via
from connectors.microsoft365.intune.conflicts import explain_hidden_settings
from connectors.microsoft365.intune.policies import IntunePolicies
from connectors.microsoft365.intune.policy import extra_settings, properties
from connectors.microsoft365.intune.setting_paths import (
    INSIDE,
    VALUE,
    find_instance,
    is_place,
    join_settings,
    split_settings,
)
from connectors.microsoft365.intune.setting_paths import PREFIX as PLACED
from connectors.microsoft365.intune.setting_trees import references_of
from connectors.microsoft365.kinds.settings_catalogue_policy.spec import (
    kind_of,
    read_places,
    read_references,
    setting_rows,
    written_settings,
)
from toolkit.errors import Rejected
from toolkit.records import dataclass
from toolkit.sdk import SECRET_NOT_SHOWN, Remote, text
from toolkit.values import Body, Json, Settings, canonical_text, entries

_NEW: Body = {"platforms": "windows10", "technologies": "mdm"}
_WHOLE = ("settings", "template_references")
_KEPT = ("name", "description", "platforms", "technologies", "roleScopeTagIds", "templateReference")


@dataclass(frozen=True, slots=True)
class OtherCataloguePolicies(IntunePolicies):
    """The settings-catalogue policies that no other kind reads."""

    collection: str = CATALOGUE
    name_property: ClassVar[str] = "name"
    expand: ClassVar[str] = WITH_SETTINGS

    def holds(self, row: Body) -> bool:
        return bool(explain_hidden_settings(row)) or kind_of(row) is None

    def describe_missing_parts(self, row: Body) -> str:
        if reason := explain_hidden_settings(row):
            return reason
        names = [definition_of(instance) for instance in instances(row)]
        doubled = next((name for name in names if names.count(name) > 1), "")
        return f"the policy contains the setting {doubled} twice" if doubled else ""

    def needs_whole_object(self, settings: Body) -> bool:
        return any(is_place(name) or name in _WHOLE for name in settings)

    def new_body(self, name: str, body: Body) -> Body:
        settings = extra_settings(body)
        if not (placed := _settings_by_path(settings)):
            raise Rejected(
                f"{name}: a new policy needs `settings`, because Intune does not accept a policy without a setting"
            )
        template = text(settings.get("template"))
        return {
            **_NEW,
            **{name: value for name, value in properties(body).items() if value is not None},
            **({"templateReference": {"templateId": template}} if template else {}),
            "settings": setting_rows(join_settings(placed), read_references(settings.get("template_references"))),
        }

    def change(self, via: Via, now: Remote, new_name: Body, body: Body) -> None:
        """Send a policy's new name and description.

        If settings change, send the whole policy, with unchanged secrets.
        """
        if fixed := sorted(properties(body)):
            raise Rejected(f"{now.name}: Intune cannot change the {fixed[0]} of a policy. Delete the policy first")
        settings = extra_settings(body)
        if not self.needs_whole_object(settings):
            self.patch(via, now, new_name)
            return
        kept = {key: now.body[key] for key in _KEPT if key in now.body}
        named = "template_references" in settings
        references = read_references(settings["template_references"]) if named else references_of(now.body)
        rows = setting_rows(_merge_settings(now, settings), references)
        via.intune.replace(self.collection, now.id, {**kept, **new_name, "settings": rows})


def _settings_by_path(settings: Body) -> Settings:
    return {place: VALUE.read(value) for place, value in settings.items() if is_place(place)}


def _merge_settings(present: Remote, settings: Body) -> Mapping[str, Json]:
    """Return the new settings of a policy. Raise Rejected if the value of a setting is unknown."""
    observed = split_settings(written_settings(present.body))
    secrets = {
        place: canonical_text({"instance": find_instance(instances(present.body), place)})
        for place, value in observed.items()
        if value == SECRET_NOT_SHOWN
    }
    values = {**observed, **secrets, **_settings_by_path(settings)}
    if "settings" in settings:
        listed = {f"{PLACED}{place}" for place in entries(read_places(settings["settings"]))}
        if missing := sorted(listed - values.keys()):
            raise Rejected(f"{present.name}: the value of {missing[0]} is unknown. Write the value in the playbook")
        if lost := lost_secret(observed, listed):
            raise Rejected(f"{present.name}: {lost}")
        values = {place: value for place, value in values.items() if place in listed or place in secrets}
    return join_settings(values)


def lost_secret(present_settings: Settings, listed: Collection[str]) -> str:
    """Return the reason to refuse a change that removes the setting around a secret, or "" if it removes none."""
    secrets = [place for place, value in present_settings.items() if value == SECRET_NOT_SHOWN and INSIDE in place]
    lost = next((place for place in secrets if place.rpartition(INSIDE)[0] not in listed), "")
    return lost and f"{lost} is a secret, which would be lost. Keep the setting around it, or remove it in Intune"
