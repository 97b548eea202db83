"""The command `python -m connectors.emulator serve`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.emulator.extension import Extension


def main(arguments: Sequence[str] | None = None, extension: "Extension | None" = None) -> int:
    """Run the command that the arguments name, and return the exit code. The caller may pass an extension."""
    return _serve(_parser().parse_args(arguments), extension)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m connectors.emulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run in the foreground, and print a line of JSON with the address")
    serve.add_argument("--port", type=int, default=0, help="the TLS port on this computer (0: any free port)")
    serve.add_argument("--state", type=Path, required=True, help="the directory for the tenants and certificates")
    serve.add_argument("--users", type=int, help="the number of people in a new tenant")
    serve.add_argument("--name", help="the name of the school in the first tenant")
    serve.add_argument("--domain", help="the domain of the first tenant")
    serve.add_argument("--seed", default="", help="the seed of the first tenants, such as messy or trust")
    serve.add_argument("--proxy", type=int, help="also run an HTTPS proxy for the vendors' host names on this port")
    serve.add_argument(
        "--grant",
        nargs=2,
        action="append",
        default=[],
        metavar=("CLIENT", "SCOPES"),
        help="create an identity for another program, with these permissions",
    )
    serve.add_argument("--exit-with-stdin", action="store_true", help="stop when standard input closes")
    return parser


def _serve(arguments: argparse.Namespace, extension: "Extension | None") -> int:
    from connectors.emulator.extension import Extension
    from connectors.emulator.grants import GrantRefused
    from connectors.emulator.serving import AlreadyServed, Wanted, serve

    names = {key: str(value) for key in ("name", "domain") if (value := getattr(arguments, key))}
    options = Wanted(
        arguments.port, arguments.state, arguments.users, arguments.proxy, arguments.exit_with_stdin, names,
        dict(arguments.grant), arguments.seed,
    )  # fmt: skip
    try:
        serve(options, lambda line: print(line, flush=True), extension or Extension())  # noqa: T201 (the answer goes to stdout)
    except GrantRefused as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    except (AlreadyServed, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
