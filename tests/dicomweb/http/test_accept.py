from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http import accept
from dicomweb.http.accept import Offer

EXPLICIT, JPEG_LOSSLESS, JPEG_BASELINE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.50"

JSON, PLAIN_JSON = Offer("application/dicom+json"), Offer("application/json", alias=True)
INSTANCE = Offer("application/dicom", multipart=True, transfer_syntax=EXPLICIT)
INSTANCE_AS_BASELINE = Offer("application/dicom", multipart=True, transfer_syntax=JPEG_BASELINE, default=False)
INSTANCE_ALONE = Offer("application/dicom", transfer_syntax=EXPLICIT)
OCTETS = Offer("application/octet-stream", multipart=True, transfer_syntax=EXPLICIT)
OCTETS_ALONE = Offer("application/octet-stream", transfer_syntax=EXPLICIT)
LOSSLESS = Offer("image/jpeg", multipart=True, transfer_syntax=JPEG_LOSSLESS)
BASELINE = Offer("image/jpeg", multipart=True, transfer_syntax=JPEG_BASELINE, default=False)
OCTETS_AS_BASELINE = Offer("application/octet-stream", multipart=True, transfer_syntax=JPEG_BASELINE, default=False)
PDF, PDF_ALONE = Offer("application/pdf", multipart=True), Offer("application/pdf")
IMAGE_JPEG, IMAGE_PNG = Offer("image/jpeg"), Offer("image/png")

XML = Offer("application/dicom+xml", multipart=True)
METADATA = (JSON, PLAIN_JSON, XML)
LS = (Offer("image/jls", multipart=True), Offer("image/x-jls", multipart=True, alias=True))
FRAMES = (OCTETS, LOSSLESS, OCTETS_ALONE)
COMPRESSED_FRAMES = (BASELINE, OCTETS_AS_BASELINE)
STUDY = (INSTANCE, INSTANCE_AS_BASELINE)
RENDERED = (IMAGE_JPEG, IMAGE_PNG)
BULK_PDF = (PDF, OCTETS, PDF_ALONE, OCTETS_ALONE)

OFFERS = st.lists(
    st.sampled_from([*METADATA, *LS, *FRAMES, *COMPRESSED_FRAMES, *STUDY, INSTANCE_ALONE, *RENDERED, *BULK_PDF]),
    unique=True,
    max_size=8,
)
ENTRIES = st.sampled_from(
    [
        "*/*",
        "image/*",
        "multipart/*",
        "multipart/related",
        'multipart/related; type="*/*"',
        "multipart/related; type=image/jpeg",
        f"multipart/related; type=image/jpeg; transfer-syntax={JPEG_BASELINE}",
        "multipart/related; type=application/octet-stream; transfer-syntax=*",
        'multipart/related; type="application/dicom"',
        "application/dicom",
        "application/dicom+json",
        "application/json",
        "image/jpeg",
        "image/png",
        "text/plain",
    ]
)
RANGES = st.sampled_from(
    [
        "*/*",
        "*/*; transfer-syntax=*",
        "application/*",
        "image/*; q=0.5",
        "multipart/*",
        "multipart/related; transfer-syntax=*",
        'multipart/related; type="*/*"; q=0.1',
    ]
)
WEIGHTED = st.tuples(ENTRIES, st.sampled_from(["", ";q=0", "; q=0.3", ";q=0.7", "; Q=1.000"])).map("".join)
HEADERS = st.lists(
    WEIGHTED, min_size=1, max_size=6, unique_by=lambda entry: entry.lower().partition("q=")[0].rstrip("; ")
)


def choose(header, offers):
    return accept.choose(accept.parse(header), offers)


@pytest.mark.parametrize(
    ("header", "offers", "chosen"),
    [
        pytest.param("application/dicom+json", METADATA, JSON, id="ohif-search-and-metadata"),
        pytest.param("application/dicom+json, application/json", METADATA, JSON, id="dicomweb-client-json"),
        pytest.param("application/json", METADATA, PLAIN_JSON, id="META-15-json"),
        pytest.param(
            "multipart/related; type=application/octet-stream; transfer-syntax=*",
            COMPRESSED_FRAMES,
            OCTETS_AS_BASELINE,
            id="ohif-and-cornerstone3D-frames",
        ),
        pytest.param(
            'multipart/related; type="application/octet-stream"; transfer-syntax=*',
            FRAMES,
            OCTETS,
            id="dicom-microscopy-viewer-frames",
        ),
        pytest.param(
            "application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*,"
            " multipart/related; type=application/octet-stream; transfer-syntax=*; transfer-syntax=*",
            FRAMES,
            OCTETS,
            id="ohif-frames-with-json-and-a-repeated-parameter",
        ),
        pytest.param('multipart/related; type="application/octet-stream"', BULK_PDF, OCTETS, id="ohif-bulk-data"),
        pytest.param("application/octet-stream", BULK_PDF, OCTETS_ALONE, id="ohif-waveform"),
        pytest.param(
            'multipart/related; type="application/pdf", multipart/related; type="application/octet-stream"',
            BULK_PDF,
            PDF,
            id="ohif-pdf",
        ),
        pytest.param(
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            (PDF_ALONE,),
            PDF_ALONE,
            id="a-browser-opens-a-rendered-pdf",
        ),
        pytest.param(
            "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
            RENDERED,
            IMAGE_JPEG,
            id="a-browser-image",
        ),
        pytest.param("image/jpeg", RENDERED, IMAGE_JPEG, id="ohif-thumbnail"),
        pytest.param(
            'multipart/related; type="application/dicom"; transfer-syntax=*', STUDY, INSTANCE, id="dwv-instance"
        ),
        pytest.param('multipart/related; type="*/*"', FRAMES, OCTETS, id="dicomweb-client-frames"),
        pytest.param('multipart/related; type="*/*"', BULK_PDF, PDF, id="dicomweb-client-bulk-data"),
        pytest.param("image/png", RENDERED, IMAGE_PNG, id="dicomweb-client-rendered-frame"),
    ],
)
def test_what_real_clients_ask_for(header, offers, chosen):
    assert choose(header, offers) == chosen


@pytest.mark.parametrize(
    ("header", "offers", "chosen"),
    [
        pytest.param(None, STUDY, INSTANCE, id="NEG-02-no-header"),
        pytest.param("  ", METADATA, JSON, id="NEG-02-empty-header"),
        pytest.param(" , ,", METADATA, JSON, id="NEG-02-empty-entries"),
        pytest.param("*/*", STUDY, INSTANCE, id="NEG-03-default"),
        pytest.param("image/*", RENDERED, IMAGE_JPEG, id="NEG-04-type-range"),
        pytest.param("multipart/*", STUDY, INSTANCE, id="NEG-04-multipart-range"),
        pytest.param("multipart/related", STUDY, INSTANCE, id="NEG-04-multipart-of-anything"),
        pytest.param('multipart/related; type="image/*"', FRAMES, LOSSLESS, id="NEG-04-range-of-parts"),
        pytest.param("*/jpeg", RENDERED, None, id="NEG-04-no-such-range"),
        pytest.param('multipart/related; type="*/jpeg"', FRAMES, None, id="NEG-04-no-such-range-of-parts"),
        pytest.param("image/jpeg;q=0.5, image/png;q=0.8", RENDERED, IMAGE_PNG, id="NEG-05-highest-quality"),
        pytest.param("image/png, image/jpeg", RENDERED, IMAGE_JPEG, id="NEG-05-tie-goes-to-the-first-offer"),
        pytest.param("text/plain, image/png;q=0.001", RENDERED, IMAGE_PNG, id="NEG-05-highest-among-supported"),
        pytest.param("image/*, image/jpeg;q=0.1", RENDERED, IMAGE_PNG, id="NEG-05-most-specific-decides"),
        pytest.param("*/*, image/*;q=0", RENDERED, None, id="NEG-05-range-excludes"),
        pytest.param("image/jpeg;q=0, */*;q=0.1", RENDERED, IMAGE_PNG, id="NEG-05-zero-excludes"),
        pytest.param("image/jpeg;q=0.0, image/jpeg;q=0.000", RENDERED, None, id="NEG-05-zero-is-not-acceptable"),
        pytest.param("application/dicom+json;q=0, */*", METADATA, XML, id="NEG-05-zero-excludes-other-names-too"),
        pytest.param(
            "application/dicom+json;q=0.1, */*;q=0.9", METADATA, XML, id="NEG-05-other-names-are-no-way-round"
        ),
        pytest.param("application/dicom+json;q=0, application/json", METADATA, PLAIN_JSON, id="NEG-05-another-name"),
        pytest.param(
            'multipart/related; type="image/jls";q=0, multipart/related; type="image/*"', LS, None, id="MT-03"
        ),
        pytest.param('multipart/related; type="image/x-jls"', LS, LS[1], id="MT-03-the-old-name"),
        pytest.param("IMAGE/PNG; Q=0.5", RENDERED, IMAGE_PNG, id="NEG-05-any-case"),
        pytest.param("text/plain, /, image, image/png", RENDERED, IMAGE_PNG, id="NEG-06-bad-entries"),
        pytest.param("image/png;q=high, image/jpeg;q=0.9", RENDERED, IMAGE_PNG, id="NEG-06-bad-weight"),
        pytest.param("image/png;q=-1", RENDERED, IMAGE_PNG, id="NEG-06-weight-out-of-range"),
        pytest.param('text/plain;x="a,image/jpeg,b", image/png', RENDERED, IMAGE_PNG, id="NEG-06-comma-in-quotes"),
        pytest.param('image/png, text/plain;x="a, image/jpeg', RENDERED, IMAGE_PNG, id="NEG-06-open-quote"),
        pytest.param("image/png; quality=best; x=y", RENDERED, IMAGE_PNG, id="NEG-06-unknown-parameters"),
        pytest.param("text/plain", METADATA, None, id="NEG-07-nothing-acceptable"),
        pytest.param("/", METADATA, None, id="NEG-07-nothing-understood"),
        pytest.param(
            f'application/dicom; transfer-syntax="{EXPLICIT}"', (INSTANCE_ALONE,), INSTANCE_ALONE, id="NEG-14"
        ),
        pytest.param(
            f'multipart/related; type="image/jpeg; transfer-syntax={JPEG_BASELINE}"',
            COMPRESSED_FRAMES,
            BASELINE,
            id="NEG-14-inside-the-quotes",
        ),
        pytest.param("multipart/related; type=image/jpeg", COMPRESSED_FRAMES, None, id="NEG-14-default-syntax-only"),
        pytest.param(
            'multipart/related; type="application/dicom"; transfer-syntax=*',
            (INSTANCE_AS_BASELINE,),
            INSTANCE_AS_BASELINE,
            id="NEG-15-any-syntax",
        ),
        pytest.param(
            f"multipart/related; type=application/dicom; transfer-syntax={EXPLICIT}; q=0.5,"
            f" multipart/related; type=application/dicom; transfer-syntax={JPEG_BASELINE}",
            STUDY,
            INSTANCE_AS_BASELINE,
            id="NEG-16-several-syntaxes",
        ),
        pytest.param(
            f"multipart/related; type=application/dicom; transfer-syntax={EXPLICIT}; transfer-syntax={JPEG_BASELINE}",
            STUDY,
            None,
            id="NEG-16-two-syntaxes-in-one-entry",
        ),
        pytest.param(f"image/jpeg; transfer-syntax={JPEG_BASELINE}", RENDERED, IMAGE_JPEG, id="NEG-17-ignored"),
        pytest.param(
            "multipart/related; type=application/dicom; transfer-syntax=*,"
            " multipart/related; type=application/dicom; q=0.5",
            STUDY,
            INSTANCE_AS_BASELINE,
            id="without-a-syntax-is-more-specific-than-any",
        ),
        pytest.param("application/dicom", STUDY, None, id="NEG-21-single-part-of-many"),
        pytest.param("*/*", (), None, id="nothing-offered"),
    ],
)
def test_the_choice(header, offers, chosen):
    assert choose(header, offers) == chosen


@pytest.mark.parametrize(
    ("parameter", "header", "chosen"),
    [
        pytest.param("image/png", None, IMAGE_PNG, id="NEG-09"),
        pytest.param("image/png;q=0.5,image/jpeg;q=0.4", "*/*", IMAGE_PNG, id="NEG-09-list"),
        pytest.param("*/*,image/*", "image/png", IMAGE_PNG, id="NEG-09-no-wildcards"),
        pytest.param("image/png", "*/*", IMAGE_PNG, id="NEG-10"),
        pytest.param("image/png;q=0.1", "image/jpeg", IMAGE_PNG, id="NEG-10-before-a-better-header"),
        pytest.param(
            "image/jpeg", 'multipart/related; type="application/octet-stream"', IMAGE_JPEG, id="NEG-11-ohif-thumbnail"
        ),
        pytest.param("text/plain", "image/png", IMAGE_PNG, id="NEG-12-falls-back-to-the-header"),
        pytest.param("text/plain", None, IMAGE_JPEG, id="NEG-12-falls-back-to-the-default"),
        pytest.param("text/plain", "text/html", None, id="NEG-12-nothing-supported"),
        pytest.param("", "image/png", IMAGE_PNG, id="empty"),
        pytest.param(None, "image/png", IMAGE_PNG, id="absent"),
    ],
)
def test_the_accept_parameter_is_considered_before_the_header(parameter, header, chosen):
    assert accept.choose(accept.effective(parameter, header), RENDERED) == chosen


def test_a_plus_that_was_decoded_to_a_space_is_understood():
    """NEG-09: `?accept=application/dicom+json`, typed as it is read."""
    assert accept.choose(accept.effective("application/dicom json", "text/plain"), METADATA) == JSON


@given(st.text() | st.text('*/,;="\\ q0.1a'), st.text(), OFFERS)
def test_any_text_can_be_accepted(header, parameter, offers):
    assert accept.choose(accept.effective(parameter, header), offers) in [None, *offers]


@given(OFFERS)
def test_each_offer_is_chosen_by_its_own_name(offers):
    for offer in offers:
        assert choose(str(offer), offers) == offer


@given(st.lists(RANGES), OFFERS)
def test_what_is_excluded_is_never_chosen_for_a_range(ranges, offers):
    """NEG-05."""
    for offer in offers:
        assert choose(", ".join([*ranges, f"{offer}; q=0"]), [offer]) is None


@given(HEADERS, OFFERS, st.randoms(use_true_random=False))
def test_the_order_of_entries_means_nothing(entries, offers, random: Random):
    shuffled = random.sample(entries, len(entries))
    assert choose(",".join(shuffled), offers) == choose(",".join(entries), offers)


@given(HEADERS, OFFERS)
def test_entries_that_are_not_understood_change_nothing(entries, offers):
    """NEG-06."""
    header = ",".join(entries)
    assert choose(f"what is this, {header}, ;q=1, text/x-unknown", offers) == choose(header, offers)


@given(HEADERS, OFFERS)
def test_the_choice_among_many_is_won_in_choices_between_two(entries, offers):
    header = ",".join(entries)
    winner = None
    for offer in offers:
        winner = choose(header, [winner, offer] if winner else [offer])
    assert choose(header, offers) == winner
