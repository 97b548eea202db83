"""Drawn histories of lists that several hands fill: a prune takes out our entries, and no one else's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from connectors.google_workspace.kinds.chrome_policy.table import INHERITED
from tests.planning.building import Thing, address, desired, observed
from toolkit.planning.applied_change import AppliedChange, ObjectChange, sum_changes
from toolkit.planning.change import Delete, Update
from toolkit.planning.compare import PlanRules
from toolkit.planning.diff import exclude_former_entries, find_differences
from toolkit.planning.draft import Draft
from toolkit.planning.matching import LastApplied, LedgerObjects
from toolkit.planning.plan_details import ObservedState
from toolkit.planning.plan_states import CHANGED, CONFLICT, REFUSED
from toolkit.planning.rollback.inverse import RollbackRules, plan_undo
from toolkit.planning.rollback.orphaned_objects import is_managed_object
from toolkit.planning.rollback.orphaned_settings import AppliedRecords, find_orphaned_settings
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.resource import Address, Desired, Observed, Origin, Remote
from toolkit.values import AtLeast, Settings, Value, canonical_text, effective, entries, unique

PLAYBOOK, PRUNE = Origin("10-lists.yaml", 3), Origin("no longer in any playbook", 0)
POOL = tuple(f"{letter}.example" for letter in "abcdefg")
AT_UNIT = "users.UrlBlocking @ /Staff"
AT_FIRST, OURS, OTHERS = "there before", "ours", "of others"


def kinds_with_lists() -> Iterator[tuple[str, Kind[Connection], tuple[str, ...]]]:
    for provider in providers():
        for name, kind in kinds(provider).items():
            lists = tuple(
                path for path, setting in kind.spec.table().items() if setting.at_least and not setting.by_hand
            )
            if name == "chrome_policy":
                lists = ("url_allowlist", "url_blocklist")
            if lists:
                yield f"{provider}.{name}", kind, lists


CASES = [pytest.param(kind, lists, id=name) for name, kind, lists in kinds_with_lists()]


@dataclass
class School:
    """One object with lists, the ledger's record of it, and whose each entry really is."""

    kind: Kind[Connection]
    lists: tuple[str, ...]
    address: Address
    above: Settings
    settings: Settings | None
    owners: dict[str, dict[str, str]]
    taken_out: dict[str, set[str]]
    deeds: list[AppliedChange] = field(default_factory=list)
    as_written: dict[str, dict[str, str]] = field(default_factory=dict)  # the owners after our last write
    out_as_written: dict[str, set[str]] = field(default_factory=dict)

    @property
    def observed(self) -> Observed | None:
        if self.settings is None:
            return None
        shown = {self.kind.spec.table()[path].wire: list(entries(value)) for path, value in self.above.items()}
        return Observed(self.address, self.settings, Remote("id", self.address.name, {"above": canonical_text(shown)}))

    @property
    def trace(self) -> ObjectChange | None:
        return next(iter(sum_changes(self.deeds).values()), None)

    def write(self, asked: Mapping[str, Value]) -> None:
        """Apply a playbook that asks for some lists, as a run does."""
        trace, there = self.trace, self.observed
        known = (
            LastApplied(sent=trace.sent_settings, added=trace.our_entries) if trace and not trace.is_deleted else None
        )
        desired = exclude_former_entries(Desired(self.address, asked, {}, PLAYBOOK), known, self.kind.spec)
        if there is None:
            self.record("create", {path: effective(value, None) for path, value in desired.settings.items()})
        elif changed := find_differences(desired, there, self.kind.spec, known):
            self.record("update", {**desired.settings, **{one.path: one.after for one in changed}})

    def record(self, action: str, sent: Settings) -> None:
        before = self.settings or {}
        values = {path: effective(value, before.get(path)) for path, value in sent.items()}
        self.settings = None if action == "delete" else self.with_inheritance(values)
        applied = {path: value for path, value in (self.settings or {}).items() if path in sent}
        change = AppliedChange(
            address=self.address, action=action, before=before, sent_settings=applied, remote_id="id"
        )
        self.deeds.append(replace(change, returned=self.settings))

    def with_inheritance(self, sent: Settings) -> Settings:
        """Set lists at a unit as Google does: one that inherits sets its own, one that is as above inherits again."""
        now = {**(self.settings or dict.fromkeys(self.kind.spec.table())), **sent}
        if INHERITED not in now:
            return now
        as_above = all((now.get(path) or None) == (self.above.get(path) or None) for path in self.lists)
        if sent.get(INHERITED) or as_above:
            return {**now, **self.above, INHERITED: True}
        return {**now, INHERITED: None}


def open_school(kind: Kind[Connection], lists: tuple[str, ...], draw: Random) -> School:
    first: dict[str, Value] = {path: unique(draw.sample(POOL[:4], draw.randint(0, 2))) or None for path in lists}
    inherits = INHERITED in kind.spec.table()
    settings: dict[str, Value] | None = {**dict.fromkeys(kind.spec.table()), **first}
    if inherits and settings is not None:
        settings[INHERITED] = True
    if not kind.fixed:
        settings, first = None, dict.fromkeys(lists)
    name = AT_UNIT if inherits else "A"
    owners = {path: dict.fromkeys(entries(first[path]), AT_FIRST) for path in lists}
    return School(
        kind,
        lists,
        Address("cloud", kind.name, name),
        first if inherits else {},
        settings,
        owners,
        {path: set() for path in lists},
    )


def write_ours(school: School, draw: Random) -> None:
    asked: dict[str, Value] = {}
    for path in draw.sample(school.lists, draw.randint(1, len(school.lists))):
        wanted = unique(draw.sample(POOL, draw.randint(1, 3)))
        whole = not school.above and draw.random() < 0.15
        asked[path] = wanted if whole else AtLeast(wanted)
    trace = school.trace
    for path, owners in school.owners.items():
        if path not in asked and not (
            trace and asked.keys() & trace.sent_settings.keys() and path in trace.sent_settings
        ):
            continue
        listed = asked.get(path)
        keep = set(entries(listed))
        for entry, owner in list(owners.items()):
            if entry not in keep and owner == OURS:
                del owners[entry]
            elif entry not in keep and isinstance(listed, tuple):
                school.taken_out[path].add(entry)
        for entry in keep - owners.keys():
            owners[entry] = OURS
        school.taken_out[path] -= keep
    written = len(school.deeds)
    school.write(asked)
    if len(school.deeds) > written:
        school.as_written = {path: dict(owners) for path, owners in school.owners.items()}
        school.out_as_written = {path: set(out) for path, out in school.taken_out.items()}


def write_others(school: School, draw: Random) -> None:
    """Change a list by hand, which at a unit that inherits sets it there."""
    if school.settings is None or school.settings.get(INHERITED):
        return
    path, entry = draw.choice(school.lists), draw.choice(POOL)
    now = {*entries(school.settings.get(path))}
    if entry in now:
        now.discard(entry)
        if entry in school.out_as_written.get(path, ()):  # no run saw that it was there again meanwhile
            school.taken_out[path].add(entry)
        else:
            del school.owners[path][entry]
    else:
        now.add(entry)
        # An entry of ours that was away and is there again before the next run looks the same as one that stayed.
        school.owners[path][entry] = school.as_written.get(path, {}).get(entry, OTHERS)
        school.taken_out[path].discard(entry)
    school.settings = {**school.settings, path: unique(now) or None}


def prune(school: School) -> None:
    there, trace = school.observed, school.trace
    if there is None or trace is None or not is_managed_object(trace, school.kind, there, LedgerObjects()):
        return
    draft = Draft()
    rollback_rules = RollbackRules(plan_rules=PlanRules(), origin=PRUNE, deletes_changed=True, keeps_others=True)
    plan_undo(draft, school.kind, trace, there, rollback_rules)
    assert not draft.select(CONFLICT)
    assert not draft.select(REFUSED)
    for change in draft.select(CHANGED):
        match change:
            case Delete():
                school.record("delete", {})
            case Update(desired, _, fields):
                school.record("update", {**desired.settings, **{one.path: one.after for one in fields}})


def expected(school: School, above: Settings) -> Mapping[str, Value] | None:
    """Return the lists without our entries, except those that are above as well."""
    left = {
        path: unique(entry for entry, owner in owners.items() if owner != OURS or entry in entries(above.get(path)))
        or None
        for path, owners in school.owners.items()
    }
    if school.kind.fixed:
        return left
    left = {path: unique({*entries(value)} - school.taken_out[path]) or None for path, value in left.items()}
    return left if any(left.values()) else None


@pytest.mark.parametrize(("kind", "lists"), CASES)
def test_a_prune_takes_out_our_entries_and_no_one_elses(kind: Kind[Connection], lists: tuple[str, ...]) -> None:
    for seed in range(1000 // len(CASES) + 1):
        draw = Random(f"{kind.name} {seed}")
        school = open_school(kind, lists, draw)
        write_ours(school, draw)
        for _ in range(draw.randint(1, 6)):
            draw.choice((write_ours, write_others))(school, draw)

        prune(school)

        found = None if school.settings is None else {path: school.settings.get(path) for path in lists}
        wanted = [expected(school, school.above), expected(school, {})]
        if school.above and not any(OTHERS in owners.values() for owners in school.owners.values()):
            wanted.append(school.above)  # a unit inherits again if no entry of others is left in it
        assert found in wanted, (seed, school.deeds, school.owners)
        once = len(school.deeds)
        prune(school)
        assert len(school.deeds) == once, f"{seed}: a second prune wrote again"


def test_a_setting_that_no_playbook_names_any_more_gets_back_the_entries_of_others() -> None:
    name, there = address("A"), observed("A", {"words": ("a", "theirs", "b")})
    sent: list[tuple[Value, Value]] = [(None, ("a",)), (("a", "theirs"), ("a", "theirs", "b"))]
    deeds = [
        AppliedChange(
            address=name, action="update", before={"words": before}, sent_settings={"words": after}, remote_id="<A>"
        )
        for before, after in sent
    ]
    past = AppliedRecords({name: LastApplied(remote_id="<A>", sent={"words": ("a", "theirs", "b")})}, deeds)
    kind = replace(kinds("microsoft365")["external_in_outlook"], spec=Thing)

    (orphan,) = find_orphaned_settings(
        [desired("A", {"text": "t"})], ObservedState({name.kind_path: [there]}, {}), {name.kind_path: kind}, past
    )

    assert (orphan.before, orphan.stays) == (("theirs",), "")


def test_a_policy_that_stays_for_the_entries_of_others_loses_our_other_settings_too() -> None:
    kind = kinds("microsoft365")["ios_configuration"]
    name = address("A")
    made: Settings = {"apps_visibility_list": ("ours",), "app_store_blocked": True}
    now: Settings = {"apps_visibility_list": ("ours", "theirs"), "app_store_blocked": True}
    deed = AppliedChange(address=name, action="create", sent_settings=made, returned=made, remote_id="<A>")
    draft, rollback_rules = (
        Draft(),
        RollbackRules(plan_rules=PlanRules(), origin=PRUNE, deletes_changed=True, keeps_others=True),
    )

    plan_undo(draft, kind, next(iter(sum_changes([deed]).values())), observed("A", now), rollback_rules)

    (change,) = draft.select(CHANGED)
    assert isinstance(change, Update)
    after = {one.path: one.after for one in change.fields}
    assert after == {"apps_visibility_list": ("theirs",), "app_store_blocked": False}
