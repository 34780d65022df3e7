"""Examples of the Spec: Orders carry the customer's own reference."""

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
        json={"quantity": 10},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    return {"lamp": lamp}


@pytest.mark.parametrize(
    "ref",
    [
        "PO 17",
        "a",
        "7",
        "-",
        "Abc-90 xyZ",
        "0123456789",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ],
    ids=[
        "PO_17",
        "a",
        "7",
        "other",
        "Abc_90_xyZ",
        "0123456789",
        "xxxxxxxxxxxxxxxxxxxxxxxx",
    ],
)
def test_order_is_placed_with_text_reference_of_1_to_40_letters(
    client: TestClient,
    auth_headers: dict[str, str],
    ref: str,
) -> None:
    """WHEN an order is placed with a text reference of 1 to 40 letters A to Z in...

    Criteria: C1
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]

    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": ref,
        },
        headers=auth_headers,
    )

    assert response.status_code == 201, response.text
    body = response.json()
    assert body["reference"] == ref
    assert body["customer"] == "Ada"


@pytest.mark.parametrize(
    ("ref", "shown"),
    [
        ("  PO 17  ", "PO 17"),
        ("PO    17", "PO 17"),
        ("\tPO\t17\n", "PO 17"),
        ("PO \n 17 \t B", "PO 17 B"),
        (
            "   xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx   ",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ),
        ("A                                                            B", "A B"),
    ],
    ids=[
        "PO_17-PO_17",
        "PO_17-PO_17-2",
        "PO_17-PO_17-3",
        "PO_17_B-PO_17_B",
        "xxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxx",
        "A_B-A_B",
    ],
)
def test_order_is_placed_with_reference_that_has_white_space_at(
    client: TestClient,
    auth_headers: dict[str, str],
    ref: str,
    shown: str,
) -> None:
    """WHEN an order is placed with a reference that has white space at its ends...

    Criteria: C2
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]

    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": ref,
        },
        headers=auth_headers,
    )

    assert response.status_code == 201, response.text
    assert response.json()["reference"] == shown


@pytest.mark.parametrize(
    "ref",
    [
        "",
        " \t ",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "PO_17",
        "PO.17",
        "Müller",
        "\u0661\u0662",
        "\u212a17",
        17,
        True,
        ["PO 17"],
        {"po": "17"},
    ],
    ids=[
        "empty",
        "other",
        "xxxxxxxxxxxxxxxxxxxxxxxx",
        "PO_17",
        "PO.17",
        "Mu_ller",
        "other-2",
        "K17",
        "17",
        "true",
        "PO_17-2",
        "po_17",
    ],
)
def test_order_is_placed_with_reference_that_tidied_is_empty_is(
    client: TestClient,
    auth_headers: dict[str, str],
    ref: str | int | bool | list[str] | dict[str, object],
) -> None:
    """WHEN an order is placed with a reference that, tidied, is empty, is longer...

    Criteria: C3
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "Valid 1",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": ref,
        },
        headers=auth_headers,
    )

    assert response.status_code == 422, response.text
    assert response.json()["error"]["code"] == "validation_error"


def test_order_that_has_reference_is_paid_or_read_by_itself_or_in(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order that has a reference is paid or read by itself or in the...

    Criteria: C4
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "  Po   17 ",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]

    response = client.post(f"/orders/{first}/pay", headers=auth_headers)

    assert response.status_code == 200, response.text
    assert response.json()["reference"] == "Po 17"


def test_order_that_has_reference_is_paid_or_read_by_itself_or_in_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order that has a reference is paid or read by itself or in the...

    Criteria: C4
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "  Po   17 ",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]

    response = client.get(f"/orders/{first}")

    assert response.status_code == 200, response.text
    assert response.json()["reference"] == "Po 17"


def test_order_that_has_reference_is_paid_or_read_by_itself_or_in_3(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order that has a reference is paid or read by itself or in the...

    Criteria: C4
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "  Po   17 ",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/orders")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["total"] == 1
    assert [item["reference"] for item in body["items"]] == ["Po 17"]


def test_orders_are_placed_without_reference_or_with_null_for(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN orders are placed without a reference or with null for it, THE API...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 1}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 1}]},
        headers=auth_headers,
    )

    assert response.status_code == 201, response.text
    assert response.json()["reference"] is None


def test_orders_are_placed_without_reference_or_with_null_for_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN orders are placed without a reference or with null for it, THE API...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": None,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": None,
        },
        headers=auth_headers,
    )

    assert response.status_code == 201, response.text
    assert response.json()["reference"] is None


def test_orders_are_placed_without_reference_or_with_null_for_3(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN orders are placed without a reference or with null for it, THE API...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 1}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={"customer": "Ada", "lines": [{"product_id": lamp, "quantity": 1}]},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": None,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": None,
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/orders")

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["total"] == 4
    assert [item["reference"] for item in body["items"]] == [None, None, None, None]


@pytest.mark.parametrize(
    "ref",
    ["PO 17", "po 17", "Po 17", "  pO   17 "],
    ids=["PO_17", "po_17", "Po_17", "pO_17"],
)
def test_order_is_placed_with_reference_that_tidied_and_without(
    client: TestClient,
    auth_headers: dict[str, str],
    ref: str,
) -> None:
    """WHEN an order is placed with a reference that, tidied and without regard...

    Criteria: C6
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": ref,
        },
        headers=auth_headers,
    )

    assert response.status_code == 409, response.text
    assert response.json()["error"]["code"] == "reference_taken"


@pytest.mark.parametrize("ref", ["PO 17", "po 17"], ids=["PO_17", "po_17"])
def test_order_is_placed_with_reference_that_tidied_and_without_2(
    client: TestClient,
    auth_headers: dict[str, str],
    ref: str,
) -> None:
    """WHEN an order is placed with a reference that, tidied and without regard...

    Criteria: C6
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]
    response = client.post(f"/orders/{first}/pay", headers=auth_headers)
    assert response.status_code < 300, response.text

    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": ref,
        },
        headers=auth_headers,
    )

    assert response.status_code == 409, response.text
    assert response.json()["error"]["code"] == "reference_taken"


def test_order_has_been_cancelled_go_on_showing_reference_and(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order has been cancelled, THE API SHALL go on showing its...

    Criteria: C7
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]

    response = client.post(f"/orders/{first}/cancel", headers=auth_headers)

    assert response.status_code == 200, response.text
    assert response.json()["reference"] == "PO 17"


def test_order_has_been_cancelled_go_on_showing_reference_and_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order has been cancelled, THE API SHALL go on showing its...

    Criteria: C7
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]
    response = client.post(f"/orders/{first}/cancel", headers=auth_headers)
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "po 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get(f"/orders/{first}")

    assert response.status_code == 200, response.text
    assert response.json()["reference"] == "PO 17"


def test_order_has_been_cancelled_go_on_showing_reference_and_3(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN an order has been cancelled, THE API SHALL go on showing its...

    Criteria: C7
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]
    response = client.post(f"/orders/{first}/cancel", headers=auth_headers)
    assert response.status_code < 300, response.text
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "po 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )

    assert response.status_code == 409, response.text
    assert response.json()["error"]["code"] == "reference_taken"


def test_request_after_placing_of_order_names_another_reference(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a request after the placing of an order names another reference for...

    Criteria: C8
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]

    response = client.post(
        f"/orders/{first}/pay",
        json={"reference": "PO 18"},
        headers=auth_headers,
    )

    assert response.status_code == 200, response.text
    assert response.json()["reference"] == "PO 17"


def test_request_after_placing_of_order_names_another_reference_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a request after the placing of an order names another reference for...

    Criteria: C8
    """
    scene = set_the_scene(client, auth_headers)
    lamp = scene["lamp"]
    response = client.post(
        "/orders",
        json={
            "customer": "Ada",
            "lines": [{"product_id": lamp, "quantity": 1}],
            "reference": "PO 17",
        },
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    first = response.json()["id"]

    response = client.post(
        f"/orders/{first}/cancel",
        json={"reference": "PO 18"},
        headers=auth_headers,
    )

    assert response.status_code == 200, response.text
    assert response.json()["reference"] == "PO 17"
