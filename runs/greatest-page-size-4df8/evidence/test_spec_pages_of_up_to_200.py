"""Examples of the Spec: Pages of up to 200."""

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/categories", 200), ("/products", 200), ("/orders", 101), ("/orders", 200)],
    ids=["categories-200", "products-200", "orders-101", "orders-200"],
)
def test_limit_is_101_to_200_answer_200_with_that_limit_on_every(
    client: TestClient,
    path: str,
    limit: int,
) -> None:
    """WHEN limit is 101 to 200 THE API SHALL answer 200 with that limit on every...

    Criteria: C1
    """
    response = client.get(path, params={"limit": limit})

    assert response.status_code == 200, response.text
    assert response.json()["limit"] == limit


@pytest.mark.parametrize(
    "path",
    ["/categories", "/products", "/orders"],
    ids=["categories", "products", "orders"],
)
def test_limit_is_201_or_more_answer_422(client: TestClient, path: str) -> None:
    """WHEN limit is 201 or more THE API SHALL answer 422.

    Criteria: C2
    """
    response = client.get(path, params={"limit": 201})

    assert response.status_code == 422, response.text
    assert response.json()["error"]["code"] == "validation_error"
