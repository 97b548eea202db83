"""Confidential records in mail: mail rules that record; the warnings are those of Purview."""

from collections.abc import Iterator
from typing import Any

from connectors.microsoft365.controls.targets import members
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.data_loss import Dlp
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, manual

_RECORDS = "School confidential records"


def dlp(wanted: Dlp, context: ControlContext) -> Iterator[Part]:
    """Record mail with such a number, in its text or in an attachment; every message gets through."""
    text = _rule(wanted, context, subject_or_body_matches_patterns=[wanted.expression])
    attached = _rule(wanted, context, attachment_matches_patterns=[wanted.expression])
    yield Part(
        name="confidential records in mail",
        level=Level.ENFORCED,
        covers="messages to outside the school that hold such a number; each is recorded and gets through",
        limits=(
            "a message that a partner gets too is not looked at",
            "encrypted messages, and numbers in pictures, are not looked into",
        ),
        resources=(
            Resource("transport_rule", f"{_RECORDS}: text", text),
            Resource("transport_rule", f"{_RECORDS}: attachments", attached),
        ),
        pilots=True,
    )
    yield manual(
        "warnings and files",
        "a warning before such a number is sent or shared, in mail, OneDrive, SharePoint and Teams",
        "toolkit does not write policies of Purview: in Purview > Data loss prevention > Policies > Create policy, "
        "take the template U.K. Personally Identifiable Information, leave out the partners' domains, and run it in "
        "simulation mode with policy tips; block nothing",
        "it needs licences that include data loss prevention",
    )
    yield manual(
        "30 days of counting",
        "how often the rules found something, and whether it was right",
        "no run reads the report: in the Exchange admin centre, Reports > Mail flow > Exchange transport rule report, "
        "count 30 days for each rule",
    )


def _rule(wanted: Dlp, context: ControlContext, **looks: Any) -> TransportRule:
    return TransportRule(
        **looks,
        from_scope="InOrganization",
        from_member_of=members(context),
        sent_to_scope="NotInOrganization",
        except_if_recipient_domain_is=wanted.partners,
        set_audit_severity="Low",
    )


CONTROLS = (CloudControl("data.dlp", dlp, pilots=True),)
