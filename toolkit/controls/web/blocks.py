"""The controls that block groups of apps and sites; each cloud implements all of them in one module."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control


class ChatBlock(Blocking):
    """Chat apps and messengers, except the school's own Teams and Google Chat."""


class GamblingBlock(Blocking):
    """Betting, lotteries and casinos, and file sharing from computer to computer."""


class SocialBlock(Blocking):
    """Social networks such as Facebook, Instagram and TikTok."""


class StreamingBlock(Blocking):
    """Films, television and music."""


class WebmailBlock(Blocking):
    """Where private webmail has the same host as the school's e-mail, private accounts are blocked."""


CONTROLS = (
    Control(
        name="web.chat_im_block",
        title="Block on chat apps such as WhatsApp",
        clauses=("SYS-03", "SYS-10", "SYS-11", "NET-03", "MIS-10"),
        settings=ChatBlock,
        by_people=network("chat apps"),
        shares="what is written about pupils and parents goes to a service the school has no contract with",
    ),
    Control(
        name="web.gambling_p2p_block",
        title="Block on gambling and file sharing",
        clauses=("MIS-08", "MIS-10"),
        settings=GamblingBlock,
        by_people=network("gambling and file sharing"),
    ),
    Control(
        name="web.social_block",
        title="Block on social networks",
        clauses=("SYS-12", "NET-03", "PER-11", "MIS-10"),
        settings=SocialBlock,
        by_people=network("social networks"),
        shares="pictures and names can go to services the school has no contract with",
    ),
    Control(
        name="web.streaming_block",
        title="Block on streaming, except for allowed sites",
        clauses=("SYS-09", "PER-11"),
        settings=StreamingBlock,
        by_people=network("streaming"),
    ),
    Control(
        name="web.webmail_block",
        title="Block on private webmail",
        clauses=("SYS-13", "EML-02"),
        settings=WebmailBlock,
        by_people=network("private webmail"),
        shares="the school's mail and files can go to mailboxes the school has no contract for",
    ),
)
