"""Who may edit a site of the school's in Google Sites."""

from collections.abc import Iterator

from connectors.google_workspace.controls.targets import console_setting
from toolkit.controls.website import WebEditors, site_part
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part


def web_editors(wanted: WebEditors, context: ControlContext) -> Iterator[Part]:
    """Compare whether Google Sites is off, or leave the editors of each site to a person."""
    if not wanted.google_sites:
        yield from site_part("Google Sites", "in Google Sites, open the site > Share with others")
        return
    yield Part(
        name="Google Sites",
        level=Level.CHECKED,
        covers="whether Google Sites is off, so that no one can make a site there",
        reason="the console holds it: Apps > Google Workspace > Sites > Service status",
        resources=(console_setting("sites.service_status", context, service_state="DISABLED"),),
    )


CONTROLS = (CloudControl("site.web_editors", web_editors),)
