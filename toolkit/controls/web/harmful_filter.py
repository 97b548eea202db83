"""The control for tests of the school's filtering and monitoring."""

from toolkit.controls.control import Control
from toolkit.controls.testing import PeriodicTestSettings
from toolkit.sdk.part import Level, Part

_WRITE = "and write what came of it under `tested:` in a file of attestations"


class HarmfulFilter(PeriodicTestSettings):
    """How often filtering and monitoring must be tested, and on which devices and networks. No cloud can show it.

    The tester opens harmless addresses that testing services publish for this. Never look for harmful content.
    """


CONTROL = Control(
    name="web.harmful_filter",
    title="Tests of filtering and monitoring",
    clauses=("NET-01", "MIS-03", "MIS-05", "MIS-12"),
    settings=HarmfulFilter,
    reaches_people=False,
    by_people_alone=True,
    by_people=(
        Part(
            name="filtering",
            level=Level.MANUAL,
            tested=True,
            covers="harmful and illegal content is blocked, and what teaching needs is open",
            reason="on each sort of device and each network open every address of the list in `probes_file`, signed in "
            f"as a pupil and as one of the staff, {_WRITE}",
            limits=(
                "the register says what people saw; toolkit opens none of the addresses itself",
                "personal phones on mobile data are outside any filter of the school's",
            ),
        ),
        Part(
            name="monitoring",
            level=Level.MANUAL,
            tested=True,
            covers="what monitoring notices reaches the Designated Safeguarding Lead",
            reason="have the monitoring product raise its test alert on each sort of device and each network, see that "
            f"the Designated Safeguarding Lead gets it, {_WRITE}",
            limits=("how well it notices is for its supplier to show",),
        ),
    ),
)
