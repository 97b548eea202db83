"""Whether holds can be placed in Microsoft 365: litigation hold on the mailbox, and an eDiscovery case for the rest."""

from toolkit.controls.data.hold import Hold
from toolkit.controls.legal_holds import who_part
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_WHERE = (
    "in Entra > Roles (Global, Exchange and Compliance Administrator) and in Purview > Settings > Roles and scopes > "
    "Role groups (eDiscovery Manager)"
)


def realise(settings: Hold, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Count what can be held, and leave to people who may do it."""
    return Realisation(
        (
            Part(
                name="mailboxes that can be held",
                level=Level.CHECKED,
                covers="whether the licence of each mailbox allows litigation hold",
                reason="`toolkit check` counts and names nobody",
                limits=(
                    "litigation hold keeps mail alone: files in OneDrive are held by a case, which may take 24 hours",
                ),
            ),
            Part(
                name="eDiscovery",
                level=Level.CHECKED,
                covers="whether eDiscovery lets in the app that checks",
                reason="`toolkit check` asks for one case",
                limits=("each app is registered by itself: this says nothing of the one that places holds",),
            ),
            who_part(settings, _WHERE),
        )
    )
