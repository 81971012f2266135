"""The heads of videos, as far as they speak of their pictures."""

from struct import pack


def mpeg2(rows: int, columns: int, *, profile: int, level: int, aspect: int = 1) -> bytes:
    """A sequence header and its extension (ISO/IEC 13818-2 Sections 6.2.2.1 and 6.2.2.3), in a program stream."""
    sides = ((columns & 0xFFF) << 12 | rows & 0xFFF).to_bytes(3)
    extension = 1 << 44 | profile << 40 | level << 36 | (columns >> 12) << 31 | (rows >> 12) << 29
    return b"".join(
        (
            b"\0\0\1\xba" + b"\x44" * 10,
            b"\0\0\1\xb3",
            sides,
            bytes((aspect << 4 | 3,)) + b"\x13" * 4,
            b"\0\0\1\xb5",
            extension.to_bytes(6),
            b"\0\0\1",
        )
    )


def box(kind: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return pack(">I4s", 8 + len(body), kind.encode()) + body


def mp4(
    rows: int, columns: int, entry: str, *, profile: int, level: int, bits: int = 8, spacing: tuple[int, int] = (1, 1)
) -> bytes:
    """A file with a track of sound and one of pictures (ISO/IEC 14496-12 and -15)."""
    if entry.startswith("avc"):
        configuration = box("avcC", bytes((1, profile, 0, level, 0xFF)))
    else:
        configuration = box("hvcC", bytes((1, profile)), bytes(10), bytes((level, 0, 0, 0, 0, 0xF8 | bits - 8, 0, 0)))
    aspect = box("pasp", pack(">II", *spacing))
    picture = box(entry, bytes(24), pack(">HH", columns, rows), bytes(50), configuration, aspect)
    return b"".join(
        (
            box("ftyp", b"isom"),
            pack(">I4sQ", 1, b"mdat", 16 + 4) + b"data",
            box("moov", box("mvhd", bytes(20)), _track(box("mp4a", bytes(28))), _track(picture)),
        )
    )


def _track(entry: bytes) -> bytes:
    table = box("stsd", bytes(4), pack(">I", 1), entry)
    return box("trak", box("tkhd", bytes(8)), box("mdia", box("minf", box("stbl", table))))
