"""Addresses of services, as people write them."""

import pytest

from archive.errors import NotAnAddress
from archive.sending.addresses import service_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://pacs.example.org/dicom-web", "https://pacs.example.org/dicom-web"),
        (" https://pacs.example.org/dicom-web/ ", "https://pacs.example.org/dicom-web"),
        ("https://pacs.example.org/dicom-web/studies", "https://pacs.example.org/dicom-web"),
        ("https://pacs.example.org/dicom-web/studies/", "https://pacs.example.org/dicom-web"),
        ("http://10.0.0.7:8042", "http://10.0.0.7:8042"),
        ("http://[::1]:8042/x", "http://[::1]:8042/x"),
    ],
)
def test_an_address_is_that_of_the_service_with_or_without_what_is_below_it(text, expected):
    assert service_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "pacs.example.org", "ftp://pacs.example.org", "file:///etc/passwd", "https://", "https:///studies"),
        *("https://user:SECRET@pacs.example.org", "https://pacs.example.org:99999", "https://pacs.example.org:0"),
        *("https://pacs.example.org?SECRET", "https://pacs.example.org/#SECRET", "https://a b", "https://a/\r\nX: y"),
        *("https://[::1", "https://" + "a" * 70 + ".org", "https://pacs.example.org/ü", "//pacs.example.org"),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(text):
    with pytest.raises(NotAnAddress) as refused:
        service_url(text)

    assert "SECRET" not in str(refused.value)
