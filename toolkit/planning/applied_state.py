"""What is remembered of an object that was applied before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.sdk.resource import Reach
from toolkit.values import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """An object as we left it: under which id, what was sent, what came back, whom it reached."""

    remote_id: str | None = None
    sent: Settings = field(default_factory=dict)
    returned: Settings = field(default_factory=dict)
    reach: Reach | None = None
    added: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entries of lists that are there through us
    at: datetime | None = None  # when we last wrote it
    run: str = ""  # the run that last wrote it
