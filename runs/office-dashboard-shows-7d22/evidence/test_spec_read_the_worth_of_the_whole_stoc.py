"""Examples of the Spec: Read the worth of the whole stock at /stock/value, kept..."""

from typing import Any

import pytest
from fastapi.testclient import TestClient


def set_the_scene(client: TestClient, auth_headers: dict[str, str]) -> dict[str, Any]:
    """Take the steps that the examples start from; return what they saved."""
    response = client.post(
        "/categories",
        json={"name": "Lighting"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    category = response.json()["id"]
    return {"category": category}


def test_client_sends_get_stock_value_without_key_answer_with(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a client sends GET /stock/value without an API key, THE API SHALL...

    Criteria: C1
    """
    set_the_scene(client, auth_headers)

    response = client.get("/stock/value")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["products"] == 0
    assert body["units"] == 0
    assert body["value"] == "0.00"


def test_figures_are_worked_out_return_in_products_number_of_all(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the figures are worked out, THE API SHALL return in products the...

    Criteria: C2
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "BULB-1",
            "name": "Bulb",
            "price": "0.99",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    bulb = response.json()["id"]
    response = client.post(
        "/products",
        json={
            "sku": "CORD-1",
            "name": "Cord",
            "price": "5.00",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 4},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{bulb}/stock/receive",
        json={"quantity": 3},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/stock/value")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["products"] == 3
    assert body["units"] == 7
    assert body["value"] == "52.97"


def test_figures_are_worked_out_return_in_products_number_of_all_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the figures are worked out, THE API SHALL return in products the...

    Criteria: C2
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/stock/value")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["products"] == 1
    assert body["units"] == 0
    assert body["value"] == "0.00"


def test_stock_value_is_read_less_than_300_seconds_after(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN /stock/value is read less than 300 seconds after the calculated_at of...

    Criteria: C3
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 4},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get("/stock/value")
    assert response.status_code < 300, response.text
    at = response.json()["calculated_at"]
    response = client.patch(
        f"/products/{lamp}",
        json={"price": "20.00"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 3},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/products",
        json={
            "sku": "BULB-1",
            "name": "Bulb",
            "price": "0.99",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/stock/value")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["products"] == 1
    assert body["units"] == 4
    assert body["value"] == "50.00"
    assert body["calculated_at"] == at


def test_stock_value_is_read_with_fresh_true_return_figures(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN /stock/value is read with fresh=true, THE API SHALL return figures...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 4},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get("/stock/value")
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 3},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/stock/value", params={"fresh": "true"})

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["products"] == 1
    assert body["units"] == 7
    assert body["value"] == "87.50"


def test_stock_value_is_read_with_fresh_true_return_figures_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN /stock/value is read with fresh=true, THE API SHALL return figures...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 4},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get("/stock/value")
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 3},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get("/stock/value", params={"fresh": "true"})
    assert response.status_code < 300, response.text
    at = response.json()["calculated_at"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 2},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/stock/value")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["products"] == 1
    assert body["units"] == 7
    assert body["value"] == "87.50"
    assert body["calculated_at"] == at


def test_stock_value_is_read_with_fresh_false_answer_and_keep(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN /stock/value is read with fresh=false, THE API SHALL answer and keep...

    Criteria: C6
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 4},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get("/stock/value")
    assert response.status_code < 300, response.text
    at = response.json()["calculated_at"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 3},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/stock/value", params={"fresh": "false"})

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["units"] == 4
    assert body["value"] == "50.00"
    assert body["calculated_at"] == at


def test_stock_value_is_read_with_fresh_false_answer_and_keep_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN /stock/value is read with fresh=false, THE API SHALL answer and keep...

    Criteria: C6
    """
    scene = set_the_scene(client, auth_headers)
    category = scene["category"]
    response = client.post(
        "/products",
        json={
            "sku": "LAMP-1",
            "name": "Lamp",
            "price": "12.50",
            "category_id": category,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    lamp = response.json()["id"]
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 4},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.get("/stock/value", params={"fresh": "false"})
    assert response.status_code < 300, response.text
    response = client.post(
        f"/products/{lamp}/stock/receive",
        json={"quantity": 3},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/stock/value")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["units"] == 4
    assert body["value"] == "50.00"


@pytest.mark.parametrize("fresh", ["maybe", "perhaps"], ids=["maybe", "perhaps"])
def test_stock_value_is_read_with_value_of_fresh_that_is_neither(
    client: TestClient,
    auth_headers: dict[str, str],
    fresh: str,
) -> None:
    """WHEN /stock/value is read with a value of fresh that is neither a yes nor...

    Criteria: C7
    """
    set_the_scene(client, auth_headers)

    response = client.get("/stock/value", params={"fresh": fresh})

    assert response.status_code == 422, response.text
    assert response.json()["error"]["code"] == "validation_error"
