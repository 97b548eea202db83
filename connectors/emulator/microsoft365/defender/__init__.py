"""Microsoft Defender for Endpoint: the indicators of a tenant."""

from connectors.emulator.cloud import Seed
from connectors.emulator.microsoft365.defender.indicators import COLLECTION
from connectors.emulator.microsoft365.defender.seed import trust_indicators
from connectors.emulator.microsoft365.defender.service import Defender
from connectors.emulator.school import School

__all__ = ["SERVICE", "seed"]

SERVICE = Defender()


def seed(school: School) -> Seed:
    """Make the indicators that the trust has put there."""
    return {COLLECTION: {str(one["id"]): one for one in trust_indicators(school)}}
