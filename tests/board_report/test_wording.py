"""What the tool says of a setting, in words for those who govern."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.board_report.reading import OF_THE_TRADE, visible_text
from toolkit.board_report.pack import Pack
from toolkit.board_report.plain_language import brief_text, governor_text, sentence_of, title_of
from toolkit.errors import BadAnswer, NotLicensed, Refused, ServiceError
from toolkit.planning.policy.facts import NO_PLAYBOOK_ASKS
from toolkit.planning.policy.page import FOUND
from toolkit.sdk.reason import AS_RECORDED, About, ControlName, Reason, admin_text, reason_of


@pytest.mark.parametrize("pack", Pack)
def test_no_page_speaks_the_language_of_the_trade(packs: Mapping[Pack, Path], pack: Pack) -> None:
    words, _, appendix = visible_text(packs[pack].read_text(encoding="utf-8")).partition("Appendix: evidence")

    assert [line for line in words.splitlines() if OF_THE_TRADE.search(line)] == []
    assert max(len(sentence.split()) for sentence in re.split(r"[.:;]\s|\n", words)) < 45
    assert bool(appendix) == (pack is Pack.EVIDENCE)
    assert (pack is not Pack.EVIDENCE) or OF_THE_TRADE.search(appendix)


ABOUT = About("footer", "mail.disclaimer", "Google Workspace")


def _reason(found: Reason) -> Reason:
    return FOUND(about=ABOUT, found=found)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            BadAnswer("GET /gmail/v1 answered 500"),
            "it could not be read (the evidence for the administrator shows why)",
        ),
        (Refused("Get-TransportRule: Exchange answered 401"), "toolkit lacks a permission"),
        (NotLicensed("Get-Label: no licence"), "the school's licences do not include it"),
    ],
)
def test_what_a_service_answered_is_named_by_its_kind_and_not_quoted(error: ServiceError, message: str) -> None:
    sentence = sentence_of(_reason(reason_of(error)))

    assert sentence.subject == title_of("mail.disclaimer")
    assert message in sentence.found
    assert str(error) not in sentence.text
    assert not OF_THE_TRADE.search(sentence.text)
    assert str(error) in admin_text(_reason(reason_of(error)))


def test_a_reason_names_its_control_by_its_title() -> None:
    asked = governor_text(NO_PLAYBOOK_ASKS(control=ControlName("identity.mfa")))

    assert f"“{title_of('identity.mfa')}”" in asked
    assert not OF_THE_TRADE.search(asked)


def test_a_brief_reason_leaves_out_what_follows_the_first_figures() -> None:
    reason = _reason(AS_RECORDED(text="3 of 10").then(AS_RECORDED(text="; not counted: 1")))

    assert brief_text(reason) == "footer on Google Workspace: 3 of 10"
    assert governor_text(reason).endswith("footer on Google Workspace: 3 of 10; not counted: 1")
