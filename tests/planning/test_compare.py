"""The plan between what is wanted and what was seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from tests.planning.building import Thing, address, desired, observed, origin
from toolkit.planning.change import Change, action_name
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.matching import LastApplied, LedgerObjects
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.planning.plan_states import ACCEPTED_LOOK_ALIKE, LOOK_ALIKE, MATCHING, UNMANAGED
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import EvidenceSemantics, Jobs, Kind, Lifecycle
from toolkit.sdk.mail_semantics import MailSemantics
from toolkit.sdk.permission import Permissions
from toolkit.sdk.reason import AS_RECORDED, admin_text
from toolkit.sdk.resource import Absent, Address, Desired, Handling, Mode, Observed, Remote
from toolkit.sdk.targets import Scale

OF_KIND = "cloud.thing"


def _kind(**known: object) -> Kind[Connection]:
    named = {"name": "thing", "title": "thing", "spec": Thing, "endpoint": None, "reference": ""}
    return Kind(**{**named, "reach": Scale.TENANT, "permissions": Permissions((), ()), **known})  # type: ignore[arg-type]


def _plan(
    wanted: Sequence[Desired | Absent],
    seen: Sequence[Observed] = (),
    *,
    kind: Kind[Connection] | None = None,
    unknown: Sequence[Unknown] = (),
    known: Mapping[Address, LastApplied] | None = None,
    plan_rules: PlanRules | None = None,
) -> Plan:
    there = ObservedState({OF_KIND: seen}, {OF_KIND: [one.remote.id for one in seen]}, unknown)
    return compare(wanted, there, {OF_KIND: kind or _kind()}, known or {}, rules=plan_rules or PlanRules())


def _actions(changes: Sequence[Change]) -> list[str]:
    return [f"{action_name(change)} {change.address.name}" for change in changes]


def test_what_is_missing_is_created_what_differs_changed_and_the_rest_left() -> None:
    wanted = [desired("New", {"text": "a"}), desired("Other", {"text": "a"}), desired("Same", {"text": "a"})]
    seen = [observed("Other", {"text": "b"}), observed("Same", {"text": "a"}), observed("Theirs", {"text": "a"})]

    plan = _plan(wanted, seen)

    assert _actions(plan.changes) == ["create New", "update Other"]
    assert plan.select(MATCHING) == (address("Same"),)
    assert [one.remote.name for one in plan.select(UNMANAGED)] == ["Theirs"]


def test_what_must_not_be_there_is_deleted_and_only_that() -> None:
    absent = [Absent(address("old"), "the exception ended", origin(3)), Absent(address("Gone"), "replaced", origin(4))]

    plan = _plan(absent, [observed("Old"), observed("Theirs")], known={address("old"): LastApplied("<Old>")})

    assert _actions(plan.changes) == ["delete old"]
    assert plan.changes[0].remark == "the exception ended"
    assert [one.remote.name for one in plan.select(UNMANAGED)] == ["Theirs"]


@pytest.mark.parametrize(
    ("is_ours", "touched", "deleted", "refused"),
    [
        (None, ["Old"], [], "neither the ledger nor a marker proves that toolkit created it"),
        (lambda remote: remote.id == "<2>", ["Old"], ["<2>"], ""),
        (lambda remote: remote.id == "<2>", [], [], "it ended, but another ledger manages it, because"),
        (lambda _: False, ["Old"], [], "neither the ledger nor a marker proves that toolkit created it"),
    ],
    ids=["no markers", "our marker on one", "another ledger's", "no marker of ours"],
)
def test_only_what_bears_our_marker_and_is_of_this_ledger_is_deleted_where_its_id_is_not_remembered(
    is_ours: Callable[[Remote], bool] | None, touched: Sequence[str], deleted: Sequence[str], refused: str
) -> None:
    twins = [observed("Old", identifier="<1>"), observed("Old", identifier="<2>")]
    plan_rules = PlanRules(ownership=Ownership(ledger_objects=LedgerObjects([address(name) for name in touched])))

    plan = _plan(
        [Absent(address("Old"), "it ended", origin(3))], twins, kind=_kind(is_ours=is_ours), plan_rules=plan_rules
    )

    assert [getattr(change, "observed").remote.id for change in plan.changes] == deleted  # noqa: B009 - all are deletes
    assert [refused in one.reason for one in plan.refused] == ([True] if refused else [])


@pytest.mark.parametrize(("known", "changes"), [({}, []), ({address("Tag"): LastApplied("<Tag>")}, ["update Tag"])])
def test_an_object_of_our_name_without_our_marker_is_a_look_alike_unless_we_remember_it(
    known: Mapping[Address, LastApplied], changes: Sequence[str]
) -> None:
    kind = _kind(is_ours=lambda _: False)

    plan = _plan([desired("Tag", {"text": "a"})], [observed("Tag", {"text": "b"})], kind=kind, known=known)

    assert _actions(plan.changes) == changes
    assert len(plan.select(LOOK_ALIKE)) == 1 - len(changes)


def test_what_belongs_to_a_protected_person_is_refused_whatever_asks_for_it() -> None:
    kind = _kind(per_person=True, fixed=True)
    account = replace(desired("1"), address=replace(address("1"), label="Breakglass@example.example"))

    plan = _plan([account], [observed("1")], kind=kind, plan_rules=PlanRules(accounts=["breakglass@example.example"]))

    assert plan.changes == ()
    assert "protects" in plan.refused[0].reason


def test_a_kind_that_could_not_be_read_has_no_changes() -> None:
    seen = ObservedState({}, {}, (Unknown(OF_KIND, AS_RECORDED(text="no answer")),))

    plan = compare([desired("New")], seen, {OF_KIND: _kind()}, {}, rules=PlanRules())

    assert plan.changes == ()
    assert [admin_text(unknown.reason) for unknown in plan.unknown] == ["no answer"]


@pytest.mark.parametrize(
    "wanted",
    [
        desired("Broken"),
        desired("BROKEN"),
        desired("New", renamed_from="broken"),
        desired("New", mode=Mode.CHECK, renamed_from="Broken"),
    ],
    ids=["its name", "its name in other letters", "the name that it had", "only checked"],
)
def test_an_object_that_could_not_be_read_is_not_made_anew(wanted: Desired) -> None:
    plan = _plan([wanted], unknown=[Unknown(OF_KIND, AS_RECORDED(text="not valid"), address("Broken"))])

    assert (plan.changes, plan.checked_changes) == ((), ())


@pytest.mark.parametrize(
    "kind",
    [
        _kind(fixed=True),
        _kind(per_person=True, fixed=True),
        _kind(lifecycle=Lifecycle(most=0)),
        _kind(jobs=Jobs(names=frozenset({"job"}), of=lambda _: ["job"])),
    ],
    ids=["fixed", "a person's", "no room", "a look-alike"],
)
def test_nothing_is_said_of_an_object_that_could_not_be_read_but_that(kind: Kind[Connection]) -> None:
    seen = [observed("Theirs")]

    plan = _plan(
        [desired("Broken")], seen, kind=kind, unknown=[Unknown(OF_KIND, AS_RECORDED(text="half"), address("Broken"))]
    )

    assert (plan.changes, plan.refused, plan.select(LOOK_ALIKE)) == ((), (), ())
    assert [admin_text(unknown.reason) for unknown in plan.unknown] == ["half"]


def test_what_could_not_be_read_holds_nothing_else_up() -> None:
    plan = _plan([desired("New")], unknown=[Unknown(OF_KIND, AS_RECORDED(text="not valid"), address("Broken"))])

    assert _actions(plan.changes) == ["create New"]


def test_what_is_only_checked_is_told_apart() -> None:
    wanted = [desired("Other", {"text": "a"}, mode=Mode.CHECK), desired("New", mode=Mode.CHECK)]

    plan = _plan(wanted, [observed("Other", {"text": "b"})])

    assert plan.changes == ()
    assert _actions(plan.checked_changes) == ["update Other", "create New"]


@pytest.mark.parametrize(
    ("handling", "changes", "alike", "left"),
    [
        (Handling(), [], 1, 0),
        (Handling(beside=True), ["create Tag"], 0, 0),
        (Handling(leave=True), [], 0, 1),
        (Handling(adopt="Theirs"), ["update Tag"], 0, 0),
    ],
    ids=["nothing said", "beside", "leave", "adopt"],
)
def test_what_does_the_same_job_is_handled_as_the_playbook_says(
    handling: Handling, changes: Sequence[str], alike: int, left: int
) -> None:
    kind = _kind(jobs=Jobs(names=frozenset({"say"}), of=lambda settings: [f"say: {settings['text']}"]))

    plan = _plan([desired("Tag", {"text": "a"}, handling=handling)], [observed("Theirs", {"text": "a"})], kind=kind)

    assert (_actions(plan.changes), len(plan.select(LOOK_ALIKE)), len(plan.select(ACCEPTED_LOOK_ALIKE))) == (
        changes,
        alike,
        left,
    )


@pytest.mark.parametrize(
    ("kind", "wanted", "seen", "words"),
    [
        (_kind(fixed=True), [desired("New")], [observed("Default")], "it has: Default"),
        (_kind(lifecycle=Lifecycle(most=2)), [desired("New")], [observed("A"), observed("B")], "2 of the 2"),
        (
            _kind(mail=MailSemantics(holds_up=lambda *_: ("dsl@x",))),
            [desired("A", {"text": "a"})],
            [observed("A")],
            "dsl@x",
        ),
        (
            _kind(evidence=EvidenceSemantics(weaker=lambda *_: "kept for less long")),
            [desired("A", {"most": 1})],
            [observed("A")],
            "kept for less",
        ),
    ],
    ids=["fixed", "no room", "protected mail", "evidence"],
)
def test_what_must_not_be_done_is_refused_with_its_reason(
    kind: Kind[Connection], wanted: Sequence[Desired], seen: Sequence[Observed], words: str
) -> None:
    plan = _plan(wanted, seen, kind=kind)

    assert plan.changes == ()
    assert words in plan.refused[0].reason


@pytest.mark.parametrize(("cautious", "text"), [(True, "audit"), (False, "enforce")])
def test_a_new_object_starts_cautiously_where_that_is_asked_for(*, cautious: bool, text: str) -> None:
    kind = _kind(lifecycle=Lifecycle(cautious=lambda settings: {**settings, "text": "audit"}))

    (change,) = _plan([desired("New", {"text": "enforce"})], kind=kind, plan_rules=PlanRules(cautious=cautious)).changes

    assert [field.after for field in getattr(change, "fields")] == [text]  # noqa: B009 - a create has fields
    assert bool(change.remark) is cautious


def test_the_digest_of_a_plan_tells_what_it_rests_on() -> None:
    wanted = [desired("A", {"text": "c"})]
    digests = [
        _plan(wanted, [observed("A", {"text": text}, number)]).digest for text, number in ("a1", "a1", "b1", "a2")
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_what_adopts_an_object_that_could_not_be_read_is_unknown_and_not_refused() -> None:
    unknown = Unknown(OF_KIND, AS_RECORDED(text="its answer could not be understood"), address("theirs"))
    wanted = [desired("Tag", {"text": "a"}, handling=Handling(adopt="Theirs"))]

    plan = _plan(wanted, unknown=[unknown])

    assert plan.changes == ()
    assert plan.refused == ()
    assert plan.unknown == (unknown,)
    assert [one.address.name for one in _plan(wanted).refused] == ["Tag"]
