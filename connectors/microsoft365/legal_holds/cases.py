"""Reads and changes eDiscovery cases, their holds and the sources of holds, with only a few requests a minute.

Follows https://learn.microsoft.com/graph/api/resources/security-ediscoverycase and
https://learn.microsoft.com/graph/api/resources/security-ediscoveryholdpolicy
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from connectors.microsoft365.graph.service import GraphRequest
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.mailboxes import TOGETHER, chunks
from toolkit.errors import BadAnswer, Conflict, NotFound, Refused, Rejected, RequestFailed, SignInRefused, answered
from toolkit.sdk import Pace, segment
from toolkit.values import Body

T = TypeVar("T")

PERMISSION = "eDiscovery.ReadWrite.All"
READ_PERMISSION = "eDiscovery.Read.All"
REGISTERED = "eDiscoveryManager"
"""The missing permission if the app is not registered."""
REGISTRATION = (
    "eDiscovery accepts an app only after an administrator has registered it once, in Security & Compliance "
    "PowerShell: New-ServicePrincipal -AppId <Application ID> -ObjectId <Object ID> (of the enterprise app, only if "
    f"Get-ServicePrincipal does not list the app), Add-RoleGroupMember {REGISTERED} -Member <Object ID>, "
    "Add-eDiscoveryCaseAdmin -User <Object ID>"
)
CALL_SECONDS = 60 / 5  # about five requests a minute
_SETTLES = 60.0
_CASES = "/security/cases/ediscoveryCases"
_BETA = "/beta"


class Cases:
    """The cases of a tenant. Every method raises the errors of toolkit.errors.

    Microsoft documents legal holds for Graph v1.0, but v1.0 may lack them. Beta is then used instead.
    """

    def __init__(self, graph: Graph, pace: Pace) -> None:
        self._graph = graph
        self._pace = pace
        self._version = ""

    def all(self) -> Sequence[Body]:
        """Return every case, including closed cases."""
        return self._read_lists([_CASES])[0]

    def check_case_access(self) -> None:
        """Read a case to check that eDiscovery accepts this app.

        Raise Refused, with the missing permission, if it does not.
        """
        self._pace.wait()
        with _adding_advice_to_errors(READ_PERMISSION):
            self._graph.get(_CASES, select="id", top="1")

    def holds(self, cases: Sequence[str]) -> Sequence[Sequence[Body]]:
        """Return the holds of each case, in order. One request reads twenty cases."""
        paths = [f"{_CASES}/{segment(case)}/legalHolds" for case in cases]
        return self._call_in_known_version(lambda version: self._read_lists([version + path for path in paths]))

    def sources(self, holds: Sequence[tuple[str, str]]) -> Sequence[Sequence[Body]]:
        """Return the people who are sources of each hold, in order. A hold is given by its case id and its own id."""
        return self._read_lists([self._sources_path(*hold) for hold in holds])

    def sites(self, holds: Sequence[tuple[str, str]]) -> Sequence[Sequence[Body]]:
        """Return the sites that are sources of each hold, in order. A hold is given by its case id and its own id."""
        return self._read_lists([self._sources_path(*hold, collection="siteSources") for hold in holds])

    def create(self, name: str) -> Body:
        return self._create(_CASES, {"displayName": name}, lambda: find_by_name(self.all(), name))

    def create_hold(self, case: str, name: str) -> Body:
        """Create a hold in a case. The hold has no query, so it keeps everything in its sources."""
        path = f"{_CASES}/{segment(case)}/legalHolds"
        return self._call_in_known_version(
            lambda version: self._create(
                version + path, {"displayName": name}, lambda: find_by_name(self.holds([case])[0], name)
            )
        )

    def add(self, hold: tuple[str, str], source: Body, find_existing: Callable[[], Body | None]) -> Body:
        """Add a source to a hold and return it."""
        return self._create(self._sources_path(*hold), source, find_existing)

    def add_many(self, hold: tuple[str, str], sources: Sequence[Body]) -> Sequence[Body | RequestFailed]:
        """Add sources to a hold, twenty in a request. Return the response or the error for each source, in order.

        A repeated request gets a conflict, because a hold has each source only once.
        """
        path = self._sources_path(*hold)
        return [
            outcome for chunk in chunks(sources, _choose_batch_size(path)) for outcome in self._add_chunk(path, chunk)
        ]

    def remove(self, hold: tuple[str, str], source: str) -> None:
        """Remove a source from a hold."""
        self._pace.wait()
        with _adding_advice_to_errors():
            self._graph.delete(f"{self._sources_path(*hold)}/{segment(source)}")

    def find(self, matter: str) -> str:
        """Return the id of the case for a matter. Raise NotFound if the matter has no case."""
        if row := find_by_name(self.all(), matter):
            return identifier(row)
        raise NotFound(f"eDiscovery has no case {matter!r}. Run `toolkit hold confirm` to create it again")

    def rows(self, place: str) -> Sequence[Body]:
        return self._read_lists([f"{_CASES}/{place}"])[0]

    def read(self, place: str) -> Body:
        self._pace.wait()
        with _adding_advice_to_errors():
            return self._graph.get(f"{_CASES}/{place}")

    def make(self, place: str, body: Body, find_existing: Callable[[], Body | None]) -> Body:
        """Create an object in a case and return it.

        If there was no response, `find_existing` searches for the object.
        """
        return self._create(f"{_CASES}/{place}", body, find_existing)

    def start(self, place: str, body: Body) -> None:
        """Start an operation. It may be started twice, because that does no harm."""
        self._pace.wait()
        with _adding_advice_to_errors():
            self._graph.send("POST", f"{_CASES}/{place}", body)

    def put_many(self, place: str, bodies: Sequence[Body]) -> None:
        """Add entries to a list, twenty in a request.

        Entries that exist already are unchanged. Raise all other errors.
        """
        path = f"{_CASES}/{place}"
        for chunk in chunks(bodies, TOGETHER):
            for outcome in self._add_chunk(path, chunk):
                if not isinstance(outcome, Conflict):
                    answered(outcome)

    def _sources_path(self, case: str, hold: str, *, collection: str = "userSources") -> str:
        return f"{self._version}{_CASES}/{segment(case)}/legalHolds/{segment(hold)}/{collection}"

    def _create(self, path: str, body: Body, find_existing: Callable[[], Body | None]) -> Body:
        self._pace.wait()
        with _adding_advice_to_errors():
            return self._graph.create(path, body, find_existing, settles=_SETTLES)

    def _add_chunk(self, path: str, sources: Sequence[Body]) -> Sequence[Body | RequestFailed]:
        self._pace.wait()
        with _adding_advice_to_errors():
            outcomes = self._graph.batch([GraphRequest("POST", path, source) for source in sources])
        return [_add_advice(outcome) if isinstance(outcome, RequestFailed) else outcome for outcome in outcomes]

    def _read_lists(self, paths: Sequence[str]) -> Sequence[Sequence[Body]]:
        rows: list[Sequence[Body]] = []
        for chunk in chunks(paths, _choose_batch_size(*paths)):
            self._pace.wait()
            with _adding_advice_to_errors():
                rows += map(answered, self._graph.lists(chunk))
        return rows

    def _call_in_known_version(self, call: Callable[[str], T]) -> T:
        try:
            return call(self._version)
        except (NotFound, Rejected):
            if self._version:
                raise
            try:
                result = call(_BETA)
            except (NotFound, Rejected):
                result = None
            if result is None:
                raise
        self._version = _BETA
        return result


def _choose_batch_size(*paths: str) -> int:
    """Return how many requests a batch for these paths may have. Only v1.0 allows more than one."""
    return 1 if any(path.startswith(_BETA) for path in paths) else TOGETHER


def find_by_name(rows: Sequence[Body], name: str) -> Body | None:
    """Return the row with a name, or None if there is none. Raise BadAnswer if several rows have the name."""
    match [row for row in rows if row.get("displayName") == name]:
        case []:
            return None
        case [row]:
            return row
        case several:
            raise BadAnswer(
                f"{len(several)} entries in eDiscovery have the name {name!r}. Rename all but one of them in Purview"
            )


def identifier(row: Body) -> str:
    """Return the id of a case, a hold or a source."""
    if not isinstance(key := row.get("id"), str) or not key:
        raise BadAnswer("eDiscovery returned an object without an id")
    return key


@contextmanager
def _adding_advice_to_errors(permission: str = PERMISSION) -> Iterator[None]:
    try:
        yield
    except (SignInRefused, Refused) as error:
        raise _add_advice(error, permission) from error


def _add_advice(error: RequestFailed, permission: str = PERMISSION) -> RequestFailed:
    """Return an error with the permission that the app needs in its text."""
    match error:
        case SignInRefused() if _CASES in str(error) or "/$batch" in str(error):
            return Refused(f"{error}. {REGISTRATION}", missing=REGISTERED)
        case Refused(missing=""):
            return Refused(f"{error}. This app needs {permission}, with admin consent", missing=permission)
        case _:
            return error
