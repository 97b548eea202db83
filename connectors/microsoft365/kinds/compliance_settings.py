"""Intune's compliance settings that apply to all devices of the school."""

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from connectors.microsoft365.builtin_objects import ONLY, GraphSingleton
from connectors.microsoft365.intune.compliance_first import JUDGING, devices_without_policy, has_policies
from connectors.microsoft365.permissions import INTUNE_COMPUTERS, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import (
    EVERY,
    FLAG,
    NUMBER,
    Count,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    Join,
    Kind,
    Lifecycle,
    NameRules,
    ObjectEffects,
    Permissions,
    Presupposition,
    Properties,
    Remote,
    Scale,
    Setting,
    Spec,
    declare,
    declare_effects,
    lowers,
    switch,
    switches_on,
)
from toolkit.values import Body

_KIND, _SETTING = "compliance_settings", "secure_by_default"
_WHOLE = "/deviceManagement"
_SECURE, _DAYS = "secureByDefault", "deviceComplianceCheckinThresholdDays"


class ComplianceSettings(Spec):
    """Intune's settings for devices without a compliance policy, and for devices without recent contact."""

    effects = declare_effects(
        {
            "secure_by_default": Effect(
                "devices without a compliance policy stop being compliant", switches_on, counted_by_note=True
            ),
            "check_in_days": Effect("devices stop being compliant after a shorter time without contact", lowers),
        }
    )

    properties: ClassVar[Properties] = Properties(
        defaults={"isScheduledActionEnabled": True}, narrowing=frozenset({"isScheduledActionEnabled"})
    )

    secure_by_default: Annotated[bool, Setting(FLAG, wire=_SECURE)] = switch(
        "Whether a device without a compliance policy is not compliant. By default Intune counts such a "
        "device as compliant."
    )
    check_in_days: Annotated[int, Field(ge=1, le=120), Setting(NUMBER, wire=_DAYS, join=Join.LOWEST)] = declare(
        "Number of days without contact after which a device is not compliant.", 30, default=30
    )


class _ComplianceSettings(GraphSingleton):
    """Intune's tenant-wide compliance settings.

    A change sends all settings, because Intune could reset a setting that is missing.
    """

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        kept = {name: value for name, value in remote.body.items() if "@" not in name}
        via.graph.send("PATCH", _WHOLE, {"settings": {**kept, **body}})


def _report_devices_without_policy(
    via: Microsoft365, desired: Sequence[Desired], deleted_ids: Collection[str]
) -> Iterator[Doubt]:
    """Yield a doubt with the number of devices that would become not compliant because they have no compliance policy.

    Raise ServiceError if the devices cannot be read, because the effect of the change is then unknown.
    """
    for entry in desired:
        if entry.address.kind != _KIND or entry.settings.get("secure_by_default") is not True:
            continue
        without, unknown, devices = devices_without_policy(via, desired, deleted_ids)
        if not has_policies(via, desired, deleted_ids):
            why = f"no compliance policy would be in place, so all {devices} devices would be not compliant"
            yield Doubt(entry.address.name, _SETTING, why, unless_there=True)
        elif without or unknown:
            others = f"{unknown} other device" if unknown == 1 else f"{unknown} other devices"
            more = f". Of {others} this is unknown" if unknown else ""
            why = f"{without} of {devices} devices have no compliance policy and would be not compliant{more}"
            count = Count(devices - without - unknown, devices, unknown, "device")
            yield Doubt(entry.address.name, _SETTING, why, is_remark=True, count=count)


KIND = Kind(
    name=_KIND,
    title="compliance settings",
    spec=ComplianceSettings,
    endpoint=_ComplianceSettings(f"{_WHOLE}/settings", shows=_SECURE),
    reference="https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-devicemanagementsettings",
    permissions=Permissions(
        read=INTUNE_COMPUTERS.read,  # also for the devices of compliance policies
        write=(graph("DeviceManagementConfiguration.ReadWrite.All"),),
    ),
    settles=10.0,
    reach=Scale.DEVICE,
    conflicts=_report_devices_without_policy,
    judged_with=JUDGING,
    fixed=True,
    lifecycle=Lifecycle(
        presupposes=(
            Presupposition(
                setting=_SETTING,
                kinds=JUDGING,
                names=lambda value: [EVERY] if value is True else [],
                consequence="its devices would be not compliant",
            ),
        )
    ),
    sample="""\
- microsoft365.compliance_settings:
  secure_by_default: true
""",
    names=NameRules(only=ONLY),
    stops=ObjectEffects(area=EffectArea.DEVICES),
)
