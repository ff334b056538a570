"""QUERY: parameters in, a page of records out.

`parse` makes a typed plan of the parameters of a URL, `search` carries it out on the store. The comparison of values is
one law (`order`), whether memory or an index slot does it.
"""

from .memory import Found
from .newest import newest
from .plan import CONTROLS, Plan, parse, parse_one, read_limit
from .search import search
from .snapshots import Snapshots, fits

__all__ = ["CONTROLS", "Found", "Plan", "Snapshots", "fits", "newest", "parse", "parse_one", "read_limit", "search"]
