"""Who may have a part in an act about a case, and which of the register's consents count."""

from collections.abc import Callable, Sequence

from toolkit.controls.control import ControlSettings
from toolkit.controls.data import conflicted, is_post
from toolkit.errors import NotAllowed, UsageError
from toolkit.holds.likeness import KnownPerson, Likeness, who_consented, who_is_held, who_signed
from toolkit.holds.model import PEOPLE, Case, Consent
from toolkit.holds.session import Desk
from toolkit.holds.sign_in import ConsentSubject, SignedPerson, check_ledger, prove
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.signed_in import UnprovenSignIn


@dataclass(frozen=True, slots=True)
class PartRule:
    """Who may have a part in an act about a case."""

    setting: str
    posts: Sequence[str]
    own: str  # the refusal of a person whom the case is about
    act: str = ""  # where it takes two people, and neither the Head nor the IT technician


def objection(desk: Desk, rule: PartRule, case: Case, who: PersonAccount, consents: Sequence[Consent]) -> str:
    """Return why a person may have no part in an act; "" where they may."""
    signed = who_signed(desk, who)
    if why := _is_held(desk, case, signed):
        return rule.own if why is Likeness.SAME else f"{why.told('a person in the case')}, and {rule.own}"
    if not who.enabled:
        return "the account is disabled"
    if rule.act and (above := conflicted(who.title)):
        return f"the {above} neither approves nor releases"
    for consent in (one for one in consents if one.verified):
        if why := signed.likeness(who_consented(desk, consent)):
            already = "you have asked already" if why is Likeness.SAME else why.told("the person who asked first")
            return f"{already}, and {rule.act} takes two different people"
    if not any(is_post(who.title, post) for post in rule.posts):
        return f"the post is {who.title or 'not known'}, and `{rule.setting}` names {', '.join(rule.posts)}"
    return ""


def consent_of(desk: Desk, signed: SignedPerson) -> Consent:
    """Return what the register keeps of a person who signed in."""
    who = signed.account
    return Consent(
        by=who.address.casefold(),
        at=desk.now,
        verified=who.provider,
        id=who.id,
        title=who.title,
        evidence=signed.evidence,
    )


def agreed(consents: Sequence[Consent]) -> bool:
    """Say whether enough people asked, each of them as themselves; `refuse_unproven` says whether that is so."""
    verified = [one for one in consents if one.verified]
    return len({one.by for one in verified}) >= PEOPLE and len({one.id for one in verified}) >= PEOPLE


@dataclass(frozen=True, slots=True)
class RecordedConsents:
    """Consents as the register has them, and to what."""

    consents: list[Consent]
    subject: ConsentSubject
    save: Callable[[], None]
    untouched: str  # what was not done


def add_consent(
    desk: Desk, rule: PartRule, case: Case, recorded: RecordedConsents, signed: SignedPerson, *, act: str
) -> None:
    """Record that a person who signed in agrees to an act, for example "release this case".

    NotAllowed if that person may have no part in it.
    """
    who = signed.account
    if refusal := objection(desk, rule, case, who, recorded.consents):
        raise NotAllowed(f"{who.address} cannot {act}: {refusal}. {recorded.untouched}")
    recorded.consents.append(consent_of(desk, signed))
    recorded.save()


def refuse_unproven(desk: Desk, rule: PartRule, case: Case, recorded: RecordedConsents) -> None:
    """Raise NotAllowed where a consent of the register does not count: anyone who has its key can write into it.

    Such a consent is listed as not verified from then on, so that the person can sign in again.
    """
    claimed = [one for one in recorded.consents if one.verified]
    if not claimed:
        return
    check_ledger(desk, recorded.untouched)
    proved: list[Consent] = []
    faults: list[tuple[Consent, str]] = []
    for consent in claimed:
        try:
            why = objection(desk, rule, case, prove(desk, consent, recorded.subject), proved)
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
    raise NotAllowed(
        f"{desk.register.path} has consents that do not count: {'; '.join(f'{one.by}: {why}' for one, why in faults)}. "
        f"{recorded.untouched}, and they are listed as not verified now. Ask these people whether they signed in: if "
        "not, someone who has the register's key wrote it. If so, run this command again and let them sign in again"
    )


def _is_held(desk: Desk, case: Case, signed: KnownPerson) -> Likeness | None:
    """Return why a case may be about a person; a person on hold of whom no cloud has an account tells nothing."""
    people = [who_is_held(desk, one) for one in case.people.values()]
    found = (why for one in people if (why := signed.likeness(one)) and (one.ids or why is not Likeness.UNKNOWN))
    return min(found, key=list(Likeness).index, default=None)


def posts_of(playbooks: Playbooks, sort: type[ControlSettings], control: str, setting: str) -> list[str]:
    """Return the posts that a setting of one control names; UsageError where no playbook has the control."""
    found = [settings for _, settings in playbooks.enabled_settings(sort)]
    if not found:
        raise UsageError(f"no playbook says who may do this: write the control {control} with `{setting}`")
    return list(dict.fromkeys(post for settings in found for post in getattr(settings, setting)))
