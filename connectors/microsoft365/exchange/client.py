"""The client that kinds use: cmdlets that read, change, create and delete, alone or ten at a time."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Lock

from connectors.microsoft365.clients import Batches, ServiceClient
from connectors.microsoft365.cloud import COMPLIANCE_HOST
from connectors.microsoft365.exchange.service import COMPLIANCE, Command, raise_cut_short, rows_of
from connectors.microsoft365.http import ServiceRequest, ServiceWire, body_of, next_page, raise_refusal
from connectors.microsoft365.replies import Reply
from toolkit.errors import BadAnswer, ServiceError, answered
from toolkit.sdk.calls import Caller
from toolkit.sdk.limits import Paging
from toolkit.sdk.paths import segment
from toolkit.sdk.replies import split_link
from toolkit.values import Body

LARGEST_BATCH = 10
_BATCH = Command("batch")
_BATCH_HEADERS = {"Prefer": "odata.maxpagesize=1000;odata.continue-on-error", "X-ResponseFormat": "json"}


def path_of(tenant_id: str) -> str:
    """Return the path below which a service runs the cmdlets of one tenant."""
    return f"/adminapi/beta/{segment(tenant_id)}"


class Exchange(ServiceClient[ServiceWire]):
    """The cmdlets of Exchange Online, or of a service like it; rows come back without the keys that describe others.

    Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before anything is sent. Where a cmdlet
    has ResultSize, the caller sends Unlimited. Follows
    https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2
    """

    def __init__(self, wire: ServiceWire, caller: Caller, *, tenant_id: str, read_only: bool) -> None:
        super().__init__(wire, caller, read_only=read_only)
        self._tenant_id = tenant_id
        self._path = path_of(tenant_id)
        self._batches = Batches(
            caller=caller,
            largest=LARGEST_BATCH,
            name="batch",
            title=lambda commands: f"a batch of {len(commands)} cmdlets",
            part=self._part,
            send=self._send_batch,
            read=self._batch_part_rows,
            renew=wire.renew,
        )

    def get(self, cmdlet: str, parameters: Body | None = None, *, select: Sequence[str] = ()) -> Sequence[Body]:
        """Run a cmdlet that reads and give all its rows; ValueError for one that is not known to read."""
        return self._all_rows(Command(cmdlet, parameters or {}, tuple(select)))

    def pages(self, cmdlet: str, parameters: Body, *, select: Sequence[str]) -> Iterator[Sequence[Body]]:
        """Run a cmdlet that reads and give page after page, where memory need not hold the whole list."""
        return self._pages(Command(cmdlet, parameters, select=tuple(select)))

    def get_each(self, *commands: Command) -> Sequence[Sequence[Body]]:
        """Run several reads in one request and give the rows of each; raises the error of the first that failed."""
        if len(commands) == 1:
            return [self._all_rows(commands[0])]
        # A list of more than a page cannot go on in a batch, so that it is read alone.
        return [
            self._all_rows(command) if isinstance(outcome, BadAnswer) else answered(outcome)
            for command, outcome in zip(commands, self.run_many(commands), strict=True)
        ]

    def change(self, cmdlet: str, parameters: Body) -> Sequence[Body]:
        """Run a cmdlet that sets content, so that it may be sent twice."""
        command = Command(cmdlet, parameters)
        self._guard(command)
        return self._caller.change(cmdlet, lambda: self._ran(command))

    def create(
        self,
        cmdlet: str,
        parameters: Body,
        look: Callable[[], Body | None],
        *,
        settles: float = 0.0,
    ) -> Body | None:
        """Run a cmdlet that makes something and give the new row, where it answers with one.

        `look` finds by `get` what an attempt without an answer may have made; reads lag by `settles` seconds.
        """
        command = Command(cmdlet, parameters)
        self._guard(command)

        def call() -> Body | None:
            rows = self._ran(command)
            return rows[0] if rows else None

        return self._caller.create(cmdlet, call, look, settles=settles)

    def delete(self, cmdlet: str, parameters: Body) -> None:
        """Run a cmdlet that removes something; that it is gone when sent again is what was wanted."""
        command = Command(cmdlet, parameters)
        self._guard(command)
        self._caller.delete(cmdlet, lambda: self._ran(command))

    def run_many(self, commands: Sequence[Command]) -> Sequence[Sequence[Body] | ServiceError]:
        """Run many reads or changes, ten in a request, and give for each its rows or its error, in their order.

        Only the parts that failed and may go through are sent again. ValueError for a cmdlet that creates: whether an
        attempt without an answer made something must be looked up one by one.
        """
        self._guard(*commands)
        if creating := [command.cmdlet for command in commands if command.creates]:
            raise ValueError(f"{creating[0]} cannot be sent in a batch")
        return self._batches.run(commands)

    def _ran(self, command: Command) -> Sequence[Body]:
        return rows_of(self._wire.service, command, self._reply(self._run_path(command), command))

    def _run_path(self, command: Command) -> str:
        selected = f"?$select={','.join(command.select)}" if command.select else ""
        return f"{self._path}/InvokeCommand{selected}"

    def _reply(self, path: str, command: Command) -> Reply:
        return self._wire.send(ServiceRequest("POST", path, command.body(), command.headers(self._tenant_id)))

    def _all_rows(self, command: Command) -> Sequence[Body]:
        return [row for page in self._pages(command) for row in page]

    def _pages(self, command: Command) -> Iterator[Sequence[Body]]:
        if not command.reads:
            self._guard(command)
            raise ValueError(f"{command.cmdlet} is not a read")
        read = 0
        paging = Paging(command.cmdlet, self._wire.limits)
        path: str | None = self._run_path(command)
        while path:
            page, path = self._caller.read(command.cmdlet, partial(self._page, command, paging.follow(path), read))
            read += len(page)
            yield page

    def _page(self, command: Command, path: str, before: int) -> tuple[Sequence[Body], str | None]:
        """Read one page; the same body goes to the same server, or the service has forgotten the list."""
        reply = self._reply(path, command)
        if before and not reply.fine:
            raise_cut_short(self._wire.service, command, reply, before)
        return rows_of(self._wire.service, command, reply), next_page(self._wire, command, reply.body)

    def _part(self, command: Command) -> Body:
        headers = {**command.headers(self._tenant_id), "Content-Type": "application/json"}
        return {
            "method": "POST",
            "url": self._wire.root + self._run_path(command),
            "headers": headers,
            "body": command.body(),
        }

    def _batch_part_rows(self, command: Command, reply: Reply) -> Sequence[Body]:
        rows = rows_of(self._wire.service, command, reply)
        if next_page(self._wire, command, reply.body):
            raise BadAnswer(f"{command}: more than a page in a batch; it must be read alone")
        return rows

    def _send_batch(self, body: Body) -> Body:
        request = ServiceRequest("POST", f"{self._path}/$batch", body, _BATCH_HEADERS)
        return body_of(self._wire.service, _BATCH, self._wire.send(request))


_REGION = re.compile(r"([a-z0-9][a-z0-9-]*)\.(?:ps\.compliance|admin)\.protection\.outlook\.com")


class Compliance:
    """One tenant's Security & Compliance; nothing is sent, not even the sign-in, before its cmdlets are asked for.

    Experimental: Microsoft documents its PowerShell module alone, and others saw sign-ins without a person fail, so
    whatever is written has to be read back. A rehearsal (WhatIf) is none here: the cmdlet runs. Follows
    https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2
    """

    def __init__(self, wire: ServiceWire, caller: Caller, *, tenant_id: str, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._tenant_id = tenant_id
        self._cmdlets = Exchange(wire, caller, tenant_id=tenant_id, read_only=read_only)
        self._locating = Lock()
        self._located = False

    @property
    def sent(self) -> int:
        """Count the requests sent so far."""
        return self._wire.sent

    def cmdlets(self) -> Exchange:
        """Return the cmdlets at the tenant's region, which is asked for once; raises the errors of toolkit.errors."""
        with self._locating:
            if not self._located:
                self._wire.root = self._caller.read("EXOBanner", lambda: find_region(self._wire, self._tenant_id))
                self._located = True
            return self._cmdlets

    def close(self) -> None:
        self._wire.close()


def find_region(wire: ServiceWire, tenant_id: str) -> str:
    """Ask once, and give the address of the tenant's region; raises the errors of toolkit.errors.

    Of the redirect only the region's label counts, so that no token is ever sent to an address that an answer named;
    it may show the region as `LABEL.admin.protection.outlook.com:446`, which runs no cmdlets.
    """
    banner = Command("EXOBanner")
    reply = wire.send(ServiceRequest("GET", f"{path_of(tenant_id)}/{banner}('AutogenSession')?Version=3.9.2"))
    if not reply.redirects:
        if not reply.fine:
            raise_refusal(COMPLIANCE, banner, reply)
        raise BadAnswer(f"{banner}: Security & Compliance does not say in which region the tenant is")
    location = reply.headers.get("location", "")
    found = _REGION.fullmatch(split_link(location, str(banner)).hostname or "")
    if not found:
        raise BadAnswer(f"{banner}: {location!r} is not a region of Security & Compliance; is a web filter in between?")
    return wire.root.replace(COMPLIANCE_HOST, f"{found[1]}.{COMPLIANCE_HOST}")
