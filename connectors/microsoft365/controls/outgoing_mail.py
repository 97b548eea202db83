"""Controls about mail that leaves: outbound spam policies, a rule that holds mail, Outlook's tips and encryption."""

from collections.abc import Iterator

from connectors.microsoft365.kinds.exchange_setting import ExchangeSetting
from connectors.microsoft365.kinds.message_encryption import MessageEncryption
from connectors.microsoft365.kinds.outbound_spam_policy import OutboundSpamPolicy
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.outgoing_mail import EncryptMail, OutboundStop, RecipientLimits
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, manual
from toolkit.sdk.spec import UNSAID


def encrypt_mail(wanted: EncryptMail, _: ControlContext) -> Iterator[Part]:
    """Show the Encrypt button; a rule that encrypts automatically is a mail rule of the school's own."""
    settings = MessageEncryption(
        azure_rms_licensing=True,
        internal_licensing_enabled=True,
        simplified_client_access_enabled=True,
        enable_pdf_encryption=wanted.pdf,
    )
    yield Part(
        name="Encrypt button",
        level=Level.ENFORCED,
        covers="messages that their senders encrypt in Outlook",
        limits=(
            "a message is encrypted only when its sender asks for it",
            "people outside open it with a one-time code or a Microsoft or Google account",
            "it needs message encryption, which A1 does not include",
        ),
        resources=(Resource("message_encryption", "organisation", settings),),
    )
    yield manual(
        "encrypted connections to partners",
        "mail to the local authority, health and social care, which must not leave unencrypted",
        "in the Exchange admin centre, Mail flow > Connectors, check that each partner has a connector that demands "
        "TLS, and that its test passes",
    )


def outbound_stop(wanted: OutboundStop, _: ControlContext) -> Iterator[Part]:
    """Set what happens past a limit, the numbers that the school names, and the rule for accounts that are held."""
    numbers = (wanted.outside_an_hour, wanted.inside_an_hour, wanted.a_day)
    outside, inside, daily = (UNSAID if number is None else number for number in numbers)
    policy = OutboundSpamPolicy(
        recipient_limit_external_per_hour=outside,
        recipient_limit_internal_per_hour=inside,
        recipient_limit_per_day=daily,
        action_when_threshold_reached="Alert" if wanted.act == "notice" else "BlockUserForToday",
        notify_outbound_spam=True if wanted.notify else UNSAID,
        notify_outbound_spam_recipients=list(wanted.notify) or UNSAID,
    )
    own = "Microsoft's own limits" if numbers == (None, None, None) else "the limits"
    yield Part(
        name="outbound spam policies",
        level=Level.ENFORCED,
        covers=f"accounts that send more than {own} allow, in these policies: {', '.join(wanted.policies)}",
        limits=(
            "an account in a policy that is not named follows that policy",
            "Microsoft also limits the whole tenant by its number of licences, and no one can change that",
            "mail that the MIS, a parent app or a newsletter service sends does not pass here",
        ),
        resources=tuple(Resource("outbound_spam_policy", name, policy) for name in wanted.policies),
    )
    if wanted.held:
        rule = TransportRule.model_validate(
            {
                "from": wanted.held,
                "sent_to_scope": "NotInOrganization",
                "moderate_message_by_user": wanted.moderators,
            }
        )
        yield Part(
            name="mail that waits for a moderator",
            level=Level.ENFORCED,
            covers=f"mail to outside from {', '.join(wanted.held)}",
            limits=("a message that no moderator answers is returned to its sender after some days",),
            resources=(Resource("transport_rule", "School held mail", rule),),
        )


def recipient_limits(wanted: RecipientLimits, _: ControlContext) -> Iterator[Part]:
    """Turn Outlook's tips on; a tip warns and stops nothing."""
    tips = ExchangeSetting.model_validate(
        {
            "all_tips": True,
            "external_recipient_tips": wanted.outside,
            "group_metrics": True,
            "large_audience_threshold": wanted.many,
        }
    )
    yield Part(
        name="tips in Outlook",
        level=Level.ENFORCED,
        covers=f"messages to {wanted.many} people or more{', and to outside' if wanted.outside else ''}",
        limits=(
            "a tip warns the sender and stops no message",
            "other mail programs show no tips",
            "most mail to parents leaves the MIS or a parent app, which this does not see",
        ),
        resources=(Resource("exchange_setting", "mail_tips", tips),),
    )


CONTROLS = (
    CloudControl("data.encrypt_mail", encrypt_mail),
    CloudControl("mail.outbound_stop", outbound_stop),
    CloudControl("mail.recipient_limits", recipient_limits),
)
