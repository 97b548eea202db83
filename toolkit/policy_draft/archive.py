"""Open the ZIP archive of a .docx or .odt file safely, and parse its XML without entities."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import error as ZlibError  # noqa: N812 - its name in zlib is not a class name

from toolkit.policy_draft.source_document import UnreadableDocument

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LARGEST_PART = 20_000_000  # bytes of an XML file after decompression
_MOST_PARTS = 5_000
_HIGHEST_RATIO = 1_000  # decompressed to compressed bytes, which is about 50 for text
_MACROS = ("vbaproject.bin", "vbadata.xml")
_ODF_MACROS = ("basic/", "scripts/")


class Archive:
    """The parts of a document's ZIP archive."""

    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file = file
        self._path = path
        self.names = frozenset(file.namelist())

    def xml(self, name: str) -> "Element | None":
        """Return the root of an XML part, or None if the archive does not have it.

        Raise UnreadableDocument if the part is too large, encrypted or damaged, or declares entities.
        """
        from xml.etree.ElementTree import ParseError

        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import fromstring

        if name not in self.names:
            return None
        try:
            root: Element = fromstring(self._content(name), forbid_dtd=True)
        except DefusedXmlException as error:
            raise UnreadableDocument(
                f"{self._path}: {name} declares XML entities, which text documents do not need and attacks use. "
                "Save the document again with Word or LibreOffice, then try again"
            ) from error
        except (ParseError, ValueError, RecursionError) as error:
            raise _damage_error(self._path) from error
        return root

    def _content(self, name: str) -> bytes:
        part = self._file.getinfo(name)
        if part.flag_bits & 1:
            raise UnreadableDocument(f"{self._path} is encrypted. Save it without a password, then try again")
        try:
            with self._file.open(part) as stream:
                content = stream.read(_LARGEST_PART + 1)
        except (zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError, OSError) as error:
            raise _damage_error(self._path) from error
        if len(content) > _LARGEST_PART:
            raise UnreadableDocument(
                f"{self._path}: {name} is larger than {_LARGEST_PART // 1_000_000} MB when it is unpacked. "
                "Save only the text of the policy as a new document, then try again"
            )
        return content


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open the archive of a document. Raise UnreadableDocument if it is damaged, has macros or is a ZIP bomb."""
    try:
        with zipfile.ZipFile(path) as file:
            _refuse_hostile(file, path)
            yield Archive(file, path)
    except zipfile.BadZipFile as error:
        raise _damage_error(path) from error


def _refuse_hostile(file: zipfile.ZipFile, path: Path) -> None:
    parts = file.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > _MOST_PARTS or (unpacked > _LARGEST_PART and unpacked > _HIGHEST_RATIO * max(packed, 1)):
        raise UnreadableDocument(
            f"{path} unpacks to {unpacked // 1_000_000:,} MB in {len(parts):,} parts, so it was not opened. "
            "Save only the text of the policy as a new document, then try again"
        )
    names = [part.filename.casefold() for part in parts]
    if any(name.endswith(_MACROS) or name.startswith(_ODF_MACROS) for name in names):
        raise UnreadableDocument(
            f"{path} has macros, so it was not opened. Save it as a document without macros, then try again"
        )


def _damage_error(path: Path) -> UnreadableDocument:
    return UnreadableDocument(
        f"{path} is damaged or is not the format that its name says. Open it in Word or LibreOffice and save it "
        "again, then try again"
    )
