"""`python -m tests.interop [NAME…]`: every peer both ways, in every format that both speak; see CONTRIBUTING.md.

Names choose peers by a part of theirs. The exit code is 0 where all agree, 1 where a cell is not as it should be, 2 where
a peer could not be installed.
"""

from __future__ import annotations

import sys

from tests.interop import table
from tests.interop.peers import PEERS


def main(names: list[str]) -> int:
    peers = [peer for peer in PEERS if not names or any(name in peer.name for name in names)]
    cells, missing = table.run(peers)
    print(table.text(cells, peers, missing))
    return table.code(cells, missing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
