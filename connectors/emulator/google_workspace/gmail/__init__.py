"""The Gmail API, as far as settings of mailboxes and sending go."""

from collections.abc import Iterator
from html import escape

from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.gmail import send_as, settings
from connectors.emulator.google_workspace.mailboxes import AUTO_FORWARDING, SEND_AS, no_forwarding, primary_send_as
from connectors.emulator.google_workspace.seeded import Seat, seats
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body

SERVICE = google_api("gmail", {**settings.HANDLERS, **send_as.HANDLERS})


_EVERY = 5  # of the staff, who have written a signature


def seed(school: School) -> Seed:
    """Make the collections that every mailbox is in; all else of a mailbox has its defaults until it is written."""
    boxes = [seat for seat in seats(school) if seat.mailbox]
    return {
        SEND_AS: dict(_send_as(school, boxes)),
        AUTO_FORWARDING: {seat.id: no_forwarding() for seat in boxes},
    }


def _send_as(school: School, boxes: list[Seat]) -> Iterator[tuple[str, Body]]:
    staff = 0
    for seat in boxes:
        staff += seat.staff
        own = seat.staff and staff % _EVERY == 1
        signature = _signature(school, seat) if own else ""
        name = f"{seat.given_name} {seat.surname}".strip()
        yield f"{seat.id}/{seat.address}", primary_send_as(seat.address, name, signature)


def _signature(school: School, seat: Seat) -> str:
    return (
        f'<div dir="ltr"><b>{escape(seat.given_name)} {escape(seat.surname)}</b><br>{escape(seat.title)}<br>'
        f'<font color="#666666">{escape(school.name)}</font><br>'
        f'<a href="https://www.{school.domain}" target="_blank">www.{school.domain}</a></div>'
    )
