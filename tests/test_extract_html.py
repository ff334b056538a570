"""HTML: what a selector finds, what its text is, and pages made to exhaust their reader."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling.extract import Unreadable
from kindling.extract.tree import CHARS_MAX, CROWD_MAX, FORMATTING_OPEN_MAX, OPEN_MAX, SIBLINGS_MAX, Tree
from kindling.sources.css import BadSelector, parse

from tests.extracting import documents, read

LIST = """<ul><li id=a class="x y"><b>One</b><i data-n="1">1</i><ul><li id=a1>inner</ul>
<li id=b class=x><b>Two</b><i>2</i></ul>
<table><tr class=r id=r1><td>A<td>1<tr><td class=s>10<tr class=r id=r2><td>B<td>2<tr><td>none<tr><td class=s>20</table>
<dl><dt id=d1>q<dd>a1<dd>a2<dt id=d2>r<dd>a3</dl>"""

FOUND = [
    ("a descendant", "ul > li.x", "b", [["One"], ["Two"]]),
    ("the record itself is no descendant of itself", "ul > li", "li", [["inner"], [], []]),
    ("& with an attribute", "li.x", "&::attr(id)", [["a"], ["b"]]),
    ("& alone", "li.x > b", "&", [["One"], ["Two"]]),
    ("& > child", "li#a", "& > b", [["One"]]),
    ("& then space", "li#a", "& li", [["inner"]]),
    ("& + next", "tr.r", "& + tr .s", [["10"], []]),
    ("& + + next but one", "tr.r", "& + tr + tr .s", [[], ["20"]]),
    ("& ~ any that follow", "tr.r", "& ~ tr .s", [["10", "20"], ["20"]]),
    ("& + the sibling itself", "dt", "& + dd", [["a1"], ["a3"]]),
    ("::html", "li#b", "b::html", [["Two"]]),
    ("an attribute that is not there", "li.x", "b::attr(title)", [[], []]),
    ("an attribute's name in capitals", "li#a", "i::attr(DATA-N)", [["1"]]),
    ("what implied tbody makes", "table > tbody > tr.r", "td:first-child", [["A"], ["B"]]),
    (":has", "tr:has(+ tr .s)", "td:nth-child(2)", [["1"], []]),
    (":contains, ours", "tr", 'td:contains("none")', [[], [], [], ["none"], []]),
    (":not of a list", "li:not(.y, #b)", "&", [["inner"]]),
    ("a list of selectors, in page order", "li#b", "i, b", [["Two", "2"]]),
    ("an attribute by its end, without case", "ul", '[id$="A1" i]', [["inner"], ["inner"]]),
    ("a function with nothing before it", "table", ":is(.r, .q) > :not(.s)", [["A", "1", "B", "2"]]),
]


@pytest.mark.parametrize(("records", "select", "expected"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_spec_a_selector_finds_what_a_browser_finds(records: str, select: str, expected: list[list[str]]) -> None:
    tree, selector = Tree(LIST.encode(), "https://example.org/"), parse(select)
    found = [tree.find(node, selector, True) for node in tree.select(parse(records))]
    taken = [tree.taken(nodes, selector.attribute) for nodes in found]
    assert [[text for text in texts if text is not None] for texts in taken] == expected


TEXTS = [
    ("white space is folded", "<p> a \n\t b&nbsp;c ", "a b c"),
    ("elements inside a line do not end a word", "<p>a<b>b</b>c", "abc"),
    ("a line break ends a word", "<p>12 Main St<br>York", "12 Main St York"),
    ("blocks end a word", "<div id=p><div>a</div>b<p>c</p><ul><li>d<li>e</ul></div>", "a b c d e"),
    ("cells end a word", "<table id=p><tr><td>a<td>b</table>", "a b"),
    ("scripts, styles and templates are no text",
     "<p>a<script>x</script><style>y</style><template>z</template><noscript>n</noscript>b", "ab"),
    ("comments are no text", "<p>a<!-- x -->b", "ab"),
    ("character references are read", "<p>a &lt; b &#8364; &amp;amp;", "a < b € &amp;"),
    ("nothing inside", "<p>  ", None),
]  # fmt: skip


@pytest.mark.parametrize(("html", "text"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_ours_the_text_of_an_element(html: str, text: str | None) -> None:
    assert documents('fields: {t: {select: "p, #p", default: null}}', html) == [{"t": text}]


def test_a_script_that_is_asked_for_is_given_as_written() -> None:
    assert documents("fields: {d: {select: 'script#d', type: json}}", '<script id=d>{"a": "x  y"}</script>') == [
        {"d": {"a": "x  y"}}
    ]


def test_spec_links_are_relative_to_the_base_element() -> None:
    html = '<base href="/other/"><a href=x>l</a><a class=next href="?p=2#top">n</a>'
    found = read("fields: {u: {select: a::attr(href), type: url}}\nnext: a.next", html)
    assert (found.rows[0].document, found.next) == (
        {"u": "https://example.org/other/x"},
        "https://example.org/other/?p=2",
    )


@pytest.mark.parametrize("base", ["javascript:x", "data:,", "http://[", ""])
def test_a_base_that_is_no_web_address_is_ignored(base: str) -> None:
    html = f'<base href="{base}"><a href=x>l</a>'
    assert documents("fields: {u: {select: a::attr(href), type: url}}", html) == [{"u": "https://example.org/shop/x"}]


@pytest.mark.parametrize("href", ["javascript:void(0)", "mailto:a@b.example", "http://[", ""])
def test_a_next_link_that_is_no_page_ends_the_list(href: str) -> None:
    found = read("fields: {t: p}\nnext: a", f'<p>x<a href="{href}">n</a>')
    assert (found.next, len(found.warnings)) == (None, 1 if href else 0)


BOMBS = [
    ("elements that are never closed", "<div>" * (OPEN_MAX + 1), "elements open"),
    ("formatting that every paragraph opens anew", "".join(f"<font size={n}><p>" for n in range(3_000)), "formatting"),
    ("the same, hidden by end tags of nothing",
     "".join(f"<font size={n}><p></q></q>" for n in range(FORMATTING_OPEN_MAX * 4)), "formatting"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "reason"), [row[1:] for row in BOMBS], ids=[row[0] for row in BOMBS])
def test_a_page_made_to_exhaust_the_parser_is_refused(html: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read("fields: {t: p}", html)


def test_records_that_repeat_each_others_text_without_end_are_refused() -> None:
    html = "<div>" * 600 + "x" * (CHARS_MAX // 500)
    with pytest.raises(Unreadable, match="characters of text"):
        read("records: div\nfields: {t: '&'}", html)


def test_siblings_without_end_are_refused() -> None:
    count = int((SIBLINGS_MAX * 2.2) ** 0.5)
    with pytest.raises(Unreadable, match="siblings"):
        read("records: i\nfields: {t: {select: '& ~ b', list: true}}", "<i></i>" * count)


@pytest.mark.parametrize(
    "selector", ["i:nth-child(2)", "i:nth-last-of-type(2)", "i:only-of-type", "b ~ i", ":has(~ b)"]
)
def test_siblings_that_a_selector_would_count_without_end_are_refused(selector: str) -> None:
    crowd = "<i></i>" * (CROWD_MAX + 1)
    with pytest.raises(Unreadable, match="counts siblings"):
        read(f"records: '{selector}'\nfields: {{t: '&'}}", crowd)
    with pytest.raises(Unreadable, match="counts siblings"):
        read(f"fields: {{t: '{selector}'}}", crowd)
    assert read("records: i + i\nfields: {t: '&'}", crowd + "<i></i>").seen > 0


def test_an_honest_page_of_many_open_elements_is_read() -> None:
    html = "<table>" + "<tr><td>a<td>b" * 6_000 + "</table>" + "<p>x<br><img>" * 3_000
    assert read("records: tr\nfields: {t: td}\nlimits: {records: 100000}", html).seen == 6_000


TAGS = st.sampled_from(["div", "p", "span", "ul", "li", "a", "b"])
ELEMENTS = st.recursive(
    st.builds(lambda tag, cls: f'<{tag} class="{cls}">t</{tag}>', TAGS, st.sampled_from(["x", "y", "x y", ""])),
    lambda inner: st.builds(
        lambda tag, cls, kids: f'<{tag} class="{cls}">{"".join(kids)}</{tag}>',
        st.sampled_from(["div", "section", "ul"]),
        st.sampled_from(["x", "y", ""]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)
SELECTORS = [
    "div > .x", "div .y", ".x + .y", ".x ~ *", "li:first-child", "*:last-child", "p:nth-of-type(2)", "div:has(> .x)",
    "section:not(.x) *", ":is(p, b).x", "*:nth-child(2n+1)", "ul:empty", "a.x, li.y", "*:only-child", "div:has(+ .y)",
    "*:nth-last-child(2)", ":where(.x) .y", ":is(.x, .y) :is(p, div)", ":not(.x) > .y", ":has(.y)",
    '[class~="x"]', '[class^="x"]', "span:only-of-type",
]  # fmt: skip


@settings(max_examples=60)
@given(ELEMENTS, st.sampled_from(SELECTORS))
def test_spec_lexbor_and_soupsieve_find_the_same(html: str, selector: str) -> None:
    """Two engines by different hands agree. The text is made so that both parsers build the same tree."""
    tree = Tree(f"<main>{html}</main>".encode(), "https://example.org/")
    whole = str(tree.root.html) if tree.root else ""
    theirs = [str(node.name) + str(node.get("class")) for node in BeautifulSoup(whole, "html.parser").select(selector)]
    ours = [f"{node.tag}{(node.attributes.get('class') or '').split()}" for node in tree.select(parse(selector))]
    assert [name.replace("None", "[]").replace("['']", "[]") for name in theirs] == ours


@settings(max_examples=200)
@given(st.text("abi&>+~ ,.#[]=\"':()*\\-_nth|^$0123:hasnotiscontains", max_size=25))
def test_a_selector_that_is_taken_never_fails_on_a_page(written: str) -> None:
    tree = Tree(b"<ul><li id=a class=b>x<i>y</i></li><li>z</li></ul>", "https://example.org/")
    try:
        selector = parse(written)
    except BadSelector:
        return  # told when the definition is read
    for node in tree.select(parse("li")):
        assert len(tree.find(node, selector, False)) == min(1, len(tree.find(node, selector, True)))


@settings(max_examples=80)
@given(st.binary(max_size=300) | st.text("<>/=\"' abdivptrspn&;!-", max_size=200).map(str.encode))
def test_a_record_is_found_whatever_bytes_follow_it(body: bytes) -> None:
    definition = "records: div, p, tr\nkey: t\nfields: {t: '&', n: {select: '& + *', type: number}}\nnext: a"
    assert read(definition, b"<p>x</p>" + body).seen >= 1
