"""What a definition would do, before it is written."""

import pytest

from services.flags.domain.dry_run import DryRun, Reached, dry_run
from services.kit.errors import NotFound
from tests.flags.one_flag import flag, state_of

CARS = {"==": [{"var": "client_type"}, "car"]}
SEEN = [
    {"client_type": each, "targetingKey": f"user-{number}"} for number, each in enumerate(["car", "car", "tv", "web"])
]


def noon() -> float:
    """Return a time of day."""
    return 1_700_000_000.0


def test_who_would_get_what_and_how_many_would_change() -> None:
    """The largest part first."""
    state = state_of(flag=flag({"if": [{"==": [{"var": "client_type"}, "tv"]}, "on"]}))
    tried = dry_run("flag", flag({"if": [CARS, "on"]}), state, SEEN, noon)
    assert tried == DryRun(4, (Reached("on", 2), Reached("off", 2)), 3, {})


def test_what_is_in_force_changes_nobody() -> None:
    """With no definition it is that which is tried; there has to be one."""
    state = state_of(flag=flag({"if": [CARS, "on"]}))
    assert dry_run("flag", None, state, SEEN, noon).changed == 0
    with pytest.raises(NotFound):
        dry_run("other", None, state, SEEN, noon)


def test_a_killed_or_new_flag_changes_all_who_get_a_variant() -> None:
    """Each caller's own default holds before, or behind, it."""
    state = state_of(flag=flag())
    killed = dry_run("flag", flag(state="DISABLED"), state, SEEN, noon)
    assert (killed.reached, killed.changed) == ((Reached("", 4),), 4)
    assert dry_run("new", flag(), state, SEEN, noon).changed == 4


def test_what_could_not_be_used_is_counted_once_a_context() -> None:
    """By attribute, however often a rule reads it."""
    newer = {"sem_ver": [{"var": "app_version"}, ">=", "8.9.0"]}
    definition = flag({"if": [{"and": [{"!": [newer]}, {"!": [newer]}]}, "on"]})
    seen = [{"app_version": "8.9.30.463"}, {"app_version": "8.9.30"}, {"app_version": "new"}]
    assert dry_run("flag", definition, state_of(), seen, noon).invalid == {"app_version": 2}


def test_a_shared_rule_changes_what_its_users_decide() -> None:
    """It decides nothing by itself; a context counts once, whichever flags change."""
    rule = flag({"if": [{"$ref": "insiders"}, "on"]})
    state = state_of(rule_insiders=CARS, one=rule, two=rule, three=flag())
    tried = dry_run("$evaluators/insiders", {"==": [{"var": "client_type"}, "tv"]}, state, SEEN, noon)
    assert tried == DryRun(4, (), 3, {})
