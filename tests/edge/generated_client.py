"""Uses a client that was generated from the edge's document: `generated_client.py ORIGIN`, where `generated` is found.

A program of its own, since the generated code is no part of this process's types.
"""

import sys
from importlib import import_module


def main(origin: str) -> None:
    """Make calls and check that their answers came as the types that the document promises."""
    sys.path.insert(0, ".")
    package, models = import_module("generated"), import_module("generated.models")
    search, get_track = (import_module(f"generated.api.{name}") for name in ("search.search", "catalogue.get_track"))

    with package.Client(base_url=origin, raise_on_unexpected_status=True) as client:
        found = search.sync(client=client, q="night", kinds=[models.SearchKindsItem.TRACK], limit=5)
        assert isinstance(found, models.SearchAnswer)
        assert [(type(each), each.id) for each in found.results] == [(models.TrackHit, name) for name in TRACKS]
        assert found.correction is None

        told = search.sync(client=client, q="nihgt", matches=True)
        assert isinstance(told, models.SearchAnswer)
        assert isinstance(told.correction, models.Correction)
        assert told.correction.query == "night"
        assert all(isinstance(each.match, models.Match) for each in told.results)

        track = get_track.sync(TRACKS[0], client=client)
        assert isinstance(track, models.Track)
        assert track.artists[0].name == "Nightbus"

        missing = get_track.sync_detailed("demo:nobody", client=client)
        assert missing.status_code == 404
        assert isinstance(missing.parsed, models.ProblemAnswer)
        assert missing.parsed.request_id == missing.headers["x-request-id"]


TRACKS = ("demo:t1", "demo:t2")

if __name__ == "__main__":
    main(*sys.argv[1:])
