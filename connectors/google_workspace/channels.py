"""The connections, the sign-in and the request limits that all clients of a run share."""

from threading import Event

from connectors.google_workspace.api.client import Api
from connectors.google_workspace.api.services import Document, Service
from connectors.google_workspace.api.wire import Traffic, Wire
from connectors.google_workspace.cloud import Cloud
from connectors.google_workspace.sign_in import SignIn
from connectors.google_workspace.transport import Transport
from toolkit.errors import Unavailable
from toolkit.sdk import Caller, Pace, RunDeadline


class Lines:
    """Creates the clients of a run, which share one sign-in and its connections."""

    def __init__(self, cloud: Cloud, transport: Transport, sign_in: SignIn) -> None:
        self.traffic = Traffic()
        self._cloud = cloud
        self._transport = transport
        self.sign_in = sign_in
        self._closing = Event()

    @property
    def administrator(self) -> str:
        """Return the address of the administrator that calls act as."""
        return self.sign_in.administrator

    @property
    def deadline(self) -> RunDeadline:
        """Return the deadline after which the run reads nothing more and begins no change."""
        return self._cloud.deadline

    def api(self, service: Service, *, read_only: bool) -> Api:
        wire = Wire(service, Document.for_service(service, self._cloud), self.sign_in, self._transport, self.traffic)
        pace = Pace(0.0 if self._cloud.emulated else service.pause, sleep=self._sleep)
        return Api(wire, self.caller(service), limits=self._cloud.limits, pace=pace, read_only=read_only)

    def caller(self, service: Service) -> Caller:
        return Caller(
            service.title,
            concurrent=service.concurrent,
            deadline=self._cloud.patience,
            first_wait=self._cloud.first_wait,
            settles=self._cloud.settles,
            run=self._cloud.deadline,
            shared=self._cloud.shared,
            sleep=self._sleep,
        )

    def close(self) -> None:
        self._closing.set()
        self._transport.close()

    def _sleep(self, seconds: float) -> None:
        """Wait before another attempt. Raise Unavailable if the run would reach its deadline before the attempt."""
        if self._closing.wait(seconds):
            raise Unavailable("the time for this run ended before another attempt")
