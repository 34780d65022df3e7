"""M1, by behaviour alone: notes on stock movements of up to 500 characters."""

import pytest


def act(client, auth_headers, path, how, note, quantity=3):
    return client.post(f"{path}/stock/{how}", json={"quantity": quantity, "note": note}, headers=auth_headers)


# A note may be up to 500 characters long, when stock is received as well as when it is adjusted.
@pytest.mark.parametrize("how", ["receive", "adjust"])
@pytest.mark.parametrize("length", [200, 201, 499, 500])
def test_a_note_of_up_to_500_characters_is_kept_whole(client, auth_headers, make_product, how, length):
    path = f"/products/{make_product()['id']}"
    note = "n" * length
    response = act(client, auth_headers, path, how, note)
    assert response.is_success, response.text
    assert response.json()["note"] == note
    assert [row["note"] for row in client.get(f"{path}/stock/movements").json()["items"]] == [note]


# A longer note stays refused with a 422, and nothing is moved then.
@pytest.mark.parametrize("how", ["receive", "adjust"])
@pytest.mark.parametrize("length", [501, 5000])
def test_a_longer_note_is_refused_and_moves_nothing(client, auth_headers, make_product, how, length):
    path = f"/products/{make_product(stock=4)['id']}"
    assert act(client, auth_headers, path, how, "n" * length).status_code == 422
    assert client.get(path).json()["stock"] == 4
    assert client.get(f"{path}/stock/movements").json()["total"] == 1


# White space is squeezed before the length counts, as before.
def test_the_length_is_that_of_the_tidied_note(client, auth_headers, make_product):
    path = f"/products/{make_product()['id']}"
    response = act(client, auth_headers, path, "receive", "  " + "n " * 249 + "  nn  ")
    assert response.is_success, response.text
    assert len(response.json()["note"]) == 500


# Other limits stay: a customer's name, and the reason of an adjustment.
def test_other_texts_keep_their_limits(client, auth_headers, make_product):
    product = make_product(stock=1)["id"]
    body = {"customer": "x" * 121, "lines": [{"product_id": product, "quantity": 1}]}
    assert client.post("/orders", json=body, headers=auth_headers).status_code == 422
    assert act(client, auth_headers, f"/products/{product}", "adjust", "  ").status_code == 422
    assert client.post("/categories", json={"name": "x" * 81}, headers=auth_headers).status_code == 422
