"""Predict the result of a message: follow every possible way through the rules of a cloud, in the service's order.

A rule whose condition is unknown splits the way in two: the rule applies, or it does not. If all ways end with the same
result, the result is certain, even if no one can tell which rules apply.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolkit.records import dataclass
from toolkit.sdk.mail_flow import MailDirectory, MailMessage, MailResult, MailRule, MailStage
from toolkit.sdk.truth import Truth

MOST_WAYS = 200
"""The most ways that are followed. Beyond that, the result is unknown."""

STOPS = frozenset({MailResult.REJECTED, MailResult.QUARANTINED, MailResult.DROPPED})


@dataclass(frozen=True, slots=True)
class WalkEnd:
    """The end of a way: a result, and the rule that decided it."""

    result: MailResult
    by: str = ""
    kind: str = ""
    text: str = ""
    people: tuple[str, ...] = ()


_GOES_ON = WalkEnd(MailResult.NOT_STOPPED)


@dataclass(frozen=True, slots=True)
class _Way:
    """A possible way of the message: the message as changed so far, and the ending if a rule has decided."""

    message: MailMessage
    ending: WalkEnd = _GOES_ON
    stage_ended: bool = False
    joint: bool = False  # the rule that decided is one of a joint stage, so another rule may win

    @property
    def goes_on(self) -> bool:
        return self.ending == _GOES_ON


@dataclass(frozen=True, slots=True)
class Step:
    """A rule that the message meets: whether the rule applies, and why."""

    stage: str
    kind: str
    name: str
    truth: bool | None
    why: tuple[str, ...]
    effect: str
    only_reports: bool = False
    decides: bool = False  # the effect can change the result for the recipient
    is_note: bool = False
    is_final: bool = False  # it can end the way of the message, or the stage
    depends_on_earlier: bool = False  # it applies if the message reaches it, which is unknown


@dataclass(frozen=True, slots=True)
class WalkResult:
    """The prediction for a recipient: the result, who decided it, and the steps."""

    recipient: str
    result: MailResult
    via: str = ""  # the mailing list that leads to the recipient
    by: str = ""
    kind: str = ""
    text: str = ""
    people: tuple[str, ...] = ()
    is_stopped: bool = False  # every possible way ends before the mailbox
    endings: tuple[WalkEnd, ...] = ()  # all possible ones, if the result is unknown
    reasons: tuple[str, ...] = ()  # why the result is unknown
    subject: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def address(self) -> str:
        """Return the address in the message that leads to the recipient: the mailing list, or the recipient's own."""
        return self.via or self.recipient

    @property
    def key(self) -> tuple[object, ...]:
        """Return the parts of the outcome that are the same for recipients with equal outcomes."""
        return self.result, self.by, self.kind, self.text, self.people, self.reasons, self.is_stopped


def walk_message(stages: Sequence[MailStage], message: MailMessage, directory: MailDirectory) -> tuple[WalkResult, ...]:
    """Return the prediction for each recipient of a message. A mailing list is replaced by its members.

    If a list rejects the message or holds it for a moderator, its members have that result. A list whose members are
    unknown is one recipient. A message to an address that does not exist does not reach the rules after the lists.
    """
    results: list[WalkResult] = []
    done: set[str] = set()
    before_members = stages[: max((place + 1 for place, stage in enumerate(stages) if stage.for_lists), default=0)]
    for address in message.recipients:
        recipient = directory.recipients.get(address.casefold())
        if reason := _why_unknown(address, directory):
            exists = recipient is not None or bool(directory.failure)
            walked = _walk(stages if exists else before_members, message, address)
            results.append(_unknown_unless_stopped(walked, reason))
            continue
        if recipient is None or not recipient.is_list or recipient.members is None:
            results.append(_walk(stages, message, address))
            continue
        blocked = _walk(before_members, message, address)
        if blocked.result not in (MailResult.NOT_STOPPED, MailResult.UNKNOWN) or not recipient.members:
            results.append(blocked)
            continue
        for member in recipient.members:
            if member not in done:
                results.append(_walk(stages, message, member, via=address))
            done.add(member)
    return tuple(results)


def _why_unknown(address: str, directory: MailDirectory) -> str:
    """Return why it is unknown who gets a message to an address, or "" if it is known."""
    if not directory.is_at_school(address):
        return ""
    if directory.failure:
        return f"the recipients could not be read ({directory.failure})"
    recipient = directory.recipients.get(address.casefold())
    if recipient is None:
        return f"there is no recipient {address} here. Check the address"
    if recipient.is_list and recipient.members is None:
        return f"the members of {address} are unknown ({recipient.failure})"
    return ""


def _unknown_unless_stopped(result: WalkResult, reason: str) -> WalkResult:
    """Return the result for a recipient who is unknown: whatever stops the message is certain, and nothing else."""
    if result.result is not MailResult.NOT_STOPPED:
        return result
    return replace(result, result=MailResult.UNKNOWN, endings=(_GOES_ON,), reasons=(reason,))


def _walk(stages: Sequence[MailStage], message: MailMessage, recipient: str, via: str = "") -> WalkResult:
    ways: tuple[_Way, ...] = (_Way(message),)
    steps: list[Step] = []
    for stage in stages:
        subject = via or recipient if stage.for_lists else recipient
        ways = tuple(dict.fromkeys(_Way(way.message, way.ending, joint=way.joint and stage.is_joint) for way in ways))
        for rule in stage.rules:
            ways, step = _meet_rule(ways, stage, rule, subject)
            if step:
                steps.append(step)
            if len(ways) > MOST_WAYS:
                reason = f"more than {MOST_WAYS} combinations of rules are possible"
                return WalkResult(recipient, MailResult.UNKNOWN, via, reasons=(reason,), steps=tuple(steps))
    return _conclude(recipient, via, ways, steps)


def _meet_rule(
    ways: Sequence[_Way], stage: MailStage, rule: MailRule, recipient: str
) -> tuple[tuple[_Way, ...], Step | None]:
    """Return the ways after a rule, and the step. A rule that no way reaches has no step."""
    after: dict[_Way, None] = {}
    truths: list[Truth] = []
    for way in ways:
        if way.stage_ended or not (way.goes_on or way.joint):
            after[way] = None
            continue
        truth = rule.matches(way.message, recipient)
        truths.append(truth)
        if way.joint:
            after[way] = None
        if truth.value is not False and (way.goes_on or rule.result):
            after[way if rule.only_reports else _apply(rule, way, joint=stage.is_joint)] = None
        if truth.value is not True:
            after[way] = None
    if not truths:
        return tuple(after), None
    matched = truths[0].value if len({truth.value for truth in truths}) == 1 else None
    is_certain = len(truths) == len(ways)
    reasons = tuple(dict.fromkeys(reason for truth in truths if truth.value is matched for reason in truth.reasons))
    depends = matched is True and not is_certain
    if depends:
        matched, reasons = None, ("only if no earlier rule ends the processing", *reasons)
    decides = not rule.only_reports and not rule.is_note and bool(rule.result or rule.ends_stage or rule.change)
    step = Step(
        stage.title,
        rule.kind,
        rule.name,
        matched,
        reasons,
        rule.effect,
        rule.only_reports,
        decides,
        rule.is_note,
        bool(rule.result or rule.ends_stage) and not rule.only_reports,
        depends,
    )
    return tuple(after), step


def _apply(rule: MailRule, way: _Way, *, joint: bool) -> _Way:
    if rule.result:
        return _Way(way.message, WalkEnd(rule.result, rule.name, rule.kind, rule.text, rule.people), joint=joint)
    message = rule.change(way.message) if rule.change else way.message
    return _Way(message, way.ending, rule.ends_stage)


def _conclude(recipient: str, via: str, ways: Sequence[_Way], steps: Sequence[Step]) -> WalkResult:
    endings = tuple(dict.fromkeys(way.ending for way in ways))
    subjects = {way.message.subject for way in ways}
    subject = subjects.pop() if len(subjects) == 1 else None
    results = {ending.result for ending in endings}
    is_stopped = results <= STOPS
    places = {ending.people for ending in endings if ending.result is MailResult.REDIRECTED}
    if len(results) == 1 and MailResult.UNKNOWN not in results and len(places) <= 1:
        return _join_equal_results(recipient, via, endings, subject, steps, is_stopped=is_stopped)
    unclear = (f"{ending.by}: its effect is unknown" for ending in endings if ending.result is MailResult.UNKNOWN)
    reasons = tuple(dict.fromkeys(_unknown_reasons(steps))) or tuple(unclear)
    if not reasons:
        rules = " and ".join(dict.fromkeys(ending.by for ending in endings))
        reasons = (f"{rules} apply, and the service does not document which of them wins",)
    return WalkResult(
        recipient, MailResult.UNKNOWN, via, is_stopped=is_stopped, endings=endings, reasons=reasons, subject=subject,
        steps=tuple(steps),
    )  # fmt: skip


def _join_equal_results(
    recipient: str,
    via: str,
    endings: Sequence[WalkEnd],
    subject: str | None,
    steps: Sequence[Step],
    *,
    is_stopped: bool,
) -> WalkResult:
    """Return a certain result that any of several rules decides."""
    texts = dict.fromkeys(ending.text for ending in endings)
    return WalkResult(
        recipient,
        endings[0].result,
        via,
        by=" or ".join(dict.fromkeys(ending.by for ending in endings)),
        kind=endings[0].kind,
        text=endings[0].text if len(texts) == 1 else "",
        people=tuple(sorted({address for ending in endings for address in ending.people})),
        is_stopped=is_stopped,
        subject=subject,
        steps=tuple(steps),
    )


def _unknown_reasons(steps: Sequence[Step]) -> Iterator[str]:
    """Yield why the rules that matter are unknown: rules that can stop a message or, if none is, that change it."""
    doubtful = [step for step in steps if step.truth is None and step.decides and not step.depends_on_earlier]
    for step in [step for step in doubtful if step.is_final] or doubtful:
        yield f"{step.name}: {'; '.join(step.why) or 'its conditions are unknown'}"


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """Recipients with the same outcome."""

    example: WalkResult
    recipients: tuple[str, ...]


def group_outcomes(results: Sequence[WalkResult]) -> tuple[OutcomeGroup, ...]:
    """Return the groups of recipients with equal outcomes, the largest group first."""
    groups: dict[tuple[object, ...], list[WalkResult]] = {}
    for result in results:
        groups.setdefault(result.key, []).append(result)
    ordered = sorted(groups.values(), key=len, reverse=True)
    return tuple(OutcomeGroup(group[0], tuple(result.recipient for result in group)) for group in ordered)


@dataclass(frozen=True, slots=True)
class ResultChange:
    """An address of a message for which the outcome differs, with the outcomes before and after a plan."""

    address: str
    before: tuple[OutcomeGroup, ...]
    after: tuple[OutcomeGroup, ...]


def differing_results(before: Sequence[WalkResult], after: Sequence[WalkResult]) -> tuple[ResultChange, ...]:
    """Return the addresses of a message for which a plan changes the outcome of any recipient."""
    changes: list[ResultChange] = []
    for address in dict.fromkeys(result.address for result in (*before, *after)):
        earlier, later = ([result for result in side if result.address == address] for side in (before, after))
        if {(result.recipient, result.key) for result in earlier} != {(r.recipient, r.key) for r in later}:
            changes.append(ResultChange(address, group_outcomes(earlier), group_outcomes(later)))
    return tuple(changes)
