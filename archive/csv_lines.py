"""Tables as CSV (RFC 4180), line by line, for programs that take some texts for formulas."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

#: What makes a program that opens a CSV take a text for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: By which such programs know UTF-8.
BYTE_ORDER_MARK = "\ufeff"


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The table as a file to be kept, without ever being in memory whole."""
    response = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


class _Lines:
    """A file for the csv module, which keeps the last line only."""

    def write(self, line: str) -> str:
        return line


def _lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Lines())
    yield BYTE_ORDER_MARK + writer.writerow(head)
    for row in rows:
        yield writer.writerow([_harmless(value) for value in row])


def _harmless(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
