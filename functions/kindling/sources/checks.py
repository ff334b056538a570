"""From the plain value of a definition to a `Source`: every mistake reported, nothing guessed.

Here stands what depends on more than one key. Expressions are compiled once, so that a wrong one is found when the
definition is read and not on the page; the libraries for that are loaded when the first such expression is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..pageformats import PAGE_FORMATS, SCRIPT, Language, PageFormat
from . import css, jmes, keys, kinds, names
from .kinds import Report
from .model import UNSET, Field, Follow, Limits, Paging, Script, Source, walk

FIELD_LEVELS = 10  # nested `fields`: a database record has 28 levels in all
FIELDS_TOTAL = 200  # of one source: what a person can oversee, and a fill rate each is kept of
DEFAULT_EVERY_S = keys.DAY_S
DEFAULT_FOLLOW_S = 7 * keys.DAY_S
_PRICE = ("amount", "currency")  # what is inside a value of type price

_SOURCE_ALSO = ("fields", "next", "follow", "limits")


def source(value: Any, report: Report, name: str, script: Script | None, defined_at: str | None) -> Source | None:
    """The checked source, or None after reporting at least one problem."""
    if not isinstance(value, Mapping):
        instead = "nothing" if value is None else kinds.shown(value)
        report.wrong(f"must be a mapping with url, records, fields …, not {instead}")
        return None
    if keys.NAME.read(name, report) is None:
        return None
    before = len(report.problems)
    found = keys.read(keys.SOURCE_KEYS, value, report, _SOURCE_ALSO)
    if len(report.problems) == before:
        _belongs(value, found, report)
    format_ = found.get("format") or ("html" if "extract" in found else None)
    style = SCRIPT if "extract" in value else PAGE_FORMATS[format_ or "html"]
    fields = _fields(value.get("fields"), report.inside("fields"), style) if "fields" in value else {}
    if not fields and "fields" not in value and not style.names_fields:
        report.wrong(
            "has no fields; say what to take, as in fields: {title: h1}, or give the format of a page that names its "
            f"own: {', '.join(name for name, row in PAGE_FORMATS.items() if row.names_fields)}"
        )
    if "records" in found:
        _records(found["records"], report.inside("records"), style.records)
    next_ = _next(value["next"], report.inside("next"), style) if "next" in value else None
    behind = PAGE_FORMATS[style.followed]
    follow = _follow(value["follow"], report.inside("follow"), fields, behind) if "follow" in value else None
    limits = keys.read(
        keys.LIMIT_KEYS, _mapping(value.get("limits", {}), report.inside("limits")), report.inside("limits")
    )
    _cross(found, fields, follow, report)
    if len(report.problems) > before:
        return None
    return Source(
        name=name,
        urls=found["url"],
        every_s=None if "cron" in found else found.get("every", DEFAULT_EVERY_S),
        cron=found.get("cron"),
        timezone=found.get("timezone"),
        format=format_,
        records=found.get("records"),
        key=found.get("key", ()),
        fields=fields,
        next=next_,
        follow=follow,
        limits=Limits(**limits),
        collection=found.get("collection", name),
        public=found.get("public", False),
        missing=found.get("missing", "mark"),
        history_s=found.get("history"),
        index=found.get("index", ()),
        enabled=found.get("enabled", True),
        headers=found.get("headers", {}),
        extract=script,
        locale=found.get("locale"),
        encoding=found.get("encoding"),
        delimiter=found.get("delimiter"),
        columns=found.get("columns", ()),
        defined_at=defined_at,
    )


def _mapping(value: Any, report: Report) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    report.wrong(f"must be a mapping, not {kinds.shown(value)}")
    return {}


def _belongs(value: Mapping[str, Any], found: Mapping[str, Any], report: Report) -> None:
    format_ = found.get("format", "html" if "extract" in found else None)
    for word in value:
        only = [name for name, row in PAGE_FORMATS.items() if word in row.keys]
        if only and format_ not in only:
            report.inside(word).wrong(f"belongs to format {' or '.join(only)}; add format: {only[0]}, or leave it out")
    if "every" in found and "cron" in found:
        report.inside("cron").wrong("stands beside every; keep one of them")
    if "extract" in found:
        for word in ("records", "next", "follow"):
            if word in value:
                report.inside(word).wrong("does not go with extract, whose script finds the records; leave one out")
    if format_ and PAGE_FORMATS[format_].records is None and "records" in found:
        report.inside("records").wrong(f"does not go with format {format_}, which has its own records; leave it out")


def _cross(found: Mapping[str, Any], fields: Mapping[str, Field], follow: Follow | None, report: Report) -> None:
    listed = dict(walk(fields))
    every = {**listed, **dict(walk(follow.fields))} if follow else listed
    if not fields:
        return  # the page names the fields
    for path in found.get("key", ()):
        item = listed.get(path)
        if item is None:
            report.inside("key").wrong(
                f"names {path!r}, which is no field of the list page{kinds.suggest(path, listed)}"
            )
        elif item.many or item.type == "price":
            report.inside("key").wrong(f"names {path!r}, which is no single value; choose another field")
    known = {path for path in every if not path.startswith("_")}  # `_` fields help and are not stored
    known |= {*(f"{path}.{part}" for path, item in every.items() if item.type == "price" for part in _PRICE)}
    for path in found.get("index", ()):
        if path not in known and not any(path.startswith(f"{p}.") for p, i in every.items() if i.type == "json"):
            report.inside("index").wrong(
                f"names {path!r}, which is no declared field{kinds.suggest(path, sorted(known))}"
            )
    if len(every) > FIELDS_TOTAL:
        report.inside("fields").wrong(
            f"holds {len(every)} fields with the nested ones; at most {FIELDS_TOTAL} are taken"
        )


def _fields(value: Any, report: Report, style: PageFormat, level: int = 1) -> dict[str, Field]:
    if level > FIELD_LEVELS:
        report.wrong(f"is nested deeper than {FIELD_LEVELS} levels")
        return {}
    item = kinds.Kind(lambda one, at: _field(one, at, style, level), {})
    pattern = names.FIELD_NAME if level == 1 else names.INNER_NAME
    found = kinds.mapping_of("field", pattern, item, keys.FIELDS_MAX).read(value, report)
    return {name: field for name, field in (found or {}).items() if field is not None}


def _field(value: Any, report: Report, style: PageFormat, level: int) -> Field | None:
    if value is None and style.names_fields:
        value = {}  # `title:` alone is the column, the key or the entry's field of that name
    before = len(report.problems)
    if isinstance(value, Mapping):
        found, at = keys.read(keys.FIELD_KEYS, value, report, ("fields",)), report.inside("select")
    else:
        found, at, value = {"select": keys.EXPRESSION.read(value, report)}, report, {"select": value}
        if found["select"] is None:
            return None
    nested = _fields(value["fields"], report.inside("fields"), style, level + 1) if "fields" in value else None
    select = found.get("select")
    if select is None and not nested and not style.names_fields and "select" not in value:
        report.wrong("has no select; say where the value is")
    if select is None and not nested:
        select = _own_name(report.at[-1], style.values)
    if "select" in found:
        _expression(found["select"], at, style.values)
    _check_match(found, report)
    if nested is not None:
        for word in ("type", "match", "map", "default"):
            if word in found:
                report.inside(word).wrong("does not go with fields, which are an object; leave one out")
    if style.fields and nested is not None:
        report.inside("fields").wrong(f"a record of a {style.name} has no fields inside; take them one by one")
    if len(report.problems) > before:
        return None
    return Field(
        select=select,
        type=found.get("type", default_type(style, select)),
        required=found.get("required", False),
        many=found.get("list", False),
        default=found["default"][0] if "default" in found else UNSET,
        match=found.get("match"),
        mapping={word: item[0] for word, item in found["map"].items()} if "map" in found else None,
        fields=nested,
        locale=found.get("locale"),
        timezone=found.get("timezone"),
        currency=found.get("currency"),
    )


def default_type(style: PageFormat, select: str | None) -> str:
    """The type of a field that names none, by the page's format and, where that has fields of its own, by `select`."""
    return style.fields.get(select or "", "json" if style.typed else "text")


def _own_name(name: str, language: Language) -> str | None:
    """What a field without `select` reads: the thing of its own name, spelled as the format's expressions are."""
    if language != "jmespath":
        return None if language == "css" else name
    return name if name.isascii() and name.isidentifier() else '"' + name + '"'


def _check_match(found: Mapping[str, Any], report: Report) -> None:
    if "match" not in found:
        return
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(found["match"], options)
    except re2.error as error:
        text = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        report.inside("match").wrong(
            f"is no regular expression of RE2: {text}; look-around and back-references are not taken"
        )


def _expression(written: str, report: Report, language: Language) -> None:
    if language == "css":
        try:
            css.parse(written)
        except css.BadSelector as error:
            report.wrong(str(error))
    elif language == "jmespath":
        try:
            jmes.parse(written)
        except jmes.BadExpression as error:
            report.wrong(str(error))


def _records(written: str, report: Report, language: Language | None) -> None:
    before = len(report.problems)
    if language is not None:
        _expression(written, report, language)
    if language == "css" and len(report.problems) == before:
        found = css.parse(written)
        if found.attribute or not found.css or found.anchored:
            report.wrong("selects elements; leave ::attr(), ::html and & out")


def _next(value: Any, report: Report, style: PageFormat) -> str | Paging | None:
    if isinstance(value, Mapping):
        found = keys.read(keys.PAGING_KEYS, value, report)
        if "page" not in found or "from" not in found:
            return None
        if found.get("to", found["from"]) < found["from"]:
            report.inside("to").wrong("is before from")
        return Paging(found["page"], found["from"], found.get("step", 1), found.get("to"))
    written: str | None = keys.EXPRESSION.read(value, report)
    if written is None:
        return None
    if style.links is None:
        report.wrong(f'a {style.name} page has no links to select; write next: {{page: "?page={{n}}", from: 2}}')
        return None
    _expression(written, report, style.links)
    return written


def _follow(value: Any, report: Report, fields: Mapping[str, Field], style: PageFormat) -> Follow | None:
    value = _mapping(value, report)
    before = len(report.problems)
    found = keys.read(keys.FOLLOW_KEYS, value, report, ("fields",))
    if "fields" not in value:
        report.wrong("has no fields; say what to take from the record's own page")
    inner = _fields(value["fields"], report.inside("fields"), style) if "fields" in value else {}
    if "url" in found:
        item = dict(walk(fields)).get(found["url"])
        if fields and (item is None or item.many or item.type not in ("url", "json")):
            report.inside("url").wrong(f"names {found['url']!r}, which is no field of type url; declare it as one")
    for name in inner:
        if name in fields:
            report.inside("fields", name).wrong("is a field of the list page too; choose another name")
    if len(report.problems) > before:
        return None
    return Follow(found["url"], inner, found.get("every", DEFAULT_FOLLOW_S))
