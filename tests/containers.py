"""Files that hold other files, made for the tests: messages, archives, winmail.dat, .msg."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """Return an archive, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 0, 0, 0)), content)
    return buffer.getvalue()


def mail_of(
    text: str,
    files: Mapping[str, bytes] | None = None,
    *,
    subject: str = "Documents",
    html: str = "",
    inner: EmailMessage | None = None,
) -> EmailMessage:
    """Return a message with attachments."""
    message = EmailMessage()
    message["From"] = "Jürgen Müller <billing@example.org>"
    message["To"] = "accounts@example.com"
    message["Subject"] = subject
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    message["Message-ID"] = "<4711@example.org>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content in (files or {}).items():
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name
        )
    if inner is not None:
        message.add_attachment(inner)
    return message


class Outlook:
    """An Outlook file in the making: streams by path, then the compound file."""

    def __init__(self) -> None:
        self.streams: dict[tuple[str, ...], bytes] = {}

    def message(self, where: tuple[str, ...], texts: Mapping[int, str | bytes]) -> None:
        """Add a message: properties by number, text as Unicode, bytes as binary."""
        self._properties(where, texts, 24 if where else 32)

    def attachment(
        self, where: tuple[str, ...], number: int, texts: Mapping[int, str | bytes]
    ) -> tuple[str, ...]:
        """Add an attachment; return where a message inside it belongs."""
        place = (*where, f"__attach_version1.0_#{number:08X}")
        self._properties(place, texts, 8)
        return (*place, "__substg1.0_3701000D")

    def _properties(
        self, where: tuple[str, ...], values: Mapping[int, str | bytes], header: int
    ) -> None:
        entries = b""
        for number, value in values.items():
            kind = 0x1F if isinstance(value, str) else 0x102
            data = value.encode("utf-16-le") if isinstance(value, str) else value
            self.streams[(*where, f"__substg1.0_{number:04X}{kind:04X}")] = data
            entries += struct.pack("<HHIII", kind, number, 6, len(data), 0)
        self.streams[(*where, "__properties_version1.0")] = b"\0" * header + entries

    def build(self) -> bytes:
        """Return the compound file; streams under 4096 bytes lie in the small sectors."""
        folders = {p[:i] for p in self.streams for i in range(1, len(p))}
        names = [(), *sorted(folders | set(self.streams), key=lambda p: (len(p), p))]
        sid = {path: i for i, path in enumerate(names)}
        sectors: list[bytes] = []
        chain: list[int] = []
        first: dict[tuple[str, ...], int] = {}

        def put(data: bytes) -> int:
            start, count = len(sectors), -(-len(data) // 512)
            for i in range(count):
                sectors.append(data[i * 512 : (i + 1) * 512].ljust(512, b"\0"))
                chain.append(start + i + 1 if i + 1 < count else END)
            return start if count else END

        small, links = b"", []
        for path, data in self.streams.items():
            if len(data) >= 4096:
                first[path] = put(data)
                continue
            count = -(-len(data) // 64)
            first[path] = len(links) if count else END
            links += [len(links) + i + 1 if i + 1 < count else END for i in range(count)]
            small += data.ljust(count * 64, b"\0")
        first[()] = put(small)
        small_links = b"".join(struct.pack("<I", n) for n in links)
        small_table = put(small_links.ljust(-(-len(small_links) // 512) * 512, b"\xff"))
        children: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for path in names[1:]:
            children.setdefault(path[:-1], []).append(path)
        rows = b""
        for path in names:
            brothers = children.get(path[:-1], []) if path else []
            place = brothers.index(path) if path else 0
            after = sid[brothers[place + 1]] if place + 1 < len(brothers) else FREE
            below = sid[children[path][0]] if children.get(path) else FREE
            name = (path[-1] if path else "Root Entry").encode("utf-16-le") + b"\0\0"
            kind = 5 if not path else (2 if path in self.streams else 1)
            size = len(self.streams.get(path, b"")) if path else len(small)
            rows += name.ljust(64, b"\0") + struct.pack("<HBB", len(name), kind, 1)
            rows += struct.pack("<III", FREE, after, below) + b"\0" * 36
            rows += struct.pack("<IQ", first.get(path, 0), size)
        directory = put(rows)
        tables = -(-(len(chain) + 2) // 126)
        at = len(sectors)
        chain += [FAT] * tables
        table = b"".join(struct.pack("<I", n) for n in chain)
        table = table.ljust(tables * 512, b"\xff")
        sectors += [table[i * 512 : (i + 1) * 512] for i in range(tables)]
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
        head += struct.pack("<HHHHH6xII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables)
        head += struct.pack(
            "<IIIIIII", directory, 0, 4096, small_table, -(-len(links) // 128), END, 0
        )
        head += b"".join(struct.pack("<I", at + i) for i in range(tables))
        return head.ljust(512, b"\xff") + b"".join(sectors)


def tnef_of(body: str, files: Mapping[str, bytes]) -> bytes:
    """Return a winmail.dat."""

    def attribute(level: int, number: int, kind: int, data: bytes) -> bytes:
        head = struct.pack("<BHHI", level, number, kind, len(data))
        return head + data + struct.pack("<H", sum(data) & 0xFFFF)

    made = struct.pack("<IH", 0x223E9F78, 1)
    made += attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
    made += attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
    made += attribute(1, 0x800C, 2, body.encode() + b"\0")
    for name, content in files.items():
        made += attribute(2, 0x9002, 6, b"\0" * 14)
        made += attribute(2, 0x8010, 1, name.encode() + b"\0")
        made += attribute(2, 0x800F, 6, content)
    return made
