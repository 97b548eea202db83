"""`python -m tests.extended_emulator serve`: the emulator as tests run it."""

import sys

from connectors.emulator.__main__ import main
from tests.extended_emulator.extension import TestExtension

if __name__ == "__main__":
    sys.exit(main(extension=TestExtension()))
