"""Decides who may act in a case, and which consents in the register count."""

from collections.abc import Callable, Sequence

from toolkit.controls.control import ControlSettings
from toolkit.controls.data import excluded_post, is_post
from toolkit.errors import NotAllowed, UsageError
from toolkit.holds.likeness import KnownPerson, Likeness, person_on_hold, person_who_consented, person_who_signed
from toolkit.holds.model import PEOPLE, Case, Consent
from toolkit.holds.session import HoldSession
from toolkit.holds.sign_in import ConsentSubject, SignedPerson, check_ledger, verify_consent
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.signed_in import UnprovenSignIn


@dataclass(frozen=True, slots=True)
class PartRule:
    """The rule for who may act in a case."""

    setting: str
    posts: Sequence[str]
    own_case: str  # the refusal if the case is about this person
    act: str = ""  # set if it takes two people, without the Head or the IT technician


def reason_not_to_act(
    session: HoldSession, rule: PartRule, case: Case, who: PersonAccount, consents: Sequence[Consent]
) -> str:
    """Return the reason why a person may not act in a case, or "" if they may."""
    signed = person_who_signed(session, who)
    if why := _likeness_to_people_on_hold(session, case, signed):
        alike = why.objection_text("a person in the case")
        return rule.own_case if why is Likeness.SAME else f"{alike}, and {rule.own_case}"
    if not who.enabled:
        return "the account is disabled"
    if rule.act and (above := excluded_post(who.title)):
        return f"the {above} neither approves nor releases"
    for consent in (earlier for earlier in consents if earlier.verified):
        if why := signed.likeness(person_who_consented(session, consent)):
            alike = why.objection_text("the person who asked first")
            already = "you have asked already" if why is Likeness.SAME else alike
            return f"{already}, and {rule.act} needs two different people"
    if not any(is_post(who.title, post) for post in rule.posts):
        return f"the post is {who.title or 'not known'}, and `{rule.setting}` names {', '.join(rule.posts)}"
    return ""


def to_consent(session: HoldSession, signed: SignedPerson) -> Consent:
    """Return the consent to store in the register for a person who signed in."""
    who = signed.account
    return Consent(
        by=who.address.casefold(),
        at=session.now,
        verified=who.provider,
        id=who.id,
        title=who.title,
        evidence=signed.evidence,
    )


def have_two_agreed(consents: Sequence[Consent]) -> bool:
    """Return whether the consents come from two people who signed in. The sign-ins are not verified here."""
    verified = [consent for consent in consents if consent.verified]
    return len({consent.by for consent in verified}) >= PEOPLE and len({consent.id for consent in verified}) >= PEOPLE


@dataclass(frozen=True, slots=True)
class RecordedConsents:
    """Consents in the register, and the act to which people consented."""

    consents: list[Consent]
    subject: ConsentSubject
    save: Callable[[], None]
    not_done: str  # the end of a refusal, such as "Nothing was released"


def add_consent(
    session: HoldSession, rule: PartRule, case: Case, recorded: RecordedConsents, signed: SignedPerson, *, act: str
) -> None:
    """Record that a person who signed in agrees to an act, for example "release this case".

    Raise NotAllowed if that person may not act in the case.
    """
    who = signed.account
    if refusal := reason_not_to_act(session, rule, case, who, recorded.consents):
        raise NotAllowed(f"{who.address} cannot {act}: {refusal}. {recorded.not_done}")
    recorded.consents.append(to_consent(session, signed))
    recorded.save()


def refuse_unproven_consents(session: HoldSession, rule: PartRule, case: Case, recorded: RecordedConsents) -> None:
    """Raise NotAllowed if a sign-in behind a consent cannot be proved, and mark the consent as not verified.

    Anyone with the register's key can write consents into it. The person can sign in again.
    """
    claimed = [consent for consent in recorded.consents if consent.verified]
    if not claimed:
        return
    check_ledger(session, recorded.not_done)
    proved: list[Consent] = []
    faults: list[tuple[Consent, str]] = []
    for consent in claimed:
        try:
            why = reason_not_to_act(session, rule, case, verify_consent(session, consent, recorded.subject), proved)
        except UnprovenSignIn as unproven:
            why = str(unproven)
        if why:
            faults.append((consent, why))
        else:
            proved.append(consent)
    if not faults:
        return
    for consent, _ in faults:
        consent.verified = ""
    recorded.save()
    listed = "; ".join(f"{consent.by}: {why}" for consent, why in faults)
    raise NotAllowed(
        f"{session.register.path} has consents that do not count: {listed}. "
        f"{recorded.not_done}, and they are listed as not verified now. Ask these people whether they signed in: if "
        "not, someone who has the register's key wrote it. If they did, run this command again and ask them to sign "
        "in again"
    )


def _likeness_to_people_on_hold(session: HoldSession, case: Case, signed: KnownPerson) -> Likeness | None:
    """Return why a person may be one of the people on hold in a case. People without an account are left out."""
    people = [person_on_hold(session, custodian) for custodian in case.people.values()]
    reasons = (
        why for person in people if (why := signed.likeness(person)) and (person.ids or why is not Likeness.UNKNOWN)
    )
    return min(reasons, key=list(Likeness).index, default=None)


def posts_of(playbooks: Playbooks, settings_type: type[ControlSettings], control: str, setting: str) -> list[str]:
    """Return the posts (such as head teacher) listed in a control's setting.

    Raise UsageError if no playbook has the control.
    """
    all_settings = [settings for _, settings in playbooks.enabled_settings(settings_type)]
    if not all_settings:
        raise UsageError(f"no playbook says who may do this: write the control {control} with `{setting}`")
    return list(dict.fromkeys(post for settings in all_settings for post in getattr(settings, setting)))
