"""Controls that block apps and sites in browsers, Defender, iPads and Android, and the control for website editors."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from connectors.microsoft365.controls.targets import assignment_of, protected_group
from connectors.microsoft365.kinds.browser_url_policy import BrowserUrlPolicy
from connectors.microsoft365.kinds.defender_indicator import DefenderIndicator
from connectors.microsoft365.kinds.ios_configuration import IosConfiguration
from connectors.microsoft365.kinds.managed_app_removal.endpoint import ManagedAppRemoval
from toolkit.catalogue.app import App
from toolkit.controls.blocking import BLOCKS, Blocking, shared_host_limits
from toolkit.controls.monitoring import MonitoringAlerts, alert_delivery_part, monitoring_parts
from toolkit.controls.website import WebEditors, site_part
from toolkit.sdk import UNSAID, Closing, Closure, CloudControl, Contains, ControlContext, Level, Part, Resource


def web_editors_parts(_settings: WebEditors, _: ControlContext) -> Iterator[Part]:
    """Yield the members of SharePoint sites as a task for a person to check."""
    yield from site_part(
        "websites on Microsoft 365", "in the SharePoint admin centre, Sites > Active sites > Membership"
    )


_MANAGED = "on computers that Intune manages"
_SHARED_COMPUTER = (
    "the lists are set on the computer, so the lists of the person who signed in apply to everyone on a shared computer"
)


def block_parts(control: Blocking, context: ControlContext) -> Iterator[Part]:
    """Yield the policies that block the listed apps.

    Controls for the same audience add their entries to the same policies.
    """
    browsers = _make_browser_exception_part if context.scope.departs_from else _make_browser_part
    parts = (make(control, context) for make in (browsers, _make_defender_part, _make_ipad_part, _make_android_part))
    return (part for part in parts if part)


def _make_browser_part(control: Blocking, context: ControlContext) -> Part:
    blocked_urls, allowed_urls = list(control.urls), list(control.allow)
    policy = BrowserUrlPolicy(
        edge_url_blocklist=_additional_entries(blocked_urls),
        chrome_url_blocklist=_additional_entries(blocked_urls),
        edge_url_allowlist=_additional_entries(allowed_urls),
        chrome_url_allowlist=_additional_entries(allowed_urls),
        assigned_to=assignment_of(context)["assigned_to"],  # an exception has its own list of allowed apps
        excluded=protected_group(context) or UNSAID,
    )
    return Part(
        name="browser lists",
        covers="Edge and Chrome on Windows computers that Intune manages",
        limits=("other browsers do not read these lists", _SHARED_COMPUTER, *shared_host_limits(control.apps)),
        resources=(Resource("browser_url_policy", f"School web: {context.audience.name}", policy),),
        pilots=True,
        closures=(_make_closure(control),),
    )


def _make_browser_exception_part(control: Blocking, context: ControlContext) -> Part:
    """Return the policy that lets an exception's group open blocked apps.

    A browser prefers allowed entries to blocked entries.
    """
    part = Part(
        name="browser lists",
        covers="Edge and Chrome for the exception's people, on Windows computers that Intune manages",
        closures=(_make_closure(control),),
    )
    allowed_urls = [*dict.fromkeys(url for app in control.allowed_apps for url in app.urls)]
    if not allowed_urls:
        return part
    if control.allow:
        conflict = "the list of allowed sites is already set for everyone, and a device may get either of two policies"
        return replace(part, cannot=(f"{context.audience.name}: sites stay blocked here because {conflict}",))
    lists = BrowserUrlPolicy(
        edge_url_allowlist=_additional_entries(allowed_urls),
        chrome_url_allowlist=_additional_entries(allowed_urls),
        **assignment_of(context),
    )
    name = f"School web: {context.audience.name}, by exception"
    return replace(part, resources=(Resource("browser_url_policy", name, lists),))


def _make_closure(control: Blocking) -> Closure:
    titles = tuple(app.title for app in control.apps if app.urls)
    return Closure("managed_browser", titles, Closing.CLOSED, _MANAGED)


def _additional_entries(entries: list[str]) -> Any:
    """Return a list setting that adds these entries. Other controls for the same audience can add more."""
    return Contains(contains=entries) if entries else UNSAID


def _make_defender_part(control: Blocking, context: ControlContext) -> Part | None:
    exempt_apps = control.allowed_apps if context.scope.departs_from else ()
    apps = [app for app in (*control.apps, *exempt_apps) if app.domains]
    if not apps:
        return None
    condition = "custom network indicators and network protection are on, QUIC is off"
    titles = tuple(app.title for app in apps)
    everyone = (context.scope.departs_from or context.audience).everyone
    blocked_for_group = (
        f"{context.audience.name}: sites stay blocked here because an indicator cannot be limited to a group"
    )
    return Part(
        name="Defender indicators",
        level=Level.ENFORCED if everyone else Level.UNAVAILABLE,
        covers="connections of any program on computers that Defender for Endpoint watches",
        limits=(f"blocking works only if {condition}, which no API shows",),
        needed=False,
        reason="" if everyone else "an indicator cannot be limited to a group. Write `for: everyone`",
        for_governors="" if everyone else "this block can only be set for everyone",
        resources=_make_indicators(apps) if context.audience.everyone else (),
        cannot=(blocked_for_group,) if everyone and exempt_apps else (),
        closures=(
            Closure("other_browser", titles, Closing.WRITTEN, f"if {condition}")
            if everyone
            else Closure("other_browser", titles, Closing.OPEN, "Defender cannot limit it to a group"),
        ),
    )


def _make_indicators(apps: Sequence[App]) -> tuple[Resource, ...]:
    return tuple(
        Resource("defender_indicator", domain, DefenderIndicator(action="Block", title=f"School: {app.title}"))
        for app in apps
        for domain in app.domains
    )


def _make_ipad_part(control: Blocking, context: ControlContext) -> Part | None:
    apps = [app for app in control.apps if app.ios]
    if not apps:
        return None
    bundles = sorted({ios_app.bundle for app in apps for ios_app in app.ios})
    hidden = IosConfiguration(
        apps_visibility_list_type="hide_listed",
        apps_visibility_list=Contains(contains=bundles),
        **assignment_of(context),
    )
    titles = tuple(app.title for app in apps)
    return Part(
        name="apps on iPads",
        covers="iPhones and iPads that Intune supervises: the apps are hidden and do not start",
        limits=("an iPad that is not supervised keeps its apps",),
        needed=False,
        resources=(Resource("ios_configuration", f"School apps: {context.audience.name}", hidden),),
        pilots=True,
        closures=(Closure("supervised_ipad", titles, Closing.CLOSED, "on supervised iPads"),),
    )


def _make_android_part(control: Blocking, context: ControlContext) -> Part | None:
    apps = [app for app in control.apps if app.android]
    if not apps and not (context.scope.departs_from and control.allowed_apps):
        return None
    titles = tuple(app.title for app in apps)
    unapproved = "people cannot install apps that are not approved in managed Google Play"
    return Part(
        name="apps in managed Google Play",
        covers="the work profile of Android phones, from which approved apps are removed",
        limits=("the personal side of a phone belongs to its owner",),
        needed=False,
        resources=tuple(_make_removals(control, context)),
        pilots=True,
        closures=(
            Closure("android_work", titles, Closing.CLOSED, unapproved),
            Closure("android_personal", titles, Closing.OPEN, "the phone belongs to its owner"),
        ),
    )


def _make_removals(control: Blocking, context: ControlContext) -> Iterator[Resource]:
    """Yield the removal of each app from the audience's devices.

    Groups of an exception keep the apps that the exception allows.
    """
    groups = assignment_of(context)["assigned_to"]
    if context.scope.departs_from:
        apps, removal = control.allowed_apps, ManagedAppRemoval(excluded=groups)
    else:
        apps = control.apps
        removal = ManagedAppRemoval(uninstall_for=groups, excluded=protected_group(context) or UNSAID)
    for package in dict.fromkeys(package for app in apps for package in app.android):
        yield Resource("managed_app_removal", package, removal)


def monitoring_alerts_parts(control: MonitoringAlerts, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of the alert address, of its readers' accounts, and of the number of delivered alerts."""
    yield from monitoring_parts()
    if control.alert_sender and control.mail_on == "microsoft365":
        yield alert_delivery_part()


CONTROLS = (
    *(CloudControl(name, block_parts, excepts=True, pilots=True) for name in BLOCKS),
    CloudControl("web.monitoring_alerts", monitoring_alerts_parts),
    CloudControl("site.web_editors", web_editors_parts),
)
