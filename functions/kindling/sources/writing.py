"""A `Source` written back: the definition it came from, in one way, without what it leaves unsaid."""

from __future__ import annotations

from typing import Any

from ..pageformats import PAGE_FORMATS, SCRIPT, PageFormat
from .checks import DEFAULT_FOLLOW_S, default_type
from .kinds import duration_text
from .model import UNSET, Field, Follow, Limits, Paging, Source


def definition(source: Source) -> dict[str, Any]:
    """The plain value that is read as `source`: the keys in the order of docs/sources.md, defaults left out."""
    style = SCRIPT if source.extract else PAGE_FORMATS[source.format or "html"]
    plain: dict[str, Any] = {
        "url": _short(source.urls),
        "every": None if source.every_s is None else duration_text(source.every_s),
        "cron": source.cron,
        "timezone": source.timezone,
        "locale": source.locale,
        "format": None if source.extract else source.format,
        "encoding": source.encoding,
        "headers": dict(source.headers),
        "extract": source.extract and source.extract.path.rsplit("/", 1)[-1],
        "records": source.records,
        "key": _short(source.key),
        "delimiter": source.delimiter,
        "columns": _short(source.columns),
        "fields": {name: _field(field, style) for name, field in source.fields.items()},
        "next": _next(source.next),
        "follow": source.follow and _follow(source.follow, PAGE_FORMATS[style.followed]),
        "limits": {
            name: getattr(source.limits, name)
            for name in Limits.__dataclass_fields__
            if getattr(source.limits, name) != getattr(Limits(), name)
        },
        "collection": source.collection if source.collection != source.name else None,
        "public": source.public or None,
        "missing": source.missing if source.missing != "mark" else None,
        "history": None if source.history_s is None else duration_text(source.history_s),
        "index": _short(source.index),
        "enabled": None if source.enabled else False,
    }
    return {name: value for name, value in plain.items() if value not in (None, {}, ())}


def _short(values: tuple[str, ...]) -> str | list[str] | None:
    return (values[0] if len(values) == 1 else list(values)) if values else None


def _next(value: str | Paging | None) -> str | dict[str, Any] | None:
    if not isinstance(value, Paging):
        return value
    plain = {"page": value.template, "from": value.first, "step": value.step, "to": value.last}
    return {name: item for name, item in plain.items() if item is not None and (name, item) != ("step", 1)}


def _follow(value: Follow, style: PageFormat) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "url": value.url,
        "fields": {name: _field(item, style) for name, item in value.fields.items()},
    }
    if value.every_s != DEFAULT_FOLLOW_S:
        plain["every"] = duration_text(value.every_s)
    return plain


def _field(value: Field, style: PageFormat) -> str | dict[str, Any]:
    plain: dict[str, Any] = {
        "select": value.select,
        "type": value.type if value.type != default_type(style, value.select) else None,
        "required": value.required or None,
        "list": value.many or None,
        "match": value.match,
        "map": None if value.mapping is None else dict(value.mapping),
        "locale": value.locale,
        "timezone": value.timezone,
        "currency": value.currency,
        "fields": None if value.fields is None else {name: _field(item, style) for name, item in value.fields.items()},
    }
    kept = {name: item for name, item in plain.items() if item is not None}
    if value.default is not UNSET:
        kept["default"] = value.default
    return kept["select"] if list(kept) == ["select"] else kept
