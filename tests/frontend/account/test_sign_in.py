"""The sign-in page by keyboard: name, password, button; what is for the forgetful comes after."""

import re

import pytest


@pytest.mark.django_db
def test_the_password_follows_the_name_and_the_way_for_the_forgetful_follows_the_button(client):
    main = client.get("/account/login/").content.decode().split("<main")[1].split("</main>")[0]
    order = [re.search(pattern, main).start() for pattern in ('name="login"', 'name="password"', 'type="submit"')]
    assert order == sorted(order)
    assert main.count("/account/password/reset/") == 1
    assert main.index("/account/password/reset/") > order[-1]
