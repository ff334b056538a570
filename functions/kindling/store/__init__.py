"""STORE: everything that is kept, and the only package that speaks to the database. docs/data.md draws what lies where.

It knows no page of a site, no source's definition and no request: documents go in, records come out.
"""

from .records import Change, Collection, Record, Slot, join_path, look_up, merge_patch, split_path
from .store import Store, store
from .writes import Saved, Write

__all__ = [
    "Change",
    "Collection",
    "Record",
    "Saved",
    "Slot",
    "Store",
    "Write",
    "join_path",
    "look_up",
    "merge_patch",
    "split_path",
    "store",
]
