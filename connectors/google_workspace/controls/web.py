"""Apps and sites, closed wherever Google Workspace reaches.

Chrome's lists, and Android apps on Chromebooks; and who may edit a website.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.google_workspace.controls.targets import chrome_policy, console_setting, unit_of_base
from toolkit.catalogue.app import App
from toolkit.controls.blocking import BLOCKS, Blocking, shared_limit
from toolkit.controls.monitoring import MonitoringAlerts, monitoring_parts
from toolkit.controls.website import WebEditors, site_part
from toolkit.sdk import UNSAID, Closing, Closure, CloudControl, ControlContext, Level, Part, Resource, checked


def web_editors(settings: WebEditors, context: ControlContext) -> Iterator[Part]:
    """Compare whether Google Sites is off, or leave the editors of each site to a person."""
    if not settings.google_sites:
        yield from site_part("Google Sites", "in Google Sites, open the site > Share with others")
        return
    yield checked(
        "Google Sites",
        "whether Google Sites is off, so that no one can make a site there",
        "the console holds it: Apps > Google Workspace > Sites > Service status",
        resources=(console_setting("sites.service_status", context, service_state="DISABLED"),),
    )


_MANAGED = "signed in to Chrome with a school account"
_EXCEPTED = Part(name="Chrome lists", covers="Chrome and Chromebooks of the people excepted")


def block(settings: Blocking, context: ControlContext) -> Iterator[Part]:
    """Close the listed apps; controls that block for the same audience share its lists."""
    if context.scope.departs_from:
        yield _excepted_part(settings, context)
        return
    yield _browser(settings, context)
    if private := [app.title for app in settings.apps if "google_secondary_sign_in" in app.by_account]:
        yield _accounts(private, context)
    if android := [app for app in settings.apps if app.android]:
        yield from _android(android, context)


def _excepted_part(settings: Blocking, context: ControlContext) -> Part:
    """Set for the group what is different for it; what a group has goes before what its members' unit has."""
    closed = (Closure("managed_browser", _titles(settings), Closing.CLOSED, _MANAGED),)
    if not settings.allowed_apps:
        return replace(_EXCEPTED, closures=closed)
    if unit_of_base(context) is None:
        cannot = (f"{context.audience.name}: stays blocked here: of two groups, the order decides, which is not set",)
        return replace(_EXCEPTED, cannot=cannot)
    later = "what is closed for the whole unit later is closed for the group by the next apply"
    limits, policies = (later, *_on_windows(context)), tuple(_opened_policies(settings, context))
    return replace(_EXCEPTED, limits=limits, resources=policies, closures=closed)


def _opened_policies(settings: Blocking, context: ControlContext) -> Iterator[Resource]:
    exempt_urls = [*dict.fromkeys(url for app in settings.allowed_apps for url in app.urls)]
    if exempt_urls:
        yield chrome_policy("users.UrlBlocking", context, url_allowlist={"contains": [*exempt_urls, *settings.allow]})
    if any("google_secondary_sign_in" in app.by_account for app in settings.allowed_apps):
        schema = "users.SecondaryGoogleAccountSignin"
        yield chrome_policy(schema, context, secondary_google_account_signin_allowed=True)
    for package in dict.fromkeys(package for app in settings.allowed_apps for package in app.android):
        yield chrome_policy(f"users.apps.InstallType android:{package}", context, app_install_type="ALLOWED")


def _titles(settings: Blocking) -> tuple[str, ...]:
    return tuple(app.title for app in settings.apps if app.urls)


def _browser(settings: Blocking, context: ControlContext) -> Part:
    lists = chrome_policy(
        "users.UrlBlocking",
        context,
        url_blocklist={"contains": list(settings.urls)},
        url_allowlist={"contains": list(settings.allow)} if settings.allow else UNSAID,
    )
    return Part(
        name="Chrome lists",
        covers="Chrome where a person is signed in with a school account, and Chromebooks",
        limits=(
            "other browsers do not read these lists",
            *shared_limit(settings.apps),
            *_pilot_limit(context),
            *_on_windows(context),
        ),
        resources=(lists,),
        pilots=True,
        closures=(Closure("managed_browser", _titles(settings), Closing.CLOSED, _MANAGED),),
    )


def _pilot_limit(context: ControlContext) -> tuple[str, ...]:
    """Say what a list of a group's own means: it goes before all that its people's unit has."""
    if context.scope.pilot is None:
        return ()
    return ("what is closed for the whole unit later is closed for the pilot by the next apply",)


def _on_windows(context: ControlContext) -> tuple[str, ...]:
    """Say which cloud's list counts where a school has several: what is set for a computer goes before an account's.

    Follows https://support.google.com/chrome/a/answer/9037717
    """
    if len(context.school.tenants) == 1:
        return ()
    return ("on Windows a list of Chrome's that another cloud sets for the computer goes before this one",)


def _accounts(titles: Sequence[str], context: ControlContext) -> Part:
    schema = "users.SecondaryGoogleAccountSignin"
    return Part(
        name="second Google accounts",
        covers=f"{', '.join(titles)}: no one can sign in to a private account beside the school's",
        resources=(chrome_policy(schema, context, secondary_google_account_signin_allowed=False),),
        pilots=True,
        closures=(Closure("managed_browser", tuple(titles), Closing.CLOSED, "private accounts cannot sign in"),),
    )


def _android(apps: Sequence[App], context: ControlContext) -> Iterator[Part]:
    titles = tuple(app.title for app in apps)
    yield Part(
        name="Android apps on Chromebooks",
        covers="the apps from Google Play on Chromebooks",
        needed=False,
        resources=tuple(
            chrome_policy(f"users.apps.InstallType android:{package}", context, app_install_type="BLOCKED")
            for app in apps
            for package in app.android
        ),
        pilots=True,
        closures=(Closure("chromeos_app", titles, Closing.CLOSED, "on Chromebooks"),),
    )
    yield Part(
        name="phones",
        level=Level.UNAVAILABLE,
        covers="the apps on phones that Google manages",
        reason="no API of Google's lists or blocks the apps of managed phones",
        for_governors="Google lets no one list or block the apps of managed phones",
        needed=False,
        closures=(Closure("android_personal", titles, Closing.OPEN, "it is its owner's"),),
    )


def monitoring_alerts(_settings: MonitoringAlerts, _: ControlContext) -> Iterator[Part]:
    """Look at the address for monitoring alerts, and at the accounts of those who read them."""
    yield from monitoring_parts()


CONTROLS = (
    *(CloudControl(name, block, excepts=True, pilots=True) for name in BLOCKS),
    CloudControl("web.monitoring_alerts", monitoring_alerts),
    CloudControl("site.web_editors", web_editors),
)
