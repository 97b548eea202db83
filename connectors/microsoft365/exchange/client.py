"""The client that runs Exchange cmdlets for kinds and checks: single calls, and batches of ten."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from threading import Lock

from connectors.microsoft365.clients import Batches, ServiceClient
from connectors.microsoft365.exchange.command import PAGE, Command, anchor_mailbox
from connectors.microsoft365.exchange.regions import EXCHANGE_REGIONS, Regions
from connectors.microsoft365.exchange.service import raise_cut_short, refuse_full_page, to_rows
from connectors.microsoft365.http import ServiceRequest, ServiceWire, body_of, next_page, raise_refusal
from connectors.microsoft365.replies import Reply
from toolkit.errors import BadAnswer, RequestFailed, Transient, answered
from toolkit.records import dataclass
from toolkit.sdk import Caller, Paging, mappings, segment
from toolkit.values import Body, Json

LARGEST_BATCH = 10
_BATCH = Command("batch")
_BATCH_HEADERS = {"Prefer": "odata.maxpagesize=1000;odata.continue-on-error", "X-ResponseFormat": "json"}


@dataclass(frozen=True, slots=True)
class CmdletTenant:
    """The tenant in which cmdlets run: its id, the mailbox that routes its requests, and how its region is found."""

    id: str
    initial_domain: Callable[[], str]  # raises the errors of toolkit.errors
    regions: Regions = EXCHANGE_REGIONS
    anchor_kind: str = "APP"  # the prefix of the system mailbox that other clients send to this service

    def anchor(self) -> str:
        return anchor_mailbox(self.anchor_kind, self.initial_domain())


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a list, the path of the next page, and the server's address for both pages."""

    rows: Sequence[Body]
    link: str | None
    root: str


def path_of(tenant_id: str) -> str:
    """Return the path at which a service runs the cmdlets of a tenant."""
    return f"/adminapi/beta/{segment(tenant_id)}"


class Exchange(ServiceClient[ServiceWire]):
    """A client that runs the cmdlets of Exchange Online or of a similar service.

    Rows have no annotation keys. Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before
    anything is sent. If a cmdlet accepts ResultSize, the caller must send Unlimited. Sign-in happens before the first
    cmdlet. Follows https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2

    Security & Compliance is experimental. Microsoft documents only its PowerShell module, and others report that
    sign-ins without a person fail, so every write must be read back. The service ignores WhatIf.
    """

    def __init__(self, wire: ServiceWire, caller: Caller, tenant: CmdletTenant, *, read_only: bool) -> None:
        super().__init__(wire, caller, read_only=read_only)
        self._tenant = tenant
        self._shared_root = wire.root
        self._region_lock = Lock()
        self._is_located = False
        self._path = path_of(tenant.id)
        self._anchor = ""
        self._batches = Batches(
            caller=caller,
            largest=LARGEST_BATCH,
            name="batch",
            title=lambda commands: f"a batch of {len(commands)} cmdlets",
            part=self._to_batch_part,
            send=self._send_batch,
            read=self._read_batch_part,
            renew=wire.renew,
        )

    def get(self, cmdlet: str, parameters: Body | None = None, *, select: Sequence[str] = ()) -> Sequence[Body]:
        """Run a cmdlet that reads, and return all its rows. Raise ValueError if the cmdlet may write."""
        return self._read_complete_list(Command(cmdlet, parameters or {}, tuple(select)))

    def pages(self, cmdlet: str, parameters: Body, *, select: Sequence[str]) -> Iterator[Sequence[Body]]:
        """Run a cmdlet that reads, and yield each page of rows, so that a long list is never completely in memory."""
        return self._read_pages(Command(cmdlet, parameters, select=tuple(select)))

    def second_page(self, cmdlet: str, parameters: Body, *, select: Sequence[str]) -> Sequence[Body] | None:
        """Return the second page of a list, in pages of a single row. Return None if the list has no second page."""
        command = Command(cmdlet, parameters, tuple(select), page=1)
        self._prepare_to_send(command)
        first = self._read_page(command, self._make_run_path(command))
        if not first.link:
            return None
        return self._read_page(command, first.link, first.root, len(first.rows)).rows

    @property
    def is_at_region(self) -> bool:
        """Return whether the client already knows the tenant's region."""
        return self._wire.root != self._shared_root

    def get_each(self, *commands: Command) -> Sequence[Sequence[Body]]:
        """Run several cmdlets that read, in one request. Return the rows of each cmdlet. Raise the first error."""
        if len(commands) == 1:
            return [self._read_complete_list(commands[0])]
        # A list of several pages cannot continue in a batch, so it is read separately.
        return [
            self._read_complete_list(command) if isinstance(outcome, BadAnswer) else answered(outcome)
            for command, outcome in zip(commands, self.run_many(commands), strict=True)
        ]

    def change(self, cmdlet: str, parameters: Body) -> Sequence[Body]:
        """Run a cmdlet that changes an object. The cmdlet may be sent twice, so it must not create anything."""
        command = Command(cmdlet, parameters)
        self._prepare_to_send(command)
        return self._caller.change(cmdlet, lambda: self._run_command(command))

    def create(
        self,
        cmdlet: str,
        parameters: Body,
        find_existing: Callable[[], Body | None],
        *,
        settles: float = 0.0,
    ) -> Body | None:
        """Run a cmdlet that creates an object, and return the object's row if the response contains it.

        If there was no response, `find_existing` searches for the object. Lists may lack it for `settles` seconds.
        """
        command = Command(cmdlet, parameters)
        self._prepare_to_send(command)

        def create_once() -> Body | None:
            rows = self._run_command(command)
            return rows[0] if rows else None

        return self._caller.create(cmdlet, create_once, find_existing, settles=settles)

    def delete(self, cmdlet: str, parameters: Body) -> None:
        """Run a cmdlet that deletes an object. If a repeated cmdlet does not find the object, it counts as deleted."""
        command = Command(cmdlet, parameters)
        self._prepare_to_send(command)
        self._caller.delete(cmdlet, lambda: self._run_command(command))

    def run_many(self, commands: Sequence[Command]) -> Sequence[Sequence[Body] | RequestFailed]:
        """Run cmdlets that read or change, ten in a request. Return the rows or the error of each cmdlet, in order.

        Only cmdlets that failed with a temporary error are sent again. Raise ValueError for a cmdlet that creates.
        """
        if creating := [command.cmdlet for command in commands if command.creates]:
            raise ValueError(f"{creating[0]} cannot be sent in a batch")
        self._prepare_to_send(*commands)
        return self._batches.run(commands)

    def _prepare_to_send(self, *commands: Command) -> None:
        """Check that the cmdlets may be sent, then find the mailbox for routing and the tenant's region."""
        self._guard(*commands)
        self._anchor = self._tenant.anchor()
        if self._tenant.regions.required or any(command.lists_everything for command in commands):
            with self._region_lock:
                if not self._is_located:
                    self._find_region_once()
                    self._is_located = True

    def _find_region_once(self) -> None:
        """Ask the service for the tenant's region, once.

        Raise the errors of toolkit.errors if only the region runs cmdlets. Other services need it only for lists,
        because it stores their pages. Legal holds do not wait for it.
        """
        regions = self._tenant.regions
        if regions.required:
            self._caller.read(str(regions.lookup), self._look_up_region)
            return
        with suppress(Transient):  # the shared host also runs cmdlets
            self._look_up_region()

    def _look_up_region(self) -> None:
        regions = self._tenant.regions
        anchor = {"X-AnchorMailbox": self._anchor}
        reply = self._wire.send(ServiceRequest("GET", regions.lookup_path(self._tenant.id), headers=anchor))
        if reply.redirects:
            self._move_to_region(reply, str(regions.lookup))
        elif regions.required:
            if not reply.fine:
                raise_refusal(self._wire.service, regions.lookup, reply)
            raise BadAnswer(f"{regions.lookup}: {regions.name} does not name the tenant's region")

    def _move_to_region(self, reply: Reply, call_name: str) -> None:
        self._wire.root = self._tenant.regions.root_of(reply.headers.get("location", ""), self._shared_root, call_name)

    def _run_command(self, command: Command) -> Sequence[Body]:
        return to_rows(self._wire.service, command, self._send_command(self._make_run_path(command), command)[0])

    def _make_run_path(self, command: Command) -> str:
        selected = f"?$select={','.join(command.select)}" if command.select else ""
        return f"{self._path}/InvokeCommand{selected}"

    def _send_command(self, path: str, command: Command, root: str = "") -> tuple[Reply, str]:
        headers = command.headers(self._anchor)
        return self._send_to_region(
            lambda root: ServiceRequest("POST", path, command.body(), headers, root), str(command), root
        )

    def _send_to_region(
        self, make_request: Callable[[str], ServiceRequest], call_name: str, root: str = ""
    ) -> tuple[Reply, str]:
        """Send a request, and follow one redirect to the region. Return the response and the address that sent it.

        A cmdlet that was redirected has not run. The address is read once, because another thread may change it.
        """
        root = root or self._wire.root
        reply = self._wire.send(make_request(root))
        if not reply.redirects:
            return reply, root
        self._move_to_region(reply, call_name)
        region = self._wire.root
        return (reply, root) if region == root else (self._wire.send(make_request(region)), region)

    def _read_complete_list(self, command: Command) -> Sequence[Body]:
        return [row for page in self._read_pages(command) for row in page]

    def _read_pages(self, command: Command) -> Iterator[Sequence[Body]]:
        self._prepare_to_send(command)
        if not command.reads:
            raise ValueError(f"{command.cmdlet} is not a cmdlet that only reads")
        if key := command.page_key:
            yield from self._read_pages_by_key(command.sorted_by_key(), key)
            return
        row_count, root = 0, ""
        paging = Paging(command.cmdlet, self._wire.limits)
        path: str | None = self._make_run_path(command)
        while path:
            page = self._read_page(command, paging.check_next_page(path), root, row_count)
            path, root = page.link, page.root
            if not row_count and not path:
                refuse_full_page(command, page.rows)
            row_count += len(page.rows)
            yield page.rows

    def _read_pages_by_key(self, command: Command, key: str) -> Iterator[Sequence[Body]]:
        """Yield the pages of a sorted list. Each page starts at the last key of the page before."""
        paging = Paging(command.cmdlet, self._wire.limits)
        visited, start, is_complete = set[str](), "", False
        while not is_complete:
            paging.check_next_page(start)
            page_command = command.from_key(key, start) if start else command
            page = self._read_page(page_command, self._make_run_path(page_command), "", len(visited))
            is_complete = not page.link and len(page.rows) < PAGE
            if not is_complete:
                start = _find_last_key(command, page.rows, key)
            new = [row for row in page.rows if str(row.get("Guid")) not in visited]
            visited.update(str(row.get("Guid")) for row in new)
            yield new

    def _read_page(self, command: Command, path: str, root: str = "", rows_before: int = 0) -> _Page:
        page = partial(self._to_page, command, path, root, rows_before)
        return self._caller.read(command.cmdlet, page, request=("page", path, command))

    def _to_page(self, command: Command, path: str, root: str = "", rows_before: int = 0) -> _Page:
        """Return a page of a list. The next page must come from the same server, which otherwise loses the list."""
        reply, root = self._send_command(path, command, root)
        if rows_before and not reply.fine:
            raise_cut_short(self._wire.service, command, reply, rows_before)
        rows = to_rows(self._wire.service, command, reply)
        return _Page(rows, next_page(self._wire, command, reply.body, root), root)

    def _to_batch_part(self, command: Command) -> Body:
        # Other clients send the second header with each part of a batch, but not with single requests.
        headers = {**command.headers(self._anchor), "parameter-based-routing": "true"}
        headers["Content-Type"] = "application/json"
        return {
            "method": "POST",
            "url": self._make_run_path(command),  # relative to the batch's address
            "headers": headers,
            "body": command.body(),
        }

    def _read_batch_part(self, command: Command, reply: Reply) -> Sequence[Body]:
        rows = to_rows(self._wire.service, command, reply)
        if next_page(self._wire, command, reply.body) or (command.lists_everything and len(rows) >= PAGE):
            raise BadAnswer(f"{command}: the list has more than a page, so it must be read outside a batch")
        return rows

    def _send_batch(self, body: Body) -> Body:
        def make_request(root: str) -> ServiceRequest:
            parts: list[Json] = [{**part, "url": f"{root}{part['url']}"} for part in mappings(body["requests"])]
            return ServiceRequest("POST", f"{self._path}/$batch", {"requests": parts}, _BATCH_HEADERS, root)

        return body_of(self._wire.service, _BATCH, self._send_to_region(make_request, "$batch")[0])


def _find_last_key(command: Command, page: Sequence[Body], key: str) -> str:
    """Return the key of the last row on a page. Raise BadAnswer if the next page cannot begin there."""
    last = page[-1] if page else {}
    if not isinstance(value := last.get(key), str) or not value or not all(row.get("Guid") for row in page):
        raise BadAnswer(f"{command}: the list continues, but the last row has no {key} or no Guid")
    return value
