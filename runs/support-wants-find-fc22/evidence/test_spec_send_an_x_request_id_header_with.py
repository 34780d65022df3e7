"""Examples of the Spec: Send an X-Request-ID header with every answer."""

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health", 200),
        ("/categories", 200),
        ("/products", 200),
        ("/orders", 200),
        ("/docs", 200),
        ("/no-such-route", 404),
        ("/products/999999", 404),
    ],
    ids=[
        "health-200",
        "categories-200",
        "products-200",
        "orders-200",
        "docs-200",
        "no_such_route-404",
        "products_999999-404",
    ],
)
def test_any_request_is_answered_with_success_with_refusal_4xx_or(
    client: TestClient,
    path: str,
    status: int,
) -> None:
    """WHEN any request is answered, with success, with a refusal (4XX) or with...

    Criteria: C1
    """
    response = client.get(path, headers={"X-Request-ID": "call-1"})

    assert response.status_code == status, response.text
    assert response.headers["X-Request-ID"] == "call-1"


@pytest.mark.parametrize(
    "rid",
    [
        "a",
        "7",
        "-",
        "Call-42-XYZ",
        "--a--",
        "0123456789abcdef0123456789abcdef",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z9-Z",
    ],
    ids=[
        "a",
        "7",
        "other",
        "Call_42_XYZ",
        "a-2",
        "0123456789abcdef01234567",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "Z9_Z9_Z9_Z9_Z9_Z9_Z9_Z9_",
    ],
)
def test_request_carries_x_request_id_of_1_to_64_characters_that(
    client: TestClient,
    rid: str,
) -> None:
    """WHEN a request carries an X-Request-ID of 1 to 64 characters that are all...

    Criteria: C2
    """
    response = client.get("/categories", headers={"X-Request-ID": rid})

    assert response.status_code == 200, response.text
    assert response.headers["X-Request-ID"] == rid


def test_request_carries_x_request_id_of_1_to_64_characters_that_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a request carries an X-Request-ID of 1 to 64 characters that are all...

    Criteria: C2
    """
    response = client.post(
        "/categories",
        json={"name": "Garden tools"},
        headers={**auth_headers, "X-Request-ID": "Order-Desk-7"},
    )

    assert response.status_code == 201, response.text
    assert response.headers["X-Request-ID"] == "Order-Desk-7"


@pytest.mark.parametrize(
    "rid",
    [
        "not valid!",
        "a_b",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ],
    ids=["not_valid", "a_b", "aaaaaaaaaaaaaaaaaaaaaaaa"],
)
def test_request_carries_x_request_id_that_is_not_taken_over_do(
    client: TestClient,
    auth_headers: dict[str, str],
    rid: str,
) -> None:
    """WHEN a request carries an X-Request-ID that is not taken over, THE API...

    Criteria: C4
    """
    response = client.post(
        "/categories",
        json={"name": "Garden tools"},
        headers={**auth_headers, "X-Request-ID": rid},
    )

    assert response.status_code == 201, response.text
    assert response.json()["name"] == "Garden tools"


def test_request_carries_x_request_id_that_is_not_taken_over_do_2(
    client: TestClient,
) -> None:
    """WHEN a request carries an X-Request-ID that is not taken over, THE API...

    Criteria: C4
    """
    response = client.get("/products/999999", headers={"X-Request-ID": "not valid!"})

    assert response.status_code == 404, response.text


def test_request_is_answered_send_status_body_and_other_headers(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a request is answered, THE API SHALL send the status, the body and...

    Criteria: C5
    """
    response = client.post(
        "/categories",
        json={"name": "Garden tools"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    id_ = response.json()["id"]
    slug = response.json()["slug"]
    made = response.json()["created_at"]

    response = client.get("/categories", headers={"X-Request-ID": "call-1"})

    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body["total"] == 1
    assert len(body["items"]) == 1
    assert body["items"][0]["id"] == id_
    assert body["items"][0]["name"] == "Garden tools"
    assert body["items"][0]["slug"] == slug
    assert body["items"][0]["created_at"] == made


def test_request_is_answered_send_status_body_and_other_headers_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a request is answered, THE API SHALL send the status, the body and...

    Criteria: C5
    """
    response = client.post(
        "/categories",
        json={"name": "Garden tools"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    id_ = response.json()["id"]

    response = client.delete(
        f"/categories/{id_}",
        headers={**auth_headers, "X-Request-ID": "call-1"},
    )

    assert response.status_code == 204, response.text
