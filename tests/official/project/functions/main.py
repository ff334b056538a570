"""Functions that wait for changes of the database, and write down what they are told."""

import json
import os
from pathlib import Path
from typing import Any

from firebase_functions import db_fn
from firebase_functions.core import Change


@db_fn.on_value_written(reference="pub/{id}")
def written(event: db_fn.Event[Change[object]]) -> None:
    """Any change."""
    _note("written", event.params, event.data.before, event.data.after)


@db_fn.on_value_created(reference="pub/{id}")
def created(event: db_fn.Event[Any]) -> None:
    """A value where there was none."""
    _note("created", event.params, None, event.data)


@db_fn.on_value_updated(reference="pub/{id}")
def updated(event: db_fn.Event[Change[object]]) -> None:
    """Another value."""
    _note("updated", event.params, event.data.before, event.data.after)


@db_fn.on_value_deleted(reference="pub/{id}")
def deleted(event: db_fn.Event[Any]) -> None:
    """No value any more."""
    _note("deleted", event.params, event.data, None)


def _note(kind: str, params: dict[str, str], before: object, after: object) -> None:
    """Appends a line to the file that the test reads."""
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as notes:
        notes.write(json.dumps([params["id"], kind, before, after]) + "\n")
