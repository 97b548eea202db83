"""A request to Defender, and whether it reads or writes."""

from dataclasses import dataclass

from toolkit.errors import WriteInReadOnlyRun
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class DefenderRequest:
    """One request; the path begins with /api."""

    method: str
    path: str
    body: Body | None = None

    @property
    def reads(self) -> bool:
        """Say whether it is known to change nothing; what is not known writes."""
        return self.method == "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


def refuse_writes(request: DefenderRequest) -> None:
    """Raise WriteInReadOnlyRun if a request is not known to be a read."""
    if not request.reads:
        raise WriteInReadOnlyRun(f"{request} could change the tenant; this run only reads, nothing was sent")
