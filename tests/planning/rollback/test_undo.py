"""What some deeds came to, and the way back from them."""

from typing import Any

import pytest

from tests.planning.building import Thing, address, observed
from toolkit.planning.applied_change import AppliedChange, sum_changes
from toolkit.planning.change import Create, Delete, Move, Update
from toolkit.planning.compare import PlanRules
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.planning.plan_states import CONFLICT, MATCHING
from toolkit.planning.rollback.orphaned_objects import keep_evidence
from toolkit.planning.rollback.rollback_plan import plan_rollback
from toolkit.planning.rollback.run_record import RunRecord
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import EvidenceSemantics, Kind, Lifecycle
from toolkit.sdk.permission import Permissions
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Observed
from toolkit.sdk.targets import Scale
from toolkit.values import Settings

KIND: Any = "cloud.thing"


class _InOrder:
    """An endpoint whose objects stand in an order; nothing here calls it."""

    def read(self) -> None: ...

    create = update = delete = create_at = move = read


def _kind(*, ordered: bool = False, **more: Any) -> Kind[Connection]:
    endpoint: Any = _InOrder() if ordered else None
    return Kind(
        reach=Scale.TENANT,
        name="thing",
        title="thing",
        spec=Thing,
        endpoint=endpoint,
        reference="",
        permissions=Permissions((), ()),
        **more,
    )


def _deed(
    action: str, name: str = "A", before: Settings | None = None, sent: Settings | None = None, **more: Any
) -> AppliedChange:
    returned = {**(before or {}), **(sent or {})}
    told = {"remote_id": f"<{name}>", "returned": returned, "run": "run", **more}
    return AppliedChange(address=address(name), action=action, before=before or {}, sent_settings=sent or {}, **told)


def _plan(
    deeds: list[AppliedChange],
    *there: Observed,
    kind: Kind[Connection] | None = None,
    even: bool = False,
    earlier: tuple[AppliedChange, ...] = (),
    known: dict[str, str] | None = None,
) -> Plan:
    seen = ObservedState({KIND: there}, {KIND: [one.remote.id for one in there]})
    remembered = {address(name): LastApplied(remote_id=identifier) for name, identifier in (known or {}).items()}
    past = RunRecord(run="run", changes=deeds, earlier=earlier, last_applied=remembered)
    return plan_rollback(past, seen, {KIND: kind or _kind()}, PlanRules(), even_if_changed=even)


def _fields(plan: Plan) -> dict[str, object]:
    (change,) = plan.changes
    assert isinstance(change, Update)
    return {one.path: one.after for one in change.fields}


def test_what_was_made_goes_and_what_was_made_and_deleted_is_no_matter() -> None:
    made = [_deed("create", sent={"text": "ours"})]

    (change,) = _plan(made, observed("A", {"text": "ours"})).changes

    assert isinstance(change, Delete)
    assert _plan(made).changes == ()
    assert _plan([*made, _deed("delete", before={"text": "ours"})]).changes == ()


def test_exactly_what_was_changed_gets_what_it_had() -> None:
    deed = _deed("update", before={"text": "old", "most": 3}, sent={"text": "new", "most": 3})

    plan = _plan([deed], observed("A", {"text": "new", "most": 9}))

    assert _fields(plan) == {"text": "old"}
    assert _plan([deed], observed("A", {"text": "old", "most": 3})).changes == ()


def test_of_several_changes_the_first_says_what_was_there() -> None:
    deeds = [
        _deed("update", before={"text": "old"}, sent={"text": "new"}),
        _deed("update", before={"text": "by hand"}, sent={"text": "newer"}),
    ]

    assert _fields(_plan(deeds, observed("A", {"text": "newer"}))) == {"text": "old"}


def test_what_was_given_back_begins_anew() -> None:
    deeds = [
        _deed("update", before={"text": "old"}, sent={"text": "new"}),
        _deed("update", before={"text": "new"}, sent={"text": "old"}),
    ]
    (trace,) = sum_changes(deeds).values()
    again = [*deeds, _deed("update", before={"text": "by hand"}, sent={"text": "new"})]

    assert not trace.can_be_undone
    assert _fields(_plan(again, observed("A", {"text": "new"}))) == {"text": "by hand"}


def test_a_setting_that_somebody_changed_since_is_a_conflict_until_it_is_asked_for() -> None:
    deed = _deed("update", before={"text": "old", "most": 1}, sent={"text": "new", "most": 2})
    there = observed("A", {"text": "by hand", "most": 2})

    plan, forced = _plan([deed], there), _plan([deed], there, even=True)

    assert _fields(plan) == {"most": 1}
    assert [(one.path, one.now, one.after, one.before) for one in plan.select(CONFLICT)] == [
        ("text", "by hand", "new", "old")
    ]
    assert _fields(forced) == {"text": "old", "most": 1}
    assert forced.select(CONFLICT) == ()


@pytest.mark.parametrize(("even", "count"), [(False, 0), (True, 1)])
def test_what_was_made_and_changed_since_goes_only_where_that_is_asked_for(even: bool, count: int) -> None:  # noqa: FBT001
    plan = _plan([_deed("create", sent={"text": "ours"})], observed("A", {"text": "by hand"}), even=even)

    assert len(plan.changes) == count
    assert len(plan.select(CONFLICT)) == 1 - count


def test_others_entries_of_a_shared_list_stay() -> None:
    deed = _deed("update", before={"entries": ("a", "gone")}, sent={"entries": ("a", "ours")})

    plan = _plan([deed], observed("A", {"entries": ("a", "ours", "theirs")}))

    assert _fields(plan) == {"entries": ("a", "gone", "theirs")}
    assert plan.select(CONFLICT) == ()


def test_a_text_is_put_back_in_the_words_that_we_had_sent() -> None:
    first = _deed("update", sent={"html": "<p>ours</p>"}, returned={"html": "<div>ours</div>"}, run="before")
    deed = _deed("update", before={"html": "<div>ours</div>"}, sent={"html": "<p>new</p>"})

    plan = _plan([deed], observed("A", {"html": "<p>new</p>"}), earlier=(first,))

    assert _fields(plan) == {"html": "<p>ours</p>"}


def test_what_was_deleted_is_made_again_unless_one_of_the_name_is_there() -> None:
    deed = _deed("delete", before={"text": "had", "most": None})

    plan = _plan([deed])
    (change,) = plan.changes

    assert isinstance(change, Create)
    assert change.desired.settings == {"text": "had"}
    assert "gets a new id" in change.remark
    again = _plan([deed], observed("A", identifier="other"))
    assert again.changes == ()
    assert "an object with this name exists again" in again.objects_kept[0].reason


def test_a_name_is_put_back_and_an_object_made_again_is_known_by_its_new_id() -> None:
    renamed = _deed("update", "B", before={"text": "t"}, sent={"text": "t"}, was_named="A", remote_id="1")
    changed = _deed("update", before={"text": "old"}, sent={"text": "new"}, remote_id="1")

    plan = _plan([renamed], observed("B", {"text": "t"}, "1"))

    assert _fields(plan) == {"name": "A"}
    assert plan.changes[0].address == address("A")
    assert _fields(_plan([changed], observed("A", {"text": "new"}, "2"), known={"A": "2"})) == {"text": "old"}


def test_what_keeps_evidence_and_what_looked_like_a_secret_is_refused() -> None:
    keeps = _kind(evidence=EvidenceSemantics(weaker=lambda _before, after: "it keeps less" if after is None else None))
    made, secret = _deed("create", sent={"text": "t"}), _deed("delete", before={"text": "key=[redacted]"})

    assert "it keeps less" in _plan([made], observed("A", {"text": "t"}), kind=keeps).refused[0].reason
    assert "the ledger does not keep the value" in _plan([secret]).refused[0].reason


def test_a_value_whose_name_was_forgotten_is_never_put_back_and_is_named() -> None:
    had = _deed("update", before={"text": "to [forgotten]"}, sent={"text": "new"}, remote_id="1")
    left = _deed("update", before={"text": "old"}, sent={"text": "to [forgotten]"}, remote_id="1")

    for deed, now in ((had, "new"), (left, "to ada@school.example")):
        plan = _plan([deed], observed("A", {"text": now}, "1"))
        assert (plan.changes, plan.select(CONFLICT)) == ((), ())
        assert "contained a person's name that was erased" in plan.objects_kept[0].reason


def test_a_withdrawal_keeps_what_keeps_evidence_and_lists_what_would_be_refused() -> None:
    evidence = _kind(
        evidence=EvidenceSemantics(weaker=lambda _before, after: "it keeps less" if after is None else None)
    )
    changed = _deed("update", before={"text": "old"}, sent={"text": "new"}, remote_id="1")
    made = _deed("create", "B", sent={"text": "t"}, remote_id="2")
    there = [observed("A", {"text": "new"}, "1"), observed("B", {"text": "t"}, "2")]
    seen = ObservedState({KIND: there}, {KIND: ["1", "2"]})
    plan = _plan([changed, made], *there, kind=evidence)

    kept = keep_evidence(plan, seen, {KIND: evidence}, {})

    assert (len(plan.changes), len(plan.refused)) == (1, 1)
    assert (kept.changes, kept.refused) == ((), ())
    assert {one.address.name for one in kept.objects_kept} == {"A", "B"}
    assert len(keep_evidence(plan, seen, {KIND: _kind()}, {}).changes) == 1


def test_order_is_put_back_as_it_is_remembered() -> None:
    deeds = [
        _deed("delete", "B", before={"text": "b"}, behind="cloud.thing[A]"),
        _deed("move", "C", behind="cloud.thing[A]"),
        _deed("delete", "D", before={"text": "d"}),
    ]
    there = [observed(name) for name in ("C", "A", "Theirs")]

    plan = _plan(deeds, *there, kind=_kind(ordered=True), known={"A": "<A>", "C": "<C>"})

    order = plan.orders[KIND]
    assert order.desired == ("<A>", "cloud.thing[B]", "cloud.thing[C]", "<Theirs>", "cloud.thing[D]")
    assert [one.address.name for one in plan.changes if isinstance(one, Move)] == ["C"]
    assert [one.address.name for one in plan.changes if "former position in the order is unknown" in one.remark] == [
        "D"
    ]
    assert plan.objects_kept == ()


def test_what_cannot_be_read_is_left_alone() -> None:
    deed = _deed("create", sent={"text": "ours"})
    one = Unknown(KIND, AS_RECORDED(text="refused"), address("A"))
    past = RunRecord(run="run", changes=[deed])
    partly = ObservedState({KIND: [observed("A", {"text": "ours"})]}, {KIND: ["<A>"]}, (one,))

    assert plan_rollback(past, ObservedState({}, {}), {KIND: _kind()}, PlanRules()).changes == ()
    assert plan_rollback(past, partly, {KIND: _kind()}, PlanRules()).changes == ()


def _accounted(plan: Plan) -> list[str]:
    parts = (plan.changes, plan.refused, plan.objects_kept, plan.unknown)
    named = [one.address for part in parts for one in part if one.address]
    return sorted(one.name for one in (*named, *plan.select(MATCHING), *{one.address for one in plan.select(CONFLICT)}))


def test_each_change_of_a_run_is_in_the_plan_once_whatever_became_of_it() -> None:
    deeds = [
        _deed("create", "made", sent={"text": "ours"}),
        _deed("create", "made and gone", sent={"text": "ours"}),
        _deed("create", "made and changed", sent={"text": "ours"}),
        _deed("update", "changed", before={"text": "old"}, sent={"text": "new"}),
        _deed("update", "given back", before={"text": "old"}, sent={"text": "new"}),
        _deed("update", "changed since", before={"text": "old", "most": 1}, sent={"text": "new", "most": 2}),
        _deed("update", "gone", before={"text": "old"}, sent={"text": "new"}),
        _deed("update", "secret", before={"text": "[redacted]"}, sent={"text": "new"}),
        _deed("delete", "deleted", before={"text": "had"}),
        _deed("delete", "made again", before={"text": "had"}),
        _deed("delete", "another", before={"text": "had"}),
        _deed("adopt", "adopted", before={"text": "had"}),
        _deed("move", "moved", behind="first", remote_id="<moved>"),
        _deed("move", "in place", behind=str(address("moved")), remote_id="<in place>"),
    ]
    there = [
        observed("made", {"text": "ours"}),
        observed("made and changed", {"text": "by hand"}),
        observed("changed", {"text": "new"}),
        observed("given back", {"text": "old"}),
        observed("changed since", {"text": "by hand", "most": 9}),
        observed("secret", {"text": "new"}),
        observed("made again", {"text": "had"}, identifier="new"),
        observed("another", {"text": "theirs"}, identifier="theirs"),
        observed("adopted", {"text": "had"}),
        observed("moved"),
        observed("in place"),
    ]

    plan = _plan(deeds, *there, kind=_kind(ordered=True))

    assert _accounted(plan) == sorted(deed.address.name for deed in deeds)
    assert sorted(one.name for one in plan.select(MATCHING)) == sorted(
        ["made and gone", "given back", "made again", "adopted", "in place"]
    )


def test_what_a_rollback_put_back_is_not_called_changed_since_when_the_rollback_is_repeated() -> None:
    together = _kind(lifecycle=Lifecycle(restores=lambda _name, before, _back: {**before, "most": 3}))
    deed = _deed("update", before={"text": "old"}, sent={"text": "new"})
    back = observed("A", {"text": "old", "most": None})
    rewritten = observed("A", {"text": "OLD"})
    seen = ObservedState({KIND: [rewritten]}, {KIND: []})
    past = RunRecord(run="run", changes=[deed], put_back={address("A"): {"text": "OLD"}})

    for plan in (_plan([deed], back, kind=together), plan_rollback(past, seen, {KIND: _kind()}, PlanRules())):
        assert (plan.changes, plan.select(CONFLICT), plan.objects_kept) == ((), (), ())
        assert [one.name for one in plan.select(MATCHING)] == ["A"]


def test_an_object_that_cannot_be_read_is_unknown_under_another_name_too() -> None:
    deed = _deed("create", "A", sent={"text": "ours"})
    unread = Unknown(KIND, AS_RECORDED(text="503"), address("Renamed"))
    seen = ObservedState({KIND: []}, {KIND: ["<A>"]}, unknown=[unread])

    plan = plan_rollback(RunRecord(run="run", changes=[deed]), seen, {KIND: _kind()}, PlanRules())

    assert plan.select(MATCHING) == ()
    assert [one.address for one in plan.unknown] == [address("Renamed"), address("A")]


def test_a_kind_that_the_licence_lacks_by_now_is_refused() -> None:
    seen = ObservedState({}, {}, unavailable={KIND: "not in the licence"})

    plan = plan_rollback(RunRecord(run="run", changes=[_deed("create")]), seen, {KIND: _kind()}, PlanRules())

    assert [(one.address.name, one.reason) for one in plan.refused] == [("A", "not in the licence")]
