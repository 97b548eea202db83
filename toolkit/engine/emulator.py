"""Find or start the emulator, and reset its tenants."""

import json
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

from toolkit.errors import ToolkitError, UsageError
from toolkit.private_files import make_private_folder
from toolkit.sdk.providers import emulator_command
from toolkit.values import Body, Json

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_START_SECONDS = 30.0
_ANSWER_SECONDS = 30.0
_LONGEST_REFUSAL = 1000
_PAUSE_SECONDS = 0.1
_ANOTHER = "is served by another emulator"
"""The message of an emulator whose state another emulator uses already."""


@contextmanager
def find_or_start_emulator(
    state: Path, ids: Collection[str] = (), school: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Body]:
    """Yield the address and the tenants of a running emulator.

    If no emulator is running, start one and end it afterwards. `ids` are the ids of the wanted tenants. If the emulator
    has no tenant yet, `school` (`name` and `domain`) is the school of its first tenant.
    """
    emulator = _find_emulator(state, ids)
    if emulator is not None:
        yield emulator
        return
    try:
        make_private_folder(state)
    except OSError as error:
        raise UsageError(f"{state} cannot be created: {error.strerror}. Set TOOLKIT_STATE to another folder") from error
    child, running_emulator = _start_or_join_emulator(state, school)
    try:
        yield running_emulator
    except KeyboardInterrupt:
        raise  # the child ends when this process does, and an interrupted run does not wait for it
    except BaseException:
        _end_process(child)
        raise
    else:
        _end_process(child)


def _start_or_join_emulator(
    state: Path, school_name_and_domain: Mapping[str, str]
) -> "tuple[subprocess.Popen[bytes] | None, Body]":
    """Start an emulator, or use an emulator that another process is starting.

    If an emulator is ending, wait for its end first.
    """
    deadline = time.monotonic() + _START_SECONDS
    while True:
        child = _start_process(state, school_name_and_domain)
        line = child.stdout.readline() if child.stdout else b""
        if line:
            return child, _first_response(child, json.loads(line))
        _, errors = child.communicate()
        lines = errors.decode(errors="replace").strip().splitlines() or ["it printed nothing"]
        if emulator := _find_emulator(state):
            return None, emulator
        if _ANOTHER not in lines[-1] or time.monotonic() > deadline:
            raise ToolkitError(f"the emulator did not start: {lines[-1]}")
        time.sleep(_PAUSE_SECONDS)


def _first_response(emulator_process: "subprocess.Popen[bytes]", running_emulator: Body) -> Body:
    """Return the first response of an emulator that has just been started.

    Raise ToolkitError if this computer cannot connect to the emulator.
    """
    try:
        return _read_tenants_again(running_emulator)
    except ConnectionError as error:
        _end_process(emulator_process)
        raise ToolkitError(
            f"{error}. The emulator needs this computer's own network (127.0.0.1), which is down"
        ) from error


def school_options(school_name_and_domain: Mapping[str, str]) -> Sequence[str]:
    """Return the command line options of the emulator that set the school of its first tenant."""
    return [f"--{key}={value}" for key, value in school_name_and_domain.items()]


def _start_process(state: Path, school_name_and_domain: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    serve = ["serve", "--port", "0", "--state", str(state), "--exit-with-stdin"]
    command = [*emulator_command(), *serve, *school_options(school_name_and_domain)]
    # In its own session it survives Ctrl-C, because requests may be under way.
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def _end_process(emulator_process: "subprocess.Popen[bytes] | None") -> None:
    if emulator_process:
        emulator_process.communicate()  # closing its standard input ends it


def reset_emulator(
    state: Path, ledger: "Ledger", seed: str | None = None, school: Mapping[str, str] = MappingProxyType({})
) -> Iterator[str]:
    """Replace the emulator's tenants with the tenants of a new school, and empty the ledger.

    Yield a sentence about each step.
    """
    with find_or_start_emulator(state, school=school) as running_emulator:
        with _send_request(
            running_emulator, "/reset", method="POST", body={"seed": seed, "school": {**school}}
        ) as answer:
            tenant = json.load(answer)
        rows = _parse_tenants(tenant["tenants"])
        for name, cloud in (cloud for row in rows for cloud in row.items()):
            if isinstance(cloud, Mapping):
                identifier = cloud.get("customer_id") or cloud.get("tenant_id")
                yield f"{name} tenant {identifier} ({cloud['domain']}): a new school{f', {seed}' if seed else ''}"
    yield empty_ledger(ledger)


def empty_ledger(ledger: "Ledger") -> str:
    """Delete a ledger's file, and return a sentence about it. A ledger in a database stays."""
    ledger.close()
    if ledger.file is None:
        return f"the ledger in {ledger.place} is unchanged. Empty or drop that database yourself"
    for path in (*(Path(f"{ledger.file}{ending}") for ending in ("", "-journal")), ledger.head_file.path):
        path.unlink(missing_ok=True)
    return "the ledger is empty"


def read_emulated_time(running_emulator: Body, tenant_ids: Iterable[str]) -> datetime:
    """Return the emulated time of the tenant with one of the ids or, if no id is given, of the first tenant.

    Only `move_clock` changes this time.
    """
    return datetime.fromisoformat(str(_find_tenant(running_emulator, tenant_ids)["now"]))


def move_clock(running_emulator: Body, tenant_ids: Collection[str], instant: datetime) -> datetime:
    """Move a tenant's time forward, and return the new time. Without ids, move the time of every tenant.

    Raise ToolkitError if the emulator refuses.
    """
    tenants = (
        [_find_tenant(running_emulator, tenant_ids)] if tenant_ids else _parse_tenants(running_emulator["tenants"])
    )
    for tenant in tenants:
        body = {"tenant_id": tenant["tenant_id"], "now": instant.isoformat()}
        with _send_request(running_emulator, "/clock", method="PUT", body=body) as answer:
            moved = datetime.fromisoformat(json.load(answer)["now"])
    return moved


def _find_tenant(running_emulator: Body, tenant_ids: Iterable[str]) -> Body:
    tenants = _parse_tenants(running_emulator["tenants"])
    return next((tenant for tenant in tenants if _ids_of_tenant(tenant) & set(tenant_ids)), tenants[0])


def read_lag_seconds(running_emulator: Body) -> float | None:
    """Return the maximum number of seconds until a read shows an earlier write, or None if the emulator does not
    say.
    """
    seconds = running_emulator.get("settles")
    return float(seconds) if isinstance(seconds, int | float) else None


def _parse_tenants(response: Json) -> list[Body]:
    return [tenant for tenant in response if isinstance(tenant, Mapping)] if isinstance(response, Sequence) else []


def _ids_of_tenant(tenant: Body) -> set[str]:
    return {str(cloud["tenant_id"]) for cloud in tenant.values() if isinstance(cloud, Mapping) and "tenant_id" in cloud}


def _find_emulator(state: Path, tenant_ids: Collection[str] = ()) -> Body | None:
    try:
        running_emulator = json.loads((state / "serve.json").read_text())
        now = _read_tenants_again(running_emulator, tenant_ids)
    except (OSError, ValueError):
        return None  # none was started, or it was killed and left its file
    if "token" not in running_emulator:
        raise ToolkitError(
            f"an older version of the emulator (process {running_emulator['pid']}) is running for {state}, and its "
            "serve.json has no token. End that process, then run this again"
        )
    return now


def _read_tenants_again(running_emulator: Body, tenant_ids: Collection[str] = ()) -> Body:
    """Read the emulator's tenants again, because they may have been reset or their clocks moved."""
    with _send_request(
        running_emulator, f"/?{urlencode([('tenant', identifier) for identifier in tenant_ids])}"
    ) as answer:
        response = json.load(answer)
    return {**running_emulator, "tenants": response["tenants"]}


@contextmanager
def _send_request(
    running_emulator: Body, path: str, *, method: str = "GET", body: Body | None = None
) -> Iterator[HTTPResponse]:
    context = ssl.create_default_context(cafile=str(running_emulator["ca_file"]))
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    url, headers = (
        f"{running_emulator['url']}/_emulator{path}",
        {"Authorization": f"Bearer {running_emulator.get('token', '')}"},
    )
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - always https
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=_ANSWER_SECONDS) as answer:
            yield answer
    except HTTPError as error:
        with error:
            text = error.read(_LONGEST_REFUSAL).decode(errors="replace")
        raise ToolkitError(
            f"the emulator at {running_emulator['url']} refused a request: {error.code} {text}"
        ) from error
    except URLError as error:
        raise ConnectionError(f"the emulator at {running_emulator['url']} does not respond: {error.reason}") from error
