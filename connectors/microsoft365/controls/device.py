"""Controls about devices: compliance, enrolment, removable storage, software, and lost devices."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.microsoft365.controls.targets import Assignment, assignment_of
from connectors.microsoft365.kinds.android_fully_managed_compliance_policy import AndroidFullyManagedCompliancePolicy
from connectors.microsoft365.kinds.android_fully_managed_configuration import AndroidFullyManagedConfiguration
from connectors.microsoft365.kinds.android_work_profile_compliance_policy import AndroidWorkProfileCompliancePolicy
from connectors.microsoft365.kinds.compliance_settings import ComplianceSettings
from connectors.microsoft365.kinds.ios_compliance_policy import IosCompliancePolicy
from connectors.microsoft365.kinds.ios_configuration import IosConfiguration
from connectors.microsoft365.kinds.macos_compliance_policy import MacosCompliancePolicy
from connectors.microsoft365.kinds.windows_compliance_policy import WindowsCompliancePolicy
from connectors.microsoft365.kinds.windows_configuration import WindowsConfiguration
from toolkit.controls.device import (
    Compliance,
    EnrolmentApproval,
    Platform,
    RemovableStorage,
    SoftwareRestriction,
    approvals_part,
)
from toolkit.controls.inventory import Inventory, inventory_parts
from toolkit.controls.lost_devices import LostWipe, lost_device_parts
from toolkit.sdk import UNSAID, CloudControl, ControlContext, Part, Resource, Spec, manual

_TITLES: Mapping[Platform, str] = {
    "windows": "Windows",
    "ios": "iPhone and iPad",
    "macos": "Mac",
    "android_work_profile": "Android work profile",
    "android_fully_managed": "Android fully managed",
}
_CHARACTER_TYPES = 3  # types of characters, on platforms that count them


def compliance_parts(control: Compliance, context: ControlContext) -> Iterator[Part]:
    """Yield a compliance policy for each platform. The requirements are the same on every platform."""
    for platform in control.platforms:
        title = _TITLES[platform]
        policy = _POLICIES[platform](control, assignment_of(context))
        name = f"School, {context.audience.name}: {title}"
        yield Part(
            name=title,
            covers=f"Intune shows whether each enrolled {title} device complies",
            limits=("a device that does not comply keeps its access unless Conditional Access requires compliance",),
            resources=(Resource(f"{platform}_compliance_policy", name, policy),),
            pilots=True,
        )
    if context.scope.departs_from:  # tenant-wide settings are the same for the people of an exception
        return
    secure = ComplianceSettings(secure_by_default=control.without_policy_fails)
    yield Part(
        name="devices without a policy",
        covers="Intune counts a device without a policy as not compliant",
        limits=("the setting applies to the whole tenant",),
        resources=(Resource("compliance_settings", "organisation", secure),),
    )


_Computer = type[WindowsCompliancePolicy] | type[MacosCompliancePolicy]


def _computer_policy_factory(
    platform: Platform, of: _Computer, **more: Any
) -> Callable[[Compliance, Assignment], Spec]:
    return lambda control, assignment: of(
        password_required=True,
        password_block_simple=True,
        password_minimum_length=control.password_length,
        password_minutes_of_inactivity_before_lock=control.lock_minutes,
        password_required_type="alphanumeric" if control.complex else UNSAID,
        password_minimum_character_set_count=_CHARACTER_TYPES if control.complex else UNSAID,
        storage_require_encryption=control.encryption,
        os_minimum_version=control.minimum_os.get(platform, UNSAID),
        block_after_hours=control.grace_hours,
        **more,
        **assignment,
    )


def _make_ios_policy(control: Compliance, assignment: Assignment) -> IosCompliancePolicy:
    return IosCompliancePolicy(
        passcode_required=True,
        passcode_block_simple=True,
        passcode_minimum_length=control.password_length,
        passcode_minutes_of_inactivity_before_lock=control.lock_minutes,
        passcode_required_type="alphanumeric" if control.complex else UNSAID,
        passcode_minimum_character_set_count=_CHARACTER_TYPES if control.complex else UNSAID,
        security_block_jailbroken_devices=True,
        os_minimum_version=control.minimum_os.get("ios", UNSAID),
        block_after_hours=control.grace_hours,
        **assignment,
    )


_Android = type[AndroidWorkProfileCompliancePolicy] | type[AndroidFullyManagedCompliancePolicy]


def _android_policy_factory(platform: Platform, of: _Android) -> Callable[[Compliance, Assignment], Spec]:
    return lambda control, assignment: of(
        password_required=True,
        password_required_type="alphanumericWithSymbols" if control.complex else "numericComplex",
        password_minimum_length=control.password_length,
        password_minutes_of_inactivity_before_lock=control.lock_minutes,
        storage_require_encryption=control.encryption,
        security_block_jailbroken_devices=True,
        os_minimum_version=control.minimum_os.get(platform, UNSAID),
        block_after_hours=control.grace_hours,
        **assignment,
    )


_POLICIES: Mapping[Platform, Callable[[Compliance, Assignment], Spec]] = {
    "windows": _computer_policy_factory("windows", WindowsCompliancePolicy),
    "ios": _make_ios_policy,
    "macos": _computer_policy_factory("macos", MacosCompliancePolicy, system_integrity_protection_enabled=True),
    "android_work_profile": _android_policy_factory("android_work_profile", AndroidWorkProfileCompliancePolicy),
    "android_fully_managed": _android_policy_factory("android_fully_managed", AndroidFullyManagedCompliancePolicy),
}


def enrolment_approval_parts(control: EnrolmentApproval, _: ControlContext) -> Iterator[Part]:
    """Yield the enrolment restriction as a task for a person, because Intune cannot approve single devices."""
    yield manual(
        "enrolment restrictions",
        "who may enrol which devices",
        "toolkit does not write enrolment restrictions. In Intune > Devices > Enrolment > Device platform "
        "restriction, block personally owned devices",
    )
    if control.register_file:
        yield approvals_part()


def removable_storage_parts(_settings: RemovableStorage, context: ControlContext) -> Iterator[Part]:
    """Yield policies that block removable storage. Intune can block it, but cannot make it read-only."""
    name, assignment = f"School storage: {context.audience.name}", assignment_of(context)
    windows = WindowsConfiguration(storage_block_removable_storage=True, **assignment)
    android = AndroidFullyManagedConfiguration(
        storage_block_external_media=True, storage_block_usb_file_transfer=True, **assignment
    )
    yield Part(
        name="Windows",
        covers="USB sticks, memory cards and external disks on Windows computers that Intune manages",
        limits=("`read_only` blocks USB sticks, memory cards and disks too",),
        resources=(Resource("windows_configuration", name, windows),),
        pilots=True,
    )
    yield Part(
        name="Android",
        covers="memory cards and USB transfer on fully managed Android devices",
        needed=False,
        resources=(Resource("android_fully_managed_configuration", name, android),),
        pilots=True,
    )
    yield manual(
        "Mac",
        "USB sticks and disks on Macs",
        "toolkit does not write this setting. It is in Intune > Devices > macOS > Settings catalogue > Restrictions > "
        "External storage",
        needed=False,
    )


def software_restriction_parts(_settings: SoftwareRestriction, context: ControlContext) -> Iterator[Part]:
    """Yield policies that stop people installing software from outside the stores."""
    assignment = assignment_of(context)

    def part(title: str, kind: str, covers: str, settings: Spec, *, needed: bool = True) -> Part:
        resource = Resource(kind, f"School software: {context.audience.name}", settings)
        return Part(name=title, covers=covers, resources=(resource,), needed=needed, pilots=True)

    yield part(
        "Windows",
        "windows_configuration",
        "apps from outside the Store, and developer mode, on Windows computers that Intune manages",
        WindowsConfiguration(
            apps_allow_trusted_apps_sideloading="blocked",
            developer_unlock_setting="blocked",
            smart_screen_enable_app_install_control=True,
            **assignment,
        ),
    )
    yield manual(
        "local administrators",
        "programs that a computer's administrator installs",
        "toolkit cannot see who is a local administrator. Intune shows it under Endpoint security > Account protection",
    )
    yield part(
        "iPhone and iPad",
        "ios_configuration",
        "apps that a company has signed for its own staff",
        IosConfiguration(enterprise_app_block_trust=True, **assignment),
        needed=False,
    )
    yield part(
        "Android",
        "android_fully_managed_configuration",
        "apps from unknown sources on fully managed Android devices",
        AndroidFullyManagedConfiguration(apps_allow_install_from_unknown_sources=False, **assignment),
        needed=False,
    )


def device_inventory_parts(_settings: Inventory, _: ControlContext) -> Iterator[Part]:
    """Yield the check that compares the school's register with the devices in Intune."""
    yield from inventory_parts()


def lost_wipe_parts(_settings: LostWipe, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of encryption and locking, and the task for staff to practise the steps.

    Two people must approve a wipe.
    """
    yield from lost_device_parts(
        "Intune requires approval by a second person once Tenant administration > Multi Admin Approval > Access "
        "policies has a policy for device wipe"
    )


CONTROLS = (
    CloudControl("device.compliance", compliance_parts, excepts=True, pilots=True),
    CloudControl("device.enrolment_approval", enrolment_approval_parts),
    CloudControl("device.inventory", device_inventory_parts),
    CloudControl("device.lost_wipe", lost_wipe_parts),
    CloudControl("device.removable_storage", removable_storage_parts, excepts=True, pilots=True),
    CloudControl("device.software_restriction", software_restriction_parts, excepts=True, pilots=True),
)
