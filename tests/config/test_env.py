"""The readers of environment variables: what they take, and that a refusal names the variable but never its value."""

import pytest

from config.env import Environment, SettingError

SECRET = "hunter2"


def environment(value: str) -> Environment:
    return Environment({"ARCHIVE_X": value})


@pytest.mark.parametrize("value", ["", "   "])
def test_a_variable_that_is_empty_counts_as_not_set(value):
    variables = environment(value)

    assert variables.text("ARCHIVE_X", "default") == "default"
    assert variables.long_string("ARCHIVE_X", "default") == "default"
    assert variables.integer("ARCHIVE_X", 7, minimum=1, maximum=9) == 7
    assert variables.size("ARCHIVE_X", 5) == 5
    assert variables.choice("ARCHIVE_X", "none", ("none", "read")) == "none"
    assert variables.boolean("ARCHIVE_X", True) is True
    assert variables.words("ARCHIVE_X", ("a",)) == ("a",)
    assert variables.uids("ARCHIVE_X") == ()
    assert variables.networks("ARCHIVE_X") == ()
    assert variables.url("ARCHIVE_X") == ""


@pytest.mark.parametrize(("value", "number"), [("1", 1), (" 9 ", 9), ("05", 5)])
def test_an_integer_within_its_bounds_is_read(value, number):
    assert environment(value).integer("ARCHIVE_X", 7, minimum=1, maximum=9) == number


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("1048576", 1048576),
        ("512K", 512 << 10),
        ("64m", 64 << 20),
        ("2G", 2 << 30),
        ("2 GiB", 2 << 30),
        ("3MB", 3 << 20),
        ("1T", 1 << 40),
    ],
)
def test_a_size_may_have_a_unit(value, size):
    assert environment(value).size("ARCHIVE_X", 1) == size


def test_a_size_may_be_nothing_where_that_means_something():
    assert environment("0").size("ARCHIVE_X", 1, minimum=0) == 0


@pytest.mark.parametrize(("value", "choice"), [("read", "read"), ("READ", "read"), (" None ", "none")])
def test_a_choice_is_read_in_any_case(value, choice):
    assert environment(value).choice("ARCHIVE_X", "none", ("none", "read")) == choice


@pytest.mark.parametrize(("value", "truth"), [("1", True), ("Yes", True), ("on", True), ("FALSE", False), ("0", False)])
def test_a_boolean_has_several_words(value, truth):
    assert environment(value).boolean("ARCHIVE_X", not truth) is truth


def test_a_long_string_is_what_a_dicom_attribute_can_have():
    assert environment(" Röntgen 2 ").long_string("ARCHIVE_X", "") == "Röntgen 2"
    assert environment("x" * 64).long_string("ARCHIVE_X", "") == "x" * 64
    for value in ("x" * 65, "a\\b", "a\nb"):
        with pytest.raises(SettingError, match="ARCHIVE_X is not a text of at most 64 characters"):
            environment(value).long_string("ARCHIVE_X", "")


def test_uids_are_read_as_words_and_checked():
    assert environment("1.2.840, 1.3").uids("ARCHIVE_X") == ("1.2.840", "1.3")
    with pytest.raises(SettingError, match="ARCHIVE_X is not a list of UIDs"):
        environment("1.2.840, CTImageStorage").uids("ARCHIVE_X")


def test_words_are_separated_by_commas_with_or_without_spaces():
    assert environment("a, b,,c ,").words("ARCHIVE_X") == ("a", "b", "c")


def test_networks_may_be_single_addresses_of_either_family_or_have_host_bits():
    networks = environment("127.0.0.1, 10.1.2.3/8, 2001:db8::/32").networks("ARCHIVE_X")

    assert networks == ("127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32")


def test_a_url_loses_its_trailing_slash_and_keeps_its_path():
    assert environment("https://pacs.example/archive/").url("ARCHIVE_X") == "https://pacs.example/archive"


def test_origins_are_as_browsers_send_them():
    assert environment("https://a.example, http://[::1]:3000").origins("ARCHIVE_X") == (
        "https://a.example",
        "http://[::1]:3000",
    )
    assert environment("*").origins("ARCHIVE_X") == ("*",)


REFUSALS = [
    pytest.param(lambda e: e.integer("ARCHIVE_X", 7, minimum=1, maximum=9), value, id=f"integer-{value}")
    for value in (SECRET, "0", "10", "1.5", "-1", "1e1")
]
REFUSALS += [pytest.param(lambda e: e.size("ARCHIVE_X", 1), v, id=f"size-{v}") for v in (SECRET, "0", "-1K", "5X", "G")]
REFUSALS += [
    pytest.param(lambda e: e.choice("ARCHIVE_X", "none", ("none", "read")), SECRET, id="choice"),
    pytest.param(lambda e: e.boolean("ARCHIVE_X", True), SECRET, id="boolean"),
    pytest.param(lambda e: e.networks("ARCHIVE_X"), SECRET, id="networks-word"),
    pytest.param(lambda e: e.networks("ARCHIVE_X"), "10.0.0.0/33", id="networks-mask"),
]
REFUSALS += [
    pytest.param(lambda e: e.url("ARCHIVE_X"), value, id=f"url-{value}")
    for value in (
        SECRET,
        "/only/a/path",
        "ftp://pacs.example",
        "https://",
        "https://pacs.example/?a=b",
        "https://pacs.example/#top",
        "https://[::1",
        "https://pacs.example:99999",
    )
]
REFUSALS += [
    pytest.param(lambda e: e.origins("ARCHIVE_X"), value, id=f"origins-{value}")
    for value in (
        SECRET,
        "*, https://a.example",
        "https://a.example/",
        "https://A.example",
        "https://u:p@a.example",
        "https://a.example:x",
        "null",
        "https://*.example",
    )
]


@pytest.mark.parametrize(("read", "value"), REFUSALS)
def test_a_wrong_value_is_refused_in_one_sentence_that_does_not_repeat_it(read, value):
    with pytest.raises(SettingError) as refused:
        read(environment(value))

    sentence = str(refused.value)
    assert sentence.startswith("The archive cannot start: ARCHIVE_X is not ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(value) < 5 or value not in sentence


def test_a_refusal_ends_the_process_with_its_sentence():
    assert issubclass(SettingError, SystemExit)
    assert SettingError("it is Monday.").code == "The archive cannot start: it is Monday."
