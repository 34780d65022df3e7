"""Examples of the Spec: Rename a category."""

from typing import Any

from fastapi.testclient import TestClient


def set_the_scene(client: TestClient, auth_headers: dict[str, str]) -> dict[str, Any]:
    """Take the steps that the examples start from; return what they saved."""
    response = client.post(
        "/categories",
        json={"name": "Garden Tools"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text
    tools = response.json()["id"]
    response = client.post("/categories", json={"name": "Paint"}, headers=auth_headers)
    assert response.status_code < 300, response.text
    return {"tools": tools}


def test_category_is_patched_with_name_answer_200_with_category(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a category is patched with a name THE API SHALL answer 200 with the...

    Criteria: C1
    """
    scene = set_the_scene(client, auth_headers)
    tools = scene["tools"]

    response = client.patch(
        f"/categories/{tools}",
        json={"name": "  Yard   Tools "},
        headers=auth_headers,
    )

    assert response.status_code == 200, response.text
    body = response.json()
    assert body["id"] == tools
    assert body["name"] == "Yard Tools"


def test_category_is_patched_with_name_answer_200_with_category_2(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a category is patched with a name THE API SHALL answer 200 with the...

    Criteria: C1
    """
    scene = set_the_scene(client, auth_headers)
    tools = scene["tools"]
    response = client.patch(
        f"/categories/{tools}",
        json={"name": "Yard"},
        headers=auth_headers,
    )
    assert response.status_code < 300, response.text

    response = client.get("/categories")

    assert response.status_code == 200, response.text
    assert [item["name"] for item in response.json()["items"]] == ["Yard", "Paint"]


def test_category_is_renamed_show_slug_of_new_name(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN a category is renamed THE API SHALL show the slug of the new name.

    Criteria: C2
    """
    scene = set_the_scene(client, auth_headers)
    tools = scene["tools"]

    response = client.patch(
        f"/categories/{tools}",
        json={"name": "Yard Tools"},
        headers=auth_headers,
    )

    assert response.status_code == 200, response.text
    assert response.json()["slug"] == "yard-tools"


def test_slug_of_new_name_belongs_to_another_category_answer_409(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the slug of the new name belongs to another category THE API SHALL...

    Criteria: C3
    """
    scene = set_the_scene(client, auth_headers)
    tools = scene["tools"]

    response = client.patch(
        f"/categories/{tools}",
        json={"name": "PAINT"},
        headers=auth_headers,
    )

    assert response.status_code == 409, response.text
    assert response.json()["error"]["code"] == "category_exists"


def test_no_category_has_id_answer_404_with_code_category_not(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN no category has the id THE API SHALL answer 404 with the code...

    Criteria: C4
    """
    set_the_scene(client, auth_headers)

    response = client.patch(
        "/categories/999",
        json={"name": "Yard"},
        headers=auth_headers,
    )

    assert response.status_code == 404, response.text
    assert response.json()["error"]["code"] == "category_not_found"


def test_key_is_missing_answer_401_with_code_invalid_key(
    client: TestClient,
    auth_headers: dict[str, str],
) -> None:
    """WHEN the key is missing THE API SHALL answer 401 with the code...

    Criteria: C5
    """
    scene = set_the_scene(client, auth_headers)
    tools = scene["tools"]

    response = client.patch(f"/categories/{tools}", json={"name": "Yard"})

    assert response.status_code == 401, response.text
    assert response.json()["error"]["code"] == "invalid_api_key"
