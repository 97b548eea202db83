"""Lets `python -m toolkit` be the command."""

from toolkit.cli import main

main()
