"""`python -m tests.extended_emulator serve`: the emulator as tests run it."""

import gc
import sys

from connectors.emulator.__main__ import main
from tests.extended_emulator.extension import FaultyExtension

if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 100)  # it keeps nearly all that it makes for the length of a request at most
    sys.exit(main(extension=FaultyExtension()))
