"""Bytes of values: those of cbor2 in its canonical form."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfeature.contrib.tools.flagd.core.targeting.custom_ops import normalize_numbers

from services.kit.flags.cbor import encoded, pair_prefix
from services.kit.flags.values import Json
from tests.kit.flags.space import SCALARS

_NUMBERS = st.one_of(st.integers(), st.floats(), st.floats(width=16), st.floats(width=32), st.integers(-(2**70), 2**70))
_VALUES: st.SearchStrategy[Json] = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, st.text(), st.text(min_size=250, max_size=260)),
    lambda values: st.one_of(st.lists(values), st.dictionaries(st.text(), values)),
    max_leaves=30,
)


@given(_VALUES)
def test_values_are_encoded_as_cbor2_does(value: Json) -> None:
    """The shortest form of each number and the order of keys are those of the canonical encoding."""
    assert encoded(value) == cbor2.dumps(normalize_numbers(value), canonical=True)


@pytest.mark.parametrize("value", [value for value in SCALARS if value != "\ud800"], ids=repr)
def test_odd_values_are_encoded_as_cbor2_does(value: Json) -> None:
    """Whole numbers are integers, however written, where 64 bits hold them."""
    assert encoded([value]) == cbor2.dumps(normalize_numbers([value]), canonical=True)


@pytest.mark.parametrize("size", [0, 23, 24, 255, 256, 65_535, 65_536])
def test_lengths_are_as_short_as_can_be(size: int) -> None:
    """Lists, texts and their lengths at each border."""
    for value in (["x"] * size, "x" * size, {str(number): number for number in range(size)}):
        assert encoded(value) == cbor2.dumps(value, canonical=True)


def test_what_has_no_bytes_is_refused() -> None:
    """Half a character has none, and what is no JSON either."""
    with pytest.raises(UnicodeEncodeError):
        encoded("\ud800")
    with pytest.raises(TypeError, match="set"):
        encoded({1})


def test_a_pair_begins_with_its_first() -> None:
    """What is put in front of each targeting key gives the bytes of the pair."""
    assert pair_prefix("flag") + encoded("user") == encoded(["flag", "user"])


def test_texts_put_together_alike_differ() -> None:
    """Where the flag's key ends and the user's begins counts."""
    assert encoded(["ab", "c1"]) != encoded(["a", "bc1"])
