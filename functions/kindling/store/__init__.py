"""STORE: everything that is kept, and the only importer of firebase_admin.db. docs/data.md draws what lies where."""

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
