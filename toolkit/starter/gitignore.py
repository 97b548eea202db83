"""Writes the .gitignore of a school's folder, which keeps secrets and state out of git."""

from pathlib import Path

from toolkit.errors import UsageError

LINES = (
    "# Secrets and toolkit's state. git keeps every version of a file for ever, so a key must never be committed.",
    ".env",
    "secrets/",
    ".toolkit/",
    "*.key",
    "*.pem",
    "*.p12",
    "*.pfx",
    "*.crt",
    "*.cer",
    "client_secret*.json",
    # Google names a downloaded key PROJECT-0123456789ab.json.
    f"*-{'[0-9a-f]' * 12}.json",
)


def add_to_gitignore(directory: Path) -> None:
    """Write the .gitignore of a folder, or append missing lines to it.

    Raise UsageError if the file cannot be written.
    """
    file = directory / ".gitignore"
    try:
        before = file.read_bytes() if file.exists() else b""
        present = {line.strip() for line in before.splitlines()}
        missing = [line for line in LINES if line.encode() not in present]
        if not missing:
            return
        gap = b"" if not before else b"\n" if before.endswith(b"\n") else b"\n\n"
        directory.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as opened:
            opened.write(gap + "".join(f"{line}\n" for line in missing).encode())
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
