"""What is kept in Google Workspace: the retention rules of Vault, which no API shows or sets."""

from toolkit.controls.data.retention import UNLIMITED, Retention, days_of, undecided_part
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_CONSOLE = "no API shows or sets retention rules: in Google Vault > Retention > Custom rules"


def realise(wanted: Retention, context: ControlContext) -> Realisation:  # noqa: ARG001 - it keeps what everybody writes
    """Leave every rule to people, and warn of the ones that delete."""
    return Realisation(
        (
            _part("mail", wanted.mail, "Gmail", "mail in every mailbox"),
            _part("files", wanted.files, "Drive", "files in My Drive and in shared drives"),
            _part("chat", wanted.chat, "Chat", "messages in Google Chat, where history is on"),
        )
    )


def _part(name: str, period: str, service: str, covers: str) -> Part:
    days = days_of(period)
    if days is None:
        return undecided_part(name, covers)
    length = "indefinitely" if days == UNLIMITED else f"for {days} days"
    return Part(
        name=name,
        level=Level.MANUAL,
        covers=covers,
        reason=f"{_CONSOLE}: {service}, the whole organisation, keep {length}. Careful: a rule with an end can delete, "
        "and may begin to at once with everything that is older; choose to delete nothing but what people have deleted "
        "themselves, and let somebody else look before it is saved",
        limits=("it needs Vault, and a Vault licence for each account",),
    )
