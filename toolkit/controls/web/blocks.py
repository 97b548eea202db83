"""The controls that close groups of apps and sites; each cloud realises all of them in one module."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control


class ChatBlock(Blocking):
    """Chat apps and messengers; the school's own Teams and Google Chat stay."""


class GamblingBlock(Blocking):
    """Gambling, and sharing of files between computers."""


class SocialBlock(Blocking):
    """Social networks."""


class StreamingBlock(Blocking):
    """Streaming of films, television and music."""


class WebmailBlock(Blocking):
    """Private webmail; where it shares its hosts with the school's own mail it is closed by account."""


CONTROLS = (
    Control(
        name="web.chat_im_block",
        title="Chat apps such as WhatsApp are closed",
        clauses=("SYS-03", "SYS-10", "SYS-11", "NET-03", "MIS-10"),
        settings=ChatBlock,
        by_people=network("chat apps"),
        shares="what is written about pupils and parents goes to a service the school has no contract with",
    ),
    Control(
        name="web.gambling_p2p_block",
        title="Gambling and file sharing are closed",
        clauses=("MIS-08", "MIS-10"),
        settings=GamblingBlock,
        by_people=network("gambling and file sharing"),
    ),
    Control(
        name="web.social_block",
        title="Social networks are closed",
        clauses=("SYS-12", "NET-03", "PER-11", "MIS-10"),
        settings=SocialBlock,
        by_people=network("social networks"),
        shares="pictures and names can go to services the school has no contract with",
    ),
    Control(
        name="web.streaming_block",
        title="Streaming is closed, or open for what is named",
        clauses=("SYS-09", "PER-11"),
        settings=StreamingBlock,
        by_people=network("streaming"),
    ),
    Control(
        name="web.webmail_block",
        title="Private webmail is closed",
        clauses=("SYS-13", "EML-02"),
        settings=WebmailBlock,
        by_people=network("private webmail"),
        shares="the school's mail and files can go to mailboxes the school has no contract for",
    ),
)
