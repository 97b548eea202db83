"""Values of transport rules: how the service writes them, and which it refuses."""

import pytest

from tests.emulator.exchange.asking import Exchange


@pytest.mark.parametrize(
    ("parameter", "sent", "shown"),
    [
        ("MessageSizeOver", "10MB", "10 MB (10,485,760 bytes)"),
        ("MessageSizeOver", "1.5 GB", "1.5 GB (1,610,612,736 bytes)"),
        ("MessageSizeOver", 10_000, "9.766 KB (10,000 bytes)"),
        ("MessageSizeOver", "512", "512 B (512 bytes)"),
        ("MessageSizeOver", "10 MB (10,485,760 bytes)", "10 MB (10,485,760 bytes)"),
        ("ApplyHtmlDisclaimerText", "one\ntwo\r\nthree", "one\r\ntwo\r\nthree"),
        ("Comments", "\n", "\n"),
        ("SetSCL", "-1", -1),
        ("WithImportance", "hi", "High"),
        ("Mode", "AUDIT", "Audit"),
        ("SubjectContainsWords", "one", ["one"]),
        ("SubjectContainsWords", [], None),
        ("ActivationDate", "2026-09-01T08:00:00+01:00", "2026-09-01T07:00:00.0000000+00:00"),
        ("SubjectMatchesPatterns", [r"(?<year>\d{4})\p{L}"], [r"(?<year>\d{4})\p{L}"]),
        ("SubjectMatchesPatterns", [r"(?<=a+)b"], [r"(?<=a+)b"]),
        ("SentTo", "School Office", ["office@example-primary.example"]),
        ("SentTo", ["smtp:OFFICE@example-primary.onmicrosoft.example"], ["office@example-primary.example"]),
        ("SentTo", ["clerk", "office", "office"], ["clerk@local-authority.example", "office@example-primary.example"]),
    ],
)
def test_a_value_is_shown_as_the_service_writes_it(
    exchange: Exchange, parameter: str, sent: object, shown: object
) -> None:
    assert exchange.rule("Sample", **{parameter: sent})[parameter] == shown


@pytest.mark.parametrize(
    ("parameter", "value", "said"),
    [
        ("Mode", "Nope", "Audit, AuditAndNotify, Enforce"),
        ("Mode", "Audi", "Audit, AuditAndNotify, Enforce"),
        ("Mode", None, "null"),
        ("Mode", 1, "Audit, AuditAndNotify, Enforce"),
        ("SetSCL", 10, "-1 to 9"),
        ("SetSCL", True, "SclValue"),
        ("SetSCL", "much", "SclValue"),
        ("DeleteMessage", "true", "Boolean"),
        ("PrependSubject", 5, "SubjectPrefix"),
        ("PrependSubject", ["a"], "SubjectPrefix"),
        ("SubjectContainsWords", [5], "Word"),
        ("SubjectContainsWords", ["x" * 129], "128 characters"),
        ("SubjectContainsWords", {"@odata.type": "#Exchange.GenericHashTable", "add": ["a"]}, "Word"),
        ("SenderIpRanges", {"add": ["192.0.2.1"]}, "MultiValuedProperty"),
        ("SenderIpRanges", {"@odata.type": "#Exchange.GenericHashTable", "join": ["a"]}, "MultiValuedProperty"),
        ("SenderIpRanges", ["10.0.0.0/33"], "10.0.0.0/33"),
        ("SenderIpRanges", ["10.0.0.9-10.0.0.1"], "not a range"),
        ("MessageSizeOver", "big", "not a size"),
        ("ActivationDate", "tomorrow", "DateTime"),
        ("SubjectMatchesPatterns", ["(unclosed"], "invalid"),
        ("RejectMessageEnhancedStatusCode", "5.1.1", "5.7.900"),
        ("RemoveHeader", "X: y", "header field"),
        ("RedirectMessageTo", ["office@example-primary.example"] * 11, "At most 10"),
        ("ModerateMessageByUser", ["office@example-primary.example"] * 11, "At most 10"),
        ("SentTo", ["nobody@example-primary.example"], "'nobody@example-primary.example' of SentTo"),
        ("FromMemberOf", ["office@example-primary.example"], "isn't a group"),
        ("RouteMessageOutboundConnector", "Nope", "'Nope' couldn't be found"),
        ("Comments", "x" * 1025, "1024"),
        ("Name", "x" * 65, "64"),
        ("ApplyHtmlDisclaimerText", "x" * 5001, "5000"),
        ("GenerateNotification", "x" * 5121, "5120"),
        ("RejectMessageReasonText", "x" * 1025, "1024"),
        ("Priority", 5, "rule priority is invalid"),
        ("Priority", -1, "-1"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(exchange: Exchange, parameter: str, value: object, said: str) -> None:
    parameters = {"Name": "Sample", "StopRuleProcessing": True, parameter: value}

    assert said in exchange.refused("New-TransportRule", **parameters)
    assert "Sample" not in exchange.order()


def test_an_address_of_another_domain_is_taken_as_sender_and_recipient_and_nowhere_else(exchange: Exchange) -> None:
    outside = "Bursar@oak-primary.example"
    for name in ("From", "SentTo", "ExceptIfFrom", "ExceptIfSentTo"):
        assert exchange.rule(name, **{name: [outside]})[name] == [outside]
        assert "couldn't be found" in exchange.refused("Set-TransportRule", Identity=name, **{name: ["Bursar"]})
    for name in ("AnyOfToHeader", "ManagerAddresses", "BlindCopyTo", "FromMemberOf"):
        assert outside in exchange.refused("New-TransportRule", Name="x", StopRuleProcessing=True, **{name: [outside]})


def test_a_name_that_two_recipients_share_is_refused(exchange: Exchange) -> None:
    twin = {"DisplayName": "School Office", "PrimarySmtpAddress": "x@y.example", "RecipientTypeDetails": "MailContact"}
    exchange.tenant.put("exchange.recipients", "twin", twin)

    said = exchange.refused("New-TransportRule", Name="Sample", BlindCopyTo=["School Office"])

    assert "matches multiple" in said
