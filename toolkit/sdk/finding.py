"""What was found out about one subject."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from toolkit.sdk.reason import Reason
from toolkit.values import Json


class Status(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a result, not a secret
    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of a check: who or what, how it is, why we say so, and on what it rests."""

    subject: str
    status: Status
    reason: Reason
    evidence: Mapping[str, Json] = field(default_factory=dict)
