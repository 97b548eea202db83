"""Controls about mail that leaves: outbound spam policies, a mail rule that holds mail, and Outlook's tips."""

from collections.abc import Iterator

from connectors.microsoft365.kinds.exchange_setting import ExchangeSetting
from connectors.microsoft365.kinds.outbound_spam_policy import OutboundSpamPolicy
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.outgoing_mail import OutboundStop, RecipientLimits
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource
from toolkit.sdk.spec import UNSAID


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
    CloudControl("mail.outbound_stop", outbound_stop),
    CloudControl("mail.recipient_limits", recipient_limits),
)
