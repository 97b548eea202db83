"""Controls about whom pupils write to and about words in mail: what the console holds, and data protection rules."""

from collections.abc import Iterator

from connectors.google_workspace.controls.targets import console_setting, group_limit, in_words, unit_of
from connectors.google_workspace.kinds.detector import Detector
from connectors.google_workspace.kinds.dlp_rule.rule import DlpRule
from toolkit.controls.mail_scope import LanguageWatch, PupilScope
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, manual
from toolkit.sdk.spec import UNSAID

_WATCH = "School language watch"


def pupil_scope(wanted: PupilScope, context: ControlContext) -> Iterator[Part]:
    """Leave the restriction of delivery to a person, and check whether chats with people outside are closed."""
    known = sorted({*(domain.lower() for domain in context.school.domains), *wanted.outside})
    yield manual(
        "mail of pupils",
        "mail that pupils send and receive",
        "no API sets it: in the admin console, Apps > Google Workspace > Gmail > Compliance > Restrict delivery, for "
        f"{in_words(context)}, allow these domains and internal messages: {', '.join(known)}",
        "internal messages are those of the whole organisation, other schools in it too",
    )
    yield Part(
        name="chats of pupils",
        level=Level.CHECKED,
        covers="chats of pupils with people outside the school",
        reason="the console holds it: Apps > Google Workspace > Google Chat > External chat settings",
        limits=group_limit(context),
        resources=(console_setting("chat.external_chat_restriction", context, allow_external_chat=False),),
        needed=False,
    )


def language_watch(wanted: LanguageWatch, context: ControlContext) -> Iterator[Part]:
    """Record mail with one of the words; those who are exempt are left out in the condition itself.

    ValueError for a group: a rule looks at a unit, and everybody's mail would be looked into.
    """
    if group_limit(context):
        raise ValueError(f"{context.audience.name} is a group, and a rule looks at units: give the role a unit")
    exempt = wanted.spared(context.school, context.protected)
    escaped = (address.replace("'", r"\'") for address in exempt)
    spared = " && ".join(f"!all_headers.contains('{address}')" for address in escaped)
    reports = wanted.act == "report"
    rule = DlpRule(
        unit=unit_of(context),
        triggers=["gmail.email.v1.send"],
        condition=f"all_content.matches_word_list('{_WATCH}', {{minimum_match_count: 1}}) && {spared}",
        gmail_action="audit",
        gmail_external=True,
        gmail_internal=True,
        alert=True if reports else UNSAID,
        alert_recipients=[wanted.reviewer] if reports else UNSAID,
    )
    yield Part(
        name="words in sent mail",
        level=Level.ENFORCED,
        covers=f"sent mail of people who are not exempt, under {wanted.dpia}; the {wanted.reviewer_post} reads them",
        limits=(
            "a word says nothing about what was meant: no one is judged by it",
            "the rule log shows super administrators what was found",
            "data protection rules need an edition that has them",
        ),
        resources=(
            Resource("detector", _WATCH, Detector(words=wanted.words)),
            Resource("dlp_rule", _WATCH, rule),
        ),
    )


CONTROLS = (
    CloudControl("mail.language_watch", language_watch),
    CloudControl("mail.pupil_scope", pupil_scope),
)
