"""Counts the school's devices that comply with Intune's compliance policies.

Follows https://learn.microsoft.com/graph/api/intune-devices-manageddevice-list
"""

from collections.abc import Iterable, Mapping, Sequence

from connectors.microsoft365.intune.devices import PATH, is_categorised_as_shared
from connectors.microsoft365.permissions import MANAGED_DEVICES, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.device import Compliance
from toolkit.errors import RequestFailed
from toolkit.records import dataclass
from toolkit.sdk import (
    OF_OTHERS,
    OTHER_PLATFORM,
    UNSEEN,
    CheckOccasion,
    Finding,
    Reason,
    ReasonCode,
    SeenDevice,
    Status,
    check_subject,
    is_unseen,
    make_device_finding,
    reason_of,
    same_words,
    segment,
    text,
)
from toolkit.values import Body

SUBJECT, POLICIES = "managed devices", "policies of managed devices"
_COMPLIANT = ReasonCode("device_compliant", admin="compliant", governor="keep to the rules")()
_NO_POLICY = ReasonCode("device_without_policy", admin="without a policy", governor="without rules")()
_NOT_KNOWN = ReasonCode(
    "device_policies_unread",
    admin="with policies that toolkit could not read",
    governor="with rules that toolkit could not read",
)()
_STATES = {
    "compliant": _COMPLIANT,
    "noncompliant": ReasonCode("device_not_compliant", admin="not compliant", governor="against the rules")(),
    "inGracePeriod": ReasonCode("device_in_grace", admin="in grace", governor="within their grace period")(),
    "conflict": ReasonCode("device_in_conflict", admin="in conflict", governor="under conflicting rules")(),
    "error": ReasonCode("device_in_error", admin="in error", governor="with a failed evaluation")(),
    "unknown": ReasonCode("device_not_evaluated", admin="not evaluated", governor="not evaluated yet")(),
    "configManager": ReasonCode(
        "device_judged_elsewhere", admin="managed by Configuration Manager", governor="evaluated by another system"
    )(),
}
_UNKNOWN_STATE = ReasonCode(
    "device_state_not_known",
    admin="in a state that toolkit does not know",
    governor="in a state that toolkit does not know",
)()
_SHARED = same_words("device_shared", "shared or used for presentations")()
_COUNTED = ReasonCode(
    "devices_compliant",
    admin="{fine} of {all} compliant, {owned} of the {all} owned by the school",
    governor="{fine} of {all} keep to the rules, {owned} of the {all} owned by the school",
    lacking="{short} of {all} managed devices {short:breaks|break}, or may break, the rules on encryption and locking",
)
_UNREAD_POLICIES = ReasonCode("policies_of_devices", admin="of {devices}: {found}", governor="for {devices}: {found}")
# The beginnings of operating systems' names, by platform.
_SYSTEMS: Mapping[str, str | tuple[str, ...]] = {
    "windows": "windows",
    "ios": ("ios", "ipados"),
    "macos": "mac",
    "android_work_profile": "android",
    "android_fully_managed": "android",
}
# Every device has this policy, which shows whether the device has others.
_BUILT_IN = ("default device compliance policy", "built-in device compliance policy")

needs = (
    MANAGED_DEVICES,
    graph("DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"),
)


def check(control: Compliance, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Count the devices that comply with a policy.

    Shared devices, and devices that the control does not cover, are counted separately.
    """
    requirements = _Requirements(control, context)
    errors: list[RequestFailed] = []
    yield check_subject(SUBJECT, lambda: _count_compliant(requirements, via, errors))
    if errors:
        devices = "1 device" if len(errors) == 1 else f"{len(errors)} devices"
        yield Finding(POLICIES, Status.UNKNOWN, _UNREAD_POLICIES(devices=devices, found=reason_of(errors[0])))


@dataclass(frozen=True, slots=True)
class _Requirements:
    """The control's requirements for devices."""

    settings: Compliance
    context: CheckOccasion

    def exclusion_reason(self, device: Body) -> Reason | None:
        """Return why a device does not have to comply, or None if it must comply."""
        person = text(device.get("userId"))
        if is_categorised_as_shared(device):
            return _SHARED
        if person and not self.context.reaches(person):
            return OF_OTHERS
        system = text(device.get("operatingSystem")).casefold()
        is_covered = any(system.startswith(_SYSTEMS[platform]) for platform in self.settings.platforms)
        return None if is_covered else OTHER_PLATFORM

    def state(self, device: Body) -> Reason:
        if is_unseen(device.get("lastSyncDateTime"), self.context.now):
            return UNSEEN
        return _STATES.get(text(device.get("complianceState")), _UNKNOWN_STATE)


def _count_compliant(requirements: _Requirements, via: Microsoft365, errors: list[RequestFailed]) -> Finding:
    devices = via.intune.devices.all()
    apart = [_to_seen_device(device, reason) for device in devices if (reason := requirements.exclusion_reason(device))]
    judged = {str(device.get("id")): device for device in devices if not requirements.exclusion_reason(device)}
    states = _check_policies({key: requirements.state(device) for key, device in judged.items()}, via, errors)
    counted = [_to_seen_device(device, states[key]) for key, device in judged.items()]
    if not requirements.settings.without_policy_fails:
        apart += [seen_device for seen_device in counted if seen_device.state == _NO_POLICY]
        counted = [seen_device for seen_device in counted if seen_device.state != _NO_POLICY]
    measure = "that meet the rules"
    return make_device_finding(
        SUBJECT,
        _COUNTED,
        counted,
        passing_state=_COMPLIANT,
        state_description=measure,
        unknown_state=_NOT_KNOWN,
        unjudged_devices=apart,
    )


def _check_policies(
    states: Mapping[str, Reason], via: Microsoft365, errors: list[RequestFailed]
) -> Mapping[str, Reason]:
    """Check that each compliant device has a policy, because Intune also calls devices without one compliant."""
    compliant = [key for key, state in states.items() if state == _COMPLIANT]
    responses = via.graph.lists([f"{PATH}/{segment(key)}/deviceCompliancePolicyStates" for key in compliant])
    errors += [response for response in responses if isinstance(response, RequestFailed)]
    return {**states, **dict(zip(compliant, map(_find_policy_state, responses), strict=True))}


def _find_policy_state(response: Sequence[Body] | RequestFailed) -> Reason:
    if isinstance(response, RequestFailed):
        return _NOT_KNOWN
    other_policies = [row for row in response if str(row.get("displayName")).casefold() not in _BUILT_IN]
    return _COMPLIANT if other_policies else _NO_POLICY


def _to_seen_device(device: Body, state: Reason) -> SeenDevice:
    is_school_owned = device.get("managedDeviceOwnerType") == "company"
    return SeenDevice(state, text(device.get("model")) or "of an unknown model", is_school_owned=is_school_owned)
