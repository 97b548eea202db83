"""Render the prediction for a message as text for one screen."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.engine.message import CloudMail, MessageReport
from toolkit.planning.mail_flow.walk import OutcomeGroup, Step, WalkResult, group_outcomes
from toolkit.render.line import Line, Tone
from toolkit.sdk.mail_flow import MailResult

CONFIDENTIAL = "Confidential, because it shows gaps in the rules."
FILTER_UNKNOWN = "Whether the provider's own spam filter does cannot be known."
_SHOWN_PEOPLE = 5


def message_lines(report: MessageReport, *, verbose: bool) -> Iterator[Line]:
    """Yield the outcome on each cloud, the rules that apply, and the unknown rules."""
    yield Line(CONFIDENTIAL, Tone.WARNING, essential=True)
    yield Line(
        f"From {report.message.sender} to {people_in_words(report.message.recipients)}, {report.at:%-d %B %Y, %H:%M}."
    )
    if report.assumptions:
        yield Line(f"Taken as true: {'; '.join(report.assumptions)}.", Tone.QUIET)
    for cloud in report.clouds:
        yield Line()
        yield Line(cloud.title, Tone.HEADING, essential=True)
        yield from _cloud_lines(report, cloud, verbose=verbose)


def _cloud_lines(report: MessageReport, cloud: CloudMail, *, verbose: bool) -> Iterator[Line]:
    if cloud.failure:
        yield Line(f"  Cannot tell: {cloud.title} could not be read: {cloud.failure}", Tone.WARNING, essential=True)
        return
    if report.has_plan:
        yield from _difference_lines(cloud)
    shown = cloud.results_after if cloud.results_after is not None else cloud.results
    groups = group_outcomes(shown)
    if len(shown) > 1:
        summary = outcome_summary(groups)
        yield Line(f"  {summary[:1].upper()}{summary[1:]}.", essential=True)
    for group in groups:
        yield from _group_lines(report, cloud, group, several=len(shown) > 1, verbose=verbose)
    if any(group.example.result is MailResult.NOT_STOPPED for group in groups):
        yield Line(f"  {FILTER_UNKNOWN}", essential=True)
    for kind, reason in cloud.unread_kinds.items():
        yield Line(f"  Could not be read: {kind}: {reason}", Tone.WARNING)
    if cloud.not_read:
        places = "; ".join(f"{part.what} ({part.where})" for part in cloud.not_read)
        yield Line(f"  toolkit does not read: {places}.", Tone.QUIET)


def _difference_lines(cloud: CloudMail) -> Iterator[Line]:
    differences = cloud.differences
    if not differences:
        yield Line("  The plan does not change the result.", essential=True)
        return
    for change in differences[:_SHOWN_PEOPLE]:
        words = f"now {outcome_summary(change.before)}; after the plan {outcome_summary(change.after)}"
        yield Line(f"  The plan changes the result for {change.address}: {words}.", Tone.CHANGED, essential=True)
    if len(differences) > _SHOWN_PEOPLE:
        yield Line(f"  The plan changes the result for {len(differences) - _SHOWN_PEOPLE} others too.", Tone.CHANGED)
    yield Line("  After the plan:", Tone.HEADING)


def outcome_summary(groups: Sequence[OutcomeGroup]) -> str:
    """Return the outcomes as words within a sentence, with the number of recipients if there are several."""
    if sum(len(group.recipients) for group in groups) == 1:
        return outcome_words(groups[0].example)
    return ", ".join(f"{outcome_words(group.example)} for {len(group.recipients)}" for group in groups)


_KIND_TITLES: Mapping[str, str] = {
    "transport_rule": "mail rule",
    "connection_filter": "connection filter",
    "exchange_setting": "organisation setting",
    "malware_filter_policy": "malware policy",
    "list_moderation": "mailing list",
    "remote_domain": "remote domain",
    "outbound_spam_policy": "outbound policy",
    "content_filter_policy": "spam policy",
    "group_posting": "group",
    "blocked_senders": "list of blocked senders",
    "data_protection_rule": "data protection rule",
    "policy_setting": "setting",
    **dict.fromkeys(("content_compliance", "attachment_compliance", "objectionable_content"), "compliance rule"),
}
_OUTCOMES: Mapping[MailResult, tuple[str, str, Tone]] = {
    MailResult.NOT_STOPPED: (
        "no rule stops it",
        "No rule of the school that toolkit reads stops this message.",
        Tone.ADDED,
    ),
    MailResult.REJECTED: ("{by} rejects it", "Rejected by {by}.{text}", Tone.REMOVED),
    MailResult.QUARANTINED: ("{by} puts it into quarantine", "Put into quarantine by {by}.", Tone.REMOVED),
    MailResult.DROPPED: ("{by} deletes it", "Deleted by {by}. No one is notified.", Tone.REMOVED),
    MailResult.MODERATED: ("it waits for a moderator", "Waits for {to}, because of {by}.", Tone.CHANGED),
    MailResult.REDIRECTED: ("{by} sends it to {to} instead", "Sent to {to} instead, by {by}.", Tone.CHANGED),
    MailResult.UNKNOWN: ("the result is unknown", "Cannot tell whether a rule stops this message.", Tone.WARNING),
}
"""For each result: the words within a sentence, the sentence, and its tone."""


def _decider(result: WalkResult) -> str:
    """Return the type and the name of the rule that decides, such as `the mail rule Block programs`."""
    return f"the {_KIND_TITLES.get(result.kind, 'rule')} {result.by}" if result.by else "a rule"


def outcome_words(result: WalkResult) -> str:
    """Return the outcome for a recipient as words within a sentence."""
    if result.is_stopped and result.result is MailResult.UNKNOWN:
        return "it is stopped"
    return _OUTCOMES[result.result][0].format(
        by=_decider(result), text=f" Text: “{result.text}”" if result.text else "", to=people_in_words(result.people)
    )


def outcome_verdict(result: WalkResult) -> tuple[str, Tone]:
    """Return the sentence about the outcome for a recipient, and its tone."""
    if result.is_stopped and result.result is MailResult.UNKNOWN:
        return f"Stopped by {' or '.join(ending.by for ending in result.endings)}.", Tone.REMOVED
    _words, sentence, tone = _OUTCOMES[result.result]
    return _fill(sentence, result), tone


def _fill(words: str, result: WalkResult) -> str:
    text = f" Text: “{result.text}”" if result.text else ""
    return words.format(by=_decider(result), text=text, to=people_in_words(result.people))


def _group_lines(
    report: MessageReport, cloud: CloudMail, group: OutcomeGroup, *, several: bool, verbose: bool
) -> Iterator[Line]:
    verdict, tone = outcome_verdict(group.example)
    if several:
        yield Line()
        yield Line(f"  {people_in_words(group.recipients)}:", Tone.HEADING)
    yield Line(f"  {verdict}", tone, essential=True)
    for reason in group.example.reasons:
        yield Line(f"    ? {reason}", Tone.WARNING)
    for step in group.example.steps:
        if verbose or is_worth_showing(step, group.example):
            yield from _step_lines(report, cloud, step, verbose=verbose)


def is_worth_showing(step: Step, result: WalkResult) -> bool:
    """Return whether a step matters. A rule that does not apply, or a note after a stop, does not.

    If the result is unknown, its reasons already name the rules that are unknown.
    """
    if result.result is MailResult.NOT_STOPPED:
        return step.truth is not False
    if result.result is MailResult.UNKNOWN:
        return step.truth is True and not step.is_note
    return step.truth is not False and (step.name == result.by or step.name in result.by.split(" or "))


_SIGNS = {True: "+", False: "-", None: "?"}


def _step_lines(report: MessageReport, cloud: CloudMail, step: Step, *, verbose: bool) -> Iterator[Line]:
    served = report.find_served(cloud.provider, step.kind, step.name)
    clauses = f" [{', '.join(served.clauses)}]" if served and served.clauses else ""
    yield Line(f"    {_SIGNS[step.truth]} {step.stage}: {step.name}{clauses}: {describe_effect(step)}", hang=6)
    if step.why and (verbose or step.truth is None):
        yield Line(f"      {'because' if step.truth is not None else 'unknown:'} {'; '.join(step.why)}", Tone.QUIET)


def describe_effect(step: Step) -> str:
    """Return the effect of a rule, and that a rule in test mode has none."""
    return f"only reports, so it has no effect (it {step.effect})" if step.only_reports else step.effect


def people_in_words(names: Sequence[str]) -> str:
    """Return the first names of a list and the number of the others."""
    more = len(names) - _SHOWN_PEOPLE
    return ", ".join(names[:_SHOWN_PEOPLE]) + (f" and {more} others" if more > 0 else "")
