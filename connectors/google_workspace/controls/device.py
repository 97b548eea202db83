"""Controls for devices: settings that only the console has, and storage and software on Chromebooks."""

from collections.abc import Iterator
from datetime import date

from connectors.google_workspace.checks.device.antimalware import SUBJECT as VERIFIED_START
from connectors.google_workspace.checks.device.inventory import TAGS
from connectors.google_workspace.controls.targets import chrome_policy, describe_place, exempt_group_limits
from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.kinds.chromebook_label import ChromebookLabel
from toolkit.controls.device import Compliance, EnrolmentApproval, RemovableStorage, SoftwareRestriction, approvals_part
from toolkit.controls.device_protection import DeviceProtection, MonitoringNotice
from toolkit.controls.inventory import Inventory, inventory_parts
from toolkit.controls.lost_devices import LostWipe, lost_device_parts
from toolkit.sdk import CloudControl, ControlContext, Part, Resource, checked, manual


def compliance_parts(_settings: Compliance, context: ControlContext) -> Iterator[Part]:
    """Yield a manual step for the compliance rules, and the count of devices that meet them."""
    yield manual(
        "rules for phones and tablets",
        "password, encryption and lock of phones and tablets that Google manages",
        "no API sets these rules. In the admin console, Devices > Mobile and endpoints > Universal settings > "
        f"General, for {describe_place(context)}. `toolkit check` counts the devices that meet them",
    )
    yield checked(
        "ChromeOS devices",
        "Chromebooks, which are always encrypted and locked with the password of the account",
        "there is nothing to set. `toolkit check` counts the Chromebooks in use",
    )


def enrolment_approval_parts(settings: EnrolmentApproval, context: ControlContext) -> Iterator[Part]:
    """Yield a manual step for the approval setting, and the check of devices that wait for approval."""
    yield manual(
        "device approvals",
        "whether a new phone or tablet must be approved",
        "no API sets this. In the admin console, Devices > Mobile and endpoints > Universal settings > Security > "
        f"Device approvals, for {describe_place(context)}",
    )
    yield checked(
        "devices that wait for approval",
        "phones and tablets that are not approved yet",
        "`toolkit check` lists these devices, and blocks none",
        needed=False,
    )
    if settings.register_file:
        yield approvals_part()


def removable_storage_parts(settings: RemovableStorage, context: ControlContext) -> Iterator[Part]:
    """Yield the policy for USB sticks and memory cards on Chromebooks."""
    word = {"block": "DISALLOW", "read_only": "READ_ONLY"}[settings.act]
    yield Part(
        name="Chromebooks",
        covers="USB sticks, memory cards and external disks on Chromebooks",
        resources=(chrome_policy("users.ExternalStorage", context, external_storage_devices=word),),
        cannot=exempt_group_limits(context),
        pilots=True,
    )


def software_restriction_parts(_settings: SoftwareRestriction, context: ControlContext) -> Iterator[Part]:
    """Yield the policies that allow only apps and extensions that the school approved."""
    yield Part(
        name="apps and extensions",
        covers="apps from Google Play on Chromebooks, and Chrome extensions, which must be approved",
        limits=("needed apps must be approved in the console first",),
        cannot=exempt_group_limits(context),
        pilots=True,
        resources=(
            chrome_policy(
                "users.appsconfig.AllowedInstallSources",
                context,
                play_store_install_sources="BLOCK_ALL_APPS",
                chrome_web_store_install_sources="BLOCK_ALL_APPS_USER_EXTENSION_REQUESTS_ALLOWED",
            ),
            chrome_policy("users.appsconfig.BlockExternalExtensions", context, block_external_extensions=True),
        ),
    )


def antimalware_parts(settings: DeviceProtection, context: ControlContext) -> Iterator[Part]:
    """Yield the policies against harmful pages and downloads, and the count of Chromebooks with a verified system."""
    level, waits = f"{settings.browsing}_PROTECTION", settings.waits(context)
    yield Part(
        name="Safe Browsing",
        covers="warnings of harmful pages and files in Chrome, for people who are signed in with their school account",
        resources=(chrome_policy("users.SafeBrowsingProtectionLevel", context, safe_browsing_protection_level=level),),
        cannot=exempt_group_limits(context),
        pilots=True,
    )
    restricted = "BLOCK_ALL_MALICIOUS_DOWNLOAD"
    download = chrome_policy("users.DownloadRestrictions", context, safe_browsing_download_restrictions=restricted)
    yield Part(
        name="harmful downloads",
        covers="files that Google knows to be harmful, in Chrome. People cannot keep them despite the warning",
        resources=() if waits else (download,),
        waits=waits,
        cannot=exempt_group_limits(context),
        pilots=True,
    )
    yield checked(
        VERIFIED_START,
        "Chromebooks, which start only a verified system unless someone turned on developer mode",
        "`toolkit check` counts these Chromebooks",
    )


def monitoring_notice_parts(_settings: MonitoringNotice, _: ControlContext) -> Iterator[Part]:
    """Yield a manual step for the notice on Chromebooks, because no known policy lets an API write the notice."""
    yield manual(
        "notice at sign-in to Chromebooks",
        "the notice that use may be monitored, for people who sign in to a Chromebook",
        "no known Chrome policy shows this notice. Show it in another way, for example in the acceptable use form in "
        "September, and record the date under `confirmed:` in a file of attestations",
    )


def device_inventory_parts(settings: Inventory, context: ControlContext) -> Iterator[Part]:
    """Yield the check of the register against the devices in Google, and Chromebooks' labels from the register."""
    yield from inventory_parts()
    yield checked(
        TAGS,
        "the asset ID of each Chromebook, against the tag in the register",
        "`toolkit check` compares both. Correct a wrong asset ID in the admin console, Devices > Chrome > Devices",
    )
    yield Part(
        name="labels of Chromebooks",
        covers="empty asset IDs and locations, which are filled in from the register",
        limits=(
            "existing values are not changed",
            "if a serial number has several records, the most recently seen record is filled in",
        ),
        resources=tuple(_make_label_resources(settings, context.now.date() if context.now else date.max)),
        needed=False,
    )


def _make_label_resources(settings: Inventory, today: date) -> Iterator[Resource]:
    for asset in settings.expected_assets("google_workspace", today):
        label = {"asset_tag": asset.tag, "location": asset.place}
        if asset.serial and any(label.values()):
            label_spec = ChromebookLabel(**{name: value for name, value in label.items() if value})
            yield Resource("chromebook_label", asset.serial, label_spec, label=asset.label)


def lost_wipe_parts(settings: LostWipe, context: ControlContext) -> Iterator[Part]:
    """Yield the message on disabled Chromebooks, and the checks of the steps for a lost device.

    Two people start a wipe, in the console.
    """
    message_policy = ChromePolicy.model_validate(
        {"device_disabled_message": settings.message_with_number(context.school.phone)}
    )
    yield Part(
        name="message on disabled Chromebooks",
        covers="the message on a disabled Chromebook, with the number to call",
        limits=("all Chromebooks show the same message, except in a unit with its own",),
        resources=(Resource("chrome_policy", "devices.DisabledDeviceReturnInstructions @ /", message_policy),),
        needed=False,
    )
    yield from lost_device_parts(
        "in the admin console, Devices > Chrome > Devices > the device > Reset. Google does not ask for a second person"
    )


CONTROLS = (
    CloudControl("device.antimalware", antimalware_parts, excepts=True, pilots=True),
    CloudControl("device.compliance", compliance_parts),
    CloudControl("device.enrolment_approval", enrolment_approval_parts),
    CloudControl("device.inventory", device_inventory_parts),
    CloudControl("device.lost_wipe", lost_wipe_parts),
    CloudControl("device.removable_storage", removable_storage_parts, excepts=True, pilots=True),
    CloudControl("device.software_restriction", software_restriction_parts, excepts=True, pilots=True),
    CloudControl("gov.monitoring_notice", monitoring_notice_parts),
)
