"""How often a search finds what was meant: `python -m benchmarks.relevance`.

Queries made by seed over invented catalogues, and queries that people would type over the music-routes catalogue. What
makes them and judges the answers shares no code with what normalises and ranks: neither can favour the other.
"""
