from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.main import create_app
from app.settings import Settings

API_KEY = "test-key-0123456789"

Factory = Callable[..., dict[str, Any]]
Refused = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """Shared, because building routes is slow; each start-up opens an empty database."""
    return create_app(Settings(api_key=SecretStr(API_KEY), database_url="sqlite://"))


@pytest.fixture
def now() -> datetime:
    """The time as the application sees it."""
    return datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def client(app: FastAPI, now: datetime) -> Iterator[TestClient]:
    """A client without an API key, on an empty database of its own."""
    app.dependency_overrides[utc_now] = lambda: now
    with TestClient(app) as test_client:
        yield test_client


@pytest.fixture
def auth_headers() -> dict[str, str]:
    return {"X-API-Key": API_KEY}


# `client` is asked for its effect: at start-up the app opens the database.
@pytest.fixture
def session(app: FastAPI, client: TestClient) -> Iterator[Session]:  # noqa: ARG001
    """A session on the database behind `client`."""
    with app.state.session_factory() as db_session:
        yield db_session


@pytest.fixture
def send(client: TestClient, auth_headers: dict[str, str]) -> Factory:
    """Send with the key, insist on success and return the body."""

    # What JSON holds is checked by the assertions of each test.
    def apply(method: str, path: str, **body: object) -> Any:  # noqa: ANN401
        response = client.request(method, path, json=body, headers=auth_headers)
        assert response.is_success, response.text
        return response.json() if response.content else None

    return apply


@pytest.fixture
def refused(client: TestClient, auth_headers: dict[str, str]) -> Refused:
    """Send with the key, insist on the error shape and return its status and code."""

    def apply(method: str, path: str, body: object = None) -> tuple[int, str]:
        response = client.request(method, path, json=body, headers=auth_headers)
        assert response.is_error, response.text
        error = response.json()["error"]
        assert response.json() == {"error": {"code": error["code"], "message": error["message"]}}
        return response.status_code, error["code"]

    return apply


@pytest.fixture
def make_category(send: Factory) -> Factory:
    def make(name: str = "Tools") -> dict[str, Any]:
        return send("POST", "/categories", name=name)

    return make


@pytest.fixture
def make_product(send: Factory, make_category: Factory) -> Factory:
    """Create a product, in a category of its own unless `category_id` is given."""
    numbers = count(1)

    def make(*, stock: int = 0, **fields: object) -> dict[str, Any]:
        number = next(numbers)
        body = {"sku": f"SKU-{number}", "name": f"Product {number}", "price": "9.99"} | fields
        if "category_id" not in body:
            body["category_id"] = make_category(f"Category {number}")["id"]
        product = send("POST", "/products", **body)
        if stock:
            send("POST", f"/products/{product['id']}/stock/receive", quantity=stock)
        return product | {"stock": stock}

    return make


@pytest.fixture
def make_order(send: Factory, make_product: Factory) -> Factory:
    """Place an order; without a mapping of product id to quantity, for one new product."""

    def make(quantities: dict[int, int] | None = None, customer: str = "Ada") -> dict[str, Any]:
        wanted = quantities or {make_product(stock=1)["id"]: 1}
        lines = [{"product_id": key, "quantity": value} for key, value in wanted.items()]
        return send("POST", "/orders", customer=customer, lines=lines)

    return make
