"""What counts as the same setting of a mail rule."""

import pytest

from connectors.microsoft365.kinds.transport_rule.limits import canonical_range
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.values import AtLeast, Json

TAG = {"prepend_subject": "[Tag] "}


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1/32", "192.0.2.1"),
        ("192.0.2.77/24", "192.0.2.0/24"),
        ("192.0.2.0-192.0.2.255", "192.0.2.0/24"),
        ("192.0.2.1 - 192.0.2.9", "192.0.2.1-192.0.2.9"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("2001:db8::-2001:db8::ffff", "2001:db8::/112"),
    ],
)
def test_ranges_of_machines_have_one_form(written: str, canonical: str) -> None:
    assert canonical_range(written) == canonical


@pytest.mark.parametrize(
    ("setting", "written", "shown"),
    [
        ("StopRuleProcessing", "stop_rule_processing", False),
        ("SubjectContainsWords", "subject_contains_words", []),
        ("Comments", "comments", "\n"),
        ("PrependSubject", "prepend_subject", ""),
    ],
)
def test_what_services_show_for_nothing_is_nothing(setting: str, written: str, shown: Json) -> None:
    assert TransportRule.observed({setting: shown})[written] is None


@pytest.mark.parametrize(
    ("wire", "setting", "one", "other"),
    [
        ("MessageSizeOver", "message_size_over", "10 MB", "10 MB (10,485,760 bytes)"),
        ("SubjectContainsWords", "subject_contains_words", ["B", "a"], ["A", "b", "B"]),
        ("From", "from", ["Head@Example-Primary.example"], "head@example-primary.example"),
        ("SetSCL", "set_scl", 6, "6"),
        ("ExpiryDate", "expiry_date", "2027-07-23T18:00:00+01:00", "2027-07-23T17:00:00.0000000+00:00"),
        ("ApplyHtmlDisclaimerText", "apply_html_disclaimer_text", "<p>a</p>\n<p>b</p>\n", "<p>a</p>\r\n<p>b</p>"),
        ("State", "enabled", True, "Enabled"),
        ("State", "enabled", False, "Disabled"),
    ],
)
def test_what_exchange_rewrites_is_the_same_setting(wire: str, setting: str, one: Json, other: Json) -> None:
    assert TransportRule.desired({**TAG, setting: one})[setting] == TransportRule.observed({wire: other})[setting]


def test_patterns_keep_their_case() -> None:
    wanted = TransportRule.desired({**TAG, "subject_matches_patterns": [r"\S"]})
    assert wanted["subject_matches_patterns"] == (r"\S",)


def test_a_list_may_ask_for_at_least_its_entries() -> None:
    wanted = TransportRule.desired({**TAG, "sender_ip_ranges": {"contains": ["192.0.2.0-192.0.2.255"]}})
    assert wanted["sender_ip_ranges"] == AtLeast(("192.0.2.0/24",))


def test_silence_about_a_condition_means_that_there_is_none() -> None:
    wanted = TransportRule.desired(TAG)
    assert wanted["except_if_from"] is None
    assert wanted["rule_mode"] == "Enforce"
    assert wanted["enabled"] is True
    assert not {"comments", "sender_address_location", "rule_error_action", "recipient_address_type"} & set(wanted)


@pytest.mark.parametrize(
    ("written", "implied"),
    [
        (
            {"apply_html_disclaimer_text": "a"},
            {"apply_html_disclaimer_location": "Append", "apply_html_disclaimer_fallback_action": "Wrap"},
        ),
        ({"reject_message_reason_text": "a"}, {"reject_message_enhanced_status_code": "5.7.1"}),
        (
            {"reject_message_enhanced_status_code": "5.7.900"},
            {"reject_message_reason_text": "Delivery not authorized, message refused"},
        ),
        ({**TAG, "ad_comparison_attribute": "City"}, {"ad_comparison_operator": "Equal"}),
    ],
)
def test_what_exchange_fills_in_is_wanted_from_the_start(written: dict[str, Json], implied: dict[str, str]) -> None:
    wanted = TransportRule.desired(written)
    assert {name: wanted[name] for name in implied} == implied


def test_a_rule_of_more_than_eight_kilobytes_is_refused() -> None:
    words = [f"{number:0120}" for number in range(80)]
    with pytest.raises(ValueError, match=r"8,192\. Split it into two"):
        TransportRule.desired({**TAG, "subject_contains_words": words})


@pytest.mark.parametrize(
    ("setting", "longest"),
    [("apply_html_disclaimer_text", 5000), ("reject_message_reason_text", 1024), ("comments", 1024)],
)
def test_texts_have_exchange_s_limits(setting: str, longest: int) -> None:
    assert TransportRule.desired({**TAG, setting: "a" * longest})
    with pytest.raises(ValueError, match=str(longest)):
        TransportRule.desired({**TAG, setting: "a" * (longest + 1)})


@pytest.mark.parametrize("setting", ["redirect_message_to", "moderate_message_by_user"])
def test_ten_people_may_be_named_where_exchange_takes_ten(setting: str) -> None:
    people = [f"person{number}@example-primary.example" for number in range(11)]
    assert TransportRule.desired({setting: people[:10]})
    with pytest.raises(ValueError, match="at most 10"):
        TransportRule.desired({setting: people})


@pytest.mark.parametrize(
    "pattern",
    [r"^(?<year>\d{4})", r"\p{Lu}\w+", r"(?<=a+)b", r"\(.*\)", r"a.*b", r"[*+]+", r"\++", r"[.*]", r"(?i)personal"],
)
def test_patterns_of_dotnet_are_taken(pattern: str) -> None:
    assert TransportRule.desired({**TAG, "subject_matches_patterns": [pattern]})


@pytest.mark.parametrize("pattern", ["(", r"(?P<year>\d)", "a++", "(a.*)", "(?:x|.+)", "(a.{0,3})", " "])
def test_patterns_that_exchange_refuses_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|word"):
        TransportRule.desired({**TAG, "subject_matches_patterns": [pattern]})
