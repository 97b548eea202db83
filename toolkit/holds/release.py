"""Lets a case go, once two people have asked for it, each as themselves, who are neither in it nor above it.

And whether two accounts may be one person's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial

from toolkit.controls.control import ControlSettings
from toolkit.controls.data import Hold, conflicted, is_post, plainly
from toolkit.errors import NotAllowed, ServiceError, SignInRefused, UsageError
from toolkit.holds.model import FAILED, PEOPLE, WANTED, Case, CloudHold, Consent, Custodian, ServiceRecord
from toolkit.holds.place import parts_of
from toolkit.holds.session import Desk, begin
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.legal_holds import HoldStatus, Service
from toolkit.sdk.providers import cloud_titles
from toolkit.sdk.resource import Mode
from toolkit.yaml.messages import did_you_mean, quoted


class Likeness(StrEnum):
    """Why two people may be one."""

    SAME = "you are {them}"
    NAMESAKE = "you may be {them}: the accounts have the same name"
    UNKNOWN = "it is not known whether you are {them}: no cloud has accounts of both (--with names where to sign in)"

    def told(self, them: str) -> str:
        """Return the objection in words for the person who signed in."""
        return self.format(them=them)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """All that is known of one person: their account in each cloud, every address, and every name."""

    ids: Mapping[str, str]  # by cloud
    addresses: frozenset[str]
    names: frozenset[str]

    def likeness(self, other: "KnownPerson") -> Likeness | None:
        """Return why this may be the other person; None where two accounts of one cloud show that it is not."""
        if self.addresses & other.addresses or self.ids.items() & other.ids.items():
            return Likeness.SAME
        if self.names & other.names:
            return Likeness.NAMESAKE
        return None if self.ids.keys() & other.ids.keys() else Likeness.UNKNOWN


def who_signed(desk: Desk, who: PersonAccount) -> KnownPerson:
    return _known(desk, {who.provider: who.id}, who.known_as | {who.address.casefold()}, [who.name])


def who_consented(desk: Desk, consent: Consent) -> KnownPerson:
    return _known(desk, {consent.verified: consent.id}, {consent.by}, ())


def who_is_held(desk: Desk, custodian: Custodian) -> KnownPerson:
    found = {cloud: held.id for cloud, held in custodian.clouds.items() if held.id}
    return _known(desk, found, {custodian.address.casefold()}, ())


def _known(desk: Desk, ids: Mapping[str, str], addresses: Iterable[str], names: Iterable[str]) -> KnownPerson:
    """Look up the accounts in every cloud, also by addresses that another cloud shows; what cannot be read is left."""
    found, known = dict(ids), {*addresses}
    said, asked = {plainly(name) for name in names}, set[tuple[str, str]]()
    for _ in desk.connections:  # an address of one cloud may find an account in another
        for cloud in desk.connections:
            keys = {(cloud, key) for key in ([found[cloud]] if cloud in found else known)} - asked
            asked |= keys
            for account in _accounts(desk, sorted(keys)):
                found.setdefault(cloud, account.id)
                known |= account.known_as
                said.add(plainly(account.name))
    return KnownPerson(found, frozenset(known), frozenset(said))


def _accounts(desk: Desk, keys: Iterable[tuple[str, str]]) -> Iterator[PersonAccount]:
    for cloud, key in keys:
        try:
            account = read_safely("accounts", partial(desk.connections[cloud].account, key))
        except SignInRefused:
            raise
        except ServiceError:
            continue
        if account:
            yield account


_CLOSED = "nothing was read or released: the school says that this tenant is closed"


def named(desk: Desk, case: Case, name: str) -> None:
    """Record whom the operator names: it shows that a person asked, and releases nothing."""
    case.consents.append(Consent(by=name, at=desk.now))
    desk.save()


def refuse_unreadable(desk: Desk, case: Case, closed: str | None) -> None:
    """Raise NotAllowed for a case that may hold something where nothing can be read, before anyone signs in for it."""
    school, titles = desk.playbooks.school, cloud_titles()
    if closed and closed not in titles:
        raise UsageError(f"--closed {quoted(closed)} is not a cloud{did_you_mean(closed, titles)}")
    if closed and closed in desk.connections:
        raise UsageError(f"{titles[closed]} answers: release the case without --closed. Nothing was released")
    for name in sorted(_may_hold(case) - desk.connections.keys() - {closed}):
        why, advice = "the school file no longer names", f"write {name} under `tenants:` again until this has run again"
        if name in school.declared:
            why, advice = f"could not be reached ({desk.unreached[name]})", "run this command again when it answers"
        raise NotAllowed(
            f"{school.origin.path}: the case holds data in {titles[name]}, which {why}, so nothing there can be read "
            f"or released: {advice}. If the tenant is closed for good, add `--closed {name}`: the case then says that "
            "nothing was read or released there. Nothing was released"
        )


def _may_hold(case: Case) -> frozenset[str]:
    """Return the clouds where a case holds something, or where that is not known."""
    return frozenset(
        provider
        for one in case.people.values()
        for provider, held in one.clouds.items()
        if held.id or held.unread or any(part.standing != HoldStatus.UNAVAILABLE for part in held.parts.values())
    )


def consents(desk: Desk, playbooks: Playbooks, case: Case, who: PersonAccount) -> None:
    """Record that a person who signed in asks for the release; NotAllowed where they have no say in it."""
    rule = PartRule("may_release", posts_of(playbooks, Hold, "data.hold", "may_release"), _OWN, "a release")
    if refusal := objection(desk, rule, case, who, case.consents):
        raise NotAllowed(f"{who.address} cannot release this case: {refusal}. Nothing was released")
    case.consents.append(consent_of(desk, who))
    desk.save()


def consent_of(desk: Desk, who: PersonAccount) -> Consent:
    """Return what the register keeps of a person who signed in."""
    return Consent(by=who.address.casefold(), at=desk.now, verified=who.provider, id=who.id, title=who.title)


def agreed(consents: Sequence[Consent]) -> bool:
    """Say whether enough people asked, each of them as themselves."""
    verified = [one for one in consents if one.verified]
    return len({one.by for one in verified}) >= PEOPLE and len({one.id for one in verified}) >= PEOPLE


def release(desk: Desk, case: Case, closed: str | None) -> None:
    """Let go all that the case holds and no other case does; what fails leaves the case as it is, to be run again."""
    for custodian in case.people.values():
        for provider, held in custodian.clouds.items():
            if provider == closed:
                _give_up(desk, provider, case, custodian)
            elif held.id and provider in desk.connections:
                _let_go(desk, provider, case, custodian)
    failed = any(part.standing in {FAILED, WANTED} for part in parts_of(case))  # wanted: it may have been placed
    if not failed and _may_hold(case) <= {*desk.connections, closed}:
        case.released = desk.now
    desk.save()


def _give_up(desk: Desk, provider: str, case: Case, custodian: Custodian) -> None:
    """Note that nothing was read or released in a tenant that is closed, and expect nothing of the case there."""
    custodian.clouds[provider] = CloudHold(custodian.clouds[provider].id, _CLOSED)
    if not _needed(desk, provider, case, custodian):
        desk.journal.ended(begin(desk, provider, custodian.address, (), waiting=False), None, None)


def _let_go(desk: Desk, provider: str, case: Case, custodian: Custodian) -> None:
    held, holding = custodian.clouds[provider], desk.connections[provider].holding
    held.unread = ""
    marks = desk.marks(provider, custodian.address)
    step = begin(desk, provider, custodian.address, marks, waiting=True)
    for service in reversed(holding.services):
        if service is Service.MAILBOX and _needed(desk, provider, case, custodian):
            held.parts[service] = ServiceRecord(HoldStatus.CONFIRMED, "left on hold: another case needs it", desk.now)
            continue
        person = held.person(custodian.address)
        release = partial(holding.release, case.matter, person, service, since=_held_since(desk, provider, held.id))
        try:
            let_go = read_safely("holds", release)
        except SignInRefused:
            raise
        except ServiceError as error:
            held.parts[service] = ServiceRecord(FAILED, f"could not be released: {error}", desk.now)
        else:
            before = ServiceRecord(HoldStatus.CONFIRMED, "left on hold: it was on hold before this case", desk.now)
            held.parts[service] = ServiceRecord(HoldStatus.ABSENT, "released", desk.now) if let_go else before
    desk.journal.ended(step, None, None)
    desk.save()


def _held_since(desk: Desk, provider: str, key: str) -> datetime:
    """Return when the first case, released or not, held an account."""
    people = (one for case in desk.holds.cases.values() for one in case.people.values())
    return min(one.since for one in people if _held(one, provider).id == key)


def _needed(desk: Desk, provider: str, case: Case, custodian: Custodian) -> bool:
    """Say whether another case wants the mailbox held: it is on hold or not, for whichever case.

    Where the other case has not found the account yet, its address tells.
    """
    people = [one for other in desk.holds.still().values() if other is not case for one in other.people.values()]
    key = custodian.clouds[provider].id
    return any(
        (found := _held(one, provider).id) == key or (not found and one.address == custodian.address) for one in people
    )


def _held(custodian: Custodian, provider: str) -> CloudHold:
    return custodian.clouds.get(provider) or CloudHold()


_OWN = "a person must not release their own hold"


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


def _is_held(desk: Desk, case: Case, signed: KnownPerson) -> Likeness | None:
    """Return why a case may be about a person; a person on hold of whom no cloud has an account tells nothing."""
    people = [who_is_held(desk, one) for one in case.people.values()]
    found = (why for one in people if (why := signed.likeness(one)) and (one.ids or why is not Likeness.UNKNOWN))
    return min(found, key=list(Likeness).index, default=None)


def posts_of(playbooks: Playbooks, sort: type[ControlSettings], control: str, setting: str) -> list[str]:
    """Return the posts that a setting of one control names; UsageError where no playbook has the control."""
    found = [
        entry.settings
        for playbook in playbooks.playbooks
        for entry in playbook.controls
        if isinstance(entry.settings, sort) and entry.mode is not Mode.OFF
    ]
    if not found:
        raise UsageError(f"no playbook says who may do this: write the control {control} with `{setting}`")
    return list(dict.fromkeys(post for settings in found for post in getattr(settings, setting)))
