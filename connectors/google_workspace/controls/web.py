"""Controls for apps and sites in Chrome and on Chromebooks, and for who may edit a website."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.google_workspace.controls.targets import chrome_policy, console_setting, unit_of_base
from toolkit.catalogue.app import App
from toolkit.controls.blocking import BLOCKS, Blocking, shared_host_limits
from toolkit.controls.monitoring import MonitoringAlerts, monitoring_parts
from toolkit.controls.website import WebEditors, site_part
from toolkit.sdk import UNSAID, Closing, Closure, CloudControl, ControlContext, Level, Part, Resource, checked


def web_editors_parts(settings: WebEditors, context: ControlContext) -> Iterator[Part]:
    """Yield the check that Google Sites is off, or a manual step for the editors of each site."""
    if not settings.google_sites:
        yield from site_part("Google Sites", "in Google Sites, open the site > Share with others")
        return
    yield checked(
        "Google Sites",
        "whether Google Sites is off, so that no one can make a site there",
        "set in the admin console: Apps > Google Workspace > Sites > Service status",
        resources=(console_setting("sites.service_status", context, service_state="DISABLED"),),
    )


_MANAGED = "signed in to Chrome with a school account"
_EXCEPTED = Part(name="Chrome lists", covers="Chrome and Chromebooks of the exempt people")


def block_parts(settings: Blocking, context: ControlContext) -> Iterator[Part]:
    """Yield the policies that block the listed apps.

    Controls for the same audience add their entries to the same lists.
    """
    if context.scope.departs_from:
        yield _make_exception_part(settings, context)
        return
    yield _make_browser_part(settings, context)
    if private := [app.title for app in settings.apps if "google_secondary_sign_in" in app.by_account]:
        yield _make_second_accounts_part(private, context)
    if android := [app for app in settings.apps if app.android]:
        yield from _make_android_parts(android, context)


def _make_exception_part(settings: Blocking, context: ControlContext) -> Part:
    """Return the policies for the group of an exception. They override the policies of the members' units."""
    closed = (Closure("managed_browser", _list_app_titles(settings), Closing.CLOSED, _MANAGED),)
    if not settings.allowed_apps:
        return replace(_EXCEPTED, closures=closed)
    if unit_of_base(context) is None:
        cannot = (
            (
                f"{context.audience.name}: stays blocked here. The order of the two groups decides, and toolkit "
                "does not set that order"
            ),
        )
        return replace(_EXCEPTED, cannot=cannot)
    later = "sites blocked for the whole unit later are blocked for the group at the next apply"
    limits, policies = (later, *_describe_windows_limit(context)), tuple(_list_opened_policies(settings, context))
    return replace(_EXCEPTED, limits=limits, resources=policies, closures=closed)


def _list_opened_policies(settings: Blocking, context: ControlContext) -> Iterator[Resource]:
    exempt_urls = [*dict.fromkeys(url for app in settings.allowed_apps for url in app.urls)]
    if exempt_urls:
        yield chrome_policy("users.UrlBlocking", context, url_allowlist={"contains": [*exempt_urls, *settings.allow]})
    if any("google_secondary_sign_in" in app.by_account for app in settings.allowed_apps):
        schema = "users.SecondaryGoogleAccountSignin"
        yield chrome_policy(schema, context, secondary_google_account_signin_allowed=True)
    for package in dict.fromkeys(package for app in settings.allowed_apps for package in app.android):
        yield chrome_policy(f"users.apps.InstallType android:{package}", context, app_install_type="ALLOWED")


def _list_app_titles(settings: Blocking) -> tuple[str, ...]:
    return tuple(app.title for app in settings.apps if app.urls)


def _make_browser_part(settings: Blocking, context: ControlContext) -> Part:
    lists = chrome_policy(
        "users.UrlBlocking",
        context,
        url_blocklist={"contains": list(settings.urls)},
        url_allowlist={"contains": list(settings.allow)} if settings.allow else UNSAID,
    )
    return Part(
        name="Chrome lists",
        covers="Chrome with a school account signed in, and Chromebooks",
        limits=(
            "other browsers do not read these lists",
            *shared_host_limits(settings.apps),
            *_describe_pilot_limit(context),
            *_describe_windows_limit(context),
        ),
        resources=(lists,),
        pilots=True,
        closures=(Closure("managed_browser", _list_app_titles(settings), Closing.CLOSED, _MANAGED),),
    )


def _describe_pilot_limit(context: ControlContext) -> tuple[str, ...]:
    """Return a sentence about a pilot group's own list, which replaces the complete list of its members' unit."""
    if context.scope.pilot is None:
        return ()
    return ("sites blocked for the whole unit later are blocked for the pilot at the next apply",)


def _describe_windows_limit(context: ControlContext) -> tuple[str, ...]:
    """Return a sentence if the school has several clouds, because a computer's policy overrides an account's policy.

    Follows https://support.google.com/chrome/a/answer/9037717
    """
    if len(context.school.tenants) == 1:
        return ()
    return ("on Windows, a Chrome list that another cloud sets for the computer overrides this list",)


def _make_second_accounts_part(titles: Sequence[str], context: ControlContext) -> Part:
    schema = "users.SecondaryGoogleAccountSignin"
    return Part(
        name="second Google accounts",
        covers=f"{', '.join(titles)}: no one can sign in to a private account in addition to the school account",
        resources=(chrome_policy(schema, context, secondary_google_account_signin_allowed=False),),
        pilots=True,
        closures=(Closure("managed_browser", tuple(titles), Closing.CLOSED, "private accounts cannot sign in"),),
    )


def _make_android_parts(apps: Sequence[App], context: ControlContext) -> Iterator[Part]:
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
        reason="no Google API lists or blocks apps on managed phones",
        for_governors="Google offers no way to list or block apps on managed phones",
        needed=False,
        closures=(Closure("android_personal", titles, Closing.OPEN, "the phone belongs to its owner"),),
    )


def monitoring_alerts_parts(_settings: MonitoringAlerts, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of the address for monitoring alerts, and of the accounts of the people who read the alerts."""
    yield from monitoring_parts()


CONTROLS = (
    *(CloudControl(name, block_parts, excepts=True, pilots=True) for name in BLOCKS),
    CloudControl("web.monitoring_alerts", monitoring_alerts_parts),
    CloudControl("site.web_editors", web_editors_parts),
)
