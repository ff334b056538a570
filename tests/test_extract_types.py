"""The types of a field: what each takes, and what each refuses rather than guess.

"ours": no standard says how a page writes a number; the rule here is that a text with two readings is refused.
"""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.extract.faults import Bad, Missing
from kindling.extract.jsons import compiled, searched
from kindling.extract.values import READERS, Setting
from kindling.sources import TYPES

from tests.live import ROOT

NL = Setting(locale="nl")
AMSTERDAM = Setting(timezone="Europe/Amsterdam")
BASE = Setting(base="https://example.org/shop/list")

TAKEN: list[tuple[str, str, Any, Setting, Any]] = [
    ("text folds white space, hard spaces too", "text", " a\n\u00a0 b ", Setting(), "a b"),
    ("text of a JSON number is the number", "text", 5, Setting(), "5"),
    ("text of true is true", "text", True, Setting(), "true"),
    ("a number alone", "number", "42", Setting(), 42),
    ("a number among words", "number", "Hits: 42 today", Setting(), 42),
    ("a price's number without its sign", "number", "£51.77", Setting(), 51.77),
    ("a decimal comma of two digits", "number", "1,23", Setting(), 1.23),
    ("a zero before the mark cannot be a group", "number", "0.125", Setting(), 0.125),
    ("four digits before the mark cannot be a group", "number", "1234.567", Setting(), 1234.567),
    ("more than three digits after the mark are a fraction", "number", "51.535879", Setting(), 51.535879),
    ("two kinds of marks say which is which", "number", "1,234.50", Setting(), 1234.5),
    ("two kinds of marks the other way round", "number", "1.234,50", Setting(), 1234.5),
    ("the same mark twice groups", "number", "1,234,567", Setting(), 1_234_567),
    ("Indian groups", "number", "12,34,567.00", Setting(), 1_234_567.0),
    ("Swiss apostrophes", "number", "12’500", Setting(), 12_500),
    ("hard spaces group without a locale", "number", "6\u202f893", Setting(), 6893),
    ("a comma where the locale groups with it", "number", "1,234", Setting(locale="en"), 1234),
    ("a comma where the locale's decimal it is", "number", "1,234", NL, 1.234),
    ("a point where the locale groups with it", "number", "8.340", Setting(locale="de"), 8340),
    ("a point where a country differs from its language", "number", "8.340", Setting(locale="de-CH"), 8.34),
    ("spaces in a language that groups with them", "number", "1 234 567,5", Setting(locale="fr"), 1_234_567.5),
    ("a minus", "number", "-3", Setting(), -3),
    ("the minus of typographers", "number", "−3.5", Setting(), -3.5),
    ("a minus before the currency", "number", "-£5", Setting(), -5),
    ("a hyphen after a letter is none", "number", "A-12", Setting(), 12),
    ("a number of science", "number", "1.5e3", Setting(), 1500.0),
    ("digits of Arabic", "number", "١٢٣", Setting(), 123),
    ("full-width digits", "number", "１２３", Setting(), 123),
    ("a number at a sentence's end", "number", "It costs 5.", Setting(), 5),
    ("a JSON number as it is", "number", 1.5, Setting(), 1.5),
    ("a whole number written with a fraction of nothing", "integer", "5.0", Setting(), 5),
    ("an integer beyond a double", "integer", "12345678901234567890", Setting(), 12345678901234567890),
    ("a JSON integer that no double comes near", "integer", 10**400, Setting(), 10**400),
    ("yes is true", "boolean", "Yes", Setting(), True),
    ("0 is false", "boolean", "0", Setting(), False),
    ("a JSON boolean as it is", "boolean", False, Setting(), False),
    ("an ISO date", "date", "2020-12-31", Setting(), "2020-12-31"),
    ("the day of a moment, in its own offset", "date", "2016-03-14T23:30:00-04:00", Setting(), "2016-03-14"),
    ("English months need no locale", "date", "March 5, 2020", Setting(), "2020-03-05"),
    ("Dutch months", "date", "11 augustus 2013", NL, "2013-08-11"),
    ("figures in the order of the country", "date", "03/04/2020", Setting(locale="en-US"), "2020-03-04"),
    ("figures in the other order of the other country", "date", "03/04/2020", Setting(locale="en-GB"), "2020-04-03"),
    ("German figures", "date", "15.11.2013", Setting(locale="de"), "2013-11-15"),
    ("a moment keeps its offset", "datetime", "2016-03-14T15:00:00-04:00", Setting(), "2016-03-14T15:00:00-04:00"),
    ("an offset without colon", "datetime", "2015-10-26T19:00:00+0000", Setting(), "2015-10-26T19:00:00+00:00"),
    ("Zulu time", "datetime", "2020-01-01T00:00:00Z", Setting(), "2020-01-01T00:00:00+00:00"),
    ("a moment without offset stays without", "datetime", "2020-07-01 12:30", Setting(), "2020-07-01T12:30:00"),
    ("a moment without offset gets the zone's", "datetime", "2020-07-01 12:30", AMSTERDAM, "2020-07-01T12:30:00+02:00"),
    ("a zone does not move a moment that has an offset", "datetime", "2020-07-01T12:30Z", AMSTERDAM,
     "2020-07-01T12:30:00+00:00"),
    ("a date of mail", "datetime", "Mon, 06 Sep 2010 00:01:00 +0200", Setting(), "2010-09-06T00:01:00+02:00"),
    ("a moment in German", "datetime", "15.11.2013, 15:02", Setting(locale="de"), "2013-11-15T15:02:00"),
    ("a moment with a zone's letters", "datetime", "Mar 5 2020 17:00 CET", Setting(), "2020-03-05T17:00:00+01:00"),
    ("Arabic figures and months", "date", "٥ مارس ٢٠٢٠", Setting(locale="ar"), "2020-03-05"),
    ("Norwegian", "date", "5. mai 2020", Setting(locale="no"), "2020-05-05"),
    ("seconds of Unix", "datetime", 1_175_714_200, Setting(), "2007-04-04T19:16:40+00:00"),
    ("milliseconds of Unix", "datetime", 1_175_714_200_000, Setting(), "2007-04-04T19:16:40+00:00"),
    ("a relative address", "url", "../x?a=1#b", BASE, "https://example.org/x?a=1#b"),
    ("an address without scheme", "url", "//cdn.example/x", BASE, "https://cdn.example/x"),
    ("white space around and in an address", "url", " /a\n b ", BASE, "https://example.org/a%20b"),
    ("an address in other letters", "url", "https://bücher.example/straße?q=é", BASE,
     "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A9"),
    ("an address that is encoded already", "url", "/San_Jos%C3%A9", BASE, "https://example.org/San_Jos%C3%A9"),
    ("a mail address", "url", "mailto:a@b.example", BASE, "mailto:a@b.example"),
    ("a price with its sign", "price", "£51.77", Setting(), {"amount": 51.77, "currency": "GBP"}),
    ("a price with its letters", "price", "USD 1,299.00", Setting(), {"amount": 1299.0, "currency": "USD"}),
    ("a price by its field's currency", "price", "$5", Setting(currency="CLP"), {"amount": 5, "currency": "CLP"}),
    ("a price by its locale's country", "price", "$46.920", Setting(locale="es-CL"),
     {"amount": 46920, "currency": "CLP"}),
    ("a price whose currency nothing tells", "price", "12.50", Setting(), {"amount": 12.5}),
    ("a price that is a JSON number", "price", 12.5, Setting(currency="EUR"), {"amount": 12.5, "currency": "EUR"}),
    ("a price in German", "price", "1.299,00 €", Setting(locale="de"), {"amount": 1299.0, "currency": "EUR"}),
    ("HTML as it stands", "html", " <b>x</b>\n y ", Setting(), "<b>x</b>\n y"),
    ("JSON in a text", "json", '{"a": [1, null]}', Setting(), {"a": [1, None]}),
    ("a JSON value as it is", "json", {"a": 1}, Setting(typed=True), {"a": 1}),
    ("a JSON text is not parsed again", "json", "123", Setting(typed=True), "123"),
]  # fmt: skip

REFUSED: list[tuple[str, str, Any, Setting, str]] = [
    ("a comma that may group or divide", "number", "1,234", Setting(), "ambiguous number; give a locale"),
    ("a point that may group or divide", "number", "1.234", Setting(), "ambiguous number; give a locale"),
    ("a point where the locale has a comma", "number", "51.77", Setting(locale="de"), "not a number as de writes it"),
    ("two numbers", "number", "4 of 5", Setting(), "more than one number"),
    ("a soft space without a locale may divide two numbers", "number", "1 23", Setting(), "more than one number"),
    ("no number", "number", "free", Setting(), "not a number"),
    ("a shortened number", "number", "1.2k", Setting(), "a shortened number, as 1.2k is"),
    ("a number of another shape", "number", "1,23,4", Setting(), "a number in no known form"),
    ("a version", "number", "1.2.3", Setting(), "a number in no known form"),
    ("a number beyond a double", "number", "1e999", Setting(), "not a number"),
    ("a number without end", "number", "9" * 400, Setting(), "too many digits"),
    ("true is no number", "number", True, Setting(), "not a number"),
    ("a list is no number", "number", [1], Setting(), "not a number"),
    ("a fraction is no integer", "integer", "5.5", Setting(), "not a whole number"),
    ("neither yes nor no", "boolean", "maybe", Setting(), "neither true nor false"),
    ("figures without a locale", "date", "03/04/2020", Setting(), "ambiguous date; give a locale"),
    ("figures of English without its country", "date", "03/04/2020", Setting(locale="en"),
     "ambiguous date; give the locale's country, as en-GB or en-US"),
    ("yesterday", "date", "yesterday", Setting(), "a date without a year of four digits"),
    ("two hours ago", "datetime", "2 hours ago", Setting(), "a date without a year of four digits"),
    ("a year alone", "date", "2020", Setting(), "ambiguous date; give a locale"),
    ("a month alone", "date", "March 2020", Setting(), "not a date"),
    ("a day that is not", "date", "2021-02-29", Setting(), "no day of the calendar"),
    ("another language's month", "date", "11 augustus 2013", Setting(), "not a date"),
    ("a day without a time", "datetime", "2020-01-01", Setting(), "a date without a time"),
    ("a day in figures without a time", "datetime", "15.11.2013", Setting(locale="de"), "a date without a time"),
    ("a time that is not", "datetime", "2020-01-01T25:00", Setting(), "not a date of ISO 8601"),
    ("a moment out of time", "datetime", 10**300, Setting(), "no moment of Unix time"),
    ("a moment that no double comes near", "datetime", 10**400, Setting(), "no moment of Unix time"),
    ("a sentence", "date", "On the 5th of March 2020 " * 10, Setting(), "not a date"),
    ("a link that runs", "url", "javascript:alert(1)", BASE, "not a web address"),
    ("a link that runs, in disguise", "url", "java\tscript:alert(1)", BASE, "not a web address"),
    ("data", "url", "data:text/html,x", BASE, "not a web address"),
    ("a file", "url", "file:///etc/passwd", BASE, "not a web address"),
    ("brackets that do not close", "url", "http://[::1", BASE, "not a web address"),
    ("an address without end", "url", "/" + "a" * 5_000, BASE, "an address longer than 4,096 characters"),
    ("a sign of twenty currencies", "price", "$5", Setting(), "ambiguous currency $; give a currency"),
    ("a price that is none", "price", "on request", Setting(), "not a number"),
    ("JSON that is none", "json", "{a: 1}", Setting(), "not JSON"),
    ("JSON with NaN", "json", "[NaN]", Setting(), "not JSON"),
    ("JSON nested without end", "json", "[" * 100_000, Setting(), "not JSON"),
    ("JSON nested too deep to keep", "json", "[" * 30 + "]" * 30, Setting(), "nested deeper than 16 levels"),
    ("an object is no text", "text", {"a": 1}, Setting(), "not a text"),
]  # fmt: skip


def ids(rows: list[tuple[str, str, Any, Setting, Any]]) -> list[str]:
    """Each row's sentence, with its type."""
    return [f"{row[1]}: {row[0]}" for row in rows]


@pytest.mark.parametrize(("type_", "raw", "setting", "value"), [row[1:] for row in TAKEN], ids=ids(TAKEN))
def test_ours_a_value_is_read(type_: str, raw: Any, setting: Setting, value: Any) -> None:
    read = READERS[type_](raw, setting)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(("type_", "raw", "setting", "reason"), [row[1:] for row in REFUSED], ids=ids(REFUSED))
def test_ours_a_value_is_refused_with_a_reason(type_: str, raw: Any, setting: Setting, reason: str) -> None:
    with pytest.raises(Bad) as raised:
        READERS[type_](raw, setting)
    assert str(raised.value) == reason


def test_every_type_has_a_reader() -> None:
    lacking = set(TYPES) - set(READERS)
    assert lacking == set(), "add how they are read to READERS of functions/kindling/extract/values.py"
    assert set(READERS) == set(TYPES)


OF_THE_SOURCE = {"path", "locale", "language"}  # and what a constant says
OTHERS = {
    "numbers.py: wrong",  # a text that is written where it is called
    "prices.py: sign",  # of a dozen
    "jsons.py: str",
    "jsons.py: error",  # the expression's own mistakes
    "jsons.py: what",
}


def test_ours_no_reason_to_reject_says_the_value() -> None:
    """Rejects are counted by their reasons: one that has the value in it is another for each."""
    named = set()
    for file in (ROOT / "functions" / "kindling" / "extract").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Bad":
                said = [part for one in node.args for part in ast.walk(one) if isinstance(part, ast.Name)]
                names = {part.id for part in said if not part.id.isupper()}
                named |= {f"{file.name}: {name}" for name in names - OF_THE_SOURCE}
    assert named - OTHERS == set(), "a reason is the same for equal causes: leave the value out, it is told beside"


def test_ours_what_does_not_fit_an_expression_is_one_reason_whatever_the_value() -> None:
    """jmespath's own message has the value in it."""
    reasons = set()
    for value in ("x1", "x2"):
        with pytest.raises(Bad) as raised:
            searched(compiled("abs(v)"), {"v": value})
        reasons.add(str(raised.value))
    assert reasons == {"the expression does not fit: abs() takes number, not string"}


SETTINGS = st.builds(
    Setting,
    base=st.just("https://example.org/"),
    locale=st.sampled_from([None, "en", "en-US", "de", "fr", "de-CH", "ar"]),
    timezone=st.sampled_from([None, "Europe/Amsterdam"]),
)


@pytest.mark.parametrize("type_", sorted(set(TYPES) - {"exists"}))
def test_any_text_is_a_value_a_reject_or_missing_and_nothing_else(type_: str) -> None:
    @given(st.text(max_size=60) | st.text("0123456789.,' -+eE$£/:TZ", max_size=25), SETTINGS)
    def law(text: str, setting: Setting) -> None:
        try:
            READERS[type_](text, setting)
        except Missing:
            return
        except Bad as error:
            reasons.add(str(error))

    reasons: set[str] = set()

    law()
    assert all(len(reason) < 100 for reason in reasons)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["en", "de", "fr", "de-CH"]))
def test_a_number_grouped_as_its_locale_does_is_read_back(value: int, locale: str) -> None:
    group = {"en": ",", "de": ".", "fr": "\u202f", "de-CH": "’"}[locale]
    assert READERS["integer"](f"{value:,}".replace(",", group), Setting(locale=locale)) == value


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_a_number_with_two_decimals_needs_no_locale(whole: int, cents: int) -> None:
    for text in (f"{whole}.{cents:02}", f"{whole},{cents:02}", f"{whole:,}.{cents:02}"):
        assert READERS["number"](text, Setting()) == float(f"{whole}.{cents:02}")
