"""The sample of recent contexts."""

from services.flags.domain.sample import Sample


def test_the_newest_win() -> None:
    """Of more than it holds, the oldest go."""
    sample = Sample(most=3)
    for number in range(5):
        sample.see({"targetingKey": str(number)}, float(number))
    assert [each["targetingKey"] for each in sample.recent(5.0)] == ["2", "3", "4"]


def test_each_counts_once() -> None:
    """Who comes again is new again, whatever the order of attributes; the same user's car is somebody else."""
    sample = Sample(most=3)
    phone, car = {"targetingKey": "a", "client_type": "ios"}, {"targetingKey": "a", "client_type": "car"}
    for now_s, context in enumerate((phone, car, dict(reversed(phone.items())))):
        sample.see(context, float(now_s))
    assert sample.recent(3.0) == [car, phone]


def test_what_is_old_goes() -> None:
    """After its time, and not before."""
    sample = Sample(within_s=10.0)
    sample.see({"targetingKey": "a"}, 100.0)
    sample.see({"targetingKey": "b"}, 105.0)
    assert len(sample.recent(110.0)) == 2
    assert sample.recent(110.1) == [{"targetingKey": "b"}]
    assert sample.recent(200.0) == []
