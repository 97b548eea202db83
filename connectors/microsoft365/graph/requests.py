"""A request to Graph, and whether it reads or writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from toolkit.errors import WriteInReadOnlyRun
from toolkit.values import Body

_ODATA = frozenset({"select", "filter", "top", "expand", "orderby", "search", "skip", "count"})
# Actions that are sent as POST and change nothing, by the last part of their path.
_READING_ACTIONS = frozenset(
    {"getschedule", "getbyids", "getmembergroups", "getmemberobjects", "checkmembergroups", "checkmemberobjects"}
)


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One request; the path begins behind the version and holds its query, `/beta/...` asks the other version."""

    method: str
    path: str
    body: Body | None = None

    @property
    def reads(self) -> bool:
        """Say whether it is known to change nothing; what is not known writes."""
        last = self.path.partition("?")[0].rstrip("/").rpartition("/")[2].rpartition(".")[2].removesuffix("()")
        match self.method:
            case "GET" | "HEAD":
                return True
            case "POST":
                return last.lower() in _READING_ACTIONS
            case _:
                return False

    def __str__(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


def path_with(path: str, query: Mapping[str, str]) -> str:
    """Write a path with its query; OData's own options get their dollar sign."""
    options = [
        ("$" if name in _ODATA else "") + name + "=" + quote(value, safe="$,:'()/") for name, value in query.items()
    ]
    return path + ("?" + "&".join(options) if options else "")


def quoted(text: str) -> str:
    """Write a text as a literal of a filter."""
    return "'" + text.replace("'", "''") + "'"


def refuse_writes(*requests: GraphRequest) -> None:
    """Raise WriteInReadOnlyRun if one of the requests is not known to be a read."""
    for request in requests:
        if not request.reads:
            raise WriteInReadOnlyRun(f"{request} could change the tenant; this run only reads, nothing was sent")
