"""Versions: read as flagd-core reads them, ordered as SemVer orders them, and remembered within bounds."""

import semver
from hypothesis import given
from hypothesis import strategies as st
from openfeature.contrib.tools.flagd.core.targeting.custom_ops import normalize_version

from services.kit.flags.values import Json
from services.kit.flags.versions import COMPARISONS, Versions
from tests.kit.flags.space import SCALARS, VERSIONS

_IDENTIFIERS = st.from_regex(r"(0|[1-9][0-9]{0,3}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]{0,3})", fullmatch=True)
_SMALL = st.integers(0, 3).map(str)
_WRITTEN = st.builds(
    lambda core, stage, build: core + (f"-{'.'.join(stage)}" if stage else "") + build,
    st.tuples(_SMALL, _SMALL, _SMALL).map(".".join),
    st.lists(_IDENTIFIERS, max_size=3),
    st.sampled_from(["", "+1", "+a.b"]),
)


@given(_WRITTEN, _WRITTEN)
def test_versions_are_ordered_as_semver_has_it(one: str, other: str) -> None:
    """Pre-releases come before their release, numbers before words; the build counts for nothing."""
    versions = Versions()
    a, b = versions.key(one), versions.key(other)
    assert a is not None
    assert b is not None
    expected = semver.Version.parse(one).compare(other)
    for symbol, holds in (("<", expected < 0), ("=", expected == 0), (">=", expected >= 0), ("!=", expected != 0)):
        assert COMPARISONS[symbol](a, b) is holds


def test_what_is_a_version_is_what_flagd_core_takes_for_one() -> None:
    """A leading v falls and missing parts are zero; four parts are no version."""
    longest = "1.2.3-1" + "0" * 5_000
    written: list[Json] = [*VERSIONS, *SCALARS, [1], {}, longest, "1." + "9" * 5_000, 10**5_000]
    found = [Versions().key(value) for value in written]
    assert [key and key[:3] for key in found] == [_expected(value) for value in written]
    versions = Versions()
    assert [versions.key(value) for value in written * 2] == found * 2


def _expected(written: Json) -> tuple[int, int, int] | None:
    try:
        version = normalize_version(written)
    except ValueError:
        return None
    return version.major, version.minor, version.patch


def test_what_is_remembered_is_bounded() -> None:
    """However many versions there are, and however long, memory holds few; a forgotten one is read again."""
    versions = Versions()
    for number in range(10_000):
        assert versions.key(f"1.{number}") == (1, number, 0, (1,))
        assert versions.key(f"1.{number}-{'x' * 100}") is not None
    assert len(versions.known) <= 4_096
    assert max(map(len, versions.known)) <= 64
    assert versions.key("1.0") == (1, 0, 0, (1,))
