"""The one door to the network: every request that leaves this machine goes through here.

`fetch(url)` reads one https page from a public host; `NetResolver` answers what `credential.verify` asks. Plain Python,
no Django.
"""

from fieldstone.server.net.door import Door, FetchError, Response, fetch, is_public
from fieldstone.server.net.resolver import NetResolver, Within

__all__ = ["Door", "FetchError", "NetResolver", "Response", "Within", "fetch", "is_public"]
