"""Controls about apps, sites and the web: blocks, which a cloud realises in the same way, and tests of filtering."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control
from toolkit.controls.testing import PeriodicTestSettings
from toolkit.sdk import Level, Part

_WRITE = "and write what came of it under `tested:` in a file of attestations"


class ChatBlock(Blocking):
    """Chat apps and messengers, except the school's own Teams and Google Chat."""


class GamblingBlock(Blocking):
    """Betting, lotteries and casinos, and file sharing from computer to computer."""


class SocialBlock(Blocking):
    """Social networks such as Facebook, Instagram and TikTok."""


class StreamingBlock(Blocking):
    """Films, television and music."""


class WebmailBlock(Blocking):
    """Private webmail. If it has the same host as the school's e-mail, private accounts are blocked."""


class HarmfulFilter(PeriodicTestSettings):
    """The interval, devices and networks for tests of filtering and monitoring, which no cloud can show.

    The tester opens harmless addresses that testing services publish for this. Never look for harmful content.
    """


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
    Control(
        name="web.harmful_filter",
        title="Tests of filtering and monitoring",
        clauses=("NET-01", "MIS-03", "MIS-05", "MIS-12"),
        settings=HarmfulFilter,
        reaches_people=False,
        by_people_alone=True,
        by_people=(
            Part(
                name="filtering",
                level=Level.MANUAL,
                tested=True,
                covers="harmful and illegal content is blocked, and what teaching needs is open",
                reason="on each sort of device and each network open every address of the list in `probes_file`, "
                f"signed in as a pupil and as one of the staff, {_WRITE}",
                limits=(
                    "the register says what people saw; toolkit opens none of the addresses itself",
                    "personal phones on mobile data are outside any filter of the school's",
                ),
            ),
            Part(
                name="monitoring",
                level=Level.MANUAL,
                tested=True,
                covers="what monitoring notices reaches the Designated Safeguarding Lead",
                reason="have the monitoring product raise its test alert on each sort of device and each network, see "
                f"that the Designated Safeguarding Lead gets it, {_WRITE}",
                limits=("how well it notices is for its supplier to show",),
            ),
        ),
    ),
)
