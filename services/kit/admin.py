"""The admin token that every mutation needs: made on first start, readable by its owner only."""

import hmac
import os
import secrets
import tempfile
from pathlib import Path

from services.kit.errors import Unavailable
from services.kit.files import made, one_sentence
from services.kit.settings import Secret

FILE_NAME = "admin-token"


def admin_token(home: Path) -> Secret:
    """Return the token kept in the home folder, made (mode 0600) if there is none yet.

    Several processes may start at once: the first to link its file wins and the others read it.
    """
    path = home / FILE_NAME
    with one_sentence(path):
        if not path.exists():
            _make(path)
        token = path.read_text().strip()
    if not token:
        raise Unavailable(f"The admin token in {path} is empty; delete the file to have a new one made.")
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
