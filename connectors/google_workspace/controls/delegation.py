"""Rights to other mailboxes: the switches of the console are compared; no mailbox is opened to list its delegates."""

from collections.abc import Iterator

from connectors.google_workspace.controls.targets import console_setting, group_limit
from toolkit.controls.delegation import SendAsDelegation
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, manual

_ACCESS = "the console holds it: Apps > Google Workspace > Gmail > End User Access"


def sendas_delegation(wanted: SendAsDelegation, context: ControlContext) -> Iterator[Part]:
    """Compare whether people may send through outside servers, and whether they may delegate at all."""
    gateway = console_setting(
        "gmail.per_user_outbound_gateway", context, allow_users_to_use_external_smtp_servers=False
    )
    yield Part(
        name="sending through outside servers",
        level=Level.CHECKED,
        covers="mail in a school address that another company's server sends",
        reason=f"{_ACCESS} > Allow per-user outbound gateways",
        limits=group_limit(context),
        resources=(gateway,),
    )
    if wanted.declared:
        yield manual(
            "delegates of each person",
            "who may open and send from another person's mailbox",
            "to list them toolkit would have to act as each person, which it does not: each owner compares them with "
            "those declared, in Gmail, Settings > Accounts > Grant access to your account",
        )
        return
    yield Part(
        name="delegation of mailboxes",
        level=Level.CHECKED,
        covers="whether people may open their mailbox to others",
        reason=f"{_ACCESS} > Mail delegation",
        limits=group_limit(context),
        resources=(console_setting("gmail.mail_delegation", context, enable_mail_delegation=False),),
    )


CONTROLS = (CloudControl("mail.sendas_delegation", sendas_delegation),)
