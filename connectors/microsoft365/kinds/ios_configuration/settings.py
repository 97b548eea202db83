"""What can be said about iPads and iPhones."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.microsoft365.intune.fields import Switch, choice
from connectors.microsoft365.intune.policy import Policy
from connectors.microsoft365.intune.properties import POLICY
from connectors.microsoft365.intune.strictness import (
    AppleLengthAtLeast,
    DaysAtMost,
    MinutesAtMost,
    RememberedAtLeast,
    SortsOfCharacters,
)
from connectors.microsoft365.kinds.ios_configuration.apps import BUNDLES, LIST, LIST_TYPE, WHICH, each_a_bundle
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import Join, Lacks, Listed, Setting, Spec, Wire, Within


class IosApps(Spec):
    """Which apps there are, and where they come from."""

    apps_visibility_list_type: Annotated[
        Literal["hide_listed", "show_only_listed"] | None,
        Setting(WHICH, wire=LIST_TYPE),
    ] = Field(
        default=None,
        description="Says what becomes of the listed apps, on supervised devices alone: they are hidden and do not "
        "start, or they are the only ones that do; without it the list does nothing.",
        examples=["hide_listed"],
    )
    apps_visibility_list: Annotated[
        Listed | None,
        AfterValidator(each_a_bundle),
        Within("bundle ids, as net.whatsapp.WhatsApp"),
        Setting(
            BUNDLES,
            wire=LIST,
            at_least=True,
            join=Join.UNION,
        ),
    ] = Field(
        default=None,
        description="Lists apps by their bundle ids; apps that others listed stay, unless the list is `exactly` these.",
        examples=[["net.whatsapp.WhatsApp"]],
    )
    enterprise_app_block_trust: Switch = Field(
        default=False,
        description="Keeps people from trusting apps that came past the App Store and past the school.",
        examples=[True],
    )
    enterprise_app_block_trust_modification: Switch = Field(
        default=False, description="Keeps people from changing which such apps are trusted.", examples=[True]
    )
    app_store_blocked: Switch = Field(
        default=False, description="Closes the App Store, on supervised devices alone.", examples=[True]
    )
    app_store_block_ui_app_installation: Annotated[Switch, Wire("appStoreBlockUIAppInstallation")] = Field(
        default=False,
        description="Hides the App Store; the school can still install apps. On supervised devices alone.",
        examples=[True],
    )
    app_store_block_automatic_downloads: Switch = Field(
        default=False, description="Keeps apps bought on other devices from being installed here.", examples=[True]
    )
    app_store_block_in_app_purchases: Switch = Field(
        default=False, description="Keeps people from buying inside apps.", examples=[True]
    )
    app_store_require_password: Switch = Field(
        default=False, description="Asks for the password of the store before each purchase.", examples=[True]
    )
    messages_blocked: Switch = Field(
        default=False, description="Takes Apple's Messages away, on supervised devices alone.", examples=[True]
    )
    face_time_blocked: Switch = Field(default=False, description="Takes FaceTime away.", examples=[True])
    game_center_blocked: Switch = Field(
        default=False, description="Takes Game Center away, on supervised devices alone.", examples=[True]
    )

    @model_validator(mode="after")
    def _said_what_for(self) -> Self:
        """Refuse a list of which it is not said whether its apps are hidden or shown."""
        listed = self.apps_visibility_list
        if listed is not None and not isinstance(listed, Lacks) and self.apps_visibility_list_type is None:
            raise ValueError(
                "`apps_visibility_list` needs `apps_visibility_list_type`: hide_listed, or show_only_listed, which "
                "hides every other app"
            )
        return self


class IosPasscodeSettings(Spec):
    """What a passcode must be, and after how long the screen locks."""

    passcode_required: Switch = Field(default=False, description="Asks for a passcode.", examples=[True])
    passcode_block_simple: Switch = Field(
        default=False, description="Turns down passcodes such as 1234 or 1111.", examples=[True]
    )
    passcode_required_type: Annotated[Literal["deviceDefault", "alphanumeric", "numeric"], choice("deviceDefault")] = (
        Field(
            default="deviceDefault",
            description="Says what a passcode is made of; deviceDefault asks for nothing in particular.",
            examples=["numeric"],
        )
    )
    passcode_minimum_length: AppleLengthAtLeast = Field(
        default=None, description="Says how many characters a passcode has at least.", examples=[6]
    )
    passcode_minimum_character_set_count: SortsOfCharacters = Field(
        default=None, description="Says how many sorts of characters a passcode must have.", examples=[2]
    )
    passcode_minutes_of_inactivity_before_lock: MinutesAtMost = Field(
        default=None,
        description="Says how many minutes after the screen went dark the passcode is asked for.",
        examples=[1],
    )
    passcode_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = Field(
        default=None, description="Says after how many minutes without use the screen goes dark.", examples=[5]
    )
    passcode_expiration_days: DaysAtMost = Field(
        default=None, description="Says after how many days a passcode must be changed.", examples=[365]
    )
    passcode_previous_passcode_block_count: RememberedAtLeast = Field(
        default=None, description="Says how many old passcodes cannot be used again.", examples=[5]
    )


class IosConfiguration(Policy, IosPasscodeSettings, IosApps):
    """What iPads and iPhones let people do."""

    properties: ClassVar[Properties] = POLICY.extended(
        compared={f"{LIST}[].appId"},
        ignored={
            f"{LIST}[].@odata.type": "is the same for every app",
            f"{LIST}[].name": "says what the app is called; its bundle id is compared",
            f"{LIST}[].publisher": "says who made the app; its bundle id is compared",
            f"{LIST}[].appStoreUrl": "says where the app is in the store; its bundle id is compared",
        },
        defaults={"mediaContentRatingApps": "allAllowed", "safariCookieSettings": "browserDefault"},
    )

    documents_block_managed_documents_in_unmanaged_apps: Switch = Field(
        default=False, description="Keeps the school's documents from being opened in private apps.", examples=[True]
    )
    icloud_block_backup: Annotated[Switch, Wire("iCloudBlockBackup")] = Field(
        default=False, description="Keeps the device from being backed up to iCloud.", examples=[True]
    )
    itunes_block_explicit_content: Annotated[Switch, Wire("iTunesBlockExplicitContent")] = Field(
        default=False, description="Hides music and films that are marked as explicit.", examples=[True]
    )
