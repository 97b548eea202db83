"""`python -m tests.extended_emulator serve`: the emulator as tests run it."""

import sys

from connectors.emulator.__main__ import main
from tests.extended_emulator.extension import FaultyExtension

if __name__ == "__main__":
    sys.exit(main(extension=FaultyExtension()))
