"""What is kept in Microsoft 365: a retention policy each for mail, files and chat, none of which deletes anything."""

from toolkit.controls.data.retention import Retention, days_of, undecided_part
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource

_LIMITS = (
    "experimental: Microsoft documents this way in for its PowerShell module alone, so what is written is read back",
    "it takes up to seven days to reach everything, and keeps nothing that was deleted for good before",
)


def realise(wanted: Retention, context: ControlContext) -> Realisation:  # noqa: ARG001 - it keeps what everybody writes
    """Keep in three policies, since Microsoft mixes Teams with nothing else."""
    return Realisation(
        (
            _part(wanted, "mail", ("mail",), "mail in every mailbox", "public folders are left out"),
            _part(
                wanted,
                "files",
                ("files", "sites", "groups"),
                "files in OneDrive, SharePoint and Microsoft 365 groups",
                "files on the school's own servers and computers are not seen",
            ),
            _part(
                wanted,
                "chat",
                ("teams_chats", "teams_channels"),
                "chats and channel messages in Teams",
                "private channels of Teams need a policy of another sort, which toolkit does not write",
            ),
        )
    )


def _part(wanted: Retention, name: str, places: tuple[str, ...], covers: str, limit: str) -> Part:
    days = days_of(getattr(wanted, name))
    if days is None:
        return undecided_part(name, covers)
    settings = {
        "enabled": True,
        **dict.fromkeys(places, "all"),
        "keep_days": days,
        "action": "keep",
        "comment": wanted.schedule_ref,
    }
    return Part(
        name=name,
        level=Level.ENFORCED,
        covers=covers,
        limits=(limit, *_LIMITS),
        resources=(Resource("retention_policy", f"School retention: {name}", settings),),
    )
