"""Signs a person in to consent to one act on a case, and verifies the sign-in later.

The register itself proves nothing, because anyone with its key can write to it. Before the browser opens, a ledger
entry records the act, its subject, and the digest of a nonce that is derived from both. The provider signs the nonce
into the person's token, so the token proves a sign-in for this act only.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from secrets import token_urlsafe

from toolkit.errors import NotAllowed, ToolkitError
from toolkit.holds.model import Consent, ConsentEvidence
from toolkit.holds.session import HoldSession
from toolkit.ledger.act_kinds import CONSENT
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.verify import verify
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.resource import Address
from toolkit.sdk.signed_in import SignInEvidence, UnprovenSignIn

LASTS = timedelta(days=7)
"""How long a consent counts. The providers publish their keys for a few weeks, and people change their minds."""
_SPENT = {"act": "served"}
_SHOWN = 32  # hex digits


@dataclass(frozen=True, slots=True)
class ConsentSubject:
    """The subject of a consent: the act, the case, and details such as people and dates."""

    act: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedPerson:
    """A person who has just signed in, with the evidence of the sign-in."""

    account: PersonAccount
    evidence: ConsentEvidence


def sign_in(
    session: HoldSession, provider: str, subjects: Sequence[ConsentSubject], say: Callable[[str], None]
) -> SignedPerson:
    """Sign a person in to consent to one or several subjects of the same act.

    `say` shows instructions to the person.
    """
    act, about, salt = subjects[0].act, [_subject_hash(session, subject) for subject in subjects], token_urlsafe(32)
    nonce = _derive_nonce(session, salt, about)
    step = session.journal.begin_act(_ledger_address_of_sign_in(provider, nonce), _sign_in_request(act, about, nonce))
    try:
        signed = session.connections[provider].ask_to_sign_in(say, nonce)
    except ToolkitError as error:
        session.journal.record_step_failure(step, type(error).__name__)  # its text may name the person
        raise
    person = Pseudonyms(session.journal.ledger).create_pseudonym(signed.person.address)
    session.journal.record_step_end(step, None, _sign_in_response(signed.evidence, person))
    return SignedPerson(signed.person, ConsentEvidence(signed.evidence.token, signed.evidence.key, salt, about))


def check_ledger(session: HoldSession, untouched: str) -> None:
    """Raise NotAllowed if the ledger was tampered with, because then it cannot prove a sign-in."""
    if not verify(session.journal.ledger).is_sound:
        raise NotAllowed(
            f"the ledger was tampered with, so it cannot prove a sign-in: `toolkit audit verify` shows where. "
            f"{untouched}"
        )


def verify_consent(session: HoldSession, consent: Consent, subject: ConsentSubject) -> PersonAccount:
    """Return the account of the person who signed in for this subject.

    Raise UnprovenSignIn if that cannot be verified.
    """
    kept = consent.evidence
    if kept is None:
        raise UnprovenSignIn(
            "there is no evidence of a sign-in, because this consent was recorded by an older version or not by toolkit"
        )
    if _subject_hash(session, subject) not in kept.about:
        raise UnprovenSignIn("the sign-in was for something else, or for other people on hold")
    nonce = _derive_nonce(session, kept.salt, kept.about)
    evidence = SignInEvidence(kept.token, kept.key)
    _check_entry(session, consent, _sign_in_request(subject.act, kept.about, nonce), evidence, nonce)
    if consent.verified not in session.connections:
        raise session.unreachable.get(consent.verified) or UnprovenSignIn("the school no longer has the tenant")
    account = session.connections[consent.verified].verify_sign_in(evidence, nonce)
    if account.id != consent.id or consent.by not in {account.address.casefold(), *account.known_as}:
        raise UnprovenSignIn("the token belongs to another person")
    return account


def mark_as_used(session: HoldSession, consents: Sequence[Consent]) -> None:
    """Record that consents were used, so that they do not count again if someone writes them back into the register."""
    for consent in consents:
        if consent.verified and (kept := consent.evidence):
            address = _ledger_address_of_sign_in(consent.verified, _derive_nonce(session, kept.salt, kept.about))
            session.journal.record_step_end(session.journal.begin_act(address, _SPENT), None, None)


def _check_entry(
    session: HoldSession,
    consent: Consent,
    request: dict[str, str | tuple[str, ...]],
    evidence: SignInEvidence,
    nonce: str,
) -> None:
    """Raise UnprovenSignIn if a consent differs from the ledger entry written before its sign-in."""
    ledger = session.journal.ledger
    entry = LedgerMemory(ledger).last_state(_ledger_address_of_sign_in(consent.verified, nonce))
    if entry is None:
        raise UnprovenSignIn("the ledger has no entry for this sign-in")
    if entry.sent == _SPENT:
        raise UnprovenSignIn("the sign-in has already been used")
    response = _sign_in_response(evidence, Pseudonyms(ledger).find_pseudonym(consent.by))
    if entry.sent != request or entry.returned != response or entry.at != consent.at:
        raise UnprovenSignIn("the consent differs from the ledger's record of the sign-in")
    if not timedelta() <= session.now - entry.at <= LASTS:
        raise UnprovenSignIn(f"the sign-in was on {day(entry.at)}, and a sign-in counts for only {LASTS.days} days")


def _ledger_address_of_sign_in(provider: str, nonce: str) -> Address:
    return Address(provider, CONSENT, _digest(nonce)[:_SHOWN])


def _sign_in_request(act: str, about: Sequence[str], nonce: str) -> dict[str, str | tuple[str, ...]]:
    return {"act": act, "about": tuple(about), "nonce": _digest(nonce)}


def _sign_in_response(evidence: SignInEvidence, person: str) -> dict[str, str]:
    return {"token": _digest(evidence.token), "key": _digest(evidence.key), "person": person}


def _subject_hash(session: HoldSession, subject: ConsentSubject) -> str:
    return session.register.fingerprint("consent", subject.act, *subject.words)


def _derive_nonce(session: HoldSession, salt: str, about: Sequence[str]) -> str:
    return session.register.fingerprint("nonce", salt, *about)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
