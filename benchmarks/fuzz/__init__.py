"""Looks for what search cannot take: `python -m benchmarks.fuzz --minutes 10`.

Two targets take bytes. `words` reads them as what is typed, through the first room and an open index; `messages` as a
request to the running service. Atheris, which needs Linux, makes up the bytes and watches which code they reach. What
breaks a promise is kept as a file in tests/search/crashes, where a test reads it again from then on.
"""
