"""Streaming is closed, or open for what is named."""

from toolkit.controls.blocking import Blocking, network
from toolkit.controls.control import Control


class StreamingBlock(Blocking):
    """Streaming of films, television and music."""


CONTROL = Control(
    name="web.streaming_block",
    title="Streaming is closed, or open for what is named",
    clauses=("SYS-09", "PER-11"),
    settings=StreamingBlock,
    by_people=network("streaming"),
)
