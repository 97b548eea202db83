"""Controls about mailing lists, which are groups."""

from collections.abc import Iterator
from typing import Any

from connectors.google_workspace.kinds.group_posting import GroupPosting
from toolkit.controls.mail_lists import MassListModeration
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, manual
from toolkit.sdk.spec import UNSAID

_COVERED = "messages to the lists from people who are neither members nor managers of them"


def mass_list_moderation(wanted: MassListModeration, context: ControlContext) -> Iterator[Part]:
    """Make messages of those who are no members wait, or let managers alone post where the list is closed.

    Google has no list of senders whose messages never wait, so those who send urgent ones must be managers.
    """
    accounts = {person.address.lower() for person in context.scope.people}
    named = wanted.always_send.addresses
    people = [address for address in named if address in accounts]
    others = [address for address in named if address not in accounts]
    if accounts and not people:
        yield manual(
            "large mailing lists",
            _COVERED,
            "nothing is set: no address under `always_send` is a person's account here, so it is not known whether "
            "urgent messages would wait: add the people who send them",
        )
    else:
        yield _large_lists(wanted, people, others)
    if wanted.urgent_lists:
        open_to_all = GroupPosting(moderation="MODERATE_NONE")
        yield Part(
            name="urgent lists",
            level=Level.ENFORCED,
            covers="lists for lockdown, fire and closure, on which no message waits",
            resources=tuple(Resource("group_posting", address, open_to_all) for address in wanted.urgent_lists),
        )


def _large_lists(wanted: MassListModeration, people: list[str], others: list[str]) -> Part:
    elsewhere = f"no account of a person, so each who sends for it must be a manager: {', '.join(others)}"
    return Part(
        name="large mailing lists",
        level=Level.ENFORCED,
        covers=_COVERED,
        limits=(
            "members post at once; on a list that is closed to outside, with `act: refuse`, its managers alone post",
            "toolkit makes no one a manager: until those who send urgent messages are, it changes nothing of the list",
            *([elsewhere] * bool(others)),
        ),
        resources=tuple(_posting(wanted, address, people) for address in wanted.lists),
    )


def _posting(wanted: MassListModeration, address: str, people: list[str]) -> Resource:
    closed = address in wanted.closed
    managers_alone = wanted.act == "refuse" and closed
    who: Any = "ALL_MANAGERS_CAN_POST" if managers_alone else "ALL_IN_DOMAIN_CAN_POST" if closed else UNSAID
    spec = GroupPosting(
        who_can_post=who,
        moderation="MODERATE_NONE" if managers_alone else "MODERATE_NON_MEMBERS",
        post_as_group=False,
        deny_notices=True,
        managers=people or UNSAID,
    )
    return Resource("group_posting", address, spec)


CONTROLS = (CloudControl("mail.mass_list_moderation", mass_list_moderation),)
