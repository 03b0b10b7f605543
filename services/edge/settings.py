"""The edge's settings, read under `BACKLINE_EDGE`."""

from dataclasses import dataclass

from services.kit.settings import Secret, setting


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Where the edge listens, whom it asks, and how long that may take."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    http_port: int = setting(8080, "Port of the API and the page; 0 takes any free one.", at_least=0, at_most=65_535)
    operations_port: int = setting(
        9100, "Port of metrics, health and settings; 0 takes any free one.", at_least=0, at_most=65_535
    )
    search: str = setting("127.0.0.1:7001", "Where search answers: host:port, a list of them, or file:PATH.")
    catalog: str = setting("127.0.0.1:7002", "Where the catalog answers: host:port, a list of them, or file:PATH.")
    flags: str = setting("127.0.0.1:7003", "Where flags come from: host:port, a list of them, or file:PATH.")
    limit_s: float = setting(
        1.0, "Seconds that a whole request may take; past that a person has typed on or left.", at_least=0.05
    )
    search_limit_s: float = setting(0.3, "Seconds that search may take of it.", at_least=0.005)
    catalog_limit_s: float = setting(0.15, "Seconds that one call to the catalog may take of it.", at_least=0.005)
    trace_share: float = setting(
        0.01, "Share of requests that are traced, unless the caller has decided it already.", at_least=0, at_most=1
    )
    rendered_hits: int = setting(
        20_000, "Hits kept as JSON, for each of the latest two indexes; some 500 bytes each.", at_least=1
    )
    log_share: float = setting(
        0.1,
        "Share of answers with a status below 400 that the log has a line of, since lines of all would be a twelfth of "
        "what the edge costs; all others always.",
        at_least=0,
        at_most=1,
    )
    log_key: Secret = setting(
        Secret(""), "Turns names of visitors into what the log shows of them; empty draws another at every start."
    )
    cors_origins: str = setting(
        "", "Sites whose pages may read the API: origins separated by commas, * for all, empty for none."
    )
    secure_cookies: bool = setting(
        False,  # noqa: FBT003 - the default
        "Whether browsers send the visitor's cookie over https only; true where they come by https.",
    )
    ofrep: bool = setting(
        True,  # noqa: FBT003 - the default
        "Whether flags are evaluated for others, by OFREP: whoever asks learns the keys, values and metadata of all.",
    )
    ofrep_token: Secret = setting(Secret(""), "What they have to show as a bearer; empty where everybody may ask.")
    connections: int = setting(4096, "Connections held at once; more are told to come back later.", at_least=1)
    send_s: float = setting(10.0, "Seconds within which a request has to arrive, head and body.", at_least=0.05)
    idle_s: float = setting(30.0, "Seconds that a connection is kept between two requests.", at_least=0.05)
