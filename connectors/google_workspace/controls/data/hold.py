"""Whether holds can be placed in Google Workspace: in Vault, which has to be licensed for each account."""

from toolkit.controls.data.hold import Hold
from toolkit.controls.legal_holds import who_part
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_WHERE = (
    "in the admin console: Account > Admin roles (Super Admin, and each role with a privilege of Google Vault), and in "
    "Vault with whom its matters are shared"
)


def realise(settings: Hold, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Look whether Vault answers and to whom, and leave to people what no API tells."""
    return Realisation(
        (
            Part(
                name="Vault",
                level=Level.CHECKED,
                covers="whether Vault lets in the administrator whom toolkit acts as, with the scope that reads",
                reason="`toolkit check` asks for one matter",
                limits=("placing a hold needs the scope that writes as well, which no run uses that only looks",),
            ),
            Part(
                name="privileges in Vault",
                level=Level.CHECKED,
                covers="whether that administrator may manage matters and holds",
                reason="`toolkit check` sees it of a super administrator alone",
            ),
            Part(
                name="Vault licences",
                level=Level.MANUAL,
                covers="a licence for Vault for each account that may have to be held",
                reason="toolkit asks no API for licences: in the admin console, Billing > Subscriptions, look that "
                "everybody's edition includes Vault, or that each has a licence of their own",
            ),
            who_part(settings, _WHERE),
        )
    )
