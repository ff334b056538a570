"""Where a plain case has a way of its own, for speed, it gives what the long way gives: laws, not examples."""

from __future__ import annotations

import codecs
import json
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kindling import values
from kindling.extract import links, numbers, prices
from kindling.extract.decoding import decode as decode_page
from kindling.extract.faults import Bad, Missing
from kindling.extract.formats import open_page
from kindling.extract.html import HtmlReader, checked
from kindling.extract.reader import plans
from kindling.extract.records import Builder
from kindling.extract.tree import Tree
from kindling.extract.within import Within
from kindling.fetch import heads
from kindling.flow import Page
from kindling.serve import parameters
from kindling.serve.sent import Sent
from kindling.sources import parse
from kindling.store import client
from kindling.store.records import differences, kinds
from kindling.values import (
    decode,
    decode_id,
    dumps,
    encode,
    encode_id,
    encode_key,
    fingerprint,
    json_bytes,
    kept,
    normal,
    packed,
    surely_plain,
)
from msgspec import structs
from werkzeug.datastructures import EnvironHeaders
from werkzeug.test import create_environ

pytestmark = pytest.mark.slow

SEGMENTS = st.sampled_from(["a", "b.html", "c-d_e~f", "..", ".", "", "x..y", "100%25", "ü", "k=v", "a:b", "9", "..."])
PATHS = st.lists(SEGMENTS, max_size=5).map("/".join)
ENDS = st.sampled_from(["", "?q=1&r=%20", "?", "#top", "?a?b", ";p"])
HOSTS = st.sampled_from(["http://shop.example", "https://a.b:8080", "HTTP://Up.Example", "http://ü.example", "ftp://f"])
BASES = st.builds("{}/{}{}".format, HOSTS, PATHS, ENDS)
REFERENCES = st.builds("{}{}{}".format, st.sampled_from(["", "/", "../", "../../", "./", "//h/"]), PATHS, ENDS) | BASES


@given(base=BASES, reference=REFERENCES)
@example(base="http://shop.example/a/b", reference="../../../c")
@example(base="http://shop.example/a/b/", reference="c/")
@example(base="http://shop.example", reference="c")
def test_ours_a_plain_link_is_joined_as_urljoin_does(base: str, reference: str) -> None:
    joined = links._plainly(reference, base)
    assert joined in (None, urljoin(base, reference))


@pytest.mark.parametrize(
    ("reference", "joined"),
    [
        pytest.param("../d/5.html", "http://shop.example/a/d/5.html", id="from the folder above"),
        pytest.param("/media/1.jpg", "http://shop.example/media/1.jpg", id="from the root"),
        pytest.param("2.html", "http://shop.example/a/b/2.html", id="beside the page"),
        pytest.param("s?q=1", "http://shop.example/a/b/s?q=1", id="with a query"),
        pytest.param("https://other.example/x", "https://other.example/x", id="of another site"),
    ],
)
def test_ours_ordinary_links_take_the_short_way(reference: str, joined: str) -> None:
    assert links._plainly(reference, "http://shop.example/a/b/1.html") == joined


TYPED = """
url: http://shop.example/a/
records: li
fields:
  any: {{select: {select}, type: {type}{more}}}
  rest: i
"""
MORE = [
    "",
    ", required: true",
    ", default: 7",
    ', match: "([0-9]+)x?"',
    ", match: x, required: true",
    ", map: {1: one}",
]


@given(
    texts=st.lists(st.text(alphabet="01 x£.,", max_size=4) | st.none(), min_size=1, max_size=4),
    type_=st.sampled_from(["text", "number", "integer", "price", "url", "boolean", "json", "html"]),
    more=st.sampled_from(MORE),
    select=st.sampled_from(["b", '"b::attr(title)"', '"& > b"', "li"]),
)
def test_ours_a_field_of_one_value_is_read_as_one_of_many(
    texts: list[str | None], type_: str, more: str, select: str
) -> None:
    source = parse(TYPED.format(type=type_, more=more, select=select), "shop")
    items = "".join("<li>" if text is None else f"<li><b title='{text}'>{text}</b><i>i</i>" for text in texts)
    page = Page("http://shop.example/a/", 200, "text/html", "utf-8", f"<ul>{items}</ul>".encode(), 0)
    long = [
        structs.replace(plan, column=None)
        for plan in plans(open_page(page, source, "html", "li", []), source, source.fields)
    ]
    found = []
    for fields in (None, long):
        reader = open_page(page, source, "html", "li", [])
        builder = Builder(reader, fields or plans(reader, source, source.fields))
        found.append((builder.documents(list(reader.records())), builder.rejects, builder.hits))
    assert found[0] == found[1]


@pytest.mark.parametrize("more", ["", *MORE])
def test_ours_a_field_is_read_by_one_function_on_all_pages_so_that_what_it_gave_is_remembered(more: str) -> None:
    source = parse(TYPED.format(type="text", more=more, select="b"), "shop")
    readers = [
        open_page(Page(f"http://shop.example/a/{n}", 200, "text/html", "utf-8", b"<li>", 0), source, "html", "li", [])
        for n in range(2)
    ]
    one, other = ([plan.read for plan in plans(reader, source, source.fields)] for reader in readers)
    assert one == other


NESTED = st.recursive(
    st.sampled_from(["<b>x</b>", "<i class=r>y</i>", "text", "<u></u>"]),
    lambda inner: st.builds(
        "<{0}{1}>{2}</{0}>".format,
        st.sampled_from(["div", "b"]),
        st.sampled_from(["", " class=r"]),
        st.lists(inner, max_size=5).map("".join),
    ),
    max_leaves=30,
)
SELECTED = ["b", "b b", ".r", ".r b", "b, i", "div > *", "u", "*", "body b", "& > b", "b:first-child"]


@given(html=NESTED, records=st.sampled_from([".r", "div", "b", "i", "div > *"]), select=st.sampled_from(SELECTED))
@example(html="<i class=r>a<b>1</b></i>" * 3, records=".r", select="b")
@example(html="<div class=r><div class=r><b>1</b></div><b>2</b></div>" * 3, records=".r", select="b")
def test_ours_one_search_for_all_records_finds_what_one_for_each_does(html: str, records: str, select: str) -> None:
    reader = HtmlReader(Tree(html.encode(), "http://shop.example/"), records)
    expression = checked(select)
    there = reader.records()
    each = [next(iter(reader.values(record, expression, False)), None) for record in there]
    assert list(reader.column(expression)(there)) == each


@given(st.lists(st.binary(max_size=3) | st.sampled_from(["ä€".encode(), codecs.BOM_UTF8, b"\0"])).map(b"".join))
def test_ours_a_page_in_utf_8_goes_to_the_parser_as_its_text_would(body: bytes) -> None:
    for charset in ("utf-8", None):
        page = decode_page(body, charset)
        assert page.utf8 == page.text.encode("utf-8", "replace")


def test_ours_a_page_in_utf_8_takes_the_short_way() -> None:
    body = "ä€".encode()
    assert decode_page(body, "utf-8").utf8 is body


ATTRIBUTES = st.sampled_from(
    ["a=1", "A=2", "a", "a=''", "x:a=3", "xlink:href=4", "href=5", "a='\0'", "b=ä", "data-a=6", "/"]
)


@given(st.lists(ATTRIBUTES, max_size=5).map(" ".join), st.sampled_from(["i", "svg"]))
def test_ours_one_attribute_is_taken_as_it_is_among_all(attributes: str, tag: str) -> None:
    tree = Tree(f"<p><{tag} {attributes}>".encode(), "http://shop.example/")
    (node,) = tree.select(checked(tag))
    for name in ("a", "x:a", "href", "xlink:href", "b", "data-a", "none"):
        assert tree.taken([node], name) == [node.attributes.get(name)]


BASED = st.sampled_from(
    ["<base href=/a/>", "<base href>", "<base target=x>", "<BASE HREF='/b/'>", "<p>", "<svg>", "</svg>"]
)


@given(st.lists(BASED, max_size=4).map("".join))
@example("<template><base href=/a/></template><base href=/b/>")
def test_ours_the_base_is_the_first_that_has_an_address(html: str) -> None:
    tree = Tree(html.encode(), "http://shop.example/")
    first = tree.root.css_first("base[href]") if tree.root else None
    href = first.attributes.get("href") if first else None
    assert tree.base == urljoin("http://shop.example/", href or "")


def test_ours_a_list_of_records_takes_the_short_way() -> None:
    tree = Tree(b"<ul>" + b"<li><b>x</b><a>y</a>" * 3 + b"</ul><b>z</b>", "http://shop.example/")
    records = tree.select(checked("li"))
    found = Within(records, tree.tags).firsts("b")
    assert [node and node.text() for node in found.values()] == ["x"] * 3
    few_records, sparse, big = (records[:2], tree.tags), (records, 1_000), (records * 1_000, 20_001)
    uneven = ([*records, tree.select(checked("ul"))[0]], tree.tags)
    assert [Within(*page).firsts("b") for page in (few_records, sparse, big, uneven)] == [{}] * 4


LINES = st.sampled_from(
    b"A: b|Content-Length: 5|content-length: 5, 6|Content-Length:5|Transfer-Encoding: identity|A : b|A: b |A_b: c|A:|"
    b"Transfer-Encoding: chunked| more|no colon|A: \0|A: \xe4".split(b"|")
)
ENDINGS = st.sampled_from([b"\r\n", b"\n"])


@given(st.lists(st.tuples(LINES, ENDINGS), max_size=5), ENDINGS)
@example([(b"Content-Length: 5", b"\r\n"), (b"Content-Length: 5", b"\r\n")], b"\r\n")
def test_ours_a_plain_head_is_what_mending_it_would_give(lines: list[tuple[bytes, bytes]], end: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(line + ending for line, ending in lines) + end
    assert heads.mended(head) == heads._mended(head)


def test_ours_an_ordinary_head_takes_the_short_way() -> None:
    head = b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n'
    assert heads._PLAIN.fullmatch(head) and heads.mended(head) == head


AMOUNTS = st.from_regex(r"[0-9]{1,15}(\.[0-9]{1,2})?", fullmatch=True, alphabet=st.characters(codec="ascii"))
TEXTS = st.text(alphabet="0123456789.,'-$€£ k", max_size=12) | st.floats(0, 1e6).map("£{:.2f}".format)


def taken(read: Any, *arguments: Any) -> Any:
    """What is read, or why nothing is."""
    try:
        value = read(*arguments)
    except (Bad, Missing) as error:
        return repr(error)
    return type(value), value


@given(TEXTS)
@example("007")
@example("$5.")
@example("1.234")
def test_ours_a_simple_number_is_read_as_any_other(text: str) -> None:
    assert taken(numbers.read, text, None) == taken(numbers.read, text + " ", None)


@given(st.text(alphabet="0123456789.,$€£ EURkrUSD¥", max_size=15))
def test_ours_the_currency_of_a_price_does_not_depend_on_its_digits(text: str) -> None:
    assert prices._sign(text) == prices._sign_of_shape(prices._DIGITS.sub("0", text))


@given(st.sampled_from(["", "$", "€", "£", "¥"]), AMOUNTS, st.sampled_from([None, "EUR"]))
def test_ours_a_simple_price_is_read_as_any_other(mark: str, amount: str, currency: str | None) -> None:
    price = mark + amount
    assert numbers.SIMPLE.match(price) and not numbers.SIMPLE.match(price + " ")
    assert taken(prices.read, price, None, currency) == taken(prices.read, price + " ", None, currency)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)


@given(DOCUMENTS)
@example({"a": 1.0, "b": {"c": [2.0, {}]}})
def test_ours_the_normal_form_is_what_comes_back_from_the_database(document: dict[str, Any]) -> None:
    found, back = normal(document), decode(encode(document))
    assert (found, repr(found)) == (back, repr(back))


@given(DOCUMENTS)
def test_ours_how_a_document_is_kept_is_worked_out_once(document: dict[str, Any]) -> None:
    one, back = kept(document), normal(document)
    assert (repr(one.document), repr(one.node)) == (repr(back), repr(encode(back)))
    assert (one.print, one.bytes) == (fingerprint(back), len(packed(back)))


@given(DOCUMENTS)
@example({"a": 1.0, "b": 2**53, "c": 2**53 + 1, "d": -0.5, "e": 1e300, "f": 2.0**53, "g": True, "h": "\ud800"})
def test_ours_a_plain_value_is_kept_as_any_other(document: dict[str, Any]) -> None:
    node = {encode_key(name): values._encode(value, name, 2) for name, value in document.items()}
    assert repr(encode(document)) == repr(node)


@given(st.text(max_size=40))
@example("a-b_C9")
@example("9" * 70)
def test_ours_ids_and_keys_are_escaped_character_by_character(text: str) -> None:
    assert not text or decode_id(encode_id(text)) == text
    assert encode_key("k" + text) == "k" + "".join(encode_key("k" + char)[1:] for char in text)


@given(st.lists(DOCUMENTS, max_size=3))
def test_ours_the_kinds_of_many_documents_are_those_of_each(documents: list[dict[str, Any]]) -> None:
    together: dict[str, set[str]] = {}
    for document in documents:
        for path, found in kinds(document).items():
            together.setdefault(path, set()).update(found)
    assert kinds(*documents) == together


@given(JSON)
@example("half a character: \ud800")
@example({"b": 2**70, "a": -1.0})
def test_ours_packed_json_says_the_same(value: Any) -> None:
    assert (json.loads(packed(value)), repr(json.loads(packed(value)))) == (value, repr(json.loads(dumps(value))))


@given(JSON)
@example("half a character: \ud800")
def test_ours_json_that_is_sent_says_the_same(value: Any) -> None:
    assert repr(json.loads(json_bytes(value))) == repr(json.loads(json.dumps(value)))


@given(DOCUMENTS)
@example({"": 1})
@example({"7": 1})
@example({"_": 1})
@example({"a": [{"b": None}]})
def test_ours_what_is_surely_plain_is_kept_as_it_is(document: dict[str, Any]) -> None:
    node = encode(document)
    assert decode(node) == node or not surely_plain(json_bytes({"key": node}))


def test_ours_ordinary_documents_are_surely_plain() -> None:
    assert surely_plain(
        json_bytes({"d1": encode({"a_b": "_c", "c": [1, {"d": "e_"}], "f": True}) | {"_m": {"first": 1}}})
    )


@given(DOCUMENTS)
def test_ours_a_new_document_differs_in_all_its_fields(document: dict[str, Any]) -> None:
    assert differences({}, document) == {name: {"new": document[name]} for name in sorted(document)}
    assert differences(document, {}) == {name: {"old": document[name]} for name in sorted(document)}


QUERIES = st.lists(st.sampled_from(["a", "b__gte", "", "=", "&", "+", "%20", "%C3%BC", "%ff", "%", "1", "ü", ";", "~"]))


@given(QUERIES.map("".join))
@example("a=1&b__gte=2&_sort=-c")
@example("&a&=b&c==d&")
def test_ours_a_plain_query_is_read_as_parse_qsl_does(text: str) -> None:
    assert parameters._plainly(text) in ([], parse_qsl(text, keep_blank_values=True))


def test_ours_ordinary_queries_take_the_short_way() -> None:
    assert parameters._plainly("a=1&b__gte=2&c=") == [("a", "1"), ("b__gte", "2"), ("c", "")]


PAIRS = st.lists(st.tuples(*[st.text(st.sampled_from("a_-.~=&%+ü ") | st.characters(exclude_categories=["Cs"]))] * 2))


@given(PAIRS)
@example([("a=1&b", "2")])
@example([("a", "1=2"), ("b", "")])
@example([])
def test_ours_plain_text_in_a_link_is_quoted_as_quote_does(pairs: list[tuple[str, str]]) -> None:
    assert parameters._query(pairs) == "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in pairs)


@given(st.text() | st.text("aZ0_~.-", max_size=9))
def test_ours_a_plain_bound_of_a_query_is_quoted_as_any_other(text: str) -> None:
    assert client._quoted(text) == quote(json.dumps(text), safe="")


HEADERS = st.sampled_from(["Accept", "CONTENT-TYPE", "content-length", "if-none-match", "X-API-Key", "none"])


@given(st.dictionaries(HEADERS, st.text("ab, ", max_size=3), max_size=4), HEADERS)
def test_ours_headers_are_looked_up_as_werkzeug_does(headers: dict[str, str], name: str) -> None:
    environ = create_environ(headers=headers)
    assert Sent(environ).get(name) == EnvironHeaders(environ).get(name)
    assert Sent(environ).get(name, "-") == EnvironHeaders(environ).get(name, "-")
