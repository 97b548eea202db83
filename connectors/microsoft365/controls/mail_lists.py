"""Controls about mailing lists: distribution groups, dynamic ones and Microsoft 365 groups."""

from collections.abc import Iterator

from connectors.microsoft365.kinds.list_moderation import ListModeration
from toolkit.controls.mail_lists import MassListModeration
from toolkit.controls.traced_senders import outside_part
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource
from toolkit.sdk.spec import UNSAID


def mass_list_moderation(wanted: MassListModeration, context: ControlContext) -> Iterator[Part]:
    """Let messages of others wait or be refused, and those of the posts that send urgent ones pass."""
    at_once = list(dict.fromkeys([*wanted.always_send.addresses, *map(str.lower, context.protected)]))
    yield Part(
        name="large mailing lists",
        level=Level.ENFORCED,
        covers="messages to the lists from everyone but those who send urgent ones",
        limits=(
            "a list inside one of them can be written to directly",
            "messages that a parents' app or the MIS sends do not pass through these lists",
        ),
        resources=tuple(_moderated(wanted, address, at_once) for address in wanted.lists),
    )
    if wanted.urgent_lists:
        yield Part(
            name="urgent lists",
            level=Level.ENFORCED,
            covers="lists for lockdown, fire and closure, on which no message waits",
            resources=tuple(
                Resource("list_moderation", address, ListModeration(moderated=False, accepted_senders=None))
                for address in wanted.urgent_lists
            ),
        )
    if wanted.counts_outside:
        yield outside_part()


def _moderated(wanted: MassListModeration, address: str, at_once: list[str]) -> Resource:
    holds = wanted.act == "hold"
    spec = ListModeration(
        moderated=holds,
        moderators=[moderator.lower() for moderator in wanted.moderators] if holds else UNSAID,
        bypass=at_once if holds else UNSAID,
        accepted_senders=UNSAID if holds else at_once,
        inside_only=True if address in wanted.closed else UNSAID,
    )
    return Resource("list_moderation", address, spec)


CONTROLS = (CloudControl("mail.mass_list_moderation", mass_list_moderation),)
