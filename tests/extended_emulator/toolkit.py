"""`python -m tests.extended_emulator.toolkit`: toolkit, which starts the emulator as tests run it."""

import sys

from toolkit.cli import main
from toolkit.sdk import providers

if __name__ == "__main__":
    providers.emulator_command = lambda: [sys.executable, "-m", "tests.extended_emulator"]
    main()
