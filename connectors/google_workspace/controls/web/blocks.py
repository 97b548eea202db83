"""Apps and sites, closed wherever Google Workspace reaches: Chrome's lists, and Android apps on Chromebooks."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.google_workspace.controls.targets import chrome_policy, unit_of_base
from toolkit.catalogue.app import App
from toolkit.controls.blocking import BLOCKS, Blocking
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource
from toolkit.sdk.surface import Closing, Closure
from toolkit.values import Json


def opened(wanted: Blocking, context: ControlContext) -> Realisation:
    """Set for the group what is different for it; what a group has goes before what its members' unit has."""
    closed = tuple(app.title for app in wanted.apps if app.urls)
    still = (Closure("managed_browser", closed, Closing.CLOSED, "signed in to Chrome with a school account"),)
    if not wanted.spared:
        return Realisation((Part(name="Chrome lists", level=Level.ENFORCED, covers=_COVERS, closures=still),))
    if unit_of_base(context) is None:
        cannot = (f"{context.audience.name}: stays blocked here: of two groups, the order decides, which nobody sets",)
        return Realisation((Part(name="Chrome lists", level=Level.ENFORCED, covers=_COVERS, cannot=cannot),))
    part = Part(
        name="Chrome lists",
        level=Level.ENFORCED,
        covers=_COVERS,
        limits=(
            "what is closed for the whole unit later is closed for the group by the next apply",
            *_on_windows(context),
        ),
        resources=tuple(_resources(wanted, context)),
        closures=still,
    )
    return Realisation((part,))


_COVERS = "Chrome and Chromebooks of the people excepted"


def _resources(wanted: Blocking, context: ControlContext) -> Iterator[Resource]:
    spared = [*dict.fromkeys(url for app in wanted.spared for url in app.urls)]
    if spared:
        lists: Mapping[str, Json] = {"url_allowlist": {"contains": [*spared, *wanted.allow]}}
        yield chrome_policy("users.UrlBlocking", context, lists)
    if any("google_secondary_sign_in" in app.by_account for app in wanted.spared):
        allowed: Mapping[str, Json] = {"secondary_google_account_signin_allowed": True}
        yield chrome_policy("users.SecondaryGoogleAccountSignin", context, allowed)
    for package in dict.fromkeys(package for app in wanted.spared for package in app.android):
        yield chrome_policy(f"users.apps.InstallType android:{package}", context, {"app_install_type": "ALLOWED"})


CONTROLS = BLOCKS
EXCEPTS = PILOTS = True


def realise(wanted: Blocking, context: ControlContext) -> Realisation:
    """Close the listed apps; controls that block for the same audience share its lists."""
    if context.scope.departs_from:
        return opened(wanted, context)
    made = (make(wanted, context) for make in (_browser, _accounts, _chromebooks, _phones))
    return Realisation(tuple(part for part in made if part))


def _browser(wanted: Blocking, context: ControlContext) -> Part:
    lists: Mapping[str, Json] = {
        "url_blocklist": {"contains": list(wanted.urls)},
        **({"url_allowlist": {"contains": list(wanted.allow)}} if wanted.allow else {}),
    }
    closed = tuple(app.title for app in wanted.apps if app.urls)
    return Part(
        name="Chrome lists",
        level=Level.ENFORCED,
        covers="Chrome wherever somebody is signed in with a school account, and Chromebooks",
        limits=(
            "other browsers do not read these lists",
            *_by_account(wanted.apps),
            *_of_pilot(context),
            *_on_windows(context),
        ),
        resources=(chrome_policy("users.UrlBlocking", context, lists),),
        pilots=True,
        closures=(Closure("managed_browser", closed, Closing.CLOSED, "signed in to Chrome with a school account"),),
    )


def _by_account(apps: Sequence[App]) -> tuple[str, ...]:
    """Name what cannot be closed by host, since the school's own services use the host too."""
    shared = [app.title for app in apps if not app.urls and app.shared_hosts]
    return (f"not closed by host, which the school needs itself: {', '.join(shared)}",) if shared else ()


def _of_pilot(context: ControlContext) -> tuple[str, ...]:
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


def _accounts(wanted: Blocking, context: ControlContext) -> Part | None:
    apps = [app for app in wanted.apps if "google_secondary_sign_in" in app.by_account]
    if not apps:
        return None
    resource = chrome_policy(
        "users.SecondaryGoogleAccountSignin", context, {"secondary_google_account_signin_allowed": False}
    )
    closed = tuple(app.title for app in apps)
    return Part(
        name="second Google accounts",
        level=Level.ENFORCED,
        covers=f"{', '.join(closed)}: nobody can sign in to a private account beside the school's",
        resources=(resource,),
        pilots=True,
        closures=(Closure("managed_browser", closed, Closing.CLOSED, "private accounts cannot sign in"),),
    )


def _chromebooks(wanted: Blocking, context: ControlContext) -> Part | None:
    apps = [app for app in wanted.apps if app.android]
    if not apps:
        return None
    return Part(
        name="Android apps on Chromebooks",
        level=Level.ENFORCED,
        covers="the apps from Google Play on Chromebooks",
        needed=False,
        resources=tuple(
            chrome_policy(f"users.apps.InstallType android:{package}", context, _BLOCKED)
            for app in apps
            for package in app.android
        ),
        pilots=True,
        closures=(Closure("chromeos_app", tuple(app.title for app in apps), Closing.CLOSED, "on Chromebooks"),),
    )


_BLOCKED: Mapping[str, Json] = {"app_install_type": "BLOCKED"}


def _phones(wanted: Blocking, context: ControlContext) -> Part | None:
    del context
    apps = tuple(app.title for app in wanted.apps if app.android)
    if not apps:
        return None
    return Part(
        name="phones",
        level=Level.UNAVAILABLE,
        covers="the apps on phones that Google manages",
        reason="no API of Google's lists or blocks the apps of managed phones",
        for_governors="Google lets no one list or block the apps of managed phones",
        needed=False,
        closures=(Closure("android_personal", apps, Closing.OPEN, "it is its owner's"),),
    )
