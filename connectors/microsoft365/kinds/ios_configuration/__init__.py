"""Device restrictions for iPads and iPhones: visible apps, the App Store, passcodes, and the school's data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, model_validator

from connectors.microsoft365.intune import Via
from connectors.microsoft365.intune.assignments import doubts
from connectors.microsoft365.intune.configuration import CONFIGURATIONS, Configurations, configuration_kind
from connectors.microsoft365.intune.fields import (
    AppleLengthAtLeast,
    DaysAtMost,
    MinutesAtMost,
    PasswordType,
    RememberedAtLeast,
    SortsOfCharacters,
    Switch,
)
from connectors.microsoft365.intune.policy import POLICY, Policy
from connectors.microsoft365.kinds.ios_configuration.effects import APP_EFFECTS, DEVICE_EFFECTS, PASSCODE_EFFECTS
from toolkit.catalogue.naming import builtin
from toolkit.sdk import (
    PATTERNS,
    Desired,
    Doubt,
    Form,
    Join,
    Lacks,
    Listed,
    Properties,
    Setting,
    Spec,
    Wire,
    Within,
    declare,
    switch,
    written_entries,
)
from toolkit.values import AtLeast, Body, Json, Settings, Value, entries

LIST, LIST_TYPE = "appsVisibilityList", "appsVisibilityListType"
# Intune's list type names the compliant apps, either the listed apps, so that all others are hidden, or the others.
_TYPES: Mapping[str, str] = {"hide_listed": "appsNotInListCompliant", "show_only_listed": "appsInListCompliant"}
_WORDS = {wire: word for word, wire in _TYPES.items()}


def _read_type(value: Json) -> Value:
    return None if value in (None, "", "none") else _WORDS.get(str(value), str(value))


def _write_type(value: Value) -> Json:
    return _TYPES.get(str(value), "none")


def _normalise_bundle_ids(value: Json) -> Value:
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = [entry.get("appId") if isinstance(entry, Mapping) else entry for entry in value]
        return PATTERNS.read([entry for entry in listed if entry])
    return PATTERNS.read(value)


def _write_entries(value: Value) -> Json:
    return [
        {"@odata.type": "#microsoft.graph.appListItem", "name": _find_app_title(bundle), "appId": bundle}
        for bundle in entries(value)
    ]


def _find_app_title(bundle: str) -> str:
    """Return an app's title in toolkit's catalogue, for people who read the list in the admin centre."""
    titles = (app.title for app in builtin().apps.values() if bundle in {ios_app.bundle for ios_app in app.ios})
    return next(titles, bundle)


def keep_other_entries(body: Body, before: Body) -> Body:
    """Return the properties to send.

    The entries of apps that stay in the list, and entries without a bundle id, do not change.
    """
    items, held = body.get(LIST), before.get(LIST)
    if not isinstance(items, Sequence) or not isinstance(held, Sequence):
        return body
    present = [entry for entry in held if isinstance(entry, Mapping)]
    kept = {str(entry["appId"]): entry for entry in present if entry.get("appId")}
    listed = [kept.get(str(entry["appId"]), entry) for entry in items if isinstance(entry, Mapping)]
    return {**body, LIST: [*(entry for entry in present if not entry.get("appId")), *listed]}


def check_bundle_ids(value: Listed | None) -> Listed | None:
    for entry in written_entries(value):
        formed = all(part and part.replace("-", "").isalnum() for part in entry.split("."))
        if not formed or ("." not in entry and entry not in _list_bundle_ids_without_dot()):
            raise ValueError(f"{entry!r} is not a bundle id. Write one such as net.whatsapp.WhatsApp")
    return value


def _list_bundle_ids_without_dot() -> frozenset[str]:
    return frozenset(
        ios_app.bundle for app in builtin().apps.values() for ios_app in app.ios if "." not in ios_app.bundle
    )


WHICH = Form("one of the words", _read_type, write=_write_type)
BUNDLES = Form(
    "list of bundle ids, compared without regard to order", _normalise_bundle_ids, write=_write_entries, is_list=True
)


class IosApps(Spec):
    """The settings for apps: which apps people see, and where apps may come from."""

    effects = APP_EFFECTS

    apps_visibility_list_type: Annotated[
        Literal["hide_listed", "show_only_listed"] | None,
        Setting(WHICH, wire=LIST_TYPE),
    ] = declare(
        "Whether the listed apps are hidden, or all apps except the listed apps. Only on supervised devices. Without "
        "this setting the list has no effect.",
        "hide_listed",
    )
    apps_visibility_list: Annotated[
        Listed | None,
        AfterValidator(check_bundle_ids),
        Within("bundle ids, such as net.whatsapp.WhatsApp"),
        Setting(
            BUNDLES,
            wire=LIST,
            at_least=True,
            join=Join.UNION,
        ),
    ] = declare(
        "The bundle ids of the listed apps. Entries added by others stay, unless the list is `exactly`.",
        ["net.whatsapp.WhatsApp"],
    )
    enterprise_app_block_trust: Switch = switch(
        "Stops people trusting an app developer, so that they can open only apps from the App Store and from the "
        "school."
    )
    enterprise_app_block_trust_modification: Switch = switch(
        "Stops people changing which app developers the device trusts."
    )
    app_store_blocked: Switch = switch("Blocks the App Store. Only on supervised devices.")
    app_store_block_ui_app_installation: Annotated[Switch, Wire("appStoreBlockUIAppInstallation")] = switch(
        "Hides the App Store. The school can still install apps. Only on supervised devices."
    )
    app_store_block_automatic_downloads: Switch = switch(
        "Stops the device automatically installing apps that were bought on other devices."
    )
    app_store_block_in_app_purchases: Switch = switch("Blocks purchases inside apps.")
    app_store_require_password: Switch = switch("Requires the store password before each purchase.")
    messages_blocked: Switch = switch("Blocks Apple's Messages. Only on supervised devices.")
    face_time_blocked: Switch = switch("Blocks FaceTime.")
    game_center_blocked: Switch = switch("Blocks Game Center. Only on supervised devices.")

    @model_validator(mode="after")
    def _check_list_type(self) -> Self:
        listed = self.apps_visibility_list
        if listed is not None and not isinstance(listed, Lacks) and self.apps_visibility_list_type is None:
            raise ValueError(
                "`apps_visibility_list` needs `apps_visibility_list_type`: hide_listed, or show_only_listed, which "
                "hides every other app"
            )
        return self


class IosPasscodeSettings(Spec):
    """The settings for passcodes, and for the time until the screen locks."""

    effects = PASSCODE_EFFECTS

    passcode_required: Switch = switch("Requires a passcode.")
    passcode_block_simple: Switch = switch("Rejects passcodes such as 1234 or 1111.")
    passcode_required_type: PasswordType = declare(
        "Required type of passcode. deviceDefault accepts any type.",
        "numeric",
        default="deviceDefault",
    )
    passcode_minimum_length: AppleLengthAtLeast = declare("Minimum number of characters in a passcode.", 6)
    passcode_minimum_character_set_count: SortsOfCharacters = declare(
        "Number of types of characters that a passcode must have.", 2
    )
    passcode_minutes_of_inactivity_before_lock: MinutesAtMost = declare(
        "Minutes after the screen goes dark until the passcode is required.", 1
    )
    passcode_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Minutes without use until the screen goes dark.", 5
    )
    passcode_expiration_days: DaysAtMost = declare("Number of days after which a passcode must be changed.", 365)
    passcode_previous_passcode_block_count: RememberedAtLeast = declare(
        "Number of previous passcodes that cannot be used again.", 5
    )


class IosConfiguration(Policy, IosPasscodeSettings, IosApps):
    """Device restrictions for iPads and iPhones."""

    effects = DEVICE_EFFECTS

    properties: ClassVar[Properties] = POLICY.extended(
        compared={f"{LIST}[].appId"},
        ignored={
            f"{LIST}[].@odata.type": "The value is the same for every entry.",
            f"{LIST}[].name": "The name of the app. Its bundle id is compared instead.",
            f"{LIST}[].publisher": "The publisher of the app. Its bundle id is compared instead.",
            f"{LIST}[].appStoreUrl": "The address of the app in the store. Its bundle id is compared instead.",
        },
        defaults={"mediaContentRatingApps": "allAllowed", "safariCookieSettings": "browserDefault"},
    )

    documents_block_managed_documents_in_unmanaged_apps: Switch = switch(
        "Stops the school's documents being opened in private apps."
    )
    icloud_block_backup: Annotated[Switch, Wire("iCloudBlockBackup")] = switch(
        "Blocks backups of the device to iCloud."
    )
    itunes_block_explicit_content: Annotated[Switch, Wire("iTunesBlockExplicitContent")] = switch(
        "Hides music and films that are marked as explicit."
    )


_LIST, _WHICH = "apps_visibility_list", "apps_visibility_list_type"


def would_reverse_app_list(rows: Sequence[Body], desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt if a change would hide the apps that other people listed to be shown, or the reverse."""
    for entry in desired:
        names = {name.casefold() for name in (entry.address.name, entry.renamed_from, entry.handling.adopt) if name}
        for row in rows:
            if str(row.get("displayName")).casefold() in names and (foreign := _find_reversed_entries(entry, row)):
                yield Doubt(entry.address.name, _WHICH, _describe_reversal(str(row.get("displayName")), foreign))


def _describe_reversal(name: str, other_apps: Sequence[str]) -> str:
    return (
        f"the list of {name} has the opposite meaning in the tenant, where others listed {len(other_apps)} apps (such "
        f"as {other_apps[0]}). Remove them in Intune, or write the list as `exactly: [...]`"
    )


def _find_reversed_entries(desired: Desired, row: Body) -> list[str]:
    observed: Settings = IosConfiguration.observed(row)
    desired_type, observed_type = desired.settings.get(_WHICH), observed[_WHICH]
    if not desired_type or not observed_type or desired_type == observed_type:
        return []
    listed = desired.settings.get(_LIST)
    own_entries = {*listed.items, *listed.lacking} if isinstance(listed, AtLeast) else None
    if own_entries is None and _LIST in desired.settings:
        return []
    return [entry for entry in entries(observed[_LIST]) if entry not in (own_entries or set())]


_CONFIGURATIONS = Configurations(CONFIGURATIONS, "iosGeneralDeviceConfiguration", keep_other_entries)


def _doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    yield from doubts(via, desired)
    yield from would_reverse_app_list(_CONFIGURATIONS.rows(via), desired)


KIND = configuration_kind(
    "ios_configuration",
    title="iPad and iPhone configuration",
    spec=IosConfiguration,
    endpoint=_CONFIGURATIONS,
    sample="""\
- microsoft365.ios_configuration: Staff iPads
  apps_visibility_list_type: hide_listed
  apps_visibility_list: [net.whatsapp.WhatsApp]
  enterprise_app_block_trust: true
  assigned_to: [all-staff@example-primary.example]
""",
    doubts=_doubts,
)
