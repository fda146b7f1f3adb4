"""A NUL byte in an address of the admin is a bad request, not a failure."""

import pytest

from tests.users.people import superuser


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/admin/species/refreshrun/?state=%00",
        "/admin/species/rejectedrecord/?reason=%00",
        "/admin/users/user/?role=%00",
    ],
)
def test_a_filter_of_the_admin_with_a_nul_byte_is_refused(client, address):
    client.force_login(superuser())
    assert client.get(address).status_code == 400
    assert client.get(address.partition("?")[0]).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/datasets/", "/species/", "/observations/", "/absences/", "/", "/data/", "/summary/"],
)
def test_a_search_for_a_nul_byte_is_no_failure(client, address):
    assert client.get(f"{address}?q=%00").status_code in (200, 400)
