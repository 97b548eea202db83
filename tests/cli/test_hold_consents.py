"""One person cannot make two: a consent that someone wrote into the register, or moved there, releases nothing."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.cli.test_custody import CUSTODY, DETAILS, POLICE
from tests.cli.test_hold import CASE, DATA_HOLD, PERSON, Office, _release, keeping, signed_by
from tests.cli.test_hold_search import EDISCOVERY
from tests.door import GOOGLE, MICROSOFT, Checkpoint, CommandResult
from tests.emulated import SIGN_IN, Emulator
from toolkit.holds.model import Consent, ConsentEvidence, Holds
from toolkit.holds.register import FILE, Register
from toolkit.ledger.act_kinds import CONSENT
from toolkit.ledger.entries import Action, RunBegan, RunEnded, StepBegan, StepEnded
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.sdk.resource import Address
from toolkit.values import Settings

MANAGER, DEPUTY = "edwin.elmsworth", "beth.birchall"
OTHERS = {MICROSOFT: "2026-C", GOOGLE: "2026-D"}  # cases for which the deputy signed in, in each cloud
QUERY = "subject:(pay)"


@pytest.fixture(scope="module")
def keep_signed(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Office]]:
    """Hold a person for three cases; the manager has really asked for one, the deputy for the others and a search."""
    directory = tmp_path_factory.mktemp("signed")
    with keeping(emulator, directory, confirm=False) as back:
        office = back()
        office.door.write("61-holds.yaml", DATA_HOLD)
        office.door.write("62-ediscovery.yaml", EDISCOVERY.replace("may_ask: [", "may_ask: [Deputy Head Teacher, "))
        for case in OTHERS.values():
            assert office.hold("place", case, "--person", "-", says=f"{office.address(PERSON)}\n").exit == 0
        assert _release(office, MANAGER).exit == 5
        for cloud, case in OTHERS.items():
            assert signed_by(office, DEPUTY, "release", case, "--with", cloud).exit == 5
            asked = signed_by(office, DEPUTY, "search", CASE, "--in", cloud, "--with", cloud, says=f"{QUERY}\n")
            assert asked.exit in {0, 3}, asked.err
        checkpoint = Checkpoint.take(office.door, directory / "signed")
        yield lambda: replace(office, door=checkpoint.restore())


@dataclass(frozen=True)
class Forger:
    """Somebody who has the register's key and the state folder, and nobody's password."""

    office: Office

    @property
    def register(self) -> Register:
        return Register(self.office.door.playbooks, self.office.key)

    def change(self, change: Callable[[Holds], object]) -> None:
        holds = self.register.read()
        change(holds)
        self.register.write(holds)

    def consents(self, case: str = CASE) -> list[Consent]:
        return self.register.read().cases[case].consents

    def agree(self, *consents: Consent) -> None:
        """Write consents into the case, in the place of what was there."""
        self.change(lambda holds: holds.cases[CASE].consents.__setitem__(slice(None), list(consents)))

    def deputy(self, cloud: str) -> Consent:
        """Take the consent that the deputy really gave, to another case."""
        (consent,) = self.consents(OTHERS[cloud])
        return consent

    def mark(self) -> str:
        """Return the fingerprint of what a person agrees to who asks for the release, as toolkit makes it."""
        case = self.register.read().cases[CASE]
        people = sorted(f"{one.address} {one.since.isoformat()}" for one in case.people.values())
        return self.register.fingerprint("consent", "release", CASE, *people)

    def invent(self, cloud: str, *, in_ledger: bool, **claims: object) -> Consent:
        """Invent a consent of the deputy with a key of one's own, and write its entries into the ledger."""
        real = self.deputy(cloud)
        assert real.evidence
        salt, about = "salt", [self.mark()]
        nonce = self.register.fingerprint("nonce", salt, *about)
        said = jwt.decode(real.evidence.token, options={"verify_signature": False})
        said |= {"nonce": nonce, "iat": int(time()), "exp": int(time()) + 3599, **claims}
        key, kid = generate_private_key(public_exponent=65537, key_size=2048), json.loads(real.evidence.key)["kid"]
        public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        text = "{" + f'"e":"{public["e"]}","kid":"{kid}","kty":"RSA","n":"{public["n"]}"' + "}"
        token = jwt.encode(said, key, algorithm="RS256", headers={"kid": kid})
        if in_ledger:
            sent: Settings = {"act": "release", "about": tuple(about), "nonce": _digest(nonce)}
            address = Address(cloud, CONSENT, _digest(nonce)[:32])
            self._record(address, sent, {"token": _digest(token), "key": _digest(text)}, real)
        return replace(real, evidence=ConsentEvidence(token, text, salt, about))

    def _record(self, address: Address, sent: Settings, returned: Settings, real: Consent) -> None:
        run, at = "20260101T000000-forged", real.at
        state = self.office.door.state / "emulator"
        with Ledger(state, redactor=Redactor()) as ledger, Lease(ledger, run=run):
            returned = {**returned, "person": Pseudonyms(ledger).create_pseudonym(real.by)}
            for entry in (
                RunBegan(run=run, at=at, command="hold", target="emulator", tenants={}, version="0", playbooks=""),
                StepBegan(run=run, step=1, at=at, address=address, action=Action.SEND, before=None, sent=sent),
                StepEnded(run=run, step=1, at=at, remote_id=None, name=None, returned=returned),
                RunEnded(run=run, at=at, exit=5, summary={}),
            ):
                ledger.append(entry)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def forger(keep_signed: Callable[[], Office]) -> Forger:
    return Forger(keep_signed())


def _writes(office: Office, after: int) -> list[str]:
    return [one["name"] for request in office.tenant.requests(after) for one in request["operations"]
            if one["write"] and request["service"] not in SIGN_IN]  # fmt: skip


def _refused(forger: Forger, reason: str, *, count: int = 1, case: str = CASE) -> CommandResult:
    """Release the case, and expect that nothing was sent and that the reason is said."""
    office = forger.office
    before, vault = office.tenant.last_request(), office.tenant.objects("google.vaultHolds")

    answer = office.hold("release", case)

    assert (answer.exit, _writes(office, before)) == (5, []), answer.out + answer.err
    assert answer.err.count("\n") == 1, answer.err
    assert reason in answer.err
    assert "Nothing was released" in answer.err
    assert office.mailbox(PERSON)["LitigationHoldEnabled"] is True
    assert office.tenant.objects("google.vaultHolds") == vault
    if count:
        assert str(office.door.playbooks / FILE) in answer.err
        assert sum(not one.verified for one in forger.consents(case)) == count
    assert "eyJ" not in answer.out + answer.err
    return answer


def _plain(consent: Consent) -> Consent:
    return replace(consent, evidence=None)


@pytest.mark.parametrize("cloud", [MICROSOFT, GOOGLE])
def test_two_people_who_really_signed_in_release_a_case(forger: Forger, cloud: str) -> None:
    office = forger.office

    second = signed_by(office, DEPUTY, "release", CASE, "--with", cloud)

    assert second.exit == 0, second.out + second.err
    assert forger.register.read().cases[CASE].released


@pytest.mark.parametrize("cloud", [MICROSOFT, GOOGLE])
def test_two_consents_without_evidence_release_nothing_and_say_what_to_do(forger: Forger, cloud: str) -> None:
    (manager,) = forger.consents()
    forger.agree(_plain(manager), _plain(forger.deputy(cloud)))

    answer = _refused(forger, "there is no evidence of a sign-in", count=2)

    assert "run this command again and ask them to sign in again" in answer.err
    assert "not released: 0 of 2 people have signed in" in forger.office.hold("list").out
    assert _release(forger.office, MANAGER).exit == 5
    second = signed_by(forger.office, DEPUTY, "release", CASE, "--with", cloud)
    assert second.exit == 0, second.err


@pytest.mark.parametrize("cloud", [MICROSOFT, GOOGLE])
def test_a_consent_to_another_case_or_act_releases_nothing(forger: Forger, cloud: str) -> None:
    (manager,) = forger.consents()
    searches = forger.register.read().cases[CASE].searches
    asked = next(search.asked for search in searches if search.cloud == cloud)
    assert asked

    for consent in (forger.deputy(cloud), asked):
        forger.agree(manager, consent)
        _refused(forger, f"{forger.office.address(DEPUTY)}: the sign-in was for something else")


def _evidence(consent: Consent, **changes: Any) -> Consent:
    assert consent.evidence
    return replace(consent, evidence=replace(consent.evidence, **changes))


@pytest.mark.parametrize("cloud", [MICROSOFT, GOOGLE])
def test_evidence_that_was_changed_proves_nothing(forger: Forger, cloud: str) -> None:
    (manager,), deputy = forger.consents(), forger.deputy(cloud)
    own = forger.invent(cloud, in_ledger=False)
    assert manager.evidence
    assert deputy.evidence
    assert own.evidence
    fitted, none = [forger.mark()], "the ledger has no entry for this sign-in"
    other = "the consent differs from the ledger's record of the sign-in"

    for consent, reason in (
        (_evidence(deputy, about=fitted), none),
        (_evidence(deputy, about=[*deputy.evidence.about, *fitted]), none),
        (_evidence(deputy, about=fitted, salt="other"), none),
        (own, none),
        (replace(deputy, evidence=manager.evidence), none if cloud == GOOGLE else other),  # the same person twice
        (replace(manager, verified=cloud, by=deputy.by), none if cloud == GOOGLE else other),
        (replace(manager, evidence=replace(manager.evidence, token=deputy.evidence.token)), other),
        (replace(manager, evidence=replace(manager.evidence, key=own.evidence.key)), other),
        (replace(manager, evidence=replace(manager.evidence, token="")), other),
        (replace(manager, at=manager.at + timedelta(days=1)), other),
        (replace(manager, by=forger.office.address("amara.ashdown")), other),
        (replace(manager, id=deputy.id), "the token belongs to another person"),
    ):
        forger.agree(_plain(deputy), consent)
        _refused(forger, f"{consent.by}: {reason}", count=2)


@pytest.mark.parametrize(
    ("cloud", "claims", "reason"),
    [
        *((cloud, {}, "the stored key is not the key that the provider publishes") for cloud in OTHERS),
        *((cloud, {"aud": "another app"}, "the token is for another app") for cloud in OTHERS),
        *(
            (cloud, {"iss": "https://other.example"}, "the token is from another provider or tenant")
            for cloud in OTHERS
        ),
        *((cloud, {"nonce": "other"}, "the token was issued for another purpose") for cloud in OTHERS),
        (MICROSOFT, {"tid": "other"}, "the token is from another provider or tenant"),
        (GOOGLE, {"hd": "oak-primary.example"}, "the account belongs to oak-primary.example, not to"),
    ],
)
def test_who_writes_the_ledger_too_cannot_sign_as_the_provider(
    forger: Forger, cloud: str, claims: dict[str, object], reason: str
) -> None:
    (manager,) = forger.consents()
    forger.agree(manager, forger.invent(cloud, in_ledger=True, **claims))

    _refused(forger, f"{forger.office.address(DEPUTY)}: {reason}")


def test_one_person_who_signed_in_to_both_clouds_is_one(forger: Forger) -> None:
    (first,) = forger.consents()
    forger.agree()
    assert signed_by(forger.office, MANAGER, "release", CASE, "--with", GOOGLE).exit == 5
    (second,) = forger.consents()
    forger.agree(first, second)  # each real, and put beside the other by hand

    _refused(forger, "a release needs two different people")


def test_consents_end_after_a_week(forger: Forger) -> None:
    (manager,) = forger.consents()
    forger.office.later(hours=24 * 8)

    late = signed_by(forger.office, DEPUTY, "release", CASE)

    assert late.exit == 5, late.out
    assert f"{manager.by}: the sign-in was on " in late.err
    assert "and a sign-in counts for only 7 days. Nothing was released" in late.err
    assert _release(forger.office, MANAGER).exit == 5
    assert _release(forger.office, DEPUTY).exit == 0


def test_a_person_whose_post_or_account_changed_or_who_is_added_to_the_case_releases_nothing(forger: Forger) -> None:
    office = forger.office
    users = office.tenant.objects("users")
    key = next(key for key, row in users.items() if row["userPrincipalName"] == office.address(MANAGER))
    (manager,) = forger.consents()

    for changed, back, reason in (
        ({"jobTitle": "Caretaker"}, {"jobTitle": "School Business Manager"}, "the post is Caretaker"),
        ({"accountEnabled": False}, {"accountEnabled": True}, "the account is disabled"),
    ):
        office.tenant.patch("users", key, **changed)
        forger.agree(manager, _plain(forger.deputy(MICROSOFT)))
        _refused(forger, f"{manager.by}: {reason}", count=2)
        office.tenant.patch("users", key, **back)

    def add(holds: Holds) -> None:
        case = holds.cases[CASE]
        (custodian,) = case.people.values()
        case.people[office.address("gethin.leaver")] = replace(custodian, address=office.address("gethin.leaver"))

    forger.agree(manager, _plain(forger.deputy(MICROSOFT)))
    forger.change(add)
    _refused(forger, f"{manager.by}: the sign-in was for something else, or for other people on hold", count=2)


def test_an_edited_ledger_proves_nothing(forger: Forger) -> None:
    (manager,) = forger.consents()
    forger.agree(manager, replace(manager, by="someone@else.example", id="other"))
    (file,) = (forger.office.door.state / "emulator").glob("ledger.*db*")
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE memory SET at = ? WHERE address LIKE '%.consent[%'", (datetime.now(UTC).isoformat(),))

    _refused(
        forger,
        "the ledger was tampered with, so it cannot prove a sign-in: `toolkit audit verify` shows where",
        count=0,
    )


def test_the_ledger_binds_the_act_before_the_browser_opens_and_names_no_one(forger: Forger) -> None:
    office = forger.office
    with Ledger(office.door.state / "emulator", redactor=Redactor()) as ledger:
        entries = [entry for _, entry in ledger.entries()]
    begun = [one for one in entries if isinstance(one, StepBegan) and one.address.kind == CONSENT]
    kept = b"".join(path.read_bytes() for path in office.door.state.rglob("ledger*") if path.is_file())

    assert [(one.sent or {})["act"] for one in begun] == ["release", "release", "search", "release", "search"]
    assert all(set(one.sent or {}) == {"act", "about", "nonce"} for one in begun)
    ended = {one.step: one for one in entries if isinstance(one, StepEnded) and one.run == begun[0].run}
    returned = ended[begun[0].step].returned or {}
    assert set(returned) == {"token", "key", "person"}
    assert str(returned["person"]).startswith("person-")
    assert b"eyJ" not in kept
    assert CASE.encode() not in kept
    assert "consent" not in office.door("audit", "log").out
    verified = office.door("audit", "verify")
    assert verified.exit == 0, verified.out


@pytest.mark.parametrize("cloud", [MICROSOFT, GOOGLE])
def test_sign_ins_that_have_served_release_nothing_a_second_time(forger: Forger, cloud: str) -> None:
    office = forger.office
    assert signed_by(office, DEPUTY, "release", CASE, "--with", cloud).exit == 0
    forger.change(lambda holds: setattr(holds.cases[CASE], "released", None))
    before = office.tenant.last_request()

    again = office.hold("release", CASE)

    assert again.exit == 5
    assert again.err.count("the sign-in has already been used") == 2
    assert _writes(office, before) == []


def test_consents_that_were_written_into_the_register_hand_no_copy_over(forger: Forger) -> None:
    office = forger.office
    office.door.write("63-custody.yaml", CUSTODY)
    path = office.door.playbooks.parent / "mail.pst"
    path.write_bytes(b"evidence")
    assert office.hold("add", CASE, str(path), *DETAILS, group="custody").exit == 0
    (manager,) = forger.consents()

    def forge(holds: Holds) -> None:
        (copy,) = holds.cases[CASE].copies
        copy.to, copy.releases = POLICE, [manager, forger.deputy(MICROSOFT)]

    forger.change(forge)
    named = office.hold("hand-over", CASE, "1", "--by", "-", says="The Chair\n", group="custody")
    forger.change(forge)
    refused = office.hold("hand-over", CASE, "1", group="custody")

    assert (named.exit, refused.exit) == (5, 5), named.err + refused.err
    assert refused.err.count("the sign-in was for something else") == 2
    assert "Nothing was handed over" in refused.err
    (copy,) = forger.register.read().cases[CASE].copies
    assert (copy.events, [one.verified for one in copy.releases]) == ([], ["", ""])
    assert office.hold("verify", group="custody").exit == 0


def test_a_sign_in_that_does_not_happen_is_recorded_and_gives_no_consent(forger: Forger) -> None:
    def spoilt(location: str) -> str:
        return location.replace("code=", "code=x")

    answer = signed_by(forger.office, DEPUTY, "release", CASE, change=spoilt)

    assert answer.exit == 1
    assert "AADSTS54005" in answer.err
    assert len(forger.consents()) == 1
    assert forger.office.drift()[0] in {0, 3, 4}


@pytest.mark.parametrize("cloud", [MICROSOFT, GOOGLE])
def test_an_export_takes_two_sign_ins_for_it(forger: Forger, cloud: str) -> None:
    office = forger.office
    (manager,) = forger.consents()
    searches = forger.register.read().cases[CASE].searches
    wanted = next(search for search in searches if search.cloud == cloud)

    def forge(holds: Holds) -> None:
        search = next(one for one in holds.cases[CASE].searches if one.hash == wanted.hash)
        assert search.asked
        search.counted, search.estimate = search.counted or search.asked.at, search.estimate or 0
        search.consents = [manager, search.asked]  # to the release, and to the search

    forger.change(forge)
    before = office.tenant.last_request()

    answer = office.hold("export", CASE, "--search", wanted.hash[:12])

    assert (answer.exit, _writes(office, before)) == (5, []), answer.err
    assert answer.err.count("the sign-in was for something else") == 2
    assert "Nothing was exported" in answer.err
