"""Every source and what became of it: the catalogue joined with what the store remembers. Loads no scraper."""

from __future__ import annotations

from .catalogue import Catalogue, catalogue, file_text, find
from .errors import ApiError, SourceInvalid
from .flow import SourceState
from .naming import is_name
from .sources import Source, dump, parse
from .store import Store
from .store.runs import Runs


def known(store: Store) -> tuple[Catalogue, dict[str, SourceState]]:
    """Every source, and the state of every one that ever ran or was saved."""
    kept = Runs(store).states()
    saved = {name: definition for name, (_, definition) in kept.items() if definition is not None}
    return catalogue(saved), {name: state for name, (state, _) in kept.items()}


def written(store: Store, name: str) -> str | None:
    """The text that declares the source `name`, for a person to edit: its file's, or the saved one as YAML.

    None if there is none, or if the file cannot be read as text.
    """
    if not is_name(name):
        return None
    text = file_text(name)
    if text is not None:
        return text
    _, saved = Runs(store).state(name)
    if saved is None or not saved.lstrip().startswith("{"):
        return saved
    try:
        return dump(parse(saved, name, saved=True))
    except SourceInvalid:
        return saved


def named(store: Store, name: str) -> Source:
    """The source of that name; ApiError 404 if there is none, 409 with the reasons if it is not valid."""
    _, saved = Runs(store).state(name) if is_name(name) else (None, None)
    try:
        found = find(name, saved)
    except SourceInvalid as error:
        errors = tuple((problem.where, problem.what) for problem in error.problems)
        detail = f"The source {name} has mistakes; mend its definition."
        raise ApiError(409, detail, kind="bad-definition", errors=errors) from error
    if found is None:
        raise ApiError(404, "There is no such source; GET /get_sources lists them.", kind="unknown-source")
    return found
