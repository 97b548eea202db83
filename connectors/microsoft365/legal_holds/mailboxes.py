"""Places, reads and releases litigation holds on mailboxes. A hold has no time limit.

A hold has no comment and no address either, because Outlook would show both to the person. Follows
https://learn.microsoft.com/powershell/module/exchangepowershell/set-mailbox
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.via import Exchange
from connectors.microsoft365.legal_holds.in_place_holds import includes_legal_hold, marks_of
from connectors.microsoft365.legal_holds.mailbox import COLUMNS, Mailbox, MailboxOwner, read_mailbox, read_owner
from connectors.microsoft365.mailboxes import chunks
from toolkit.errors import BadAnswer, NotFound, Rejected, RequestFailed, answered
from toolkit.sdk import HeldAccount, HoldStatus, Person, Service, ServiceHold
from toolkit.values import Body

_GET, _SET = "Get-Mailbox", "Set-Mailbox"
_FILTER_ADDRESSES = 50  # addresses in a filter
_CLOCK_DIFFERENCE = timedelta(minutes=5)  # this computer's clock and Exchange's may differ
_NO_MAILBOX = ServiceHold(Service.MAILBOX, HoldStatus.UNAVAILABLE, "this person has no mailbox in Exchange Online")


class Mailboxes:
    """The mailboxes of a tenant. `addresses` has all addresses that were found for a person, by person id."""

    def __init__(self, exchange: Exchange, clock: Callable[[], datetime | None]) -> None:
        self._exchange = exchange
        self._clock = clock
        self.addresses: dict[str, frozenset[str]] = {}

    def place(self, person: Person) -> ServiceHold:
        """Put a person's mailbox on hold. One request reads the mailbox, and one changes it."""
        mailbox = self.read(person)
        if mailbox is None:
            return _NO_MAILBOX
        if mailbox.held and mailbox.is_unlimited:
            return self._describe_existing_hold(mailbox)
        command = _make_hold_command(mailbox)
        try:
            self._exchange.change(command.cmdlet, command.parameters)
        except Rejected as error:
            return _to_unavailable_hold(mailbox, error)
        return _to_requested_hold(mailbox)

    def place_first_hold(self, address: str) -> HeldAccount:
        """Put the mailbox with an address on hold at once. Then read its owner and its hold, and return both.

        This saves time if a person is about to delete mail. A mailbox that is already on unlimited hold is unchanged.
        If Exchange refuses the hold, for example because the mailbox is inactive, `place` must hold it afterwards.
        """
        parameters: Body = {"Identity": address, "LitigationHoldEnabled": True, "LitigationHoldDuration": "Unlimited"}
        refusal: RequestFailed | None = None
        try:
            self._exchange.change(_SET, parameters)
        except (NotFound, Rejected) as error:
            refusal = error
        try:
            rows = self._exchange.get(_GET, {"Identity": address, "IncludeInactiveMailbox": True}, select=COLUMNS)
        except NotFound:
            return HeldAccount(None)
        mailboxes = [read_mailbox(row) for row in rows]
        if len(mailboxes) != 1:
            raise BadAnswer(f"{_GET}: {len(mailboxes)} mailboxes have the same address")
        (mailbox,) = mailboxes
        person = Person(mailbox.account, address, address)
        self.addresses[person.id] = mailbox.addresses
        if mailbox.held and mailbox.is_unlimited:
            standing = mailbox.hold_state(self._clock()).standing
            note = "was already on unlimited hold" if standing is HoldStatus.CONFIRMED else ""
            return HeldAccount(person, ServiceHold(Service.MAILBOX, standing, note))
        if refusal and not mailbox.capable:
            return HeldAccount(person, mailbox.unavailable())
        # The hold is not visible yet, or was refused. Read the mailbox again, and send the hold again if needed.
        return HeldAccount(
            person, self.place(person) if refusal else ServiceHold(Service.MAILBOX, HoldStatus.REQUESTED)
        )

    def place_many(self, people: Sequence[Person]) -> Mapping[str, ServiceHold | RequestFailed]:
        """Put many people's mailboxes on hold, ten in a request. Raise an error if no mailbox can be read."""
        mailboxes = self._read_many(people)
        outcomes: dict[str, ServiceHold | RequestFailed] = {}
        mailboxes_to_hold: dict[str, Mailbox] = {}
        for person, mailbox in mailboxes.items():
            match mailbox:
                case None:
                    outcomes[person] = _NO_MAILBOX
                case Mailbox(held=True, is_unlimited=True):
                    outcomes[person] = self._describe_existing_hold(mailbox)
                case Mailbox():
                    mailboxes_to_hold[person] = mailbox
                case error:
                    outcomes[person] = error
        responses = self._exchange.run_many([_make_hold_command(mailbox) for mailbox in mailboxes_to_hold.values()])
        for (person, mailbox), response in zip(mailboxes_to_hold.items(), responses, strict=True):
            outcomes[person] = _to_outcome(mailbox, response)
        return {person.id: outcomes[person.id] for person in people}

    def read_states(self, people: Sequence[Person]) -> Mapping[str, ServiceHold]:
        """Return the hold states of people's mailboxes, by person id."""
        mailboxes = {person: answered(mailbox) for person, mailbox in self._read_many(people).items()}
        return {
            person: mailbox.hold_state(self._clock()) if mailbox else _NO_MAILBOX
            for person, mailbox in mailboxes.items()
        }

    def release(self, person: Person, since: datetime | None) -> bool:
        """Release a person's mailbox.

        Return False if someone put it on hold before `since`, so that it stays on hold.
        """
        mailbox = self.read(person)
        if mailbox and mailbox.held:
            if since and mailbox.since and mailbox.since < since - _CLOCK_DIFFERENCE:
                return False
            self._exchange.change(_SET, {**mailbox.identity(), "LitigationHoldEnabled": False})
        return True

    def read(self, person: Person) -> Mailbox | None:
        """Return a person's mailbox, even if the account is deleted, or None if there is no mailbox."""
        command = _make_read_command(person)
        try:
            return self._choose_own_mailbox(
                person, self._exchange.get(command.cmdlet, command.parameters, select=command.select)
            )
        except NotFound:
            return None

    def held(self) -> Sequence[Mailbox]:
        """Return every mailbox on litigation hold."""
        return [read_mailbox(row) for row in self._list_matching("LitigationHoldEnabled -eq $true")]

    def owners(self) -> Sequence[MailboxOwner]:
        """Return the owner of every mailbox, and whether the mailbox is on hold.

        Mailboxes of deleted accounts are included.
        """
        return [read_owner(row) for row in self._list_mailboxes()]

    def organisation(self) -> bool | None:
        """Return whether a legal hold covers the whole organisation, or None if this is unknown."""
        rows = self._exchange.get("Get-OrganizationConfig", select=["InPlaceHolds"])
        results = [includes_legal_hold(marks_of(row)) for row in rows] or [None]
        return True if True in results else None if None in results else False

    def find_by_addresses(self, addresses: Sequence[str]) -> Iterator[Mailbox]:
        """Yield the mailboxes with the given addresses, fifty addresses in a request."""
        for chunk in chunks(addresses, _FILTER_ADDRESSES):
            condition = " -or ".join(
                f"EmailAddresses -eq 'smtp:{address.replace(chr(39), chr(39) * 2)}'" for address in chunk
            )
            yield from (read_mailbox(row) for row in self._list_matching(condition))

    def _list_matching(self, condition: str) -> Sequence[Body]:
        return self._list_mailboxes({"Filter": condition})

    def _list_mailboxes(self, extra_parameters: Body | None = None) -> Sequence[Body]:
        parameters: Body = {**(extra_parameters or {}), "IncludeInactiveMailbox": True, "ResultSize": "Unlimited"}
        return self._exchange.get(_GET, parameters, select=COLUMNS)

    def _read_many(self, people: Sequence[Person]) -> Mapping[str, Mailbox | RequestFailed | None]:
        responses = self._exchange.run_many([_make_read_command(person) for person in people])
        mailboxes: dict[str, Mailbox | RequestFailed | None] = {}
        for person, response in zip(people, responses, strict=True):
            match response:
                case NotFound():
                    mailboxes[person.id] = None
                case RequestFailed():
                    mailboxes[person.id] = response
                case rows:
                    mailboxes[person.id] = self._choose_own_mailbox(person, rows)
        errors = [result for result in mailboxes.values() if isinstance(result, RequestFailed)]
        if errors and len(errors) == len(mailboxes):
            raise errors[0]
        return mailboxes

    def _choose_own_mailbox(self, person: Person, rows: Sequence[Body]) -> Mailbox:
        mailboxes = [read_mailbox(row) for row in rows]
        match mailboxes:
            case [mailbox] if mailbox.account.lower() == person.id.lower():
                self.addresses[person.id] = mailbox.addresses
                return mailbox
            case _:
                raise BadAnswer(f"{_GET}: the response for account {person.id} has another mailbox, or several")

    def _describe_existing_hold(self, mailbox: Mailbox) -> ServiceHold:
        standing = mailbox.hold_state(self._clock()).standing
        return ServiceHold(Service.MAILBOX, standing, "was already on unlimited hold")


def _make_read_command(person: Person) -> Command:
    # By the account's id, because a leaver's address may now belong to another person.
    return Command(_GET, {"Identity": person.id, "IncludeInactiveMailbox": True}, select=COLUMNS)


def _make_hold_command(mailbox: Mailbox) -> Command:
    parameters: Body = {"LitigationHoldEnabled": True, "LitigationHoldDuration": "Unlimited"}
    return Command(_SET, {**mailbox.identity(), **parameters})


def _to_outcome(mailbox: Mailbox, response: Sequence[Body] | RequestFailed) -> ServiceHold | RequestFailed:
    match response:
        case Rejected() if not mailbox.capable:
            return mailbox.unavailable()
        case RequestFailed():
            return response
        case _:
            return _to_requested_hold(mailbox)


def _to_unavailable_hold(mailbox: Mailbox, error: Rejected) -> ServiceHold:
    """Return the hold state for a licence without litigation hold. Raise the error if it has another reason."""
    if mailbox.capable:
        raise error
    return mailbox.unavailable()


def _to_requested_hold(mailbox: Mailbox) -> ServiceHold:
    return ServiceHold(Service.MAILBOX, HoldStatus.REQUESTED, f"was {mailbox.span()}" if mailbox.held else "")
