"""Transfer syntaxes: PS3.5 Section 10 and Annex A, PS3.6 Table A-1, with the media types of PS3.18 Table 8.7.3-5."""

from dataclasses import dataclass

OCTET_STREAM = "application/octet-stream"

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1.99"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"


@dataclass(frozen=True, slots=True)
class TransferSyntax:
    """How a data set and its pixel data are encoded. `lossy`: the pixel data may have lost information."""

    uid: str
    name: str
    implicit_vr: bool = False
    little_endian: bool = True
    encapsulated: bool = False
    deflated: bool = False
    lossy: bool = False
    media_type: str = OCTET_STREAM
    video: bool = False
    known: bool = True


def _encapsulated(suffix: str, name: str, media_type: str, *, lossy: bool = False) -> TransferSyntax:
    return TransferSyntax(
        uid=f"1.2.840.10008.1.2.{suffix}",
        name=name,
        encapsulated=True,
        lossy=lossy,
        media_type=media_type,
        video=media_type.startswith("video/"),
    )


_JPEG = "JPEG {}, Non-Hierarchical (Process {})"
_JPEG_HIERARCHICAL = "JPEG {}, Hierarchical (Process {})"
_JPEG_2000_PART_2 = "JPEG 2000 Part 2 Multi-component Image Compression"
_H264 = "MPEG-4 AVC/H.264"
_HTJ2K = "High-Throughput JPEG 2000"

#: PS3.6 Table A-1, the transfer syntaxes that stored objects use, the retired ones too.
TRANSFER_SYNTAXES: dict[str, TransferSyntax] = {
    syntax.uid: syntax
    for syntax in (
        TransferSyntax(IMPLICIT_VR_LITTLE_ENDIAN, "Implicit VR Little Endian", implicit_vr=True),
        TransferSyntax(EXPLICIT_VR_LITTLE_ENDIAN, "Explicit VR Little Endian"),
        _encapsulated("1.98", "Encapsulated Uncompressed Explicit VR Little Endian", OCTET_STREAM),
        TransferSyntax(DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, "Deflated Explicit VR Little Endian", deflated=True),
        TransferSyntax(EXPLICIT_VR_BIG_ENDIAN, "Explicit VR Big Endian", little_endian=False),
        TransferSyntax("1.2.840.10008.1.20", "Papyrus 3 Implicit VR Little Endian", implicit_vr=True),
        _encapsulated("4.50", "JPEG Baseline (Process 1)", "image/jpeg", lossy=True),
        _encapsulated("4.51", "JPEG Extended (Process 2 and 4)", "image/jpeg", lossy=True),
        _encapsulated("4.52", "JPEG Extended (Process 3 and 5)", "image/jpeg", lossy=True),
        _encapsulated("4.53", _JPEG.format("Spectral Selection", "6 and 8"), "image/jpeg", lossy=True),
        _encapsulated("4.54", _JPEG.format("Spectral Selection", "7 and 9"), "image/jpeg", lossy=True),
        _encapsulated("4.55", _JPEG.format("Full Progression", "10 and 12"), "image/jpeg", lossy=True),
        _encapsulated("4.56", _JPEG.format("Full Progression", "11 and 13"), "image/jpeg", lossy=True),
        _encapsulated("4.57", _JPEG.format("Lossless", "14"), "image/jpeg"),
        _encapsulated("4.58", _JPEG.format("Lossless", "15"), "image/jpeg"),
        _encapsulated("4.59", _JPEG_HIERARCHICAL.format("Extended", "16 and 18"), "image/jpeg", lossy=True),
        _encapsulated("4.60", _JPEG_HIERARCHICAL.format("Extended", "17 and 19"), "image/jpeg", lossy=True),
        _encapsulated("4.61", _JPEG_HIERARCHICAL.format("Spectral Selection", "20 and 22"), "image/jpeg", lossy=True),
        _encapsulated("4.62", _JPEG_HIERARCHICAL.format("Spectral Selection", "21 and 23"), "image/jpeg", lossy=True),
        _encapsulated("4.63", _JPEG_HIERARCHICAL.format("Full Progression", "24 and 26"), "image/jpeg", lossy=True),
        _encapsulated("4.64", _JPEG_HIERARCHICAL.format("Full Progression", "25 and 27"), "image/jpeg", lossy=True),
        _encapsulated("4.65", _JPEG_HIERARCHICAL.format("Lossless", "28"), "image/jpeg"),
        _encapsulated("4.66", _JPEG_HIERARCHICAL.format("Lossless", "29"), "image/jpeg"),
        _encapsulated(
            "4.70",
            "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])",
            "image/jpeg",
        ),
        _encapsulated("4.80", "JPEG-LS Lossless Image Compression", "image/jls"),
        _encapsulated("4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression", "image/jls", lossy=True),
        _encapsulated("4.90", "JPEG 2000 Image Compression (Lossless Only)", "image/jp2"),
        _encapsulated("4.91", "JPEG 2000 Image Compression", "image/jp2", lossy=True),
        _encapsulated("4.92", f"{_JPEG_2000_PART_2} (Lossless Only)", "image/jpx"),
        _encapsulated("4.93", _JPEG_2000_PART_2, "image/jpx", lossy=True),
        TransferSyntax("1.2.840.10008.1.2.4.94", "JPIP Referenced"),
        TransferSyntax("1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate", deflated=True),
        _encapsulated("4.100", "MPEG2 Main Profile / Main Level", "video/mpeg", lossy=True),
        _encapsulated("4.100.1", "Fragmentable MPEG2 Main Profile / Main Level", "video/mpeg", lossy=True),
        _encapsulated("4.101", "MPEG2 Main Profile / High Level", "video/mpeg", lossy=True),
        _encapsulated("4.101.1", "Fragmentable MPEG2 Main Profile / High Level", "video/mpeg", lossy=True),
        *(
            _encapsulated(f"4.{number}{suffix}", f"{prefix}{_H264} {profile}", "video/mp4", lossy=True)
            for number, profile in (
                (102, "High Profile / Level 4.1"),
                (103, "BD-compatible High Profile / Level 4.1"),
                (104, "High Profile / Level 4.2 For 2D Video"),
                (105, "High Profile / Level 4.2 For 3D Video"),
                (106, "Stereo High Profile / Level 4.2"),
            )
            for suffix, prefix in (("", ""), (".1", "Fragmentable "))
        ),
        _encapsulated("4.107", "HEVC/H.265 Main Profile / Level 5.1", "video/H265", lossy=True),
        _encapsulated("4.108", "HEVC/H.265 Main 10 Profile / Level 5.1", "video/H265", lossy=True),
        _encapsulated("4.110", "JPEG XL Lossless", "image/jxl"),
        _encapsulated("4.111", "JPEG XL JPEG Recompression", "image/jxl", lossy=True),
        _encapsulated("4.112", "JPEG XL", "image/jxl", lossy=True),
        _encapsulated("4.201", f"{_HTJ2K} Image Compression (Lossless Only)", "image/jphc"),
        _encapsulated("4.202", f"{_HTJ2K} with RPCL Options Image Compression (Lossless Only)", "image/jphc"),
        _encapsulated("4.203", f"{_HTJ2K} Image Compression", "image/jphc", lossy=True),
        TransferSyntax("1.2.840.10008.1.2.4.204", "JPIP HTJ2K Referenced"),
        TransferSyntax("1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate", deflated=True),
        _encapsulated("5", "RLE Lossless", "image/dicom-rle"),
        # PS3.5 Section A.4.13: every frame is one raw deflate stream (RFC 1951).
        _encapsulated("8.1", "Deflated Image Frame Compression", OCTET_STREAM),
    )
}


def transfer_syntax(uid: str) -> TransferSyntax:
    """The table's entry for `uid`; any other is taken to be explicit VR little endian, maybe encapsulated."""
    return TRANSFER_SYNTAXES.get(uid) or TransferSyntax(uid, "Unknown", encapsulated=True, known=False)
