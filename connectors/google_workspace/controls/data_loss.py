"""Confidential records in mail and files: data protection rules."""

import re
from collections.abc import Iterator
from typing import Literal

from connectors.google_workspace.controls.targets import group_limit, unit_of
from connectors.google_workspace.kinds.detector import Detector
from connectors.google_workspace.kinds.dlp_rule.rule import DlpRule
from toolkit.controls.data_loss import Dlp
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, manual

_RECORDS, _PARTNERS = "School confidential records", "School partners"
_EDITION = "data protection rules need an edition that has them"


def dlp(wanted: Dlp, context: ControlContext) -> Iterator[Part]:
    """Warn or record, and never stop anything; a partner's address in the headers spares a message."""
    found = f"all_content.matches_regex_detector('{_RECORDS}')"
    unit = unit_of(context)
    act: Literal["warn", "audit"] = "warn" if wanted.act == "warn" else "audit"
    domains = "|".join(map(re.escape, wanted.partners))
    mail = DlpRule(
        unit=unit,
        triggers=["gmail.email.v1.send"],
        condition=f"{found} && !all_headers.matches_regex_detector('{_PARTNERS}')",
        gmail_action=act,
        gmail_external=True,
    )
    files = DlpRule(unit=unit, triggers=["drive.file.v1.share"], condition=found, drive_action=act)
    records = Resource("detector", _RECORDS, Detector(expression=wanted.expression))
    partners = Resource("detector", _PARTNERS, Detector(expression=rf"(?im)^(to|cc|bcc):.*@({domains})([^a-z0-9.-]|$)"))
    yield Part(
        name="confidential records in mail",
        level=Level.ENFORCED,
        covers="messages to outside the school that hold such a number",
        limits=("a message that a partner gets too is not looked at", _EDITION, *group_limit(context)),
        resources=(records, partners, Resource("dlp_rule", f"{_RECORDS}: mail", mail)),
    )
    yield Part(
        name="confidential records in files",
        level=Level.ENFORCED,
        covers="files in Drive that are shared outside the school and hold such a number",
        limits=("partners are not left out: sharing with them warns too", _EDITION, *group_limit(context)),
        resources=(Resource("dlp_rule", f"{_RECORDS}: files", files),),
    )
    yield manual(
        "30 days of counting",
        "how often the rules found something, and whether it was right",
        "no run reads the rule log: in the admin console, Reporting > Audit and investigation > Rule log events, count "
        "30 days for each rule",
    )


CONTROLS = (CloudControl("data.dlp", dlp),)
