"""Litigation hold: put on a mailbox without an end, read, and taken off; neither a comment nor an address is sent.

Comment and address would be shown to the person in Outlook. Follows
https://learn.microsoft.com/powershell/module/exchangepowershell/set-mailbox
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.via import Exchange
from connectors.microsoft365.legal_holds.in_place_holds import held_by, marks_of
from connectors.microsoft365.legal_holds.mailbox import COLUMNS, Mailbox, MailboxOwner, read_mailbox, read_owner
from connectors.microsoft365.mailboxes import chunks
from toolkit.errors import BadAnswer, NotFound, Rejected, RequestFailed, answered
from toolkit.sdk import HeldAccount, HoldStatus, Person, Service, ServiceHold
from toolkit.values import Body

_GET, _SET = "Get-Mailbox", "Set-Mailbox"
_ADDRESSES = 50  # of one filter
_CLOCKS = timedelta(minutes=5)  # ours and Exchange's need not agree
_NO_MAILBOX = ServiceHold(Service.MAILBOX, HoldStatus.UNAVAILABLE, "there is no mailbox in Exchange Online")


class Mailboxes:
    """The mailboxes of one tenant; `addresses` keeps by the person's id what each was found to be reached under."""

    def __init__(self, exchange: Exchange, clock: Callable[[], datetime | None]) -> None:
        self._exchange = exchange
        self._clock = clock
        self.addresses: dict[str, frozenset[str]] = {}

    def place(self, person: Person) -> ServiceHold:
        """Put a mailbox on hold: one request to look, one to write."""
        mailbox = self.read(person)
        if mailbox is None:
            return _NO_MAILBOX
        if mailbox.held and mailbox.without_end:
            return self._already(mailbox)
        wanted = _hold(mailbox)
        try:
            self._exchange.change(wanted.cmdlet, wanted.parameters)
        except Rejected as error:
            return _refused(mailbox, error)
        return _requested(mailbox)

    def secure(self, address: str) -> HeldAccount:
        """Put the mailbox of an address on hold before it is looked at, then read whose it is and how it is held.

        That loses no time where a person is about to delete, and changes nothing for a mailbox that is on such a hold.
        One that does not take it, an inactive one among them, is held by `place` afterwards.
        """
        wanted: Body = {"Identity": address, "LitigationHoldEnabled": True, "LitigationHoldDuration": "Unlimited"}
        refusal: RequestFailed | None = None
        try:
            self._exchange.change(_SET, wanted)
        except (NotFound, Rejected) as error:
            refusal = error
        try:
            rows = self._exchange.get(_GET, {"Identity": address, "IncludeInactiveMailbox": True}, select=COLUMNS)
        except NotFound:
            return HeldAccount(None)
        mailboxes = [read_mailbox(row) for row in rows]
        if len(mailboxes) != 1:
            raise BadAnswer(f"{_GET}: {len(mailboxes)} mailboxes answer to one address")
        (mailbox,) = mailboxes
        person = Person(mailbox.account, address, address)
        self.addresses[person.id] = mailbox.addresses
        if mailbox.held and mailbox.without_end:
            standing = mailbox.standing(self._clock()).standing
            before = "was on hold without an end before" if standing is HoldStatus.CONFIRMED else ""
            return HeldAccount(person, ServiceHold(Service.MAILBOX, standing, before))
        if refusal and not mailbox.capable:
            return HeldAccount(person, mailbox.unavailable())
        # What was sent is not seen yet, or was not taken: looked at again, and sent again if need be.
        return HeldAccount(
            person, self.place(person) if refusal else ServiceHold(Service.MAILBOX, HoldStatus.REQUESTED)
        )

    def place_many(self, people: Sequence[Person]) -> Mapping[str, ServiceHold | RequestFailed]:
        """Put many mailboxes on hold, ten in a request; raises where no one's could be read."""
        found = self._read_many(people)
        outcomes: dict[str, ServiceHold | RequestFailed] = {}
        waiting: dict[str, Mailbox] = {}
        for person, mailbox in found.items():
            match mailbox:
                case None:
                    outcomes[person] = _NO_MAILBOX
                case Mailbox(held=True, without_end=True):
                    outcomes[person] = self._already(mailbox)
                case Mailbox():
                    waiting[person] = mailbox
                case error:
                    outcomes[person] = error
        answers = self._exchange.run_many([_hold(mailbox) for mailbox in waiting.values()])
        for (person, mailbox), answer in zip(waiting.items(), answers, strict=True):
            outcomes[person] = _outcome(mailbox, answer)
        return {person.id: outcomes[person.id] for person in people}

    def stand(self, people: Sequence[Person]) -> Mapping[str, ServiceHold]:
        """Read how the mailboxes of people are held, by the person's id."""
        read = {person: answered(mailbox) for person, mailbox in self._read_many(people).items()}
        return {person: mailbox.standing(self._clock()) if mailbox else _NO_MAILBOX for person, mailbox in read.items()}

    def release(self, person: Person, since: datetime | None) -> bool:
        """Take a mailbox off hold; False where it was on hold before `since`, so that another person placed it."""
        mailbox = self.read(person)
        if mailbox and mailbox.held:
            if since and mailbox.since and mailbox.since < since - _CLOCKS:
                return False
            self._exchange.change(_SET, {**mailbox.identity(), "LitigationHoldEnabled": False})
        return True

    def read(self, person: Person) -> Mailbox | None:
        """Read a person's mailbox, also one whose account is gone; None where there is none."""
        command = _look(person)
        try:
            return self._found(person, self._exchange.get(command.cmdlet, command.parameters, select=command.select))
        except NotFound:
            return None

    def held(self) -> Sequence[Mailbox]:
        """Read every mailbox that is on litigation hold."""
        return [read_mailbox(row) for row in self._filtered("LitigationHoldEnabled -eq $true")]

    def owners(self) -> Sequence[MailboxOwner]:
        """Read of every mailbox, those whose account is gone too, whose it is and whether it is held."""
        return [read_owner(row) for row in self._listed()]

    def organisation(self) -> bool | None:
        """Return whether a hold names the whole organisation; None where an entry is unknown or none is told."""
        rows = self._exchange.get("Get-OrganizationConfig", select=["InPlaceHolds"])
        found = [held_by(marks_of(row)) for row in rows] or [None]
        return True if True in found else None if None in found else False

    def reached_under(self, addresses: Sequence[str]) -> Iterator[Mailbox]:
        """Read the mailboxes that have one of the addresses, fifty in a request."""
        for some in chunks(addresses, _ADDRESSES):
            wanted = " -or ".join(f"EmailAddresses -eq 'smtp:{one.replace(chr(39), chr(39) * 2)}'" for one in some)
            yield from (read_mailbox(row) for row in self._filtered(wanted))

    def _filtered(self, wanted: str) -> Sequence[Body]:
        return self._listed({"Filter": wanted})

    def _listed(self, narrowed: Body | None = None) -> Sequence[Body]:
        parameters: Body = {**(narrowed or {}), "IncludeInactiveMailbox": True, "ResultSize": "Unlimited"}
        return self._exchange.get(_GET, parameters, select=COLUMNS)

    def _read_many(self, people: Sequence[Person]) -> Mapping[str, Mailbox | RequestFailed | None]:
        answers = self._exchange.run_many([_look(person) for person in people])
        found: dict[str, Mailbox | RequestFailed | None] = {}
        for person, answer in zip(people, answers, strict=True):
            match answer:
                case NotFound():
                    found[person.id] = None
                case RequestFailed():
                    found[person.id] = answer
                case rows:
                    found[person.id] = self._found(person, rows)
        errors = [one for one in found.values() if isinstance(one, RequestFailed)]
        if errors and len(errors) == len(found):
            raise errors[0]
        return found

    def _found(self, person: Person, rows: Sequence[Body]) -> Mailbox:
        mailboxes = [read_mailbox(row) for row in rows]
        match mailboxes:
            case [mailbox] if mailbox.account.lower() == person.id.lower():
                self.addresses[person.id] = mailbox.addresses
                return mailbox
            case _:
                raise BadAnswer(f"{_GET}: asked for the mailbox of account {person.id}, it gave another or several")

    def _already(self, mailbox: Mailbox) -> ServiceHold:
        standing = mailbox.standing(self._clock()).standing
        return ServiceHold(Service.MAILBOX, standing, "was on hold without an end before")


def _look(person: Person) -> Command:
    # By the account's id: an address may have gone from a leaver to somebody else.
    return Command(_GET, {"Identity": person.id, "IncludeInactiveMailbox": True}, select=COLUMNS)


def _hold(mailbox: Mailbox) -> Command:
    wanted: Body = {"LitigationHoldEnabled": True, "LitigationHoldDuration": "Unlimited"}
    return Command(_SET, {**mailbox.identity(), **wanted})


def _outcome(mailbox: Mailbox, answer: Sequence[Body] | RequestFailed) -> ServiceHold | RequestFailed:
    match answer:
        case Rejected() if not mailbox.capable:
            return mailbox.unavailable()
        case RequestFailed():
            return answer
        case _:
            return _requested(mailbox)


def _refused(mailbox: Mailbox, error: Rejected) -> ServiceHold:
    """Tell a licence that does not include the hold from any other refusal, which is raised."""
    if mailbox.capable:
        raise error
    return mailbox.unavailable()


def _requested(mailbox: Mailbox) -> ServiceHold:
    return ServiceHold(Service.MAILBOX, HoldStatus.REQUESTED, f"was {mailbox.span()}" if mailbox.held else "")
