"""Files of the policy and of registers: what they may say, what is told of the rest, and what is less than enough."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.door import SAMPLES, ask
from toolkit.board_report.plain_language import governor_text
from toolkit.errors import PlaybookError
from toolkit.planning.misplaced import find_unserved_clauses
from toolkit.planning.policy.documents import find_recorded_facts
from toolkit.planning.policy.facts import find_undecided_clauses
from toolkit.planning.policy.minimums import find_shortfalls
from toolkit.planning.policy.page import find_page_problems, page_fact, read_page
from toolkit.playbook.load import load
from toolkit.playbook.policy_entries import ClauseClass, Evidence
from toolkit.sdk.reason import admin_text

SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: all-staff@example-primary.example}
  leadership: {microsoft365: leadership@example-primary.example}
"""
PLAYBOOK = """\
playbook: rules
clauses: [SYS-10]
controls:
  - web.chat_im_block: {for: staff, block: [category: chat]}
  - identity.password_policy: {for: staff, length: 12}
  - mail.attachment_block: {for: everyone, extensions: [EXE, cmd]}
  - data.retention: {schedule_ref: Schedule 2026, mail: 7 years}
  - web.social_block: {for: staff, block: [facebook, x], allow: [m.facebook.com]}
"""
HEAD = "policy: systems\nsection: Systems\nowner: Head Teacher\nclauses:\n"
CLAUSE = """\
  - clause: SYS-10
    says: No messengers.
    class: settable
    place: {paragraph: 7, begins: Instant messaging}
    controls: [web.chat_im_block, identity.password_policy, mail.attachment_block, data.retention, web.social_block]
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_files(policy: str = HEAD + CLAUSE, *, playbook: str = PLAYBOOK, registers: str = "") -> Path:
        (tmp_path / "00-school.yaml").write_text(SCHOOL)
        (tmp_path / "10-rules.yaml").write_text(playbook)
        (tmp_path / "50-policy.yaml").write_text(policy)
        if registers:
            (tmp_path / "90-registers.yaml").write_text(registers)
        return tmp_path

    return write_files


def _problems(path: Path) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        load(path)
    return [f"{Path(one.path).name}:{one.line}: {one.message}" for one in caught.value.problems]


def _floor(*lines: str) -> str:
    return f"{HEAD}{CLAUSE}    floor:\n" + "".join(f"      - {{{line}}}\n" for line in lines)


def test_the_sample_has_every_clause_once_in_the_numbers_that_it_should() -> None:
    policy = load(SAMPLES).policy

    classes = [clause.of_class for clause in policy.clauses]
    assert {one: classes.count(one) for one in ClauseClass} == {
        ClauseClass.SETTABLE: 31,
        ClauseClass.VISIBLE: 15,
        ClauseClass.SUPPORTED: 41,
        ClauseClass.PEOPLE: 49,
        ClauseClass.UNRATIFIED: 0,
    }
    assert all(len(clause.place.begins.split()) <= 5 for clause in policy.clauses)


WRONG_FLOORS = {
    "a setting that is none": (
        "control: identity.password_policy, setting: lenght, at_least: 8",
        "identity.password_policy has no setting `lenght`: did you mean `length`?",
    ),
    "a number of what is none": (
        "control: web.chat_im_block, setting: block, at_least: 8",
        "`block` of web.chat_im_block is not a number",
    ),
    "a list of what is none": (
        "control: identity.password_policy, setting: length, includes: [x]",
        "`length` of identity.password_policy is not a list",
    ),
    "an app that nobody knows": (
        "control: web.chat_im_block, setting: block, includes: [whatsap]",
        "`block` of web.chat_im_block does not have this entry: unknown app `whatsap`: did you mean `whatsapp`?",
    ),
    "a value that it never has": (
        "control: mail.attachment_block, setting: act, one_of: [reject, bounce]",
        '`act` of mail.attachment_block cannot be "bounce". It must be `reject` or `quarantine`',
    ),
    "a decision on what is always decided": (
        "control: identity.password_policy, setting: strong, decided: true",
        "`strong` of identity.password_policy cannot be left undecided",
    ),
    "a role that is none": (
        "control: web.chat_im_block, covers: stuff",
        "unknown role `stuff`: did you mean `staff`?",
    ),
    "two comparisons": (
        "control: identity.password_policy, setting: length, at_least: 8, at_most: 9",
        "write exactly one of `at_least`, `at_most`, `includes`, `equals`, `one_of`, `covers` or `decided`",
    ),
    "no setting": (
        "control: identity.password_policy, at_least: 8",
        "every comparison except `covers`, which is about people, needs `setting`",
    ),
    "a control of another clause": (
        "control: mail.disclaimer, covers: staff",
        "`mail.disclaimer` is not under `controls`",
    ),
}


@pytest.mark.parametrize(("floor", "message"), WRONG_FLOORS.values(), ids=WRONG_FLOORS.keys())
def test_a_floor_that_cannot_be_compared_is_told_with_its_place(write: Write, floor: str, message: str) -> None:
    (told,) = _problems(write(_floor(floor)))

    assert told.startswith(("50-policy.yaml:11: ", "50-policy.yaml:5: "))
    assert told.endswith(message)


def test_what_nobody_knows_is_told_with_its_place(write: Write) -> None:
    policy = (HEAD + CLAUSE).replace("web.chat_im_block,", "web.chat_im_blok,")
    registers = "registers: all\nincidents:\n  - {clause: SYS-9, what: a virus, on: 2026-10-01}\n"
    registers += "acknowledgements:\n  - {role: stuff, on: 2026-09-07, signed: 3, of: 2}\n"

    playbook = PLAYBOOK.replace("[SYS-10]", "[SYS-10, SYS-11]")
    told = _problems(write(policy + CLAUSE, playbook=playbook, registers=registers))

    assert told == [
        "10-rules.yaml:2: the policy has no clause `SYS-11`: did you mean `SYS-10`?",
        "50-policy.yaml:9: unknown control `web.chat_im_blok`: did you mean `web.chat_im_block`?",
        "50-policy.yaml:10: SYS-10 is also at 50-policy.yaml:5. Keep one of them".replace("at 50", f"at {write()}/50"),
        "90-registers.yaml:3: the policy has no clause `SYS-9`: did you mean `SYS-10`?",
        "90-registers.yaml:5: entry 1 of `acknowledgements`: `signed` (3) is larger than `of` (2)",
    ]


def test_who_leads_on_filtering_is_a_role_and_is_written_once(write: Write) -> None:
    registers = "registers: all\nfiltering_and_monitoring:\n  lead: head@example-primary.example\n"
    (told,) = _problems(write(registers=registers))
    assert told.startswith("90-registers.yaml:3: ")
    assert told.endswith("is an address. Write a role, such as Designated Safeguarding Lead")

    path = write(registers=registers.replace("head@example-primary.example", "Head Teacher"))
    (path / "91-more.yaml").write_text("registers: more\nfiltering_and_monitoring:\n  governor: Link Governor\n")
    (twice,) = _problems(path)
    assert twice.startswith("91-more.yaml:2: `filtering_and_monitoring` is also at ")


def test_a_role_that_is_counted_separately_is_one_of_the_school_file(write: Write) -> None:
    playbook = PLAYBOOK + "  - identity.mfa:\n      for: staff\n      leaders: leadership\n      governors: leadershp\n"

    assert _problems(write(playbook=playbook)) == [
        "10-rules.yaml:12: unknown role `leadershp`: did you mean `leadership`?"
    ]


ENOUGH = {
    "a number": ("control: identity.password_policy, setting: length, at_least: 12", ""),
    "a smaller number": (
        "control: identity.password_policy, setting: length, at_least: 14",
        "identity.password_policy has `length: 12` at {}:5, and the policy requires 14 or more",
    ),
    "a larger number": (
        "control: identity.password_policy, setting: length, at_most: 10",
        "identity.password_policy has `length: 12` at {}:5, and the policy requires 10 or less",
    ),
    "a default": ("control: identity.password_policy, setting: strong, equals: true", ""),
    "another value": (
        "control: identity.password_policy, setting: strong, equals: false",
        "identity.password_policy has `strong: true` at {}:5, and the policy requires `strong: false`",
    ),
    "an app by its category": ("control: web.chat_im_block, setting: block, includes: [whatsapp]", ""),
    "an app of another category": (
        "control: web.chat_im_block, setting: block, includes: [whatsapp, facebook]",
        "web.chat_im_block has `block` without facebook at {}:4, and the policy requires it",
    ),
    "an app that stays open after all": (
        "control: web.social_block, setting: block, includes: [facebook, x]",
        "web.social_block leaves facebook open because of `allow` at {}:8, but the policy requires a block",
    ),
    "entries in other letters": ("control: mail.attachment_block, setting: extensions, includes: [exe]", ""),
    "one of some": ("control: mail.attachment_block, setting: act, one_of: [reject, quarantine]", ""),
    "everyone": ("control: mail.attachment_block, covers: staff", ""),
    "the role itself": ("control: web.chat_im_block, covers: staff", ""),
    "fewer people": (
        "control: web.chat_im_block, covers: everyone",
        "web.chat_im_block has `for: staff` at {}:4, and the policy requires `for: everyone`",
    ),
    "a period": ("control: data.retention, setting: mail, decided: true", ""),
    "no period": (
        "control: data.retention, setting: files, decided: true",
        "`files` of data.retention is undecided at {}:7",
    ),
}


@pytest.mark.parametrize(("floor", "sentence"), ENOUGH.values(), ids=ENOUGH.keys())
def test_what_a_playbook_asks_is_compared_with_what_is_enough(write: Write, floor: str, sentence: str) -> None:
    path = write(_floor(floor))
    playbooks = load(path)

    found = [admin_text(one.reason) for one in find_shortfalls(playbooks.policy.clauses[0], playbooks)]

    assert found == ([sentence.format(path / "10-rules.yaml")] if sentence else [])
    assert list(map(admin_text, find_undecided_clauses(playbooks).values())) == (found if "decided" in sentence else [])


PLAINLY = {
    "identity.password_policy, setting: strong, equals: false": "strong is on, and the policy requires off",
    "identity.password_policy, setting: length, at_least: 14": "length is 12, and the policy requires 14 or more",
    "identity.password_policy, setting: length, at_most: 10": "length is 12, and the policy requires 10 or less",
    "web.chat_im_block, setting: block, includes: [whatsapp, facebook]": (
        "block does not include facebook, and the policy requires it"
    ),
    "web.chat_im_block, setting: block, includes: [facebook, reddit]": (
        "block does not include facebook and reddit, and the policy requires them"
    ),
    "mail.attachment_block, setting: act, one_of: [quarantine]": "act is reject, and the policy requires quarantine",
    "mail.attachment_block, setting: act, equals: quarantine": "act is reject, and the policy requires quarantine",
    "web.chat_im_block, covers: everyone": "it is only for staff, and the policy requires it for everyone",
}


@pytest.mark.parametrize("floor", PLAINLY)
def test_governors_read_a_sentence_for_every_comparison(write: Write, floor: str) -> None:
    playbooks = load(write(_floor(f"control: {floor}")))

    (short,) = find_shortfalls(playbooks.policy.clauses[0], playbooks)

    assert governor_text(short.reason).endswith(f": {PLAINLY[floor]}")


def test_of_two_entries_for_one_control_the_better_one_counts(write: Write) -> None:
    floor = _floor(
        "control: identity.password_policy, setting: length, at_least: 10",
        "control: identity.password_policy, covers: staff",
    )
    playbook = PLAYBOOK + "  - identity.password_policy: {for: leadership, length: 9}\n"
    playbooks = load(write(floor, playbook=playbook))

    assert not list(find_shortfalls(playbooks.policy.clauses[0], playbooks))


def test_a_clause_that_no_playbook_and_no_register_names_is_listed(write: Write) -> None:
    other = CLAUSE.replace("SYS-10", "SYS-11").replace("    controls: ", "    uncovered: ")
    people = "  - {clause: SYS-12, says: x, class: people, place: {paragraph: 1, begins: x}}\n"
    path = write(HEAD + CLAUSE + other + people)

    assert [clause.name for clause in find_unserved_clauses(load(path))] == ["SYS-11"]
    named = write(
        HEAD + CLAUSE + other, registers="registers: all\nattested: [{clause: SYS-11, by: x, on: 2026-09-01}]\n"
    )
    assert not find_unserved_clauses(load(named))


DOCUMENT = """\
document:
  title: The policy
  ratified: 2025-11-11
  review_due: 2026-11-11
  signed_by: Chair of Governors
  signed: 2025-11-12
  versions: [{version: "1", came: first, on: 2025-11-01}]
"""


def _described(document: str) -> str:
    """Write a file of the policy with a document."""
    return document.join(["policy: systems\nsection: Systems\nowner: Head Teacher\n", "clauses:\n" + CLAUSE])


TODAY = date(2026, 11, 10)
BLANKS = {
    "in order": ("", "", []),
    "overdue by a day": (
        "review_due: 2026-11-11",
        "review_due: 2026-11-09",
        ["the review was due on 9 November 2026 and is 1 day late"],
    ),
    "overdue and unsigned": (
        "review_due: 2026-11-11\n  signed_by: Chair of Governors\n  signed: 2025-11-12\n",
        "review_due: 2026-05-18\n",
        [
            "the review was due on 18 May 2026 and is 5 months late",
            "the copy is unsigned: who signed it and the date of signing are blank",
        ],
    ),
    "put off for longer than a year": (
        "review_due: 2026-11-11",
        "review_due: 2035-11-11",
        ["the next review is due on 11 November 2035, more than a year after the policy was ratified"],
    ),
    "put off for as long as the policy allows": (
        "review_due: 2026-11-11",
        "review_due: 2027-11-11\n  review_every_months: 24",
        [],
    ),
    "ratified on a day to come": (
        "ratified: 2025-11-11\n  review_due: 2026-11-11\n  signed_by: Chair of Governors\n  signed: 2025-11-12",
        "ratified: 2026-11-11\n  review_due: 2027-11-11\n  signed_by: Chair of Governors\n  signed: 2026-11-11",
        ["the date of ratification, 11 November 2026, is in the future"],
    ),
    "signed on a date that is still to come": (
        "signed: 2025-11-12",
        "signed: 2026-11-11",
        ["the date of signing, 11 November 2026, is in the future"],
    ),
    "signed before it was ratified": (
        "signed: 2025-11-12",
        "signed: 2024-11-12",
        ["the signature is dated 12 November 2024, before the policy was ratified on 11 November 2025"],
    ),
    "a version without its day": (", on: 2025-11-01", "", ["version 1 has no date in the list of versions"]),
}


@pytest.mark.parametrize(("there", "instead", "told"), BLANKS.values(), ids=BLANKS.keys())
def test_what_is_overdue_or_blank_in_the_document_is_said(
    write: Write, there: str, instead: str, told: list[str]
) -> None:
    assert there in DOCUMENT

    playbooks = load(write(_described(DOCUMENT.replace(there, instead))))

    assert list(map(admin_text, find_page_problems(read_page(playbooks, TODAY), TODAY))) == told


def test_a_review_before_the_ratification_is_refused_at_the_line_of_its_date(write: Write) -> None:
    path = write(_described(DOCUMENT.replace("review_due: 2026-11-11", "review_due: 2025-01-11")))
    (line,) = [
        number for number, text in enumerate((path / "50-policy.yaml").read_text().splitlines(), 1) if "_due" in text
    ]

    answered = ask("validate", path)

    message = "`document.review_due`: 2025-01-11 comes before 2025-11-11, the day in `ratified`"
    assert (answered.exit, answered.err.splitlines()[0]) == (2, f"{path}/50-policy.yaml:{line}: {message}")


def test_a_decided_review_before_the_decided_ratification_is_refused_at_its_line(write: Write) -> None:
    path = write(_described(DOCUMENT))
    (path / "05-decisions.yaml").write_text(DECISIONS.replace("review_due: 2027-10-13", "review_due: 2026-10-13"))

    (problem,) = _problems(path)

    assert problem.startswith("05-decisions.yaml:5: ")
    assert problem.endswith("2026-10-13 comes before 2026-10-14, the day in `ratified_on`")


def test_playbooks_that_do_not_describe_the_document_are_told_so() -> None:
    assert list(map(admin_text, find_page_problems(None, TODAY))) == [
        "the playbooks do not say when the policy was ratified: add `document:` to a file of the policy"
    ]


ON_FILE = {
    "approvals": ("approvals: [{clause: SYS-10, what: an app, by: Head Teacher, on: 2026-09-01}]", "holds"),
    "approvals of long ago": ("approvals: [{clause: SYS-10, what: an app, by: Head Teacher, on: 2025-09-01}]", "open"),
    "incidents": ("incidents: [{clause: SYS-10, what: a virus, on: 2026-11-01}]", "holds"),
    "incidents that stay open": ("incidents: [{clause: SYS-10, what: a virus, on: 2026-10-01}]", "fails"),
    "acknowledgements": ("acknowledgements: [{role: staff, on: 2026-09-01, signed: 46, of: 46}]", "holds"),
    "acknowledgements of some": ("acknowledgements: [{role: staff, on: 2026-09-01, signed: 44, of: 46}]", "in part"),
    "attested": ("attested: [{clause: SYS-10, by: Head Teacher, on: 2026-09-01}]", "holds"),
    "attested until too long ago": (
        "attested: [{clause: SYS-10, by: Head Teacher, on: 2025-09-01, until: 2026-11-09}]",
        "open",
    ),
}


@pytest.mark.parametrize("case", ON_FILE)
def test_what_is_on_file_counts_for_as_long_as_it_does(write: Write, case: str) -> None:
    written, verdict = ON_FILE[case]
    evidence = f"    evidence: [{case.split(maxsplit=1)[0]}]\n"
    playbooks = load(write(HEAD + CLAUSE + evidence, registers=f"registers: all\n{written}\n"))
    (clause,) = playbooks.policy.clauses

    (fact,) = find_recorded_facts(clause, None, playbooks.registers, date(2026, 11, 10))

    assert str(fact.verdict) == verdict


def test_where_a_register_has_nothing_somebodys_word_counts_and_the_operators_is_called_that(write: Write) -> None:
    word = "registers: all\nattested: [{clause: SYS-10, by: Technician, on: 2026-09-01, operator: true}]\n"
    playbooks = load(write(f"{HEAD}{CLAUSE}    evidence: [incidents]\n", registers=word))

    (fact,) = find_recorded_facts(playbooks.policy.clauses[0], None, playbooks.registers, date(2026, 11, 10))

    assert admin_text(fact.says) == "confirmed by Technician, who also runs toolkit, on 1 September 2026"


def test_a_part_that_no_cloud_has_is_told(write: Write) -> None:
    path = write(f"{HEAD}{CLAUSE}    parts: {{data.retention: [mails]}}\n")

    answered = ask("validate", path)

    assert answered.exit == 2
    assert answered.err.startswith(f"{path}/50-policy.yaml:5: SYS-10: data.retention has no part `mails`: did you mean")


DECISIONS = """\
decisions: all
decided:
  - {decision: C4, value: undecided}
  - decision: C22
    value: {version: "2", ratified_on: 2026-10-14, review_due: 2027-10-13, signed_by_role: Chair of Governors}
    by: Governing board
    on: 2026-10-14
"""


def test_a_clause_waits_for_its_decision_and_the_document_is_as_was_decided_since(write: Write) -> None:
    path = write(_described(DOCUMENT))
    before = load(path)
    (path / "05-decisions.yaml").write_text(DECISIONS)
    after = load(path)

    assert not find_undecided_clauses(before)
    assert admin_text(find_undecided_clauses(after)["SYS-10"]).startswith("C4 has not been decided: ")
    today = date(2026, 11, 13)
    own, decided = read_page(before, today), read_page(after, today)
    assert own
    assert decided
    problems = list(map(admin_text, find_page_problems(own, today)))
    assert problems == ["the review was due on 11 November 2026 and is 2 days late"]
    assert admin_text(own.says) == "the policy document"
    assert (decided.version, decided.ratified_on, decided.review_due) == ("2", date(2026, 10, 14), date(2027, 10, 13))
    assert (
        admin_text(decided.says)
        == admin_text(page_fact(Evidence.REVIEW, decided, today).says)
        == "decided by Governing board on 14 October 2026"
    )
    assert list(map(admin_text, find_page_problems(decided, today))) == [
        "the signature is dated 12 November 2025, before the policy was ratified on 14 October 2026",
        "version 2 is not in the list of versions",
    ]
    assert read_page(after, date(2026, 10, 13)) == own


def test_a_decision_that_tells_of_no_later_ratification_leaves_the_document_as_it_is(write: Write) -> None:
    path = write(_described(DOCUMENT))
    same = DECISIONS.replace("2026-10-14, review_due: 2027-10-13", "2025-11-11, review_due: 2026-11-11")
    (path / "05-decisions.yaml").write_text(same)

    page = read_page(load(path), TODAY)

    assert page
    assert (admin_text(page.says), page.signed_by) == ("the policy document", "Chair of Governors")
