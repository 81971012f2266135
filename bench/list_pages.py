"""How long pages of the list of studies take, over HTTP: every order with every filter and pair of filters, far in too.

    ARCHIVE_DATA_DIR=/tmp/bench PYTHONPATH=. .venv/bin/python bench/list_pages.py

The database is one that `bench/study_list.py --fill` has made; on PostgreSQL of the same machine with DATABASE_URL.
Each page is asked for by a client in the same process, with all that is around its rows, up to three times; the
quickest counts. Time is what this process and its session of PostgreSQL have spent computing, so that others who work
on the machine do not count: where the database is in memory, a page takes about as long on an idle one.
"""

import argparse
import itertools
import os
import random
import statistics
import time
from datetime import UTC, date, datetime
from pathlib import Path
from unittest import mock

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from archive.selectors import study_list  # noqa: E402
from archive.study_list_query import SORTS  # noqa: E402

#: By how many studies meet them, as names, words and dates are made by `bench/study_list.py`.
FILTERS = {
    "all": ["q=P", "q=A", "id=P", "accession=A", "since=1990-01-01"],
    "20 %": ["modality=CT", "since=2025-01-01", "q=s", "description=c", "name=a", "referrer=an"],
    "4 %": ["name=an", "q=an", "description=brain", "modality=NM", "id=P00", "accession=A12", "referrer=anber"],
    "1 %": ["name=anber", "q=anb", "modality=OT", "days=30", "referrer=be+an", "description=brain+contrast"],
    "few": ["q=P0012", "modality=OPV", "days=today", "born=1950-01-01", "q=anber+cor", "accession=A00012"],
    "one": ["q=A000104729", "accession=A000104729", "q=1.2.826.0.1.3680043.8.498.77"],
    "none": ["q=zzz", "description=zebra", "modality=ZZ", "id=nobody", "until=1980-01-01"],
    "scan": ["id=*123", "accession=*12", "name=*ber"],
}
ORDERS = [sign + column for column in sorted(SORTS) for sign in ("", "-")]
PAGES = (1, 40, 400)
TODAY = date(2025, 12, 20)


def singles():
    filters = ["", *itertools.chain.from_iterable(FILTERS.values())]
    return [join(one, f"sort={order}", f"page={page}") for one in filters for order in ORDERS for page in PAGES]


def pairs(choose, number):
    filters = list(itertools.chain.from_iterable(FILTERS.values()))
    named = [(one, other) for one, other in itertools.combinations(filters, 2) if key(one) != key(other)]
    return [
        join(*pair, f"sort={choose.choice(ORDERS)}", f"page={choose.choice((1, 1, 2, 40, 400))}")
        for pair in named
        for _ in range(number)
    ]


def key(text):
    name = text.partition("=")[0]
    return "date" if name in {"days", "since", "until"} else name


def join(*parts):
    return "&".join(part for part in parts if part)


def computed():
    """Seconds."""
    spent = time.process_time()
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        spent += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return spent


def took(client, url):
    times: list[float] = []
    for _ in range(3):
        start = computed()
        response = client.get(url)
        times.append(1000 * (computed() - start))
        if response.status_code != 200:
            raise SystemExit(f"{url}: {response.status_code}")
        if times[-1] < 150:
            break
    return min(times)


def report(title, found, worst):
    times = sorted(found.values())
    print(
        f"{title}: {len(times)} pages, p50 {statistics.median(times):.0f} ms, "
        f"p95 {times[int(len(times) * 0.95)]:.0f} ms, worst {times[-1]:.0f} ms, "
        f"{sum(one > 300 for one in times)} over 300 ms"
    )
    for url, spent in sorted(found.items(), key=lambda one: -one[1])[:worst]:
        print(f"  {spent:8.1f} ms  {url}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=2, help="orders for each pair of filters")
    parser.add_argument("--worst", type=int, default=15)
    parser.add_argument("--sample", type=float, default=1.0, help="the share of the pages that are measured")
    parser.add_argument("--patience", type=int, help="milliseconds for finding; more than usual on a busy machine")
    options = parser.parse_args()
    study_list.PATIENCE = options.patience or study_list.PATIENCE
    user, _ = get_user_model().objects.get_or_create(username="bench", is_superuser=True, is_staff=True)
    client, choose = Client(headers={"host": "localhost"}), random.Random(7)
    client.force_login(user)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    with mock.patch("archive.pages.local_time.now", return_value=noon):
        client.get("/")
        for title, queries in (("one filter", singles()), ("two filters", pairs(choose, options.pairs))):
            chosen = choose.sample(queries, round(len(queries) * options.sample))
            report(title, {query: took(client, f"/?{query}") for query in chosen}, options.worst)
        looks = [f"/arrivals?{one}&newest=0" for one in itertools.chain.from_iterable(FILTERS.values())]
        report("looks for new studies", {url: took(client, url) for url in looks}, 3)


if __name__ == "__main__":
    main()
