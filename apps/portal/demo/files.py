"""Small files that stand for the papers behind an entry."""

from __future__ import annotations

import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

_WIDTH, _HEIGHT, _BORDER = 120, 170, 10


def pdf_file(name: str, lines: list[str]) -> SimpleUploadedFile:
    """Return a PDF of one page with a few lines of plain ASCII text."""
    text = " T* ".join(f"({_escape(line)}) Tj" for line in lines)
    content = f"BT /F1 14 Tf 20 TL 60 760 Td {text} ET".encode("ascii", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox 7 0 R /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
        b"[0 0 595 842]",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
    end = trailer % (size, table, size) + b"startxref\n%d\n%%%%EOF\n" % len(body)
    return SimpleUploadedFile(name, body + end, "application/pdf")


def png_file(name: str, seed: int) -> SimpleUploadedFile:
    """Return a picture of a till receipt: white paper with grey lines of print."""
    rows = b"".join(b"\x00" + _row(y, seed) for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)
    return SimpleUploadedFile(name, picture, "image/png")


def _row(y: int, seed: int) -> bytes:
    is_print = y % 12 in {4, 5, 6} and _BORDER < y < _HEIGHT - _BORDER
    length = (seed * 31 + y // 12 * 17) % (_WIDTH - 3 * _BORDER) + _BORDER if is_print else 0
    return b"\xff" * _BORDER + b"\x80" * length + b"\xff" * (_WIDTH - _BORDER - length)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _escape(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
