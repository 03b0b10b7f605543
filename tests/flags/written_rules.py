"""One-line rules and contexts, as hypothesis makes them up."""

from typing import Any

from hypothesis import strategies as st

from services.flags.domain.targeting import COMPARISONS
from services.flags.domain.vocabulary import VOCABULARY, Attribute, Kind

_VALUES = {
    Kind.TEXT: ("sv", "sv-SE", "E"),
    Kind.VERSION: ("8", "8.9", "8.10.0", "9.0.1"),
    Kind.NUMBER: ("0", "5", "463"),
}
_FEW = {"client_type": ("car", "tv", "ios"), "country": ("SE", "NO", "DE")}


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """Return any comparison that the vocabulary allows."""
    subject = draw(st.sampled_from(sorted(VOCABULARY.values(), key=lambda word: word.name)))
    operator = draw(st.sampled_from(sorted(COMPARISONS[subject.kind])))
    values = draw(st.lists(_value(subject), min_size=1, max_size=4))
    right = f"({', '.join(values)})" if operator.endswith("in") else values[0]
    return f"{subject.name} {operator} {right}"


def rules() -> st.SearchStrategy[str]:
    """Return any rule: comparisons, joined and negated."""
    return st.recursive(
        comparisons(),
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("not {}".format, inner),
        ),
        max_leaves=8,
    )


def contexts() -> st.SearchStrategy[dict[str, Any]]:
    """Return any context that the edge could make of a caller, with something left out."""
    values = {name: _value(word).map(word.read) for name, word in VOCABULARY.items()}
    return st.fixed_dictionaries({}, optional=values)


def _value(subject: Attribute) -> st.SearchStrategy[str]:
    return st.sampled_from(_FEW.get(subject.name, _VALUES.get(subject.kind, ())))
