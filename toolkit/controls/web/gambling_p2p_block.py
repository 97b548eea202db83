"""Gambling and file sharing are closed."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control


class GamblingBlock(Blocking):
    """Gambling, and sharing of files between computers."""


CONTROL = Control(
    name="web.gambling_p2p_block",
    title="Gambling and file sharing are closed",
    clauses=("MIS-08", "MIS-10"),
    settings=GamblingBlock,
    by_people=network("gambling and file sharing"),
)
