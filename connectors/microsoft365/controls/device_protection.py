"""Controls for virus protection on Windows, Defender's attack surface reduction rules, and a notice at sign-in."""

from collections.abc import Iterator
from typing import Any

from connectors.microsoft365.checks.device.antimalware import SUBJECT as ANTIVIRUS
from connectors.microsoft365.controls.targets import assignment_of
from connectors.microsoft365.intune.assignments import ALL_DEVICES
from connectors.microsoft365.kinds.attack_surface_policy import RULES, AttackSurfacePolicy
from connectors.microsoft365.kinds.sign_in_notice import SignInNotice
from connectors.microsoft365.kinds.windows_configuration import WindowsConfiguration
from toolkit.controls.device_protection import DeviceProtection, MonitoringNotice
from toolkit.sdk import CloudControl, ControlContext, Part, Resource, checked, manual


def antimalware_parts(control: DeviceProtection, context: ControlContext) -> Iterator[Part]:
    """Yield the count of computers with an antivirus, and a Defender policy once the school has tested its software."""
    yield checked(
        ANTIVIRUS,
        "Windows computers with an antivirus, of any maker and any user",
        "`toolkit check` reads Intune's counts",
        "Intune counts computers with an antivirus only if a compliance policy requires one",
    )
    name, waits = f"School virus protection: {context.audience.name}", control.waits(context)
    defender = WindowsConfiguration(
        defender_require_real_time_monitoring=True,
        defender_require_behavior_monitoring=True,
        defender_require_cloud_protection=True,
        defender_scan_downloads=True,
        **assignment_of(context),
    )
    yield Part(
        name="virus protection on Windows",
        covers="Defender stays on, if it is the antivirus, on Windows computers that Intune manages",
        limits=("if another antivirus is installed, Defender is passive and these settings do not apply",),
        resources=() if waits else (Resource("windows_configuration", name, defender),),
        waits=waits,
        pilots=True,
    )
    yield from _attack_surface_parts(control, context)
    yield manual(
        "infected files in stored documents",
        "whether an infected file can be downloaded",
        "toolkit does not write this setting. In the SharePoint Online Management Shell, type Set-SPOTenant "
        "-DisallowInfectedFileDownload $true",
        "without Defender for Office 365, only some files are scanned",
    )


_AUDIT_ONLY = ("rare_programs", "remote_commands")
"""Rules that would block software of small makers, or remote support, which schools need."""


def _attack_surface_parts(control: DeviceProtection, context: ControlContext) -> Iterator[Part]:
    """Yield the policy of attack surface reduction rules, if the control has such rules.

    The rules in `_AUDIT_ONLY` never block.
    """
    if control.asr is None:
        return
    blocks = control.asr_blocks(context)
    states: dict[str, Any] = {rule: "block" if blocks and rule not in _AUDIT_ONLY else "audit" for rule in RULES}
    policy = AttackSurfacePolicy(**states, **assignment_of(context))
    covers = "dangerous actions by Office macros, scripts, mail attachments and programs on USB sticks"
    recorded = "which are recorded and not stopped"
    yield Part(
        name="attack surface reduction rules",
        covers=f"{covers}, on Windows computers that Intune manages" if blocks else f"{covers}, {recorded}",
        limits=(
            "if another antivirus is installed, the rules have no effect",
            f"{' and '.join(_AUDIT_ONLY)} are only recorded",
        ),
        needed=blocks,
        resources=(Resource("attack_surface_policy", f"School attack surface: {context.audience.name}", policy),),
        pilots=True,
    )


def monitoring_notice_parts(control: MonitoringNotice, _: ControlContext) -> Iterator[Part]:
    """Yield the policy that shows the notice on every Windows computer.

    Intune assigns it to devices, because no one has signed in yet.
    """
    notice = SignInNotice(title=control.title, text=control.lines, assigned_to=[ALL_DEVICES])
    yield Part(
        name="notice at sign-in to Windows",
        covers="the notice that use may be monitored, before anyone signs in to a Windows computer that Intune manages",
        limits=(
            "phones, tablets, Macs and sign-ins in a browser show no notice",
            "a computer that signs in automatically waits until someone closes the notice",
        ),
        resources=(Resource("sign_in_notice", "School notice", notice),),
    )


CONTROLS = (
    CloudControl("device.antimalware", antimalware_parts, excepts=True, pilots=True),
    CloudControl("gov.monitoring_notice", monitoring_notice_parts),
)
