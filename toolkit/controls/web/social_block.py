"""Social networks are closed."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control


class SocialBlock(Blocking):
    """Social networks."""


CONTROL = Control(
    name="web.social_block",
    title="Social networks are closed",
    clauses=("SYS-12", "NET-03", "PER-11", "MIS-10"),
    settings=SocialBlock,
    by_people=network("social networks"),
    shares="pictures and names can go to services the school has no contract with",
)
