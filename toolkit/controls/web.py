"""Controls that block apps and sites, and the control for tests of filtering and monitoring."""

from toolkit.controls.blocking import Blocking, network_parts
from toolkit.controls.control import Control
from toolkit.controls.testing import PeriodicTestSettings
from toolkit.sdk import Level, Part

_WRITE = "and record the result under `tested:` in a file of attestations"


class ChatBlock(Blocking):
    """The control that blocks chat apps and messengers, except the school's own Teams and Google Chat."""


class GamblingBlock(Blocking):
    """The control that blocks betting, lotteries, casinos and peer-to-peer file sharing."""


class SocialBlock(Blocking):
    """The control that blocks social networks such as Facebook, Instagram and TikTok."""


class StreamingBlock(Blocking):
    """The control that blocks film, television and music streaming."""


class WebmailBlock(Blocking):
    """The control that blocks private webmail.

    If a service shares its host with the school's e-mail, private accounts are blocked instead of the host.
    """


class HarmfulFilter(PeriodicTestSettings):
    """Regular tests of web filtering and monitoring, which no cloud can show.

    The tester opens harmless addresses that testing services publish for this purpose. Never search for harmful
    content.
    """


CONTROLS = (
    Control(
        name="web.chat_im_block",
        title="Block on chat apps such as WhatsApp",
        clauses=("SYS-03", "SYS-10", "SYS-11", "NET-03", "MIS-10"),
        settings=ChatBlock,
        by_people=network_parts("chat apps"),
        shares="messages about pupils and parents may go to a service with which the school has no contract",
    ),
    Control(
        name="web.gambling_p2p_block",
        title="Block on gambling and file sharing",
        clauses=("MIS-08", "MIS-10"),
        settings=GamblingBlock,
        by_people=network_parts("gambling and file sharing"),
    ),
    Control(
        name="web.social_block",
        title="Block on social networks",
        clauses=("SYS-12", "NET-03", "PER-11", "MIS-10"),
        settings=SocialBlock,
        by_people=network_parts("social networks"),
        shares="pictures and names may go to services with which the school has no contract",
    ),
    Control(
        name="web.streaming_block",
        title="Block on streaming, except for allowed sites",
        clauses=("SYS-09", "PER-11"),
        settings=StreamingBlock,
        by_people=network_parts("streaming"),
    ),
    Control(
        name="web.webmail_block",
        title="Block on private webmail",
        clauses=("SYS-13", "EML-02"),
        settings=WebmailBlock,
        by_people=network_parts("private webmail"),
        shares="school mail and files may go to mailboxes for which the school has no contract",
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
                covers="harmful and illegal content is blocked, and content that teaching needs is open",
                reason="on each type of device and each network, open every address in `probes_file`, signed in as a "
                f"pupil and as a member of staff, {_WRITE}",
                limits=(
                    "the record shows only people's observations, because toolkit does not open the addresses",
                    "the school cannot filter personal phones on mobile data",
                ),
            ),
            Part(
                name="monitoring",
                level=Level.MANUAL,
                tested=True,
                covers="monitoring alerts reach the Designated Safeguarding Lead",
                reason="raise a test alert in the monitoring product on each type of device and each network, check "
                f"that the Designated Safeguarding Lead gets it, {_WRITE}",
                limits=("the supplier must show how reliably it detects problems",),
            ),
        ),
    ),
)
