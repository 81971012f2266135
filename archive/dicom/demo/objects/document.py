"""A letter: Encapsulated PDF IOD (PS3.3 Section A.45.1), its PDF (ISO 32000-1) written by hand."""

from collections.abc import Iterator, Sequence

from pydicom.uid import EncapsulatedPDFStorage

from archive.dicom.demo.data_sets import code, part10
from archive.dicom.demo.studies import INSTITUTION, Series, Study

_TITLE = "CT of the chest"
_LINES = (
    "Indication: cough for six weeks, nodule in a radiograph.",
    "",
    "Technique: spiral CT from the apices to the upper abdomen after intravenous contrast.",
    "",
    "Findings: a spiculated solid nodule of 18 mm in the right upper lobe, 12 mm in the",
    "examination before. No further nodules. The airways are open. No pleural effusion.",
    "Heart and great vessels are normal. No enlarged lymph nodes. Bones without lesions.",
    "",
    "Impression: growing nodule in the right upper lobe. PET/CT and presentation to the",
    "tumor board are recommended.",
    "",
    "This document belongs to nobody: it was made up for a demonstration.",
)


def series(study: Study, number: int = 15) -> Series:
    return Series(
        study=study,
        number=number,
        modality="DOC",
        sop_class=EncapsulatedPDFStorage,
        description="Report",
        model="Reporter",
    )


def objects(of: Series) -> Iterator[bytes]:
    began = of.study.began
    document = pdf(_TITLE, [f"{INSTITUTION}, {began:%Y-%m-%d}", "", *_LINES])
    yield part10(
        of.instance(
            1,
            ConversionType="WSD",
            BurnedInAnnotation="NO",
            AcquisitionDateTime=f"{began:%Y%m%d%H%M%S}",
            DocumentTitle=_TITLE,
            ConceptNameCodeSequence=[code(("18748-4", "LN", "Diagnostic imaging study"))],
            VerificationFlag="VERIFIED",
            MIMETypeOfEncapsulatedDocument="application/pdf",
            EncapsulatedDocument=document + bytes(len(document) % 2),
            EncapsulatedDocumentLength=len(document),
        )
    )


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """One page of A4 with a title and lines of ASCII below it."""
    shown = [f"BT /F2 20 Tf 60 770 Td ({_escaped(title)}) Tj ET", "0.2 0.4 0.7 RG 60 758 m 535 758 l S"]
    shown += [f"BT /F1 11 Tf 60 {728 - 18 * place} Td ({_escaped(line)}) Tj ET" for place, line in enumerate(lines)]
    content = "\n".join(shown)
    resources = "<< /Font << /F1 5 0 R /F2 6 0 R >> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources {resources} >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    ]
    return _with_table(objects)


def _with_table(objects: Sequence[str]) -> bytes:
    """The file: its objects, and the table of where they begin."""
    file, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    file += f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    start = file.index("xref\n0")
    return f"{file}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode("ascii")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
