"""A process that tries a password at a vault, as often as it is told to: `worker FOLDER AGENT PASSWORD NOW [again]`."""

from __future__ import annotations

import sys
from pathlib import Path

from agentdesk.trust.passwords import Cost
from agentdesk.trust.vault import Locked, Vault, WrongPassword

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)


def main() -> None:
    folder, agent, password, now = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    vault = Vault.read(folder, cost=CHEAP)
    assert vault is not None
    print("ready", flush=True)
    sys.stdin.readline()
    again = True
    while again:
        try:
            print("opened", vault.unlock(agent, password, now).hex(), flush=True)
        except WrongPassword as wrong:
            print("wrong", wrong.left, wrong.wait_ms, flush=True)
        except Locked as locked:
            print("locked", locked.until, flush=True)
        again = len(sys.argv) > 5
        now += 100_000_000


if __name__ == "__main__":
    main()
