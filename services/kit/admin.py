"""The tokens that calls show, made on first start, readable by their owner only.

Every mutation needs the admin's. By the peers' our own processes know one another: it opens less, so that one which
faces the public need not hold the admin's.
"""

import hmac
import os
import secrets
import tempfile
from pathlib import Path

from services.kit.errors import Unavailable
from services.kit.files import made, one_sentence
from services.kit.settings import Secret

FILE_NAME = "admin-token"
PEERS_FILE_NAME = "peers-token"


def admin_token(home: Path) -> Secret:
    """Return the admin token, made if there is none yet."""
    return _kept(home / FILE_NAME)


def peers_token(home: Path) -> Secret:
    """Return the token that our own processes show one another, made if there is none yet."""
    return _kept(home / PEERS_FILE_NAME)


def _kept(path: Path) -> Secret:
    """Return the token kept in the home folder, made (mode 0600) if there is none yet.

    Several processes may start at once: the first to link its file wins and the others read it.
    """
    with one_sentence(path):
        if not path.exists():
            _make(path)
        token = path.read_text().strip()
    if not token:
        raise Unavailable(f"The token in {path} is empty; delete the file to have a new one made.")
    return Secret(token)


def _make(path: Path) -> None:
    made(path.parent)
    descriptor, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600 from the start
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()


def bearer(token: str) -> tuple[str, str]:
    """Return the metadata entry that shows a token."""
    return ("authorization", f"Bearer {token}")


def shows(token: str, authorization: str) -> bool:
    """Whether an authorization header shows the token; takes as long for a near miss as for a wild guess."""
    return bool(token) and hmac.compare_digest(authorization.encode(), bearer(token)[1].encode())
