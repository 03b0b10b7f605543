"""Which token each procedure of the service wants."""

from backline.flags.v1 import flags_pb2 as pb
from services.flags.api.admin import FlagAdminApi
from services.flags.api.watch import WatchApi
from services.flags.domain.administration import Administration
from services.flags.domain.head import Head
from services.flags.domain.roster import Roster
from services.flags.store.memory import MemoryFlags
from services.kit.clock import ManualClock
from services.kit.grpc.methods import Method

CLOCK = ManualClock()
STORE, ROSTER = MemoryFlags(CLOCK), Roster(CLOCK.monotonic)
HEAD = Head(STORE, lambda: 0.0)


def named(methods: list[Method], service: str) -> dict[str, Method]:
    """Return the methods by name, all that the protocol has of the service."""
    found = {method.rpc.name: method for method in methods}
    assert found.keys() == {*pb.DESCRIPTOR.services_by_name[service].methods_by_name}
    return found


def test_all_that_people_do_wants_the_admin_token() -> None:
    """Reading too: reasons and owners are nobody else's business. A procedure that is added is held to it."""
    administration = Administration(STORE, HEAD, ROSTER, list, CLOCK.now)
    methods = named(FlagAdminApi(administration).methods(1, 1), "FlagAdminService")
    assert [name for name, method in methods.items() if not method.admin] == []


def test_all_that_our_own_processes_do_wants_theirs() -> None:
    """And not the admin's, which they do not hold."""
    methods = named(WatchApi(HEAD, ROSTER, lambda _: None, 1, 1).methods(1, 1), "FlagSyncService")
    assert [(method.peers, method.admin) for method in methods.values()] == [(True, False)] * len(methods)
