"""What the tool says of a setting, in words for those who govern."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.board_report.reading import OF_THE_TRADE, seen
from toolkit.board_report.pack import Pack
from toolkit.board_report.plain_language import plainly


@pytest.mark.parametrize("pack", Pack)
def test_no_page_speaks_the_language_of_the_trade(packs: Mapping[Pack, Path], pack: Pack) -> None:
    words, _, appendix = seen(packs[pack].read_text(encoding="utf-8")).partition("Appendix: evidence")

    assert [line for line in words.splitlines() if OF_THE_TRADE.search(line)] == []
    assert max(len(sentence.split()) for sentence in re.split(r"[.:;]\s|\n", words)) < 45
    assert bool(appendix) == (pack is Pack.EVIDENCE)
    assert (pack is not Pack.EVIDENCE) or OF_THE_TRADE.search(appendix)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("mail.disclaimer, footer on Google Workspace: GET /gmail/v1 answered 500", "it could not be read"),
        ("identity.mfa: length at 20-a.yaml:3", "Whoever signs in shows more than a password: length"),
        ("1 device waits: approve or block each in the admin console: Devices", "1 device waits"),
        ("Chrome lists is not as the playbooks say (url_blocklist, name)", "Chrome lists is not as the playbooks say"),
        ("it is for trip_leaders: the group is empty", "it is for trip leaders: the group is empty"),
        ("3 of 10 compliant: 1 not compliant", "3 of 10 keep to the rules: 1 against the rules"),
    ],
)  # fmt: skip
def test_a_reason_is_said_plainly(said: str, told: str) -> None:
    assert told in plainly(said)
    assert not OF_THE_TRADE.search(plainly(said))
