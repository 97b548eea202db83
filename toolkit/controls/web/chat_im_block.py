"""Chat apps such as WhatsApp are closed."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control


class ChatBlock(Blocking):
    """Chat apps and messengers; the school's own Teams and Google Chat stay."""


CONTROL = Control(
    name="web.chat_im_block",
    title="Chat apps such as WhatsApp are closed",
    clauses=("SYS-03", "SYS-10", "SYS-11", "NET-03", "MIS-10"),
    settings=ChatBlock,
    by_people=network("chat apps"),
    shares="what is written about pupils and parents goes to a service the school has no contract with",
)
