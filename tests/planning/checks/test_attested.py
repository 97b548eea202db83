"""What people confirmed is compared with what they have to confirm."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from toolkit.controls.control import ControlSettings
from toolkit.errors import PlaybookError, UsageError
from toolkit.planning.checks.attestation_findings import judge_confirmations
from toolkit.planning.checks.findings import ControlFinding, find_control_problems, select_findings
from toolkit.planning.expand import Expansion
from toolkit.planning.misplaced import refuse_misplaced_confirmations
from toolkit.planning.plan_details import RealisedControl, Unknown
from toolkit.playbook.attestations import Attestation
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.school.school import ProtectedList, Role, School, Tenant
from toolkit.sdk.check import Status
from toolkit.sdk.directory import Directory
from toolkit.sdk.part import Level, Part, Realisation
from toolkit.sdk.reason import AS_RECORDED, admin_text
from toolkit.sdk.resource import Mode, Origin

TODAY = date(2026, 11, 10)
FOOTER = Part(name="append footer", level=Level.MANUAL, covers="the footer of mail", reason="set it in the console")
RULE = Part(name="mail rule", level=Level.ENFORCED, covers="the rule")
VAULT = Part(name="keep mail", level=Level.UNAVAILABLE, covers="mail that is kept", reason="the licence has no Vault")


def _attestation(
    on: str = "2026-09-07",
    until: str = "2027-09-06",
    *,
    part: str = "append footer",
    control: str = "mail.disclaimer",
    operator: bool = False,
) -> Attestation:
    return Attestation(
        control=control,
        provider="cloud",
        part=part,
        by="Head Teacher",
        on=date.fromisoformat(on),
        until=date.fromisoformat(until),
        operator=operator,
    ).place(Origin("a.yaml", 3), {"control": 3, "provider": 4, "part": 5, "by": 6, "on": 7})


def _realised(*parts: Part, control: str = "mail.disclaimer", clauses: Sequence[str] = ("EML-18",)) -> RealisedControl:
    return RealisedControl(control, "cloud", tuple(clauses), Realisation(parts))


def _entry(control: str = "mail.disclaimer", *, mode: Mode = Mode.ENFORCE, audience: str = "staff") -> ControlEntry:
    return ControlEntry(
        name=control,
        settings=ControlSettings(audience=audience),
        origin=Origin("10-x.yaml", 3),
        lines={},
        mode=mode,
        playbook="x",
        read=ControlSettings.model_validate,
    )


def _playbooks(
    *attestations: Attestation, entries: Sequence[ControlEntry] = (_entry(audience="everyone"),)
) -> Playbooks:
    school = School(
        name="Example Primary School",
        short_name="EPS",
        domains=("example-primary.example",),
        time_zone="Europe/London",
        tenants={"cloud": Tenant("1", "example-primary.example")},
        roles={"staff": Role("staff")},
        protected=ProtectedList(),
        mode=Mode.ENFORCE,
        phone=None,
        website=None,
        origin=Origin("00-school.yaml", 1),
    )
    playbook = Playbook(
        slug="x",
        title="X",
        owner=None,
        clauses=("GEN-08",),
        mode=Mode.ENFORCE,
        path="10-x.yaml",
        controls=tuple(entries),
        resources=(),
    )
    return Playbooks(school=school, playbooks=(playbook,), attestations=attestations, digest="", root=Path(), others={})


def _attested_findings(
    playbooks: Playbooks, *controls: RealisedControl, unknown: Sequence[Unknown] = ()
) -> Sequence[ControlFinding]:
    return list(
        find_control_problems(
            "cloud", playbooks, Expansion((), controls, tuple(unknown)), Directory(), TODAY, people_at_last_apply={}
        )
    )


HOW_IT_STANDS = {
    "never": ([], Status.MANUAL, "not confirmed yet: set it in the console"),
    "live": ([_attestation()], Status.PASS, "confirmed by Head Teacher on 7 September 2026, until 6 September 2027"),
    "confirmed today": ([_attestation("2026-11-10")], Status.PASS, "confirmed by Head Teacher on 10 November 2026"),
    "on its last day": ([_attestation(until="2026-11-10")], Status.PASS, "confirmed by Head Teacher on 7 September"),
    "the day after": (
        [_attestation(until="2026-11-09")],
        Status.FAIL,
        "overdue by 1 day: confirmed by Head Teacher on",
    ),
    "long ago": (
        [_attestation("2025-09-08", "2026-09-07")],
        Status.FAIL,
        "overdue by 64 days: confirmed by Head Teacher on 8 September 2025, until 7 September 2026",
    ),
    "renewed": (
        [_attestation(), _attestation("2025-09-07", "2026-09-06")],
        Status.PASS,
        "confirmed by Head Teacher on",
    ),
    "by the operator": (
        [_attestation(operator=True)],
        Status.PASS,
        "confirmed by Head Teacher, who also runs toolkit, on 7 September 2026, until",
    ),
    "tomorrow": (
        [_attestation("2026-11-11")],
        Status.FAIL,
        "confirmed by Head Teacher on 11 November 2026, but this date is in the future",
    ),
}


@pytest.mark.parametrize(("attestations", "status", "reason"), HOW_IT_STANDS.values(), ids=HOW_IT_STANDS)
def test_a_manual_part_stands_as_people_confirmed_it(
    attestations: Sequence[Attestation], status: Status, reason: str
) -> None:
    finding, _ = judge_confirmations(FOOTER, attestations, TODAY)

    assert (finding.subject, finding.status) == ("append footer", status)
    assert admin_text(finding.reason).startswith(reason)


def test_what_is_overdue_says_what_to_do_and_where() -> None:
    _, advice = judge_confirmations(FOOTER, [_attestation("2025-09-08", "2026-09-07")], TODAY)

    assert advice == "check again and write the new dates at a.yaml:7"


def test_a_finding_carries_what_it_rests_on() -> None:
    finding, _ = judge_confirmations(FOOTER, [_attestation()], TODAY)

    assert finding.evidence == {
        "by": "Head Teacher",
        "on": "2026-09-07",
        "until": "2027-09-06",
        "operator": False,
        "note": None,
        "origin": "a.yaml:3",
    }


def test_each_part_that_no_run_looks_at_is_a_finding() -> None:
    found = _attested_findings(_playbooks(_attestation()), _realised(RULE, FOOTER, VAULT))

    assert [(one.finding.subject, one.finding.status, one.clauses) for one in found] == [
        ("append footer", Status.PASS, ("EML-18",)),
        ("keep mail", Status.UNAVAILABLE, ("EML-18",)),
    ]
    assert admin_text(found[1].finding.reason) == "the licence has no Vault"


def test_a_control_that_is_asked_for_twice_is_one_finding_with_the_clauses_of_both() -> None:
    found = _attested_findings(_playbooks(), _realised(FOOTER), _realised(FOOTER, clauses=["EML-18", "GEN-08"]))

    assert [(one.finding.subject, one.clauses) for one in found] == [("append footer", ("EML-18", "GEN-08"))]


def test_an_attestation_of_another_control_or_cloud_says_nothing() -> None:
    found = _attested_findings(_playbooks(_attestation(control="mail.tag")), _realised(FOOTER))

    assert [one.finding.status for one in found] == [Status.MANUAL]


def test_a_control_for_people_who_are_not_known_is_unknown_with_the_reason() -> None:
    found = _attested_findings(_playbooks(entries=[_entry()]), _realised(RULE))

    assert [(one.control, one.finding.subject, one.finding.status) for one in found] == [
        ("mail.disclaimer", "for whom", Status.UNKNOWN)
    ]
    assert admin_text(found[0].finding.reason) == "the school file has no cloud group for the role 'staff'"


def test_a_control_that_could_not_be_realised_is_unknown_and_has_the_clauses_of_its_playbook() -> None:
    unknown = Unknown("mail.disclaimer", AS_RECORDED(text="the group has no mail address"), provider="cloud")
    found = _attested_findings(_playbooks(), unknown=[unknown])

    assert [(one.finding.status, admin_text(one.finding.reason), one.clauses) for one in found] == [
        (Status.UNKNOWN, "the group has no mail address", ("GEN-08",))
    ]


def test_a_control_that_is_off_is_not_asked_about() -> None:
    off = _playbooks(_attestation(), entries=[_entry(mode=Mode.OFF)])

    unknown = Unknown("mail.disclaimer", AS_RECORDED(text="the group has no mail address"), provider="cloud")
    assert _attested_findings(off, unknown=[unknown]) == []
    refuse_misplaced_confirmations(off, [])


def test_what_is_not_known_of_a_control_on_another_cloud_is_not_told_of_this_one() -> None:
    unknown = Unknown("mail.disclaimer", AS_RECORDED(text="the group is empty"), provider="other")

    assert _attested_findings(_playbooks(), unknown=[unknown]) == []


def test_the_findings_of_some_controls_are_asked_for_by_name() -> None:
    playbooks = _playbooks(entries=[_entry(audience="everyone"), _entry("mail.tag", audience="everyone")])
    found = _attested_findings(playbooks, _realised(FOOTER), _realised(FOOTER, control="mail.tag"))

    assert [one.control for one in select_findings(found, playbooks, ["mail.tag"])] == ["mail.tag"]
    assert len(select_findings(found, playbooks, [])) == 2
    with pytest.raises(UsageError, match=r"--only mail\.tga: no control .* did you mean `mail\.tag`\?"):
        select_findings(found, playbooks, ["mail.tga"])


MISPLACED = {
    "a misspelt part": (
        _attestation(part="append foter"),
        "a.yaml:5: mail.disclaimer on cloud has no part `append foter` to confirm: did you mean `append footer`?",
    ),
    "no part at all": (
        _attestation(part="x"),
        "a.yaml:5: mail.disclaimer on cloud has no part `x` to confirm: there is `append footer`",
    ),
    "a part that a run sees to": (
        _attestation(part="mail rule"),
        (
            "a.yaml:5: `mail rule` of mail.disclaimer on cloud is enforced, so no one needs to confirm it. "
            "Confirm `append footer` instead"
        ),
    ),
}


@pytest.mark.parametrize(("attestation", "problem"), MISPLACED.values(), ids=MISPLACED)
def test_an_attestation_of_what_nobody_has_to_confirm_is_refused(attestation: Attestation, problem: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        refuse_misplaced_confirmations(_playbooks(_attestation(), attestation), [_realised(RULE, FOOTER)])

    assert str(caught.value) == problem


def test_an_attestation_of_a_control_that_leaves_nothing_to_people_is_refused() -> None:
    with pytest.raises(PlaybookError, match=r"a\.yaml:5: mail\.disclaimer on cloud has no manual part, so delete"):
        refuse_misplaced_confirmations(_playbooks(_attestation()), [_realised(RULE, VAULT)])


def test_an_attestation_on_a_cloud_that_was_not_looked_at_is_left_alone() -> None:
    refuse_misplaced_confirmations(_playbooks(_attestation()), [])
