"""A waveform object on one page: what it is, what is said of it, and its groups below each other."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from archive.dicom.rendering.lettering import legible
from archive.dicom.rendering.rasters import Raster
from archive.dicom.rendering.viewport import WHOLE, Viewport
from archive.dicom.rendering.waveforms.drawings import Color, Drawing, Shape, Text, shortened
from archive.dicom.rendering.waveforms.groups import MultiplexGroup
from archive.dicom.rendering.waveforms.panels import LEFT, PAGE_WIDTH, RIGHT, Panel
from archive.dicom.rendering.waveforms.paper import fits_paper, paper
from archive.dicom.rendering.waveforms.raster import drawn
from archive.dicom.rendering.waveforms.remarks import Remark
from archive.dicom.rendering.waveforms.strips import strips
from archive.dicom.rendering.waveforms.svg import written
from archive.dicom.rendering.waveforms.waveform import Manner, Waveform

#: Of a recording that is so much longer than its page, all is shown below it, small.
_MUCH_LONGER = 1.5

#: How many bytes of an object are read: of a longer one, the rest is not shown, and that is said.
MOST_BYTES = 1 << 29

#: Lines of what is said of the whole, in columns.
_STATEMENT_COLUMNS, _STATEMENT_ROWS = 4, 6
_LINE, _SIZE = 4.2, 2.8
_TOP, _TITLE = 8.0, 4.6


def svg(waveform: Waveform, *, patient: Iterable[str] = (), technique: Iterable[str] = ()) -> bytes:
    """The waveform as a standalone SVG document, with lines on the patient and the technique where they are given."""
    return written(page(waveform, patient=patient, technique=technique))


def raster(
    waveform: Waveform,
    viewport: Viewport = WHOLE,
    *,
    patient: Iterable[str] = (),
    technique: Iterable[str] = (),
) -> Raster:
    """The waveform as RGB, in its own size, of 8 pixels a millimetre, or as large as a viewport asks for.

    Raises:
        UnusableViewport: the region shows nothing of the page, or is enlarged too much.
    """
    return drawn(page(waveform, patient=patient, technique=technique), viewport)


def page(waveform: Waveform, *, patient: Iterable[str] = (), technique: Iterable[str] = ()) -> Drawing:
    """What is drawn of a waveform."""
    shapes, y = _head(waveform, [*legible(patient), *legible(technique)])
    descriptions = [remark.text for remark in _statements(waveform)]
    for group in waveform.groups:
        for panel in _panels(waveform, group, y):
            shapes += panel.shapes
            descriptions.append(panel.description)
            y = panel.bottom
    if waveform.left_out:
        note = f"Not shown: {waveform.left_out} multiplex group{'s' if waveform.left_out > 1 else ''}"
        shapes.append(Text(LEFT, y + 2, note, _SIZE, Color.FAINT))
        descriptions.append(note)
        y += _LINE
    return Drawing(PAGE_WIDTH, y + 2, waveform.name, ". ".join(descriptions) + ".", tuple(shapes))


def _panels(waveform: Waveform, group: MultiplexGroup, top: float) -> Iterator[Panel]:
    """A page of the group as those read it who know such waveforms; of a much longer one, then all of it."""
    readable = max(MOST_BYTES // len(waveform.groups) // group.samples.stride, 1)
    whole = min(group.samples.count, readable) / group.rate
    seconds = waveform.page_seconds if group.frequency else None
    is_longer = seconds is not None and whole > _MUCH_LONGER * seconds
    montage = waveform.manner is Manner.MONTAGE
    if waveform.manner is Manner.PAPER and fits_paper(group):
        first = paper(group, waveform.remarks, top)
    else:
        page_of_it = seconds if is_longer and seconds else whole
        first = strips(group, waveform.remarks, top, seconds=page_of_it, montage=montage)
    yield first
    if is_longer:
        yield strips(group, waveform.remarks, first.bottom, seconds=whole)


def _head(waveform: Waveform, lines: Sequence[str]) -> tuple[list[Shape], float]:
    """The title, lines on the patient and the technique, and what is said of the whole; where the groups have room."""
    shapes: list[Shape] = [Text(LEFT, _TOP + 2, waveform.name, _TITLE, bold=True)]
    y = _TOP + 2 + _LINE
    for text in lines:
        shapes.append(Text(LEFT, y + _SIZE, shortened(text, RIGHT - LEFT, 3.2), 3.2))
        y += _LINE
    statements = _statements(waveform)
    width = (RIGHT - LEFT) / _STATEMENT_COLUMNS
    rows = -(-len(statements) // _STATEMENT_COLUMNS)
    for order, remark in enumerate(statements):
        x = LEFT + order // rows * width
        shapes.append(Text(x, y + _SIZE + order % rows * _LINE, shortened(remark.text, width - 2, _SIZE), _SIZE))
    return shapes, y + rows * _LINE + 2


def _statements(waveform: Waveform) -> list[Remark]:
    """What is said of no point in time."""
    said = (remark for remark in waveform.remarks if not remark.is_placed)
    return list(islice(said, _STATEMENT_COLUMNS * _STATEMENT_ROWS))
