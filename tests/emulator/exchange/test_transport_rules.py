"""Transport rules: what the service fills in, refuses, renumbers and shows."""

import pytest

from tests.emulator.exchange.asking import Exchange

RULES = "exchange.transportRules"
SEEDED = ["Scanner mail bypass spam", "Copy governors mail to clerk", "Route MIS mail", "Large mail warning"]


def _key(exchange: Exchange, name: str) -> str:
    return str(exchange.one("Get-TransportRule", Identity=name)["Guid"])


def test_a_new_tenant_has_four_rules_that_somebody_made(exchange: Exchange) -> None:
    rows = exchange.rows("Get-TransportRule")

    assert [row["Name"] for row in rows] == SEEDED
    assert [row["Priority"] for row in rows] == [0, 1, 2, 3]
    assert not any(row["StopRuleProcessing"] or row["ApplyHtmlDisclaimerText"] for row in rows)


def test_a_new_rule_answers_with_what_the_service_made_of_it(exchange: Exchange) -> None:
    rule = exchange.rule("Disclaimer", SentToScope="NotInOrganization", ApplyHtmlDisclaimerText="<p>Yours</p>")

    assert rule == exchange.one("Get-TransportRule", Identity=rule["Guid"])
    assert rule["ApplyHtmlDisclaimerLocation"] == "Append"
    assert rule["ApplyHtmlDisclaimerFallbackAction"] == "Wrap"
    assert (rule["Mode"], rule["State"], rule["Priority"]) == ("Enforce", "Enabled", 4)
    assert (rule["RuleErrorAction"], rule["SenderAddressLocation"]) == ("Ignore", "Header")
    assert (rule["RecipientAddressType"], rule["RuleSubType"]) == ("Resolved", "None")
    assert rule["Identity"] == "Disclaimer"
    assert rule["Conditions"] == ["Microsoft.Exchange.MessagingPolicies.Rules.Tasks.SentToScopePredicate"]
    assert rule["Exceptions"] is None
    assert rule["Description"].startswith(
        "If the message:\r\n\tsent to scope 'NotInOrganization'\r\nTake the following"
    )
    assert rule["WhenChanged"] == "2026-11-10T09:00:00.0000000+00:00"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"RejectMessageReasonText": "No"}, ("5.7.1", "No")),
        ({"RejectMessageEnhancedStatusCode": "5.7.950"}, ("5.7.950", "Delivery not authorized, message refused")),
    ],
)
def test_the_other_half_of_a_rejection_is_filled_in(
    exchange: Exchange, sent: dict[str, str], shown: tuple[str, str]
) -> None:
    rule = exchange.rule("Reject", **sent)

    assert (rule["RejectMessageEnhancedStatusCode"], rule["RejectMessageReasonText"]) == shown


@pytest.mark.parametrize("half", ["RejectMessageReasonText", "RejectMessageEnhancedStatusCode"])
def test_a_rejection_goes_with_either_half(exchange: Exchange, half: str) -> None:
    exchange.rule("Reject", RejectMessageReasonText="No")

    exchange.rows("Set-TransportRule", Identity="Reject", **{half: None})

    rule = exchange.one("Get-TransportRule", Identity="Reject")
    assert (rule["RejectMessageEnhancedStatusCode"], rule["RejectMessageReasonText"]) == (None, None)


def test_what_depends_on_a_cleared_action_goes_with_it(exchange: Exchange) -> None:
    exchange.rule("Disclaimer", ApplyHtmlDisclaimerText="<p>Yours</p>", ADComparisonAttribute="Department")

    exchange.rows("Set-TransportRule", Identity="Disclaimer", ApplyHtmlDisclaimerText=None, ADComparisonAttribute=None)

    rule = exchange.one("Get-TransportRule", Identity="Disclaimer")
    assert rule["ApplyHtmlDisclaimerLocation"] is None
    assert rule["ApplyHtmlDisclaimerFallbackAction"] is None
    assert rule["ADComparisonOperator"] is None


def test_a_name_is_used_once_whatever_its_case(exchange: Exchange) -> None:
    said = exchange.refused("New-TransportRule", Name="route mis mail", StopRuleProcessing=True)

    assert said == "A rule with the name 'route mis mail' already exists. Rule names must be unique."
    assert "already exists" in exchange.refused("Set-TransportRule", Identity=SEEDED[0], Name=SEEDED[1])


def test_a_rule_does_something(exchange: Exchange) -> None:
    assert "at least one action" in exchange.refused("New-TransportRule", Name="Idle", FromScope="InOrganization")
    assert "at least one action" in exchange.refused("Set-TransportRule", Identity=SEEDED[0], SetSCL=None)


def test_a_rule_ends_after_it_begins(exchange: Exchange) -> None:
    dates = {"ActivationDate": "2026-12-01T00:00:00Z", "ExpiryDate": "2026-11-01T00:00:00Z"}

    assert "later" in exchange.refused("New-TransportRule", Name="Short", StopRuleProcessing=True, **dates)


def test_a_rule_has_eight_kilobytes(exchange: Exchange) -> None:
    half = {"ApplyHtmlDisclaimerText": "x" * 5000, "ApplyHtmlDisclaimerFallbackAction": "Ignore"}

    said = exchange.refused("New-TransportRule", Name="Long", GenerateNotification="x" * 3500, **half)

    assert "too large" in said
    assert exchange.rule("Shorter", GenerateNotification="x" * 3000, **half)


def test_all_rules_together_have_twenty_kilobytes_of_regular_expressions(exchange: Exchange) -> None:
    for number in range(5):
        exchange.rule(f"Patterns {number}", SubjectMatchesPatterns=["x" * 4096])

    assert "20480" in exchange.refused(
        "New-TransportRule", Name="One more", StopRuleProcessing=True, SubjectMatchesPatterns=["x"]
    )


def test_an_organisation_has_three_hundred_rules(exchange: Exchange) -> None:
    for number in range(296):
        exchange.tenant.put(RULES, f"key-{number}", {"Name": f"Rule {number}", "StopRuleProcessing": True})

    assert "300" in exchange.refused("New-TransportRule", Name="One more", StopRuleProcessing=True)


def test_a_new_rule_moves_those_below_it(exchange: Exchange) -> None:
    exchange.rule("Second", Priority=1)

    assert exchange.order() == [SEEDED[0], "Second", *SEEDED[1:]]


@pytest.mark.parametrize(
    ("name", "priority", "order"),
    [
        (SEEDED[3], 0, [3, 0, 1, 2]),
        (SEEDED[0], 3, [1, 2, 3, 0]),
        (SEEDED[1], 2, [0, 2, 1, 3]),
        (SEEDED[1], 1, [0, 1, 2, 3]),
    ],
)
def test_a_move_renumbers_the_others(exchange: Exchange, name: str, priority: int, order: list[int]) -> None:
    exchange.rows("Set-TransportRule", Identity=name, Priority=priority)

    assert exchange.order() == [SEEDED[place] for place in order]
    assert exchange.one("Get-TransportRule", Identity=name)["Priority"] == priority


@pytest.mark.parametrize("priority", [4, -1])
def test_a_move_out_of_the_order_is_refused(exchange: Exchange, priority: int) -> None:
    exchange.refused("Set-TransportRule", Identity=SEEDED[0], Priority=priority)

    assert exchange.order() == SEEDED


def test_set_changes_what_is_sent_and_nothing_else(exchange: Exchange) -> None:
    before = exchange.one("Get-TransportRule", Identity="Route MIS mail")
    exchange.tenant.set_now("2026-11-11T10:00:00Z")

    rows = exchange.rows("Set-TransportRule", Identity=before["Guid"], Name="Route MIS", Comments="ours")

    after = exchange.one("Get-TransportRule", Identity="Route MIS")
    changed = {key for key in after if after[key] != before[key]}
    assert rows == []
    assert changed == {"Name", "Identity", "DistinguishedName", "Comments", "LastModifiedBy", "WhenChanged"}
    assert after["WhenChanged"] == "2026-11-11T10:00:00.0000000+00:00"


def test_a_change_of_a_list_leaves_its_other_entries(exchange: Exchange) -> None:
    change = {"@odata.type": "#Exchange.GenericHashTable", "add": ["192.0.2.1"], "remove": ["203.0.113.24"]}

    exchange.rows("Set-TransportRule", Identity=SEEDED[0], SenderIpRanges=change)

    assert exchange.one("Get-TransportRule", Identity=SEEDED[0])["SenderIpRanges"] == ["192.0.2.1"]


def test_a_rule_is_switched_by_its_own_cmdlets(exchange: Exchange) -> None:
    assert "Enabled" in exchange.refused("Set-TransportRule", Identity=SEEDED[0], Enabled=False)
    assert exchange.rows("Disable-TransportRule", Identity=SEEDED[0]) == []
    assert [row["Name"] for row in exchange.rows("Get-TransportRule", State="Disabled")] == [SEEDED[0]]
    assert exchange.rows("Enable-TransportRule", Identity=SEEDED[0], Mode="Audit") == []
    rule = exchange.one("Get-TransportRule", Identity=SEEDED[0])
    assert (rule["State"], rule["Mode"]) == ("Enabled", "Audit")


def test_a_rule_can_be_made_switched_off(exchange: Exchange) -> None:
    assert exchange.rule("Sleeping", Enabled=False)["State"] == "Disabled"


def test_a_spam_level_of_zero_is_an_action(exchange: Exchange) -> None:
    rule = exchange.one("New-TransportRule", Name="Scan again", SenderDomainIs=["mis.example"], SetSCL=0)

    assert (rule["SetSCL"], len(rule["Actions"])) == (0, 1)


def test_a_removed_rule_is_gone(exchange: Exchange) -> None:
    assert exchange.rows("Remove-TransportRule", Identity=SEEDED[1].upper()) == []

    assert exchange.order() == [SEEDED[0], *SEEDED[2:]]
    assert exchange.run("Remove-TransportRule", Identity=SEEDED[1]).status_code == 404


def test_details_can_be_left_out(exchange: Exchange) -> None:
    rule = exchange.one("Get-TransportRule", Identity=SEEDED[0], ExcludeConditionActionDetails=True)

    assert (rule["SetSCL"], rule["Conditions"], rule["Description"]) == (None, None, "")
    assert rule["Mode"] == "Enforce"


def test_rules_are_found_by_their_description(exchange: Exchange) -> None:
    rows = exchange.rows("Get-TransportRule", Filter="Description -like '*mis.example*'")

    assert [row["Name"] for row in rows] == ["Route MIS mail"]


def test_edits_behind_the_service_s_back_are_shown(exchange: Exchange) -> None:
    key = _key(exchange, "Route MIS mail")

    exchange.tenant.patch(RULES, key, Mode="Audit", Name="Renamed", SentToScope="InOrganization", Priority=9)

    rule = exchange.one("Get-TransportRule", Identity="Renamed")
    assert (rule["Guid"], rule["Mode"], rule["Identity"]) == (key, "Audit", "Renamed")
    assert "SentToScopePredicate" in "".join(rule["Conditions"])
    assert [row["Priority"] for row in exchange.rows("Get-TransportRule")] == [0, 1, 2, 3]


def test_a_rule_put_behind_the_service_s_back_is_whole(exchange: Exchange) -> None:
    exchange.tenant.put(RULES, "ours", {"Name": "Somebody's", "DeleteMessage": True})

    rule = exchange.one("Get-TransportRule", Identity="ours")
    exchange.rows("Set-TransportRule", Identity="Somebody's", Priority=0)

    assert (rule["Priority"], rule["Mode"], rule["State"], rule["FromScope"]) == (4, "Enforce", "Enabled", None)
    assert exchange.order() == ["Somebody's", *SEEDED]
