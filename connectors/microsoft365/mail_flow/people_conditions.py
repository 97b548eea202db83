"""The conditions of mail rules about senders, recipients and their groups."""

from collections.abc import Callable, Iterable, Mapping

from connectors.microsoft365.mail_flow.meeting import Decide, Meeting, match_patterns, match_words
from toolkit.sdk import MailDirectory, Truth, all_of, answer, any_of, cannot_tell, no, yes
from toolkit.values import Value, entries


def _is_in_domain(address: str, domain: str) -> bool:
    host = address.rpartition("@")[2].casefold()
    return host == domain.casefold() or host.endswith(f".{domain.casefold()}")


def _match_address(addresses: Iterable[str], value: Value, directory: MailDirectory) -> Truth:
    for address in addresses:
        for entry in entries(value):
            if directory.is_person(address, entry):
                return yes(address)
    return no()


def _match_members(addresses: Iterable[str], value: Value, directory: MailDirectory) -> Truth:
    return any_of(directory.is_member(address, group) for address in addresses for group in entries(value))


def _to_scope(meeting: Meeting, value: Value) -> Truth:
    inside = meeting.directory.is_at_school(meeting.recipient)
    if value == "InOrganization":
        return answer(inside, "the recipient is inside" if inside else "the recipient is outside")
    if value == "NotInOrganization":
        return answer(not inside, "the recipient is outside" if not inside else "the recipient is inside")
    return no("the recipient is inside") if inside else cannot_tell("partner organisations are not read")


def _from_scope(meeting: Meeting, value: Value) -> Truth:
    inside = meeting.sender_is_inside()
    if value == "InOrganization" or inside.value is None:
        return inside
    return answer(not inside.value, *inside.reasons)


def _between(meeting: Meeting, value: Value) -> Truth:
    other, directory = meeting.settings.get("between_member_of_2"), meeting.directory
    sender, recipient = [meeting.message.sender], [meeting.recipient]
    return any_of(
        all_of((_match_members(sender, first, directory), _match_members(recipient, second, directory)))
        for first, second in ((value, other), (other, value))
    )


def _sender_attribute(meeting: Meeting, _value: Value) -> Truth:
    inside = meeting.sender_is_inside()
    return no("the sender is outside") if inside.value is False else cannot_tell("attributes of people are not read")


def _recipient_attribute(meeting: Meeting, _value: Value) -> Truth:
    if not meeting.directory.is_at_school(meeting.recipient):
        return no("the recipient is outside")
    return cannot_tell("attributes of people are not read")


def is_managed_by(directory: MailDirectory, person: str, managers: Iterable[str]) -> Truth:
    """Return whether one of these people is the manager of a person."""
    manager = directory.find_manager(person)
    if manager is None:
        return cannot_tell(
            directory.unread_managers.get(directory.primary(person), f"the manager of {person} is not read")
        )
    return answer(manager in {directory.primary(entry) for entry in managers}, manager or f"{person} has no manager")


def _has_manager(meeting: Meeting, value: Value) -> Truth:
    by_sender = meeting.settings.get("manager_for_evaluated_user") == "Sender"
    return is_managed_by(meeting.directory, meeting.message.sender if by_sender else meeting.recipient, entries(value))


def _manages(meeting: Meeting, value: Value) -> Truth:
    people = (meeting.recipient, meeting.message.sender)
    person, manager = people if value == "Manager" else reversed(people)
    return is_managed_by(meeting.directory, person, [manager])


def _sender_words(meeting: Meeting, value: Value) -> Truth:
    return any_of(match_words(address, value, "sender") for address in meeting.senders)


def _sender_patterns(meeting: Meeting, value: Value) -> Truth:
    return any_of(match_patterns(address, value, "sender") for address in meeting.senders)


def _sender_domain(meeting: Meeting, value: Value) -> Truth:
    domains = [d for d in entries(value) if any(_is_in_domain(address, d) for address in meeting.senders)]
    return yes(domains[0]) if domains else no()


def _recipient_domain(meeting: Meeting, value: Value) -> Truth:
    domains = [domain for domain in entries(value) if _is_in_domain(meeting.recipient_address, domain)]
    return yes(domains[0]) if domains else no()


def _recipient_words(meeting: Meeting, value: Value) -> Truth:
    return match_words(meeting.recipient_address, value, "recipient")


def _recipient_patterns(meeting: Meeting, value: Value) -> Truth:
    return match_patterns(meeting.recipient_address, value, "recipient")


def _any_recipient(match: Callable[[str | None, Value, str], Truth]) -> Decide:
    """Return a condition about any recipient. If it is met, the rule acts on all recipients of the message.

    It looks at primary addresses only. A note of 2021 that other recipients were not affected in the cloud is gone:
    https://github.com/MicrosoftDocs/office-docs-powershell/pull/11031
    """
    return lambda meeting, value: any_of(
        match(meeting.directory.primary(address), value, "recipients") for address in meeting.message.recipients
    )


def _header_people(*fields: str) -> Decide:
    return lambda meeting, value: _match_address(_addresses(meeting, fields), value, meeting.directory)


def _header_members(*fields: str) -> Decide:
    return lambda meeting, value: _match_members(_addresses(meeting, fields), value, meeting.directory)


def _addresses(meeting: Meeting, fields: Iterable[str]) -> list[str]:
    return [address for field in fields for address in getattr(meeting.message, field)]


PEOPLE_CONDITIONS: Mapping[str, Decide] = {
    "from": lambda meeting, value: _match_address(meeting.senders, value, meeting.directory),
    "from_member_of": lambda meeting, value: _match_members(meeting.senders, value, meeting.directory),
    "from_scope": _from_scope,
    "from_address_contains_words": _sender_words,
    "from_address_matches_patterns": _sender_patterns,
    "sender_domain_is": _sender_domain,
    "sender_ad_attribute_contains_words": _sender_attribute,
    "sender_ad_attribute_matches_patterns": _sender_attribute,
    "sent_to": lambda meeting, value: _match_address([meeting.recipient], value, meeting.directory),
    "sent_to_member_of": lambda meeting, value: _match_members([meeting.recipient], value, meeting.directory),
    "sent_to_scope": _to_scope,
    "recipient_address_contains_words": _recipient_words,
    "recipient_address_matches_patterns": _recipient_patterns,
    "any_of_recipient_address_contains_words": _any_recipient(match_words),
    "any_of_recipient_address_matches_patterns": _any_recipient(match_patterns),
    "recipient_domain_is": _recipient_domain,
    "recipient_ad_attribute_contains_words": _recipient_attribute,
    "recipient_ad_attribute_matches_patterns": _recipient_attribute,
    "any_of_to_header": _header_people("to_addresses"),
    "any_of_to_header_member_of": _header_members("to_addresses"),
    "any_of_cc_header": _header_people("cc"),
    "any_of_cc_header_member_of": _header_members("cc"),
    "any_of_to_cc_header": _header_people("to_addresses", "cc"),
    "any_of_to_cc_header_member_of": _header_members("to_addresses", "cc"),
    "between_member_of_1": _between,
    "manager_addresses": _has_manager,
    "sender_management_relationship": _manages,
}
"""How each condition about people is decided."""
