"""Where a scenario runs."""

import pytest

#: In one server process, and with two: one is asked, the other sends the reports.
in_one_process_and_in_two = pytest.mark.parametrize("site", ["one process", "two processes"], indirect=True)
