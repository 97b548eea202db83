"""Apps and sites that stay open for a group by exception: what Chrome does for its members, and nobody else."""

from collections.abc import Iterator, Mapping

from connectors.google_workspace.controls.targets import chrome_policy, unit_of_base
from toolkit.controls.blocking import Blocking
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
        limits=("what is closed for the whole unit later is not closed for the group until the exception has ended",),
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
