"""No number of a group under ten reaches governors: every count about people, with groups of 1, 9 and 10."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.board_report.school import NOW, POLICY, SCHOOL
from tests.planning.building import address, desired, observed
from toolkit.board_report.plain_language import gap_text, governor_text
from toolkit.board_report.registers import acknowledgement_lines
from toolkit.board_report.requirements import record_lines
from toolkit.controls.data import LeaverHandover, coming_deletions_finding, disabled_accounts_finding
from toolkit.controls.identity import Mfa
from toolkit.controls.legal_holds import holdable_mailboxes_finding
from toolkit.controls.mail_usage import mail_use_finding, no_mailbox_finding
from toolkit.controls.second_factor import (
    FactorPrompt,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
)
from toolkit.planning.change import Field, Update
from toolkit.planning.plan import Plan, rows_for_unknown, to_rows
from toolkit.planning.plan_details import Unknown
from toolkit.planning.plan_states import CHANGED, MATCHING, UNUSED
from toolkit.planning.policy.documents import find_recorded_facts
from toolkit.planning.verdicts.objects import PlanLookup
from toolkit.playbook.load import load
from toolkit.playbook.policy_entries import Evidence
from toolkit.playbook.records import RECORDS, Record
from toolkit.playbook.registers import Acknowledgement, Registers
from toolkit.render.line import row
from toolkit.replies.findings import reply_findings
from toolkit.school.calendar import HalfDay
from toolkit.school.signals import Base, Due, Signals
from toolkit.sdk.directory import Person
from toolkit.sdk.reason import AS_RECORDED, SMALL_GROUP, About, Reason

TODAY, WHY = NOW.date(), AS_RECORDED(text="for a reason")
COUNTS_NO_ONE = re.compile(r"\d{1,2} [A-Z][a-z]+( \d{4})?|\d+ (working )?days?")
"""The numbers of these sentences that count no people: dates and periods."""
REPLIES = """\
playbook: replies
title: Replies
owner: Head Teacher
clauses: [SEC-09]
controls:
  - mail.out_of_office: {for: staff}
  - mail.closure_reply: {mailboxes: [office@example-primary.example], emergency: "1", safeguarding: the council}
"""
Words = Callable[[int, int], Sequence[str]]


def _texts(*reasons: Reason) -> Sequence[str]:
    return [text for reason in reasons for text in (governor_text(reason), gap_text(reason))]


def _signers(count: int, of: int, *, known: bool = True) -> list[Signer]:
    """Return people of whom so many have MFA and are always asked; the others are not, or it is not known."""
    rest = Signer("b", False, FactorPrompt.NEVER) if known else Signer("b", None, None)
    return [*[Signer("a", True, FactorPrompt.ALWAYS)] * count, *[rest] * (of - count)]


def _mfa(count: int, of: int) -> Sequence[str]:
    mfa = Mfa()
    return [
        text
        for people in (_signers(count, of), _signers(count, of, known=False))
        for text in _texts(
            count_registered(mfa, people, unseen=WHY).reason,
            count_enforced(mfa, people, by=WHY).reason,
            administrators_finding(mfa, people).reason,
        )
    ]


def _mail(count: int, of: int) -> Sequence[str]:
    def reason(without: int, unboxed: int) -> Reason:
        last = [TODAY] * count + [None] * (of - count - without - unboxed)
        return mail_use_finding(
            last, missing_from_report=without, without_mailbox=unboxed, working_days=2, as_of=TODAY, calendar=None
        ).reason

    left = of - count
    return _texts(reason(0, 0), reason(left, 0) if count else WHY, reason(0, left) if count else WHY)


def _holds(count: int, of: int) -> Sequence[str]:
    left = of - count
    found = [
        holdable_mailboxes_finding("holds", capable=count, lacking=["Kiosk licence"] * left, without=0, needs="a plan"),
        holdable_mailboxes_finding("holds", capable=count, lacking=[], without=left, needs="a plan"),
    ]
    return _texts(*(finding.reason for finding in found))


def _leavers(count: int, of: int) -> Sequence[str]:
    ends = [("who", TODAY + timedelta(1 if number < count else 20)) for number in range(of)]
    left, wanted = ["who"] * count, LeaverHandover()
    found = disabled_accounts_finding(
        "licences", wanted, of, left, what=AS_RECORDED(text="accounts with a licence"), then="end it"
    )
    return _texts(found.reason, coming_deletions_finding(wanted, ends, TODAY).reason)


def _replies(directory: Path) -> Words:
    for name, text in (("00-school", SCHOOL), ("10-policy", POLICY), ("20-replies", REPLIES)):
        (directory / f"{name}.yaml").write_text(text)
    playbooks = load(directory)
    controls = [entry for playbook in playbooks.playbooks for entry in playbook.controls]

    def words(count: int, of: int) -> Sequence[str]:
        due = tuple(
            Due(Person("a", "a@b.example", "a"), NOW, NOW, HalfDay(TODAY), is_covered=number < count, title="half-term")
            for number in range(of)
        )
        unknown = {str(number): "no mailbox" for number in range(of - count)}
        signals = Signals(due=due, base=Base(of, of, count), unknown=unknown)
        found = reply_findings("microsoft365", playbooks, {entry.identity: signals for entry in controls})
        return _texts(*(each.finding.reason for each in found))

    return words


def _objects(count: int, of: int) -> Sequence[str]:
    """Return what is said of objects that are each a person's own, as a signature is."""
    own = [replace(address(str(number)), label="a person's") for number in range(of)]
    wrong = tuple(
        Update(replace(desired("a"), address=each), observed("a"), (Field("text", None, "a"),)) for each in own[count:]
    )
    unread = tuple(Unknown("cloud.thing", WHY, each) for each in own[count:])
    unused = tuple(Unknown("cloud.thing", WHY, each, is_unused=True) for each in own)
    plans = (
        Plan(rows=(*to_rows(MATCHING, tuple(own[:count])), *to_rows(CHANGED, wrong))),
        Plan(rows=(*to_rows(MATCHING, tuple(own[:count])), *rows_for_unknown(unread))),
    )
    grounds = (
        ground
        for plan in (*plans, Plan(rows=to_rows(UNUSED, unused)))
        for ground in PlanLookup(plan).object_grounds(own, About("signatures"), WHY, NOW)
    )
    return _texts(*(ground.reason for ground in grounds))


def _registers(directory: Path) -> Words:
    (directory / "00-school.yaml").write_text(SCHOOL)
    (directory / "10-policy.yaml").write_text(POLICY)
    clause = replace(load(directory).policy.clauses[0], evidence=(Evidence.ACKNOWLEDGEMENTS,))

    def words(count: int, of: int) -> Sequence[str]:
        entry = Acknowledgement(role="staff", on=TODAY, signed=count, of=of)
        facts = find_recorded_facts(clause, None, Registers(acknowledgements=(entry,)), TODAY)
        counted = row(acknowledgement_lines([entry])[0], "role", "signed", "of", "told")
        return [*_texts(*(fact.reason for fact in facts)), json.dumps(counted)]

    return words


def _records(count: int, of: int) -> Sequence[str]:
    kinds = [name for name, kind in RECORDS.items() if kind.counts_people]
    entries = [Record(record=name, by="Head", on=TODAY, number=count, of=of) for name in kinds]
    return [line.told for line in record_lines(entries, TODAY) if line.record in kinds]


COUNTS: Mapping[str, Words] = {
    "MFA": _mfa,
    "use of mail": _mail,
    "a cloud that no one uses": lambda _, of: _texts(no_mailbox_finding(of).reason),
    "legal holds": _holds,
    "leavers": _leavers,
    "things that are a person's own": _objects,
    "training and requests": _records,
}
FROM_PLAYBOOKS: Mapping[str, Callable[[Path], Words]] = {"replies": _replies, "acknowledgements": _registers}


def _numbers(words: Words, of: int) -> Iterator[tuple[int, str]]:
    for count in range(of + 1):
        yield from ((count, text) for text in words(count, of) if re.search(r"\d", COUNTS_NO_ONE.sub("", text)))


@pytest.fixture(params=[*COUNTS, *FROM_PLAYBOOKS])
def words(request: pytest.FixtureRequest, tmp_path: Path) -> Words:
    """Return the sentences about one count, with so many of so many people."""
    name: str = request.param
    return COUNTS[name] if name in COUNTS else FROM_PLAYBOOKS[name](tmp_path)


@pytest.mark.parametrize("of", [1, SMALL_GROUP - 1])
def test_a_group_under_ten_shows_no_number(words: Words, of: int) -> None:
    assert [*_numbers(words, of)] == []


def test_a_group_of_ten_shows_its_numbers(words: Words, request: pytest.FixtureRequest) -> None:
    unused = "a cloud that no one uses" in request.node.name  # governors read "no one", which is no number

    assert bool([*_numbers(words, SMALL_GROUP)]) is not unused
