"""The uses that the changes of a plan end, worked out from what each kind declares."""

from collections.abc import Mapping

import pytest

from tests.planning.building import origin
from toolkit.planning.change import Change, Create, Delete, Field, Update
from toolkit.planning.stops import find_declared_effects, find_ended_effects
from toolkit.sdk import (
    becomes,
    begins,
    clears,
    kinds,
    limits_to_entries,
    loosens_condition,
    lowers,
    moves_from,
    narrows_exception,
    raises,
    switches_off,
    switches_on,
)
from toolkit.sdk.resource import Absent, Address, Desired, Observed, Remote
from toolkit.values import Settings, Value


def _change(kind: str, before: Settings | None, after: Settings | None) -> Change:
    """Return the change of an object from its settings before to those after; None where it is not there."""
    cloud, _, name = kind.partition(".")
    address = Address(cloud, name, "X")
    observed = Observed(address, before or {}, Remote("x", "X", {}))
    if after is None:
        return Delete(Absent(address, "", origin(1)), observed)
    desired = Desired(address, after, {}, origin(1))
    fields = tuple(
        Field(path, (before or {}).get(path), value)
        for path, value in after.items()
        if (before or {}).get(path) != value
    )
    return Create(desired, fields) if before is None else Update(desired, observed, fields)


def _words(kind: str, before: Settings | None, after: Settings | None) -> set[str]:
    cloud, _, name = kind.partition(".")
    return {effect.words for _, effect in find_declared_effects(kinds(cloud)[name], _change(kind, before, after))}


_RULE = "microsoft365.transport_rule"
_REJECTED = "mail that matches a rule is rejected"
_ACTING: Mapping[str, Value] = {"enabled": True, "rule_mode": "Enforce", "reject_message_reason_text": "No"}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, _ACTING, {_REJECTED}),
        (None, {**_ACTING, "rule_mode": "Audit"}, set()),
        ({**_ACTING, "rule_mode": "Audit"}, _ACTING, {_REJECTED}),
        ({**_ACTING, "enabled": False}, _ACTING, {_REJECTED}),
        (_ACTING, {**_ACTING, "enabled": False}, set()),
        (_ACTING, {**_ACTING, "reject_message_reason_text": "Ask the office"}, set()),
        ({**_ACTING, "from": ("a@b.example",)}, {**_ACTING, "from": ("a@b.example", "c@d.example")}, {_REJECTED}),
        ({**_ACTING, "from": ("a@b.example",)}, {**_ACTING, "from": None}, {_REJECTED}),
        (_ACTING, {**_ACTING, "from": ("a@b.example",)}, set()),
        ({**_ACTING, "except_if_from": ("a@b.example",)}, {**_ACTING, "except_if_from": None}, {_REJECTED}),
        (_ACTING, {**_ACTING, "except_if_from": ("a@b.example",)}, set()),
        (_ACTING, {**_ACTING, "comments": "Agreed"}, set()),
        (_ACTING, None, {"the mail [rule|rules] {name} [stops|stop] working"}),
        ({**_ACTING, "enabled": False}, None, set()),
    ],
)
def test_a_mail_rule_stops_mail_only_if_it_acts_and_begins_to_act_on_more(
    before: Settings | None, after: Settings | None, words: set[str]
) -> None:
    assert _words(_RULE, before, after) == words


_JOINS = "some people can no longer join the [group|groups] {name}"
_POLICY = "microsoft365.browser_url_policy"
_SITES = "blocked sites no longer open"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, {"edge_url_blocklist": ("x.example",), "assigned_to": None}, set()),
        (None, {"edge_url_blocklist": ("x.example",), "assigned_to": ("staff",)}, {_SITES}),
        (
            {"edge_url_blocklist": ("x.example",), "assigned_to": ("staff",)},
            {"assigned_to": ("staff", "pupils")},
            {_SITES},
        ),
        (
            {"edge_url_blocklist": ("x.example",), "assigned_to": ("staff", "pupils")},
            {"assigned_to": ("staff",)},
            set(),
        ),
        (
            {"edge_url_blocklist": ("x.example",), "assigned_to": ("staff",), "excluded": ("head",)},
            {"excluded": None},
            {_SITES},
        ),
        ({"edge_url_blocklist": ("x.example",), "assigned_to": ("staff",)}, {"edge_url_blocklist": None}, set()),
        ({"edge_url_blocklist": ("x.example",), "assigned_to": ("staff",)}, None, set()),
    ],
)
def test_a_policy_stops_something_for_those_to_whom_it_is_assigned_now(
    before: Settings | None, after: Settings | None, words: set[str]
) -> None:
    assert _words(_POLICY, before, after) == words


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        (
            "microsoft365.sharing_setting",
            {"sharing_level": "externalUserAndGuestSharing"},
            {"sharing_level": "disabled"},
            {"public links stop working", "people outside the school lose access to shared files"},
        ),
        (
            "microsoft365.sharing_setting",
            {"restriction": "allowList", "allowed_domains": ("a.example", "b.example")},
            {"allowed_domains": ("a.example",)},
            {"people of other domains lose access to shared files"},
        ),
        ("microsoft365.sharing_setting", {"restriction": "none"}, {"allowed_domains": ("a.example",)}, set()),
        (
            "google_workspace.dlp_rule",
            None,
            {"state": "ACTIVE", "gmail_action": "block", "drive_action": "warn"},
            {"messages that match a data protection rule are stopped"},
        ),
        ("google_workspace.dlp_rule", None, {"state": "INACTIVE", "gmail_action": "block"}, set()),
        ("google_workspace.dlp_rule", {"state": "ACTIVE", "gmail_action": "block"}, None, set()),
        (
            "google_workspace.dlp_rule",
            {"state": "ACTIVE", "gmail_action": "block", "unit": "/Staff"},
            {"unit": "/"},
            {"messages that match a data protection rule are stopped"},
        ),
        (
            "microsoft365.windows_compliance_policy",
            {"os_minimum_version": "10.0.9", "assigned_to": ("staff",)},
            {"os_minimum_version": "10.0.10"},
            {"devices that do not meet the rules become not compliant"},
        ),
        (
            "microsoft365.windows_compliance_policy",
            {"os_minimum_version": "10.0.10", "assigned_to": ("staff",)},
            {"os_minimum_version": "10.0.9", "password_expiration_days": 365},
            {"devices that do not meet the rules become not compliant"},
        ),
        (
            "microsoft365.windows_compliance_policy",
            {"os_minimum_version": "10.0.10", "password_expiration_days": 90, "assigned_to": ("staff",)},
            {"os_minimum_version": "10.0.9", "password_expiration_days": 365},
            set(),
        ),
        (
            "google_workspace.chrome_policy",
            {"screen_lock_delay_ac": "10 min"},
            {"screen_lock_delay_ac": "90 s"},
            {"screens lock sooner"},
        ),
        ("google_workspace.chrome_policy", {"screen_lock_delay_ac": "10 min"}, {"screen_lock_delay_ac": "1 h"}, set()),
        ("google_workspace.chrome_policy", {"screen_lock_delay_ac": "10 min"}, {"screen_lock_delay_ac": "0 s"}, set()),
        ("google_workspace.member_restriction", {"rule": "a"}, {"rule": "a && b"}, {_JOINS}),
        ("google_workspace.member_restriction", {"rule": "a || b"}, {"rule": "a"}, {_JOINS}),
        ("google_workspace.member_restriction", {"rule": "a && b"}, {"rule": "a || b"}, set()),
        ("google_workspace.member_restriction", {"rule": "a && b"}, {"rule": "b"}, set()),
        ("google_workspace.member_restriction", {"rule": "a"}, {"rule": None}, set()),
        (
            "microsoft365.malware_filter_policy",
            {"quarantine_tag": "DefaultFullAccessPolicy"},
            {"quarantine_tag": "AdminOnlyAccessPolicy"},
            {"people can no longer release mail from quarantine"},
        ),
        (
            "microsoft365.malware_filter_policy",
            {"quarantine_tag": "AdminOnlyAccessPolicy"},
            {"quarantine_tag": "DefaultFullAccessPolicy"},
            set(),
        ),
        (
            "microsoft365.settings_catalogue_policy",
            {"assigned_to": ("staff",), "settings/a": "_0"},
            {"settings/a": "_1"},
            {"a setting of {name} may stop something that works now"},
        ),
    ],
)
def test_a_setting_ends_a_use_by_its_value_before_and_after(
    kind: str, before: Settings | None, after: Settings | None, words: set[str]
) -> None:
    assert _words(kind, before, after) == words


def test_the_effects_of_a_plan_are_together_by_kind_and_words() -> None:
    loud = _change("microsoft365.sharing_setting", {"guests_share_on": True}, {"guests_share_on": False})
    silent = _change("microsoft365.sharing_setting", {"guests_share_on": False}, {"guests_share_on": True})
    all_kinds = {f"microsoft365.{name}": kind for name, kind in kinds("microsoft365").items()}

    found = find_ended_effects([loud, silent, loud], all_kinds)

    assert {key: len(rows) for key, rows in found.items()} == {
        ("microsoft365.sharing_setting", "guests can no longer share other people's files"): 2
    }


@pytest.mark.parametrize(
    ("stops", "loud", "silent"),
    [
        (switches_on, [(False, True), (None, True)], [(True, True), (True, False), (None, None)]),
        (switches_off, [(True, False), (None, False)], [(False, False), (False, True), (True, None)]),
        (
            becomes("none", "some"),
            [("all", "some"), ("some", "none"), (None, "none")],
            [("none", "some"), ("a", "all")],
        ),
        (moves_from("all"), [("all", "some")], [("some", "all"), ("some", "none"), ("all", None), ("all", "all")]),
        (lowers, [(None, 5), (0, 5), (9, 5)], [(5, 9), (5, 0), (5, None), (5, 5)]),
        (raises, [(None, 5), (5, 9)], [(9, 5), (5, None), (5, 5)]),
        (begins, [(None, "a")], [("a", "b"), ("a", None)]),
        (clears, [("a", None)], [(None, None), ("a", "b"), (None, "a")]),
        (limits_to_entries, [(None, ("a",)), (("a", "b"), ("a",))], [(("a",), ("a", "b")), (("a",), None)]),
        (loosens_condition, [(("a",), None), (("a",), ("a", "b")), (5, 6)], [(None, ("a",)), (("a", "b"), ("a",))]),
        (narrows_exception, [(("a",), None), (True, None)], [(None, ("a",)), (("a",), ("a", "b")), (None, True)]),
    ],
)
def test_a_change_that_loosens_ends_no_use(
    stops: object, loud: list[tuple[Value, Value]], silent: list[tuple[Value, Value]]
) -> None:
    assert callable(stops)
    assert [pair for pair in loud if not stops(*pair)] == []
    assert [pair for pair in silent if stops(*pair)] == []
