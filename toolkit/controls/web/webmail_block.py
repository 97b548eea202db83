"""Private webmail is closed."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control


class WebmailBlock(Blocking):
    """Private webmail; where it shares its hosts with the school's own mail it is closed by account."""


CONTROL = Control(
    name="web.webmail_block",
    title="Private webmail is closed",
    clauses=("SYS-13", "EML-02"),
    settings=WebmailBlock,
    by_people=network("private webmail"),
    shares="the school's mail and files can go to mailboxes the school has no contract for",
)
