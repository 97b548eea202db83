"""The spec of a settings-catalogue policy whose settings have Microsoft's ids."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from connectors.microsoft365.intune.catalogue import CataloguePolicies
from connectors.microsoft365.intune.catalogue_settings import PREFIX, definition_of, instances
from connectors.microsoft365.intune.policy import ASSIGNED, EXTRA_SETTINGS, Policy, extra_settings
from connectors.microsoft365.intune.setting_paths import INSIDE, VALUE, is_place, join_settings, split_settings
from connectors.microsoft365.intune.setting_paths import PREFIX as PLACED
from connectors.microsoft365.intune.setting_trees import holds_secret, references_of
from connectors.microsoft365.intune.setting_values import read_setting, write_setting
from toolkit.sdk import (
    MANAGED_BY,
    OPEN_SETTINGS,
    SECRET_NOT_SHOWN,
    TEXT,
    Effect,
    Form,
    Harmless,
    OpenTable,
    Properties,
    Setting,
    Within,
    declare,
    declare_effects,
    differs,
    kinds,
    mapping,
    text,
    with_mark,
)
from toolkit.values import Body, Json, Settings, Value, plain


def written_settings(row: Body) -> Mapping[str, Json]:
    """Return the settings of a policy as a playbook writes them, by definition id."""
    references = references_of(row)
    return {definition_of(entry): read_setting(entry, references) for entry in instances(row)}


def setting_rows(written: Mapping[str, Json], references: Mapping[str, str]) -> list[Body]:
    """Return settings of a playbook in Graph's form for a policy."""
    made = [write_setting(definition, entry, references) for definition, entry in written.items()]
    return [{"@odata.type": f"{PREFIX}Setting", "settingInstance": entry} for entry in made]


def read_places(value: Json) -> Value:
    """Return the value of each setting by its path. The settings come from a playbook or from the tenant."""
    if isinstance(value, Mapping):
        value = sorted(place.removeprefix(PLACED) for place in split_settings(value))
    return tuple(str(entry) for entry in value) if isinstance(value, list | tuple) and value else None


def _read_template_parts(value: Json) -> Value:
    if isinstance(value, Mapping):
        value = [f"{definition}: {parts}" for definition, parts in value.items()]
    return tuple(sorted(str(entry) for entry in value)) if isinstance(value, list | tuple) and value else None


def read_references(value: object) -> dict[str, str]:
    listed = [str(entry).partition(": ") for entry in value] if isinstance(value, list | tuple) else []
    return {definition: parts for definition, _, parts in listed}


def _check_settings(settings: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return settings in canonical form. Raise ValueError if a setting is invalid or belongs to another kind."""
    if not settings:
        raise ValueError(
            "Intune does not accept a policy without a setting. Delete the `settings` line to leave them unchanged"
        )
    if secrets := [definition for definition, entry in settings.items() if holds_secret(entry)]:
        raise ValueError(f"{secrets[0]}: a secret is never written in a playbook. Set it in Intune, and it stays there")
    checked: dict[str, Json] = {}
    for definition, entry in settings.items():
        try:
            checked[definition] = read_setting(write_setting(definition, entry, {}), {})
        except ValueError as wrong:
            raise ValueError(f"{definition}: {wrong}") from wrong
    if kind := kind_of({"description": with_mark("", MANAGED_BY), "settings": setting_rows(checked, {})}):
        raise ValueError(
            f"these settings belong to the kind microsoft365.{kind}, which has names for them. Use that kind"
        )
    return checked


def kind_of(row: Body) -> str | None:
    """Return the name of the kind that has its own names for the settings in a policy, or None."""
    return next((name for name, endpoint in _catalogue_kinds_by_name().items() if endpoint.spec.is_in(row)), None)


@cache
def _catalogue_kinds_by_name() -> Mapping[str, CataloguePolicies]:
    endpoints: dict[str, object] = {name: kind.endpoint for name, kind in kinds("microsoft365").items()}
    return {name: entry for name, entry in endpoints.items() if isinstance(entry, CataloguePolicies)}


_PLACES = Form("settings by their ids", read_places)
_PARTS = Form(
    "parts of the template by the ids of settings",
    _read_template_parts,
    to_playbook=lambda value: read_references(value) or None,
)


class SettingsCataloguePolicy(Policy):
    """A settings-catalogue policy with exactly these settings, which have Microsoft's ids.

    An option is written as the end of its id, from the `_` after the id of its setting, for example `_1`. Whole numbers
    and texts are written unchanged. Several values are a list. An option with settings inside it is `{choice: _1, ID:
    VALUE}`. Groups of settings are a list of tables. A secret is never written in a playbook, and does not change in
    Intune.
    """

    effects = declare_effects(
        dict.fromkeys(
            ("settings", OPEN_SETTINGS), Effect("a setting of {name} may stop something that works now", differs)
        ),
        {Harmless.PART: ("platforms", "technologies", "template", "template_references")},
    )

    properties: ClassVar[Properties] = ASSIGNED.extended(
        compared={"description", "platforms", "technologies", "templateReference.templateId"},
        ignored={
            "name": "The name of the policy.",
            "isAssigned": "Whether there are assignments, which are compared.",
            "settingCount": "The number of settings, which are compared.",
            "creationSource": "How the policy was created.",
            "settings[].id": "A number for each setting of the policy.",
            **{
                f"templateReference.template{name}": "A description of the template. Its id is compared instead."
                for name in ("Family", "DisplayName", "DisplayVersion")
            },
        },
        whole={"settings"},
    )
    extra_setting_names: ClassVar[frozenset[str]] = Policy.extra_setting_names | {
        "settings",
        "template",
        "template_references",
    }

    platforms: Annotated[str | None, Setting(TEXT, by_hand=True)] = declare(
        "Operating system. It cannot be changed later. A new policy is for windows10.", "windows10"
    )
    technologies: Annotated[str | None, Setting(TEXT, by_hand=True)] = declare(
        "Service that delivers the policy. It cannot be changed later. A new policy has mdm.", "mdm"
    )
    template: Annotated[str | None, Setting(TEXT, by_hand=True)] = declare(
        "Template, by its id and version. It cannot be changed later.",
        "804339ad-1553-4478-a742-138fb5807418_1",
    )
    settings: Annotated[
        dict[str, Any] | None,
        AfterValidator(_check_settings),
        Within("a table of ids and values"),
        Setting(_PLACES),
    ] = declare(
        "Complete list of settings, by the ids of their definitions.",
        {"device_vendor_msft_policy_config_applicationmanagement_blocknonadminuserinstall": "_1"},
    )
    template_references: Annotated[dict[str, str] | None, Setting(_PARTS)] = declare(
        "Parts of the template by setting, as `toolkit import` writes them. A setting has the id of its own part and "
        "the id of its value's part, or `-` if there is none.",
        {"device_vendor_msft_policy_config_defender_allowarchivescanning": "7c5c9cde-f74d-4d11-904f-de4c27f72d89 -"},
    )

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        return _to_open_table(cls)

    @classmethod
    def desired(cls, written: Mapping[str, Json]) -> Settings:
        """Return the settings of a playbook entry. The settings of the catalogue are divided by their paths."""
        one_by_one = {name: VALUE.read(value) for name, value in written.items() if is_place(name)}
        rest = {name: value for name, value in written.items() if not is_place(name)}
        if one_by_one:
            rest["settings"] = join_settings(one_by_one)
        desired = super().desired(rest)
        if not desired.get("settings"):
            return desired
        return {**desired, **split_settings(_check_settings(dict(mapping(rest["settings"]))) or {})}

    @classmethod
    def observed(cls, body: Body) -> Settings:
        return {**super().observed(body), **split_settings(written_settings(body))}

    @classmethod
    def shown_settings(cls, row: Body) -> Body:
        """Return the settings of a policy, its template, and the references to parts of the template."""
        settings = split_settings(written_settings(row))
        readable = [place for place, value in settings.items() if value != SECRET_NOT_SHOWN]
        return {
            **super().shown_settings(row),
            "settings": sorted(place.removeprefix(PLACED) for place in readable),
            "template": text(mapping(row.get("templateReference")).get("templateId")),
            "template_references": dict(references_of(row)),
        }

    @classmethod
    def body(cls, settings: Settings) -> Body:
        inside = {name: plain(value) for name, value in settings.items() if is_place(name)}
        made = super().body({name: value for name, value in settings.items() if name not in inside})
        return {**made, EXTRA_SETTINGS: {**extra_settings(made), **inside}}

    @classmethod
    def nesting_keys(cls, setting: str) -> Sequence[str]:
        return (setting.partition(INSIDE)[0], "settings") if is_place(setting) else (setting,)

    @classmethod
    def nest_settings(cls, written: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return settings with all settings of the catalogue in one table, as a playbook writes them."""
        inside = {name: VALUE.read(value) for name, value in written.items() if is_place(name)}
        if not inside:
            return {name: value for name, value in written.items() if name != "settings"}
        rest = {name: value for name, value in written.items() if name not in inside}
        return {**rest, "settings": join_settings(inside)}


@cache
def _to_open_table(spec: type[SettingsCataloguePolicy]) -> OpenTable:
    return OpenTable(super(SettingsCataloguePolicy, spec).table(), is_place, VALUE)
