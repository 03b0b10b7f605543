"""What searches did is counted source by source, and what was asked is remembered."""

from prometheus_client import generate_latest

from services.kit.clock import ManualClock
from services.kit.logs import LogFormat, LogLevel, open_log
from services.kit.telemetry import Telemetry, make_telemetry
from services.search.domain.popular import Popular
from services.search.domain.query import Query
from services.search.domain.search import CANDIDATES_CUT, Result, Step
from services.search.signals import METRICS
from services.search.tally import Tally


def lines(telemetry: Telemetry) -> set[str]:
    """Return the metrics as lines of text."""
    return set(generate_latest(telemetry.registry).decode().splitlines())


def test_searches_are_counted_by_source() -> None:
    """Each source's calls, cuts, time and contributions, also if never asked; and all that may be left out."""
    clock, popular = ManualClock(), Popular(bound=10)
    telemetry = make_telemetry("search", METRICS, open_log("search", clock, LogFormat.TEXT, LogLevel.ERROR))
    tally = Tally(telemetry, ["prefix", "speller", "title"], popular, clock)
    steps = (Step("prefix", 1.0, 1.25, 3, cut=False), Step("speller", 1.25, 2.0, 0, cut=True))
    result = Result(sources=("prefix",), degraded=(CANDIDATES_CUT,), steps=steps)
    for _ in range(2):
        tally.note(Query.of("Moon"), result)
    tally.note(Query.of("river"), Result())
    assert popular.top(2) == ["moon", "river"]
    assert {
        'backline_search_source_calls_total{source="prefix"} 2.0',
        'backline_search_source_calls_total{source="title"} 0.0',
        'backline_search_source_contributions_total{source="prefix"} 2.0',
        'backline_search_source_contributions_total{source="speller"} 0.0',
        'backline_search_source_cuts_total{source="prefix"} 0.0',
        'backline_search_source_cuts_total{source="speller"} 2.0',
        'backline_search_source_seconds_total{source="prefix"} 0.5',
        'backline_search_source_seconds_total{source="speller"} 1.5',
        'backline_search_degraded_answers_total{reason="candidates_cut"} 2.0',
        'backline_search_degraded_answers_total{reason="sources_skipped"} 0.0',
        'backline_search_degraded_answers_total{reason="short_query_skipped"} 0.0',
    } <= lines(telemetry)
