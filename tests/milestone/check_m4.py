"""M4, by behaviour alone: the value of the stock, kept for 300 seconds."""

from datetime import datetime, timedelta

import pytest
from app.clock import utc_now
from app.main import create_app
from app.settings import Settings
from fastapi.testclient import TestClient
from pydantic import SecretStr


@pytest.fixture
def at(app, client, now):
    """Set the time, in seconds after the fixed one."""

    def go(seconds):
        app.dependency_overrides[utc_now] = lambda: now + timedelta(seconds=seconds)

    return go


def read(client, **query):
    response = client.get("/stock/value", params=query)
    assert response.status_code == 200, response.text
    body = response.json()
    return body["products"], body["units"], body["value"], datetime.fromisoformat(body["calculated_at"])


# value is "0.00" when there is nothing.
def test_an_empty_catalogue_is_worth_nothing(client, now):
    assert read(client) == (0, 0, "0.00", now)


# products counts those with no stock too; value is the sum of price times stock, as money is written.
def test_it_adds_up(client, now, make_product):
    make_product(price="12.50", stock=3)
    make_product(price="0.05", stock=101)
    make_product(price="99.99")
    assert read(client) == (3, 104, "42.55", now)


# Stock that is reserved by an order is off the stock level.
def test_it_counts_stock_levels(client, make_product, make_order):
    product = make_product(price="2.00", stock=10)["id"]
    make_order({product: 4})
    assert read(client)[:3] == (1, 6, "12.00")


# A read less than 300 seconds after calculated_at gets exactly the same four values.
@pytest.mark.parametrize("later", [0, 1, 299, 299.999])
def test_it_is_kept_for_300_seconds(client, now, at, make_product, later):
    make_product(price="1.00", stock=1)
    assert read(client) == (1, 1, "1.00", now)
    make_product(price="5.00", stock=2)
    at(later)
    assert read(client) == (1, 1, "1.00", now)


# At exactly 300 seconds or later a read gets newly worked out figures, which are then kept in turn.
@pytest.mark.parametrize("later", [300, 301, 86400])
def test_it_is_worked_out_anew_after_300_seconds(client, now, at, make_product, later):
    make_product(price="1.00", stock=1)
    read(client)
    make_product(price="5.00", stock=2)
    at(later)
    new = (2, 3, "11.00", now + timedelta(seconds=later))
    assert read(client) == new
    make_product(price="5.00", stock=2)
    at(later + 299)
    assert read(client) == new
    at(later + 300)
    assert read(client)[:3] == (3, 5, "21.00")


# Reading a kept answer does not make it last longer.
def test_reading_does_not_prolong_it(client, at, make_product):
    read(client)
    make_product(price="1.00", stock=1)
    for seconds in (100, 200, 299):
        at(seconds)
        assert read(client)[0] == 0
    at(300)
    assert read(client)[0] == 1


# fresh=true always gets figures worked out at that moment, which replace the kept answer for everybody and start its time anew.
def test_fresh_replaces_the_kept_answer(client, now, at, make_product):
    read(client)
    make_product(price="1.00", stock=1)
    at(200)
    new = (1, 1, "1.00", now + timedelta(seconds=200))
    assert read(client, fresh="true") == new
    make_product(price="1.00", stock=1)
    at(301)
    assert read(client) == new
    at(499)
    assert read(client) == new
    at(500)
    assert read(client)[0] == 2


# fresh with the value false is the same as leaving it out.
def test_fresh_false_is_no_option(client, make_product):
    first = read(client)
    make_product(price="1.00", stock=1)
    assert read(client, fresh="false") == first


# A value that is neither a yes nor a no is refused and leaves the kept answer alone.
@pytest.mark.parametrize("bad", ["maybe", "2"])
def test_another_value_is_refused_and_changes_nothing(client, at, refused, make_product, bad):
    first = read(client)
    make_product(price="1.00", stock=1)
    at(10)
    assert refused("GET", f"/stock/value?fresh={bad}") == (422, "validation_error")
    assert read(client) == first


# A newly started service begins with no kept answer.
def test_a_new_start_forgets(app, now, auth_headers):
    app.dependency_overrides[utc_now] = lambda: now
    with TestClient(app) as first:
        made = first.post("/categories", json={"name": "Tools"}, headers=auth_headers).json()["id"]
        body = {"sku": "A1", "name": "Saw", "price": "1.00", "category_id": made}
        assert first.post("/products", json=body, headers=auth_headers).is_success
        assert read(first)[0] == 1
    # Each start of the app under test opens an empty database.
    with TestClient(app) as second:
        assert read(second)[0] == 0


# Two services running on different databases must never show each other's figures.
def test_two_services_do_not_share(client, now, make_product, tmp_path):
    make_product(price="1.00", stock=1)
    assert read(client)[0] == 1
    other = create_app(Settings(api_key=SecretStr("another-key-123"), database_url=f"sqlite:///{tmp_path}/other.db"))
    other.dependency_overrides[utc_now] = lambda: now
    with TestClient(other) as second:
        assert read(second)[0] == 0
        assert read(client)[0] == 1
