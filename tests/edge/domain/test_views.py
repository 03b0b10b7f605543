"""The table of views: every type of client has one, and it says what its device can bear."""

import pytest

from services.edge.domain.views import Layout, view_of
from services.kit.context import ClientType


@pytest.mark.parametrize("client_type", ClientType)
def test_every_type_of_client_has_a_view(client_type: ClientType) -> None:
    """Whoever asks gets results, within what a page of search may have."""
    assert 1 <= view_of(client_type).results <= 50


def test_views_differ_where_devices_do() -> None:
    """A car shows fewer than a television, and neither in the rows of a browser."""
    car, tv, web = (view_of(each) for each in (ClientType.CAR, ClientType.TV, ClientType.WEB))
    assert car.results < web.results < tv.results
    assert [each.layout for each in (car, tv, web)] == [Layout.DRIVE, Layout.SHELF, Layout.ROWS]


@pytest.mark.parametrize("shared", [ClientType.CAR, ClientType.TV, ClientType.SPEAKER])
def test_explicit_tracks_are_not_offered_where_others_listen_along(shared: ClientType) -> None:
    """In a car, before a television and over a speaker, explicit tracks have to be asked for."""
    assert not view_of(shared).explicit
    assert view_of(ClientType.IOS).explicit
