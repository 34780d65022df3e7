"""Black-box acceptance checks for M4: GET /stock/value, kept for 300 seconds.

Copied into the implementation's tests/ folder and run there; judges behaviour over HTTP only. The
time is set by overriding the target's clock dependency. Every check starts a service of its own,
so that one that keeps its answer for too long spoils only the checks about that.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.clock import utc_now
from app.main import create_app
from app.settings import Settings

KEY = "black-box-key-0123"
START = datetime(2026, 3, 14, 23, 58, tzinfo=UTC)
JUST_LESS = 299.999999
FIGURES = ("products", "units", "value")


def new_app(url: str = "sqlite://") -> FastAPI:
    return create_app(Settings(api_key=SecretStr(KEY), database_url=url))


class Service:
    """A running service whose clock is set by hand, in seconds after START."""

    def __init__(self, app: FastAPI, client: TestClient) -> None:
        self.client = client
        self.seconds: float = 0
        self.number = 0
        app.dependency_overrides[utc_now] = lambda: self.now

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def read(self, seconds: float | None = None, **params: str) -> dict[str, Any]:
        """Read without a key, at a time; only what the request names is looked at."""
        if seconds is not None:
            self.seconds = seconds
        response = self.client.get("/stock/value", params=params)
        assert response.status_code == 200, response.text
        body = response.json()
        return {name: body[name] for name in (*FIGURES, "calculated_at")}

    def send(self, method: str, path: str, **body: object) -> Any:
        headers = {"X-API-Key": KEY}
        response = self.client.request(method, path, json=body, headers=headers)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def add(self, price: str, stock: int = 0) -> str:
        """Create a product and return its path."""
        self.number += 1
        if self.number == 1:
            self.send("POST", "/categories", name="Tools")
        sku = f"SKU-{self.number}"
        product = self.send("POST", "/products", sku=sku, name=sku, price=price, category_id=1)
        path = f"/products/{product['id']}"
        if stock:
            self.send("POST", f"{path}/stock/receive", quantity=stock)
        return path

    def refuse(self, value: str, seconds: float) -> None:
        self.seconds = seconds
        response = self.client.get("/stock/value", params={"fresh": value})
        assert response.status_code == 422, response.text
        error = response.json()["error"]
        assert error["code"] == "validation_error"
        assert response.json() == {"error": {"code": error["code"], "message": error["message"]}}


@pytest.fixture
def service() -> Iterator[Service]:
    app = new_app()
    with TestClient(app) as client:
        yield Service(app, client)


def figures(answer: dict[str, Any]) -> tuple[int, int, str]:
    return answer["products"], answer["units"], answer["value"]


def worked_out_at(answer: dict[str, Any]) -> float:
    """Seconds after START."""
    return (datetime.fromisoformat(answer["calculated_at"]) - START).total_seconds()


# "we need one open read, without a key, at /stock/value"
def test_value_is_read_without_a_key(service: Service) -> None:
    for path in ("/stock/value", "/stock/value?fresh=true", "/stock/value?fresh=false"):
        response = service.client.get(path)
        assert response.status_code == 200
        assert "x-api-key" not in response.request.headers


# "products, the number of all products including those with no stock; units, the sum of their
# stock levels; value, the sum of each product's price times its stock level"
def test_figures_add_up(service: Service) -> None:
    service.add("24.50", 3)
    service.add("0.05", 1001)
    service.add("99.99")
    service.add("0", 7)

    answer = service.read()

    assert figures(answer) == (4, 1011, "123.55")
    assert type(answer["products"]) is int
    assert type(answer["units"]) is int


# "their stock levels" - units reserved by an order are off the stock level, as everywhere.
def test_figures_use_the_present_stock_level_and_price(service: Service) -> None:
    path = service.add("10.00", 10)
    lines = [{"product_id": int(path.rsplit("/", 1)[1]), "quantity": 2}] * 2
    order = service.send("POST", "/orders", customer="Ada", lines=lines)["id"]
    assert figures(service.read(fresh="true")) == (1, 6, "60.00")
    service.send("PATCH", path, price="1.01")
    assert figures(service.read(fresh="true")) == (1, 6, "6.06")
    service.send("POST", f"/orders/{order}/cancel")
    assert figures(service.read(fresh="true")) == (1, 10, "10.10")
    unsold = service.add("5.00", 2)
    assert figures(service.read(fresh="true")) == (2, 12, "20.10")
    service.send("DELETE", unsold)
    assert figures(service.read(fresh="true")) == (1, 10, "10.10")


# "the whole stock", "all products" - more of them than fit on a page of any list.
def test_more_products_than_a_page_holds_are_all_counted(service: Service) -> None:
    for _ in range(103):
        service.add("0.10", 1)

    assert figures(service.read()) == (103, 103, "10.30")


# "value, ... written as money is everywhere else" - two decimals, to the cent, of any size.
@pytest.mark.parametrize(
    ("price", "stock", "value"),
    [("0.10", 3, "0.30"), ("12.5", 1, "12.50"), ("7", 2, "14.00"), ("1000000", 2, "2000000.00")],
)
def test_value_is_written_as_money(service: Service, price: str, stock: int, value: str) -> None:
    service.add(price, stock)

    assert service.read()["value"] == value


# The same: cents are exact where floating point is not.
def test_large_value_is_exact_to_the_cent(service: Service) -> None:
    path = service.add("999999.99")
    for _ in range(100):
        service.send("POST", f"{path}/stock/receive", quantity=1_000_000)
    service.add("0.01", 1)

    assert figures(service.read()) == (2, 100_000_001, "99999999000000.01")


# "and "0.00" when there is nothing"
def test_nothing_is_worth_zero(service: Service) -> None:
    assert figures(service.read()) == (0, 0, "0.00")
    service.add("9.99")
    assert figures(service.read(fresh="true")) == (1, 0, "0.00")


# "calculated_at, the time in UTC at which these figures were worked out"
def test_calculated_at_is_the_time_in_utc(service: Service) -> None:
    service.seconds = 12

    shown = datetime.fromisoformat(service.read()["calculated_at"])

    assert shown == service.now
    assert shown.utcoffset() == timedelta(0)


# "a read less than 300 seconds after calculated_at gets exactly the same four values even if
# products, prices or stock have changed since"
@pytest.mark.parametrize("change", ["nothing", "product", "deletion", "price", "stock", "order"])
@pytest.mark.parametrize("seconds", [0, 1, 150, 299, JUST_LESS])
def test_answer_is_kept_for_less_than_300_seconds(
    service: Service, change: str, seconds: float
) -> None:
    path, unsold = service.add("2.00", 5), service.add("1.00", 1)
    first = service.read(0)
    assert figures(first) == (2, 6, "11.00")
    assert worked_out_at(first) == 0

    service.seconds = seconds
    if change == "product":
        service.add("3.00", 3)
    elif change == "deletion":
        service.send("DELETE", unsold)
    elif change == "price":
        service.send("PATCH", path, price="4.00")
    elif change == "stock":
        service.send("POST", f"{path}/stock/receive", quantity=5)
        service.send("POST", f"{path}/stock/adjust", quantity=-1, note="Loss")
    elif change == "order":
        lines = [{"product_id": int(path.rsplit("/", 1)[1]), "quantity": 1}]
        service.send("POST", "/orders", customer="Ada", lines=lines)

    assert service.read(seconds) == first


# "a read at exactly 300 seconds or later gets newly worked out figures"
@pytest.mark.parametrize("seconds", [300, 300.000001, 301, 86_700])
def test_answer_is_worked_out_anew_from_300_seconds_on(service: Service, seconds: float) -> None:
    path = service.add("2.00", 5)
    service.read(0)
    service.send("POST", f"{path}/stock/receive", quantity=1)

    answer = service.read(seconds)

    assert figures(answer) == (1, 6, "12.00")
    assert worked_out_at(answer) == seconds


# The same, when nothing has changed: the time shows that the figures are new.
def test_unchanged_figures_are_worked_out_anew_as_well(service: Service) -> None:
    service.add("2.00", 5)
    first = service.read(0)

    second = service.read(300)

    assert figures(second) == figures(first)
    assert worked_out_at(second) == 300


# "newly worked out figures, which are then kept in turn"
def test_new_figures_are_kept_in_turn(service: Service) -> None:
    path = service.add("2.00", 5)
    service.read(0)
    second = service.read(400)
    assert worked_out_at(second) == 400
    service.send("POST", f"{path}/stock/receive", quantity=1)

    assert service.read(600) == second
    assert service.read(400 + JUST_LESS) == second
    third = service.read(700)
    assert (figures(third), worked_out_at(third)) == ((1, 6, "12.00"), 700)
    assert service.read(999) == third


# "Reading a kept answer does not make it last longer."
@pytest.mark.parametrize("params", [{}, {"fresh": "false"}])
def test_reading_does_not_make_the_answer_last_longer(
    service: Service, params: dict[str, str]
) -> None:
    path = service.add("2.00", 5)
    first = service.read(0, **params)
    service.send("POST", f"{path}/stock/receive", quantity=1)
    for seconds in (100, 200, 299, JUST_LESS):
        assert service.read(seconds, **params) == first

    answer = service.read(300, **params)

    assert (figures(answer), worked_out_at(answer)) == ((1, 6, "12.00"), 300)


# "A caller who adds the query option fresh with the value true always gets figures worked out at
# that moment"
def test_fresh_always_gets_figures_of_the_moment(service: Service) -> None:
    path = service.add("2.00", 5)
    service.read(0)
    for seconds, units in ((1, 6), (2, 7), (250, 8), (260, 9), (1000, 10)):
        service.send("POST", f"{path}/stock/receive", quantity=1)
        answer = service.read(seconds, fresh="true")

        assert (answer["units"], worked_out_at(answer)) == (units, seconds)


# The same at one and the same time: the kept answer has the same calculated_at, and yet is old.
def test_fresh_gets_changes_of_the_same_moment(service: Service) -> None:
    path = service.add("2.00", 5)
    service.read(0)
    service.send("POST", f"{path}/stock/receive", quantity=1)

    assert service.read(0)["units"] == 5
    assert service.read(0, fresh="true")["units"] == 6
    assert service.read(0)["units"] == 6


# "and these replace the kept answer and start its 300 seconds anew for everybody"
def test_fresh_replaces_the_kept_answer_for_everybody(service: Service) -> None:
    path = service.add("2.00", 5)
    service.read(0)
    service.send("POST", f"{path}/stock/receive", quantity=1)
    service.seconds = 200
    headers = {"X-API-Key": KEY, "User-Agent": "another screen"}
    fresh = service.client.get("/stock/value?fresh=true", headers=headers).json()
    assert figures(fresh) == (1, 6, "12.00")
    service.send("POST", f"{path}/stock/receive", quantity=1)

    kept = service.read(200)
    assert (figures(kept), worked_out_at(kept)) == ((1, 6, "12.00"), 200)
    for seconds in (300, 301, 450, 499, 200 + JUST_LESS):
        assert service.read(seconds) == kept
    answer = service.read(500)
    assert (figures(answer), worked_out_at(answer)) == ((1, 7, "14.00"), 500)


# The same for the very first read, and for one after the kept answer ran out.
def test_fresh_figures_are_kept_when_there_was_no_kept_answer(service: Service) -> None:
    path = service.add("2.00", 5)
    first = service.read(0, fresh="true")
    service.send("POST", f"{path}/stock/receive", quantity=1)
    assert service.read(JUST_LESS) == first

    second = service.read(350, fresh="true")
    assert (second["units"], worked_out_at(second)) == (6, 350)
    service.send("POST", f"{path}/stock/receive", quantity=1)
    assert service.read(649) == second
    assert worked_out_at(service.read(650)) == 650


# "fresh with the value false is the same as leaving it out"
def test_fresh_false_is_the_same_as_leaving_it_out(service: Service) -> None:
    path = service.add("2.00", 5)
    first = service.read(0, fresh="false")
    assert (figures(first), worked_out_at(first)) == ((1, 5, "10.00"), 0)
    service.send("POST", f"{path}/stock/receive", quantity=1)

    assert service.read(100, fresh="false") == first
    assert service.read(200) == first
    assert service.read(JUST_LESS, fresh="false") == first
    second = service.read(300, fresh="false")
    assert (second["units"], worked_out_at(second)) == (6, 300)
    assert service.read(301) == second


# "a value that is neither a yes nor a no, such as maybe, is refused with status 422 and the code
# validation_error"
@pytest.mark.parametrize("value", ["maybe", "perhaps", "2", "truefalse", "not-true"])
def test_other_values_of_fresh_are_refused(service: Service, value: str) -> None:
    service.refuse(value, 0)
    service.read(0)
    service.refuse(value, 1)


# "and leaves the kept answer alone" - it is neither replaced nor dropped, nor does it last longer.
def test_refused_call_leaves_the_kept_answer_alone(service: Service) -> None:
    path = service.add("2.00", 5)
    first = service.read(0)
    service.send("POST", f"{path}/stock/receive", quantity=1)

    service.refuse("maybe", 100)

    assert service.read(100) == first
    service.refuse("maybe", 299)
    assert service.read(JUST_LESS) == first
    assert worked_out_at(service.read(300)) == 300


# The same: a refused call works nothing out that a later read would get.
def test_refused_call_does_not_make_a_kept_answer(service: Service) -> None:
    path = service.add("2.00", 5)
    service.refuse("maybe", 0)
    service.send("POST", f"{path}/stock/receive", quantity=1)
    first = service.read(10)
    assert (first["units"], worked_out_at(first)) == (6, 10)

    service.refuse("maybe", 400)
    service.send("POST", f"{path}/stock/receive", quantity=1)
    second = service.read(410)
    assert (second["units"], worked_out_at(second)) == (7, 410)


# "A newly started service begins with no kept answer" - a new process on the same database.
@pytest.mark.parametrize("params", [{}, {"fresh": "true"}])
def test_new_service_on_the_same_database_keeps_no_answer(
    tmp_path: Path, params: dict[str, str]
) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    app = new_app(url)
    with TestClient(app) as client:
        service = Service(app, client)
        path = service.add("2.00", 5)
        assert service.read(0, **params)["units"] == 5
        service.send("POST", f"{path}/stock/receive", quantity=1)
    app = new_app(url)
    with TestClient(app) as client:
        answer = Service(app, client).read(10)
        assert (figures(answer), worked_out_at(answer)) == ((1, 6, "12.00"), 10)


# The same for an application that is shut down and started again, which is what the target's own
# tests do ("each start-up opens an empty database").
def test_application_started_again_keeps_no_answer() -> None:
    app = new_app()
    with TestClient(app) as client:
        service = Service(app, client)
        service.add("2.00", 5)
        assert figures(service.read(0)) == (1, 5, "10.00")
    with TestClient(app) as client:
        answer = Service(app, client).read(10)
        assert (figures(answer), worked_out_at(answer)) == ((0, 0, "0.00"), 10)


# "two services running on different databases must never show each other's figures" - also when
# both databases are in memory and so go by the same address.
@pytest.mark.parametrize("where", ["memory", "file"])
def test_services_on_different_databases_do_not_share_answers(tmp_path: Path, where: str) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("one.db", "two.db")]
    apps = [new_app("sqlite://" if where == "memory" else url) for url in urls]
    with ExitStack() as stack:
        one, two = (Service(app, stack.enter_context(TestClient(app))) for app in apps)
        one.add("2.00", 5)
        two.add("3.00", 1)
        two.add("1.00")

        first = one.read(0)
        second = two.read(10)
        assert (figures(first), worked_out_at(first)) == ((1, 5, "10.00"), 0)
        assert (figures(second), worked_out_at(second)) == ((2, 1, "3.00"), 10)
        assert one.read(20) == first
        third = two.read(100, fresh="true")
        assert (figures(third), worked_out_at(third)) == ((2, 1, "3.00"), 100)
        assert one.read(110) == first
        fourth = one.read(300)
        assert (figures(fourth), worked_out_at(fourth)) == ((1, 5, "10.00"), 300)
        assert two.read(310) == third
        two.refuse("maybe", 320)
        assert one.read(330) == fourth


# Reading must not get in the way of the catalogue: what is listed stays what it is.
def test_reading_the_value_changes_nothing(service: Service) -> None:
    path = service.add("2.00", 5)
    paths = (path, f"{path}/stock/movements", "/products", "/orders")
    before = [service.client.get(item).json() for item in paths]

    for seconds, params in ((0, {}), (1, {"fresh": "true"}), (400, {"fresh": "false"})):
        service.read(seconds, **params)

    assert [service.client.get(item).json() for item in paths] == before
