"""Who may edit a site of the school's in SharePoint."""

from collections.abc import Iterator

from toolkit.controls.website import WebEditors, site_part
from toolkit.sdk.part import CloudControl, ControlContext, Part


def web_editors(_settings: WebEditors, _: ControlContext) -> Iterator[Part]:
    """Leave the members of SharePoint's sites to a person."""
    yield from site_part(
        "websites on Microsoft 365", "in the SharePoint admin centre, Sites > Active sites > Membership"
    )


CONTROLS = (CloudControl("site.web_editors", web_editors),)
