"""Controls for mailing lists, pupils' mail and words in messages: console settings and data protection rules."""

from collections.abc import Iterator
from typing import Any

from connectors.google_workspace.controls.targets import console_setting, describe_place, group_limit, unit_of
from connectors.google_workspace.kinds.detector import Detector
from connectors.google_workspace.kinds.dlp_rule.rule import DlpRule
from connectors.google_workspace.kinds.group_posting import GroupPosting
from toolkit.controls.mail_lists import MassListModeration
from toolkit.controls.mail_scope import OF_A_GROUP, LanguageWatch, PupilScope
from toolkit.sdk import UNSAID, CloudControl, ControlContext, Part, Resource, checked, manual

_COVERED = "messages to the lists from people who are neither members nor managers of them"


def mass_list_moderation_parts(settings: MassListModeration, context: ControlContext) -> Iterator[Part]:
    """Yield moderation of messages from people who are not members. On a closed list, only managers can post.

    Google cannot exempt single senders from moderation, so senders of urgent messages must be managers.
    """
    accounts = {person.address.lower() for person in context.scope.people}
    named = settings.always_send.addresses
    people = [address for address in named if address in accounts]
    others = [address for address in named if address not in accounts]
    if accounts and not people:
        yield manual(
            "large mailing lists",
            _COVERED,
            "nothing is set. No address under `always_send` is a person's account here, so toolkit cannot tell whether "
            "urgent messages would wait. Add the people who send them",
        )
    else:
        yield _make_large_lists_part(settings, people, others)
    if settings.urgent_lists:
        open_to_all = GroupPosting(moderation="MODERATE_NONE")
        yield Part(
            name="urgent lists",
            covers="lists for lockdown, fire and closure, whose messages are never moderated",
            resources=tuple(Resource("group_posting", address, open_to_all) for address in settings.urgent_lists),
        )


def _make_large_lists_part(settings: MassListModeration, people: list[str], others: list[str]) -> Part:
    no_account = (
        "these addresses are not accounts of people, so everyone who sends from them must be a manager: "
        f"{', '.join(others)}"
    )
    return Part(
        name="large mailing lists",
        covers=_COVERED,
        limits=(
            "members post without moderation. On a closed list with `act: refuse`, only managers can post",
            (
                "toolkit does not appoint managers. It does not change a list until the senders of urgent messages are "
                "managers"
            ),
            *([no_account] * bool(others)),
        ),
        resources=tuple(_make_posting_resource(settings, address, people) for address in settings.lists),
    )


def _make_posting_resource(settings: MassListModeration, address: str, people: list[str]) -> Resource:
    closed = address in settings.closed
    only_managers = settings.act == "refuse" and closed
    who: Any = "ALL_MANAGERS_CAN_POST" if only_managers else "ALL_IN_DOMAIN_CAN_POST" if closed else UNSAID
    spec = GroupPosting(
        who_can_post=who,
        moderation="MODERATE_NONE" if only_managers else "MODERATE_NON_MEMBERS",
        post_as_group=False,
        deny_notices=True,
        managers=people or UNSAID,
    )
    return Resource("group_posting", address, spec)


_WATCH = "School language watch"


def pupil_scope_parts(settings: PupilScope, context: ControlContext) -> Iterator[Part]:
    """Yield a manual step for restricted delivery, and the check that chats with people outside are blocked."""
    domains = sorted({*(domain.lower() for domain in context.school.domains), *settings.outside})
    yield manual(
        "mail of pupils",
        "mail that pupils send and receive",
        "no API sets this. In the admin console, Apps > Google Workspace > Gmail > Compliance > Restrict delivery, for "
        f"{describe_place(context)}, allow these domains and internal messages: {', '.join(domains)}",
        "internal messages include messages from other schools in the same organisation",
    )
    yield checked(
        "chats of pupils",
        "chats of pupils with people outside the school",
        "set in the admin console: Apps > Google Workspace > Google Chat > External chat settings",
        *group_limit(context),
        resources=(console_setting("chat.external_chat_restriction", context, allow_external_chat=False),),
        needed=False,
    )


def language_watch_parts(settings: LanguageWatch, context: ControlContext) -> Iterator[Part]:
    """Yield a rule that records mail with one of the listed words. The condition of the rule excludes exempt people.

    Raise ValueError if the audience is a group, because the rule would check the mail of everyone in the unit.
    """
    if group_limit(context):
        raise ValueError(f"{context.audience.name} is a group, but a rule applies to units. Give the role a unit")
    exempt = settings.exempt_addresses(context.school, context.protected)
    escaped = (address.replace("'", r"\'") for address in exempt)
    exemptions = " && ".join(f"!all_headers.contains('{address}')" for address in escaped)
    reports = settings.act == "report"
    rule = DlpRule(
        unit=unit_of(context),
        triggers=["gmail.email.v1.send"],
        condition=f"all_content.matches_word_list('{_WATCH}', {{minimum_match_count: 1}}) && {exemptions}",
        gmail_action="audit",
        gmail_external=True,
        gmail_internal=True,
        alert=True if reports else UNSAID,
        alert_recipients=[settings.reviewer] if reports else UNSAID,
    )
    yield Part(
        name="words in sent mail",
        covers=f"mail that people send, unless they are exempt. {settings.dpia} covers the rule, and the "
        f"{settings.reviewer_post} reads the messages",
        limits=(
            "a word does not show its meaning, so no one is judged by a word",
            OF_A_GROUP,
            "super administrators can see the matches in the rule log",
            "data protection rules need an edition that has them",
        ),
        resources=(
            Resource("detector", _WATCH, Detector(words=settings.words)),
            Resource("dlp_rule", _WATCH, rule),
        ),
    )


CONTROLS = (
    CloudControl("mail.language_watch", language_watch_parts),
    CloudControl("mail.pupil_scope", pupil_scope_parts),
    CloudControl("mail.mass_list_moderation", mass_list_moderation_parts),
)
