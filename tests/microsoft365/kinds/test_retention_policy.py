"""Retention policies: made whole, never weakened by a run, known again under another name, and never guessed at."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.retention_policy import KIND
from tests.cases import newest, playbook, resource, writes
from tests.door import CommandResult, Door
from tests.emulated import Tenant
from toolkit.errors import Rejected
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body, Settings, entries

POLICIES, RULES = "compliance.retentionPolicies", "compliance.retentionRules"
OF_KIND = "microsoft365.retention_policy"
SEEDED = "Staff mail 7 years"
OURS = "School retention: office"
OFFICE, HEAD = "office@example-primary.example", "head@example-primary.example"
FILES: Mapping[str, Any] = {"files": "all", "keep_days": 2555}
UNLESS = "unless another policy or a legal hold keeps it"
COMMAND = "Only `toolkit retention start 'Staff mail 7 years'` may do that"
NEW_POLICY, NEW_RULE = "New-RetentionCompliancePolicy", "New-RetentionComplianceRule"
SET_POLICY, SET_RULE = "Set-RetentionCompliancePolicy", "Set-RetentionComplianceRule"


def _ask(door: Door, name: str = OURS, **settings: object) -> None:
    door.write("10-retention.yaml", playbook(resource(OF_KIND, name, settings)))


def _apply(door: Door) -> CommandResult:
    answer = door.toolkit("apply", "--yes")
    assert answer.exit == 0, answer.out + answer.err
    return answer


def _stored(tenant: Tenant, name: str = OURS) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the one policy of a name with its one rule."""
    (policy,) = [body for body in tenant.objects(POLICIES).values() if body["Name"] == name]
    (rule,) = [body for body in tenant.objects(RULES).values() if body["Policy"] == policy["Guid"]]
    return policy, rule


def _by_hand(tenant: Tenant, name: str = SEEDED, *, policy: Body | None = None, rule: Body | None = None) -> None:
    """Change a policy and its rule as somebody at the portal would."""
    before, its = _stored(tenant, name)
    tenant.put(POLICIES, before["Guid"], {**before, **(policy or {})})
    tenant.put(RULES, its["Guid"], {**its, **(rule or {})})


def _names(policy: Mapping[str, Any], place: str) -> list[str]:
    return [one["Name"] for one in policy[f"{place}Location"]]


def test_a_policy_is_made_with_its_rule_and_deletes_nothing(bare_door: Door) -> None:
    _ask(bare_door, **FILES)
    before = newest(bare_door)

    _apply(bare_door)

    policy, rule = _stored(bare_door.tenant)
    assert writes(bare_door, before) == [NEW_POLICY, NEW_RULE]
    assert (policy["Enabled"], _names(policy, "OneDrive"), policy["RestrictiveRetention"]) == (True, ["All"], False)
    assert policy["Comment"] == "Managed by toolkit from the school's playbooks."
    assert (rule["RetentionDuration"], rule["RetentionComplianceAction"]) == ("2555", "Keep")


def test_a_policy_is_locked_when_it_is_whole(bare_door: Door) -> None:
    _ask(bare_door, **FILES, locked=True)
    before = newest(bare_door)

    _apply(bare_door)

    assert writes(bare_door, before) == [NEW_POLICY, NEW_RULE, SET_POLICY]
    assert _stored(bare_door.tenant)[0]["RestrictiveRetention"] is True


def test_a_policy_that_is_there_is_locked_after_every_other_change(bare_door: Door) -> None:
    _ask(bare_door, **FILES)
    _apply(bare_door)
    _ask(bare_door, files="all", sites="all", keep_days="unlimited", locked=True)
    before = newest(bare_door)

    _apply(bare_door)

    policy, rule = _stored(bare_door.tenant)
    assert writes(bare_door, before) == [SET_POLICY, SET_RULE, SET_POLICY]
    assert (policy["RestrictiveRetention"], rule["RetentionDuration"]) == (True, "Unlimited")


def test_a_lock_that_nobody_asks_for_stays_and_is_no_difference(bare_door: Door) -> None:
    _ask(bare_door, **FILES, locked=True)
    _apply(bare_door)
    _ask(bare_door, **FILES)

    assert bare_door.toolkit("plan").exit == 0


def test_a_policy_without_its_rule_gets_it_from_the_next_run(bare_door: Door) -> None:
    _ask(bare_door, **FILES)
    bare_door.tenant.fault("refused", NEW_RULE)
    first = bare_door.toolkit("apply", "--yes")
    bare_door.tenant.disarm()
    pending = bare_door.toolkit("plan")
    before = newest(bare_door)

    _apply(bare_door)

    assert (first.exit, pending.exit, writes(bare_door, before)) == (1, 3, [NEW_RULE])
    assert _stored(bare_door.tenant)[1]["RetentionDuration"] == "2555"


@pytest.mark.parametrize("cmdlet", [NEW_POLICY, NEW_RULE])
def test_what_was_made_without_an_answer_is_not_made_again(bare_door: Door, cmdlet: str) -> None:
    _ask(bare_door, **FILES)
    bare_door.tenant.fault("dropped_after", cmdlet)

    _apply(bare_door)

    assert [len(bare_door.tenant.objects(name)) for name in (POLICIES, RULES)] == [2, 2]
    _stored(bare_door.tenant)


def test_only_what_is_added_and_taken_away_is_sent(connection: Microsoft365, tenant: Tenant) -> None:
    KIND.endpoint.create(connection, OURS, {"ExchangeLocation": [OFFICE], "RetentionDuration": 30})
    places: list[list[str]] = []
    for wanted in ([OFFICE, HEAD], ["all"], [HEAD]):
        (seen,) = KIND.endpoint.read(connection, NamedOnly(frozenset({OURS})))
        assert isinstance(seen, Remote)
        KIND.endpoint.update(connection, seen, OURS, {"ExchangeLocation": wanted})
        places.append(_names(_stored(tenant)[0], "Exchange"))

    assert places == [[OFFICE, HEAD], ["All"], [HEAD]]


WEAKER = {
    "shorter": ({"mail": "all", "keep_days": 2554}, "the policy would keep items for 2554 days instead of 2555 days"),
    "off": ({"enabled": False}, "items that the policy keeps for 2555 days would no longer be kept"),
    "narrower": ({"mail": [OFFICE]}, "the policy would keep less of mail than it does at present"),
    "with people left out": ({"mail_except": [OFFICE]}, "mail_except would exclude more"),
    "with a query": ({"only_matching": "subject:trip"}, "the policy would keep only items that a query finds"),
    "deleting in the end": (
        {"action": "keep_and_delete"},
        f"the policy would permanently delete mail older than 2555 days, in every mailbox, {UNLESS}",
    ),
    "deleting alone": ({"action": "delete"}, "would no longer be kept"),
}


WHOSE = {
    "mail": ("every mailbox", "1 mailbox", "2 mailboxes"),
    "files": ("every OneDrive", "1 OneDrive", "2 OneDrives"),
    "sites": ("every site", "1 site", "2 sites"),
    "groups": ("every group", "1 group", "2 groups"),
    "teams_chats": ("everyone's chats", "1 person's chats", "2 people's chats"),
    "teams_channels": ("every team", "1 team", "2 teams"),
}


@pytest.mark.parametrize("place", WHOSE)
def test_a_deletion_says_of_how_many_it_is(place: str) -> None:
    deleting: Settings = {"enabled": True, "keep_days": 30, "action": "delete", "from": "created"}

    said = [
        str(KIND.evidence.weaker(None, {**deleting, place: whose}))
        for whose in (("all",), ("a@x.example",), ("a@x.example", "b@x.example"))
    ]

    assert [text.partition(" days, in ")[2].partition(f", {UNLESS}")[0] for text in said] == list(WHOSE[place])


WRITTEN: Settings = {"enabled": True, "mail": ("all",), "mail_except": None, "keep_days": 2555, "action": "keep",
           "from": "created", "only_matching": None}  # fmt: skip


@pytest.mark.parametrize(("wanted", "reason"), WEAKER.values(), ids=WEAKER)
def test_each_way_to_weaken_a_policy_is_named(wanted: Mapping[str, Any], reason: str) -> None:
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in wanted.items()}

    assert reason in str(KIND.evidence.weaker(WRITTEN, {**WRITTEN, **lists}))


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        pytest.param(*case, id=name, marks=() if name in {"shorter", "deleting in the end"} else pytest.mark.soak)
        for name, case in WEAKER.items()
    ],
)
def test_a_run_never_weakens_a_policy_and_names_what_may(
    bare_door: Door, wanted: Mapping[str, object], reason: str
) -> None:
    _ask(bare_door, SEEDED, adopt=SEEDED, **wanted)
    before, stood = newest(bare_door), _stored(bare_door.tenant, SEEDED)

    plan, applied = bare_door.toolkit("plan"), bare_door.toolkit("apply", "--yes")

    said = " ".join(plan.out.split())
    assert (plan.exit, applied.exit) == (5, 5)
    assert reason in said
    assert COMMAND in said
    assert writes(bare_door, before) == []
    assert _stored(bare_door.tenant, SEEDED) == stood


@pytest.mark.parametrize("action", ["delete", "keep_and_delete"])
def test_nothing_that_deletes_is_made(bare_door: Door, action: str) -> None:
    _ask(bare_door, files="all", keep_days=30, action=action)
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    said = f"the policy would permanently delete files in OneDrive older than 30 days, in every OneDrive, {UNLESS}"
    assert said in " ".join(answer.out.split())
    assert writes(bare_door, before) == []


def test_a_policy_that_deletes_may_be_made_to_keep(bare_door: Door) -> None:
    _by_hand(bare_door.tenant, rule={"RetentionComplianceAction": "Delete"})
    _ask(bare_door, SEEDED, adopt=SEEDED, mail="all", keep_days=30)

    _apply(bare_door)

    rule = _stored(bare_door.tenant, SEEDED)[1]
    assert (rule["RetentionComplianceAction"], rule["RetentionDuration"]) == ("Keep", "30")


def test_a_policy_that_is_adopted_keeps_its_name_and_is_known_again_without_a_ledger(bare_door: Door) -> None:
    _ask(bare_door, adopt=SEEDED, mail="all", keep_days=2555)
    before = newest(bare_door)

    _apply(bare_door)
    sent = writes(bare_door, before)
    bare_door.forget()

    policy, _ = _stored(bare_door.tenant, SEEDED)
    assert (sent, bare_door.toolkit("plan").exit) == ([SET_POLICY], 0)
    assert policy["Comment"] == f'Managed by toolkit from the school\'s playbooks as "{OURS}".'
    assert len(bare_door.tenant.objects(POLICIES)) == 1


def test_the_words_of_others_stay_in_the_comment_of_what_is_adopted(bare_door: Door) -> None:
    _by_hand(bare_door.tenant, policy={"Comment": "Ask the trust"})
    _ask(bare_door, adopt=SEEDED, mail="all", keep_days=2555)

    _apply(bare_door)

    comment = _stored(bare_door.tenant, SEEDED)[0]["Comment"]
    assert comment == f'Ask the trust\n\nManaged by toolkit from the school\'s playbooks as "{OURS}".'


def test_somebody_s_policy_for_the_same_is_named_and_nothing_made_beside_it(bare_door: Door) -> None:
    _ask(bare_door, mail="all", keep_days=365)
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert f"'{SEEDED}' does the same job" in answer.out
    assert writes(bare_door, before) == []


def test_a_policy_for_more_than_somebody_s_is_made_beside_it(bare_door: Door) -> None:
    _ask(bare_door, mail="all", files="all", keep_days=365)

    _apply(bare_door)

    assert len(bare_door.tenant.objects(POLICIES)) == 2


def test_policies_of_labels_and_those_on_their_way_out_are_not_looked_at(
    connection: Microsoft365, tenant: Tenant
) -> None:
    _by_hand(tenant, rule={"PublishComplianceTag": "Leavers"})
    assert list(KIND.endpoint.read(connection, Everything())) == []

    _by_hand(tenant, policy={"Mode": "PendingDeletion"}, rule={"PublishComplianceTag": ""})
    assert list(KIND.endpoint.read(connection, Everything())) == []


def test_a_policy_of_two_rules_is_unknown_and_not_written(bare_door: Door) -> None:
    policy, rule = _stored(bare_door.tenant, SEEDED)
    bare_door.tenant.put(RULES, "another", {**rule, "Guid": "another", "Name": "Another"})
    _ask(bare_door, SEEDED, adopt=SEEDED, keep_days="unlimited")
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 4
    assert "the policy has 2 rules" in answer.out
    assert writes(bare_door, before) == []
    assert bare_door.tenant.read_object(POLICIES, policy["Guid"]) == policy


@pytest.mark.parametrize(
    ("policy", "rule"),
    [
        ({"ExchangeLocation": [{"DisplayName": "nameless"}]}, {}),
        ({}, {"RetentionComplianceAction": "Archive"}),
        ({}, {"RetentionDuration": "some"}),
    ],
    ids=["a location", "an action", "a period"],
)
def test_what_is_not_understood_is_unknown_and_not_written(bare_door: Door, policy: Body, rule: Body) -> None:
    _by_hand(bare_door.tenant, policy=policy, rule=rule)
    _ask(bare_door, SEEDED, adopt=SEEDED, mail="all", keep_days="unlimited")
    before = newest(bare_door)

    assert bare_door.toolkit("apply", "--yes").exit == 4
    assert writes(bare_door, before) == []


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("GET EXOBanner", "refused"),
        pytest.param("Get-RetentionCompliancePolicy", "refused", marks=pytest.mark.soak),
        ("Get-RetentionCompliancePolicy", "truncated"),
        ("Get-RetentionComplianceRule", "refused"),
        pytest.param("Get-RetentionComplianceRule", "truncated", marks=pytest.mark.soak),
    ],
)
def test_a_read_that_fails_leaves_everything_unknown_and_unwritten(bare_door: Door, operation: str, fault: str) -> None:
    _ask(bare_door, **FILES)
    bare_door.tenant.fault(fault, operation, times=1000)
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 4
    assert writes(bare_door, before) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"RetentionDuration": 30}, "does not name a location"),
        ({"ExchangeLocation": ["all"]}, "has no period"),
    ],
)
def test_a_policy_that_says_too_little_is_not_made(
    connection: Microsoft365, tenant: Tenant, body: Body, said: str
) -> None:
    with pytest.raises(Rejected, match=said):
        KIND.endpoint.create(connection, OURS, body)

    assert tenant.requests() == []


def test_a_policy_that_somebody_removes_goes_with_its_rule(connection: Microsoft365, tenant: Tenant) -> None:
    (seen,) = KIND.endpoint.read(connection, Everything())
    assert not isinstance(seen, Unreadable)

    KIND.endpoint.delete(connection, seen)

    assert (tenant.objects(POLICIES), tenant.objects(RULES)) == ({}, {})


def test_a_name_that_is_too_long_is_refused() -> None:
    assert "Microsoft allows 64" in str(KIND.names.check("x" * 65))
    assert KIND.names.check("x" * 64) is None


PLACES = st.sampled_from([None, ("all",), ("a@x",), ("b@x",), ("a@x", "b@x")])
EACH: Mapping[str, st.SearchStrategy[Any]] = {
    "enabled": st.sampled_from([True, True, False]),
    "mail": PLACES,
    "mail_except": st.sampled_from([None, ("a@x",)]),
    "keep_days": st.sampled_from([None, 1, 30, "unlimited"]),
    "action": st.sampled_from(["keep", "delete", "keep_and_delete"]),
    "from": st.sampled_from(["created", "modified"]),
    "only_matching": st.sampled_from([None, "x"]),
}
POLICY = st.fixed_dictionaries(dict(EACH))
CHANGE = st.fixed_dictionaries({}, optional=dict(EACH))
ONE_CHANGE = st.sampled_from(sorted(EACH)).flatmap(lambda name: st.fixed_dictionaries({name: EACH[name]}))


Message = tuple[str, int, int, bool]
"""Whose it is, how many days old, how many days unchanged, and whether the query finds it."""


def _keeps(policy: Settings, message: Message) -> bool:
    return "keep" in str(policy["action"]) and _within(policy, message) is True


def _deletes(policy: Settings, message: Message) -> bool:
    return "delete" in str(policy["action"]) and _within(policy, message) is False


def _within(policy: Settings, message: Message) -> bool | None:
    """Say whether a message is within its period, by what Microsoft says; None where the policy is not about it."""
    mailbox, age, unchanged, matches = message
    named, spared = entries(policy["mail"]), entries(policy["mail_except"])
    concerned = ("all" in named or mailbox in named) and mailbox not in spared
    found = matches or policy["only_matching"] is None
    if not policy["enabled"] or policy["keep_days"] is None or not concerned or not found:
        return None
    days = unchanged if policy["from"] == "modified" else age
    return policy["keep_days"] == "unlimited" or days <= int(str(policy["keep_days"]))


@settings(max_examples=150)
@given(POLICY, ONE_CHANGE | CHANGE)
def test_whatever_is_not_called_weaker_keeps_each_message_and_deletes_none_that_stayed(
    before: Settings, change: Settings
) -> None:
    _lose_no_message(before, change)


@pytest.mark.soak
@settings(max_examples=5_000)
@given(POLICY, ONE_CHANGE | CHANGE)
def test_whatever_of_many_is_not_called_weaker_keeps_each_message(before: Settings, change: Settings) -> None:
    _lose_no_message(before, change)


def _lose_no_message(before: Settings, change: Settings) -> None:
    after = {**before, **change}
    assume(KIND.evidence.weaker(before, after) is None)
    messages = [
        (mailbox, age, unchanged, matches)
        for mailbox in ("a@x", "b@x", "c@x")
        for age in (1, 2, 31, 9999)
        for unchanged in (1, 2, 31, 9999)
        for matches in (True, False)
        if unchanged <= age
    ]
    assert [one for one in messages if _keeps(before, one) and not _keeps(after, one)] == []
    assert [one for one in messages if _deletes(after, one) and not _deletes(before, one)] == []


@given(POLICY)
def test_no_policy_is_weaker_than_itself(policy: Settings) -> None:
    assert KIND.evidence.weaker(policy, policy) is None
