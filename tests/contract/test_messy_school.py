"""A school as it really is: plan and drift agree with its import, which lists the properties that no kind knows.

https://github.com/cisagov/ScubaGear has the shapes: conditions that are null, dates in `/Date(ms)/`, names that end in
U+200B.
"""

from collections.abc import Mapping

import pytest

from tests.door import GOOGLE, MICROSOFT, CommandResult, Door
from tests.emulated import FEW_PEOPLE
from tests.schools import Schools

_FILTER = "assignments[].target.deviceAndAppManagementAssignmentFilter"
_ACTION = "scheduledActionsForRule[].scheduledActionConfigurations[].actionType"

UNKNOWN = {
    (
        "google_workspace.dlp_rule[Trust: safeguarding words leaving by mail]",
        "setting.value.condition.audienceOfTomorrow",
    ),
    ("microsoft365.browser_url_policy[LA Edge baseline]", f"{_FILTER}Id"),
    ("microsoft365.browser_url_policy[LA Edge baseline]", f"{_FILTER}Type"),
    ("microsoft365.browser_url_policy[Trust Edge baseline (from a template)]", f"{_FILTER}Id"),
    ("microsoft365.browser_url_policy[Trust Edge baseline (from a template)]", f"{_FILTER}Type"),
    ("microsoft365.conditional_access_policy[Require MFA for staff]", "hoursOfTomorrow.from"),
    ("microsoft365.conditional_access_policy[Require MFA for staff]", "hoursOfTomorrow.until"),
    ("microsoft365.transport_rule[Copy governors mail to clerk]", "ExceptIfSenderInRecipientList"),
    ("microsoft365.transport_rule[Copy governors mail to clerk]", "Exceptions"),
    ("microsoft365.transport_rule[Large mail warning]", "Conditions"),
    ("microsoft365.transport_rule[Large mail warning]", "ContentMatchesPrompt"),
    ("microsoft365.windows_compliance_policy[Trust baseline]", f"{_FILTER}Id"),
    ("microsoft365.windows_compliance_policy[Trust baseline]", f"{_FILTER}Type"),
    ("microsoft365.windows_compliance_policy[Trust baseline]", _ACTION),
    ("microsoft365.windows_configuration[Trust baseline: Windows]", f"{_FILTER}Id"),
    ("microsoft365.windows_configuration[Trust baseline: Windows]", f"{_FILTER}Type"),
}
"""Properties that toolkit does not know and that narrow what an object does or whom it reaches."""

REMARKED = {
    ("microsoft365.browser_url_policy", "device_vendor_msft_policy_config_update_configuredeadlinedays"),
    ("microsoft365.defender_indicator", "reputationOfTomorrow"),
    ("microsoft365.malware_filter_policy", "QuarantineRetentionOfTomorrow"),
    ("microsoft365.outbound_spam_policy", "RecipientLimitPerMinute"),
    ("microsoft365.remote_domain", "SmtpDaneDemanded"),
    ("microsoft365.windows_configuration", "cortanaBlocked"),
    ("microsoft365.windows_configuration", "edgeBlockInPrivateBrowsing"),
}
"""Properties that toolkit does not know either, elsewhere."""


Imported = tuple[Door, Mapping[str, CommandResult]]


MESSY_OF_GOOGLE = ("chrome_policy", "detector", "dlp_rule", "group_footer", "group_posting", "policy_setting")
"""The kinds of Google with messy objects; the soak imports all kinds."""


@pytest.fixture(scope="module", params=[MESSY_OF_GOOGLE, pytest.param((), marks=pytest.mark.soak)], ids=["some", "all"])
def imported(request: pytest.FixtureRequest, module_schools: Schools) -> Imported:
    """Import the messy school; give what each import said."""
    wanted = {MICROSOFT: (), GOOGLE: request.param}
    door = module_schools.build({"seed": "messy", **FEW_PEOPLE})
    answers = {cloud: door("import", cloud, *some, "-o", door.playbooks, "--json") for cloud, some in wanted.items()}
    for answer in answers.values():
        assert answer.exit == 0, answer.out + answer.err
    return door, answers


def test_a_plan_after_the_import_of_a_messy_school_finds_nothing_to_do(imported: Imported) -> None:
    planned = imported[0].toolkit("plan", "--json")

    assert planned.exit == 0, planned.out + planned.err
    assert not [change for key in ("changes", "unknown", "refused", "look_alikes") for change in planned.json[key]]


def test_the_import_counts_what_no_playbook_can_ask_for(imported: Imported) -> None:
    read = {kind["kind"].partition(".")[2]: kind for kind in imported[1][MICROSOFT].json["kinds"]}
    names = ("transport_rule", "remote_domain", "windows_configuration")
    counts = [(read[name]["imported"], read[name]["left_out"]) for name in names]
    assert counts == [(7, 1), (1, 1), (1, 0)]
    (rule,) = read["transport_rule"]["left_out_settings"]
    assert (rule["object"], rule["reason"]) == ("Disclaimer 2019\u200b", "a playbook cannot name it")


def test_the_import_lists_exactly_the_unknown_properties_that_narrow(imported: Imported) -> None:
    read = [kind for answer in imported[1].values() for kind in answer.json["kinds"]]
    listed = [
        (f"{kind['kind']}[{one['object']}]", one["property"]) for kind in read for one in kind["unmanaged_properties"]
    ]

    assert (len(listed), set(listed)) == (len(UNKNOWN), UNKNOWN)


def test_drift_finds_nothing_until_an_unknown_property_has_another_value(imported: Imported) -> None:
    door = imported[0]
    at_rest = door.toolkit("drift", "--json")
    policies = door.tenant.objects("entra.conditionalAccessPolicies")
    (key,) = [key for key, policy in policies.items() if policy["displayName"] == "Require MFA for staff"]
    door.tenant.patch("entra.conditionalAccessPolicies", key, hoursOfTomorrow={"from": "00:00", "until": "18:00"})

    drift = door.toolkit("drift", "--json")

    assert {(item["kind"], item["property"]) for item in at_rest.json["unread_properties"]} == REMARKED
    assert (at_rest.exit, at_rest.json["findings"]) == (0, [])
    paths = {(found["address"], found["path"]) for found in drift.json["findings"]}
    named = "microsoft365.conditional_access_policy[Require MFA for staff]"
    assert (drift.exit, paths) == (3, {(named, "hoursOfTomorrow.from")})
