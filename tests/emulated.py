"""The emulator and its tenants for tests. The emulator is another process, which tests reach only over HTTPS."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from requests import Response, Session

GRAPH = "https://graph.microsoft.com"
EXCHANGE = "https://outlook.office365.com"
HANG = 600
"""Seconds after which a test that waits for a response has hung. No test depends on how quick a response is."""

FEW_PUPILS: Mapping[str, int] = {"users": 60, "staff": 46}
"""The people of a test's tenant: all staff, and few pupils so that each read is short."""

FEW_PEOPLE: Mapping[str, int] = {"users": 24, "staff": 14}
"""The people of a test about playbooks and not about people: each role, and two trip leaders."""

whole_school = pytest.mark.parametrize("tenant", [{}], indirect=True, ids=["whole school"])
"""Gives a test a tenant with everyone in it, so that lists are longer than a page."""

_SPARE = 2
"""The number of tenants of the same size that are kept open for later tests."""

_ROOT = Path(__file__).parents[1]

REGION = "GET EXOModuleFile"
"""The look-up of the region, which a run with Exchange makes once."""

SIGN_IN = ("entra", "google oauth")
"""The services of the emulator that issue tokens."""


def trusting(ca_file: str) -> Session:
    """Return a session that trusts only one certificate authority and ignores the proxies of the environment."""
    session = Session()
    session.verify = ca_file
    session.trust_env = False
    session.hooks["response"] = [_keep_packed_refusal]
    return session


def _keep_packed_refusal(answer: Response, **_options: object) -> Response:
    """Read the body of a 403 without unpacking it: Exchange declares gzip for a body that is not packed."""
    if answer.status_code == HTTPStatus.FORBIDDEN and answer.headers.get("Content-Encoding"):
        answer._content = answer.raw.read(decode_content=False)
        answer._content_consumed = True  # type: ignore[attr-defined]
    return answer


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    url: str
    ca_file: str
    pid: int
    proxy: str | None
    line: Mapping[str, Any]  # the JSON line that it prints when it is ready
    http: Session = field(repr=False)
    idle: dict[str, list["Tenant"]] = field(
        default_factory=dict, repr=False, compare=False
    )  # by the options that opened them

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Send a request to the control plane, and fail the test if it is refused. The path begins after /_emulator."""
        answer = self.ask(method, path, body)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def ask(self, method: str, path: str, body: object = None, **headers: str | None) -> Response:
        """Send a request with the token to the control plane, and return the response even if it is an error."""
        sent = {"Authorization": f"Bearer {self.line['token']}", **headers}
        url = f"{self.url}/_emulator{path}"
        return self.http.request(method, url, json=body, headers=sent, timeout=HANG)

    def open_tenant(self, **wanted: object) -> "Tenant":
        """Open a tenant: users=N sets the number of people, staff=M the staff among them, school={...} other names."""
        return Tenant(self, self.control("POST", "/tenants", wanted))

    def borrow_tenant(self, **wanted: object) -> "Tenant":
        """Like `open_tenant`, but closing the tenant restores it and lends it to the next test.

        That takes an eighth of the time that a new tenant takes.
        """
        idle = self.idle.setdefault(json.dumps(wanted, sort_keys=True), [])
        if idle:
            return idle.pop()
        tenant = Tenant(self, self.open_tenant(**wanted).description, idle)
        tenant.control("PUT", "/snapshot")
        return tenant


@dataclass(frozen=True)
class Tenant:
    """One tenant of the emulator, as its control plane describes it."""

    emulator: Emulator
    description: Mapping[str, Any]
    idle: list["Tenant"] | None = field(default=None, repr=False, compare=False)  # the spare tenants that it returns to

    @property
    def tenant_id(self) -> str:
        return str(self.description["microsoft365"]["tenant_id"])

    @property
    def customer_id(self) -> str:
        return str(self.description["google_workspace"]["customer_id"])

    @property
    def domain(self) -> str:
        return str(self.description["microsoft365"]["domain"])

    @property
    def initial_domain(self) -> str:
        return str(self.description["microsoft365"]["initial_domain"])

    @property
    def applications(self) -> Mapping[str, Mapping[str, str]]:
        """The client_id and client_secret of `writer` and `reader`."""
        return cast("Mapping[str, Mapping[str, str]]", self.description["microsoft365"]["applications"])

    def control(self, method: str, path: str, body: object = None) -> Any:
        return self.emulator.control(method, f"/tenants/{self.tenant_id}{path}", body)

    def ask(self, method: str, path: str, body: object = None) -> Response:
        """Send a request about this tenant to the control plane, and return the response even if it is an error."""
        return self.emulator.ask(method, f"/tenants/{self.tenant_id}{path}", body)

    def close(self) -> None:
        """Remove the tenant. A borrowed tenant is restored instead and becomes a spare tenant."""
        if self.idle is None:
            self.control("DELETE", "")
        else:
            self.restore_snapshot()
            self.idle.append(self)
            if len(self.idle) > _SPARE:  # every open tenant makes the others slower
                self.idle.pop(0).control("DELETE", "")

    def keep_snapshot(self) -> None:
        """Store the present state of everything in the tenant."""
        assert self.idle is None, "a borrowed tenant has its snapshot already: open one with open_tenant"
        self.control("PUT", "/snapshot")

    def restore_snapshot(self) -> None:
        """Restore the snapshot, and remove the tenant's faults and its recorded requests."""
        self.control("POST", "/restore")

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the requests that this tenant received."""
        return cast("list[dict[str, Any]]", self.control("GET", f"/requests?after={after}"))

    def wait_for(self, operation: str = "*", after: int = 0) -> list[dict[str, Any]]:
        """Wait until an operation that matches a pattern was requested, and return the requests so far."""
        path = f"/requests?after={after}&until={quote(operation, safe='')}"
        return cast("list[dict[str, Any]]", self.control("GET", path))

    def last_request(self, after: int = 0) -> int:
        """Return the number of the last request, for `after`. All tenants share the numbers."""
        return max(after, int(self.control("GET", "/requests/last")["n"]))

    def operations(self, after: int = 0) -> list[str]:
        """Return the names of all operations so far, without sign-in and the look-up of the region."""
        return [
            operation["name"]
            for request in self.requests(after)
            if request["service"] not in SIGN_IN
            for operation in request["operations"]
            if operation["name"] != REGION
        ]

    def fault(self, fault: str, operation: str = "*", **more: object) -> None:
        """Arm a fault for the calls that match a pattern on the operation's name."""
        self.control("POST", "/faults", {"fault": fault, "operation": operation, **more})

    def disarm(self) -> None:
        self.control("DELETE", "/faults")

    def objects(self, collection: str) -> dict[str, dict[str, Any]]:
        """Return the objects of a stored collection by their keys."""
        return cast("dict[str, dict[str, Any]]", self.control("GET", f"/objects/{collection}"))

    def read_object(self, collection: str, key: str) -> dict[str, Any]:
        return cast("dict[str, Any]", self.control("GET", f"/objects/{collection}/{quote(key, safe='')}"))

    def everything(self) -> dict[tuple[str, str], Any]:
        """Return every object of the tenant from the emulator's database, by collection and key."""
        store = Path(self.emulator.ca_file).parent / "store.db"
        with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("select collection, id, body from object where tenant = ?", (self.tenant_id,))
            return {(collection, key): json.loads(body) for collection, key, body in rows}

    def put(self, collection: str, key: str, body: Mapping[str, object]) -> None:
        self.control("PUT", f"/objects/{collection}/{quote(key, safe='')}", body)

    def patch(self, collection: str, key: str, **changes: object) -> None:
        """Change some top-level keys of a stored object."""
        self.control("PATCH", f"/objects/{collection}/{quote(key, safe='')}", changes)

    def patch_by(self, doer: str, collection: str, key: str, **changes: object) -> None:
        """Like `patch`, as a person (named by an address) or as another application (by its name)."""
        self.control("PATCH", f"/objects/{collection}/{quote(key, safe='')}?by={quote(doer)}", changes)

    def delete(self, collection: str, key: str) -> None:
        self.control("DELETE", f"/objects/{collection}/{quote(key, safe='')}")

    def deliver(self, cloud: str, *messages: Mapping[str, object]) -> list[list[dict[str, Any]]]:
        """Return the outcomes of each message for every recipient. `tests/delivery/draw.py` describes the forms."""
        body = {"tenant_id": self.tenant_id, "cloud": cloud, "messages": messages}
        return cast("list[list[dict[str, Any]]]", self.emulator.control("POST", "/deliver", body)["outcomes"])

    def set_now(self, instant: str) -> None:
        self.control("PUT", "/clock", {"now": instant})

    def grant(self, application: str, **granted: Sequence[str]) -> None:
        """Set the permissions of an application: roles=[...], directory_roles=[...]."""
        self.control("PUT", f"/applications/{application}", granted)

    def sign_in(self, form: Mapping[str, str]) -> Response:
        """Post a form unchanged to the token endpoint."""
        url = f"{self.emulator.url}/{self.tenant_id}/oauth2/v2.0/token"
        return self.emulator.http.post(url, data=form, timeout=HANG)

    def token(self, audience: str = GRAPH, application: str = "writer") -> str:
        """Sign an application in and return its access token for one resource."""
        form = {"grant_type": "client_credentials", "scope": f"{audience}/.default", **self.applications[application]}
        answer = self.sign_in(form)
        assert answer.ok, answer.text
        return str(answer.json()["access_token"])

    def graph(
        self, path: str, *, method: str = "GET", application: str = "reader", body: object = None, **headers: str
    ) -> Response:
        """Send a request to Microsoft Graph. The path begins after its host."""
        return self._ask(GRAPH, path, method=method, application=application, body=body, headers=headers)

    def exchange(self, path: str, *, application: str = "writer", body: object = None, **headers: str) -> Response:
        """Send a request to Exchange Online. The path begins after its host."""
        return self._ask(EXCHANGE, path, method="POST", application=application, body=body, headers=headers)

    def _ask(
        self, audience: str, path: str, *, method: str, application: str, body: object, headers: Mapping[str, str]
    ) -> Response:
        signed = {"Authorization": f"Bearer {self.token(audience, application)}", **headers}
        url = f"{self.emulator.url}/{audience.removeprefix('https://')}{path}"
        return self.emulator.http.request(method, url, json=body, headers=signed, timeout=HANG)


@contextmanager
def running(state: Path, *more: str) -> Iterator[Emulator]:
    """Run an emulator on a state directory while the block lasts."""
    serve = ["-m", "tests.extended_emulator", "serve", "--exit-with-stdin", "--state", str(state)]
    command = [sys.executable, *serve, *more]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line, f"the emulator ended with {process.wait()} before it printed its URL"
            where = json.loads(line)
            with trusting(where["ca_file"]) as http:
                yield Emulator(where["url"], where["ca_file"], where["pid"], where["proxy"], where, http)
        finally:
            process.stdin.close()
            process.wait(HANG)
