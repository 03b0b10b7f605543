"""JsonLogic that hypothesis makes and, where a test fails, makes small."""

from hypothesis import strategies as st

from services.kit.flags.values import Json
from tests.kit.flags.space import OPERATORS, PATHS, SCALARS, UNKNOWN, VERSIONS

_SCALARS = st.one_of(
    st.sampled_from([*SCALARS, *VERSIONS]),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
)
VARIABLES = st.builds(lambda path: {"var": path}, st.sampled_from(PATHS))


def _operation(operands: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    names = st.sampled_from([*OPERATORS, *OPERATORS, *UNKNOWN])
    listed = st.lists(operands, max_size=4)
    return st.builds(lambda name, given: {name: given}, names, st.one_of(listed, operands))


def _parts(operands: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    weights = st.one_of(st.integers(-1, 100), operands)
    parts = st.lists(st.one_of(st.tuples(operands, weights).map(list), st.tuples(operands).map(list)), max_size=3)
    return st.builds(lambda unit, shares: {"fractional": [*unit, *shares]}, st.lists(operands, max_size=1), parts)


LOGIC: st.SearchStrategy[Json] = st.recursive(
    st.one_of(_SCALARS, VARIABLES),
    lambda logic: st.one_of(
        _operation(logic),
        _parts(logic),
        st.lists(logic, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b"]), logic, max_size=2),
    ),
    max_leaves=20,
)
"""Any expression."""
RULES: st.SearchStrategy[Json] = st.one_of(_operation(LOGIC), _parts(LOGIC))
"""Any operation."""

_VALUES: st.SearchStrategy[Json] = st.recursive(
    _SCALARS,
    lambda values: st.one_of(
        st.lists(values, max_size=3), st.dictionaries(st.sampled_from(PATHS[:14]), values, max_size=3)
    ),
    max_leaves=6,
)
CONTEXTS = st.dictionaries(st.sampled_from([*PATHS[:10], "targetingKey", "$flagd"]), _VALUES, max_size=6)
"""Any context."""
