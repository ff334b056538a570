"""Checks of Hosting: every function is reached, nothing is hidden, every static page has its headers."""

from collections.abc import Iterator, Mapping, Sequence

from devtools.preflight import rewrites
from devtools.preflight.finding import Finding, and_more, at_line
from devtools.preflight.subject import Subject
from emulators import project
from emulators.hosting import globs
from emulators.hosting.site import Site

NOBODYS = "/nowhere/at/all"  # a path that no rewrite but the last is for
HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Permissions-Policy",
)
"""What every static page is served with: one that is framed, sniffed or injected into can act for an administrator."""


def unreached(subject: Subject) -> Iterator[Finding]:
    """Every path of every function has a rewrite, and every rewrite has a function."""
    hosting = subject.config.hosting
    if hosting is None or not subject.loaded.document:
        return
    site = Site(subject.folder, hosting)
    for rewrite in (each for each in rewrites.wanted(subject) if each.source != rewrites.EVERY_PATH):
        tests = [project.matcher(rule) for rule in hosting.rewrites if _named(rule) == rewrite.function]
        path = next((path for path in samples(rewrite.source) if not any(test(path) for test in tests)), None)
        if path is not None:
            what = f"no rewrite leads from {path} to the function {rewrite.function}"
            yield Finding("firebase.json", what, f"run check --write, which adds {rewrite}")
    for name in sorted(site.functions() - rewrites.served(subject)):
        where = at_line(subject.folder / "firebase.json", subject.folder, f'"function": "{name}"')
        what = f"a rewrite leads to {name}, which main.py does not have"
        yield Finding(where, what, "write the function, or run check --write, which removes the rewrite")


def order(subject: Subject) -> Iterator[Finding]:
    """No rewrite stands behind one that takes all its paths; the last one takes every path, so that a 404 is JSON."""
    hosting = subject.config.hosting
    if hosting is None or not hosting.rewrites:
        return
    file = subject.folder / "firebase.json"
    tests = [project.matcher(rule) for rule in hosting.rewrites]
    for index, rule in enumerate(hosting.rewrites):
        paths = samples(rule.source or rule.glob)
        earlier = {next((at for at in range(index) if tests[at](path)), index) for path in paths}
        if paths and index not in earlier:
            source = rule.source or rule.glob or ""
            first = hosting.rewrites[min(earlier)]
            what = f"the rewrite {source} is never reached: {first.source or first.glob or first.regex} takes its paths"
            yield Finding(at_line(file, subject.folder, f'"source": "{source}"'), what, "put it before that one")
    if not tests[-1](NOBODYS):
        what = "the last rewrite is not for every path: a path that is nobody's gets Hosting's own HTML page"
        yield Finding("firebase.json", what, 'end the rewrites with {"source": "**", "function": "hello_world"}')


def samples(glob: str | None) -> list[str]:
    """Some paths that a glob is for; none for a pattern of another kind."""
    if glob is None:
        return []
    found = []
    for text in globs.expand(glob):
        parts = [{"**": "x/y", "*": "x"}.get(part, part) for part in text.strip("/").split("/")]
        if not any(set(part) & set("*?[]()!@+:") for part in parts):
            found.append("/" + "/".join(part for part in parts if part))
    return found


def hidden(subject: Subject) -> Iterator[Finding]:
    """No static file stands in the way of a rewrite."""
    hosting, public = subject.config.hosting, subject.public
    if hosting is None or public is None:
        return
    if not public.is_dir():
        yield Finding(
            "firebase.json", f"the folder {hosting.public} is not there", "make it, or correct hosting.public"
        )
        return
    tests = [(project.matcher(rule), rule) for rule in hosting.rewrites]
    for path in _static(subject):
        for url in _urls(path, clean=hosting.clean_urls):
            rule = next((rule for test, rule in tests if test(url)), None)
            if rule is not None and not project.matcher(rule)(NOBODYS):
                what = f"it hides {url}, which {_named(rule)} should answer"
                yield Finding(f"{hosting.public}{path}", what, "give the file another name: a static file wins")
                break


def _urls(path: str, *, clean: bool) -> Sequence[str]:
    folder = path.removesuffix("index.html")
    if path.endswith("/index.html"):
        return (path, folder, *([folder.rstrip("/")] if folder != "/" else []))
    return (path, path.removesuffix(".html")) if clean else (path,)


def _named(rule: project.Rewrite) -> str:
    target = rule.function
    return str(target.function_id if isinstance(target, project.FunctionTarget) else target or rule.destination)


def bare(subject: Subject) -> Iterator[Finding]:
    """Every static file is served with every header of HEADERS, and no page may run what stands in its HTML."""
    hosting = subject.config.hosting
    if hosting is None or not subject.public or not subject.public.is_dir():
        return
    site = Site(subject.folder, hosting)
    faults: dict[tuple[str, str], list[str]] = {}
    for path in _static(subject):
        if fault := _header_fault(site.headers(path)):
            faults.setdefault(fault, []).append(path)
    for (what, mend), paths in faults.items():
        yield Finding(f"{hosting.public}{and_more(paths)}", what, mend, "warning")


def _header_fault(given: Mapping[str, str]) -> tuple[str, str] | None:
    names = {key.lower(): value for key, value in given.items()}
    missing = [name for name in HEADERS if name.lower() not in names]
    if missing:
        mend = "add them in hosting.headers of firebase.json, or widen the source of the rule that has them"
        return f"it is served without {', '.join(missing)}", mend
    scripts = names["content-security-policy"].partition("script-src")[2].partition(";")[0]
    if "'unsafe-" in scripts:
        mend = "take 'unsafe-inline' and 'unsafe-eval' away"
        return "it is served with leave to run what somebody wrote into the page", mend
    return None


def _static(subject: Subject) -> list[str]:
    """The paths of the files that Hosting serves."""
    hosting, public = subject.config.hosting, subject.public
    assert hosting is not None
    assert public is not None
    site = Site(subject.folder, hosting)
    paths = (f"/{file.relative_to(public)}" for file in sorted(public.rglob("*")) if file.is_file())
    return [path for path in paths if site.file(path)]
