"""Mistakes in main.py and in what it imports."""

from __future__ import annotations

from collections.abc import Mapping

from tests.preflight.planting import Plant, one

MAIN = "functions/main.py"

MAIN_PY: Mapping[str, Plant] = {
    "a main.py that is no Python": one(
        MAIN,
        "from kindling.serve.boundary",
        "form kindling.serve.boundary",
        "functions/main.py:«form kindling.serve.boundary import serve»: it does not load: SyntaxError: "
        "invalid syntax: mend this line: Firebase loads main.py to find the functions",
        loads=True,
    ),
    "a list of functions beside main.py": one(
        "functions/functions.yaml",
        "",
        "specVersion: v1alpha1\nendpoints: {}\n",
        "functions/functions.yaml: Firebase deploys what it says and does not look into main.py; what it leaves out "
        "would be deleted: delete it",
    ),
    "a main.py that raises": one(
        MAIN,
        "SHARED: dict",
        'CLOCK["x"]\nSHARED: dict',
        "functions/main.py:«CLOCK[\"x\"]»: it does not load: NameError: name 'CLOCK' is not defined: mend "
        "this line: Firebase loads main.py to find the functions",
        loads=True,
    ),
    "a module that raises when it is needed at last": one(
        "functions/kindling/preview.py",
        "\n@",
        "\nOOPS = undefined\n\n\n@",
        "functions/kindling/preview.py:«OOPS = undefined»: it does not load: NameError: name 'undefined' "
        "is not defined: mend this line: Firebase loads main.py to find the functions",
        loads=True,
    ),
    "an import of what only a laptop has": one(
        "functions/kindling/serve/endpoints/health.py",
        "\ndef ",
        "\ndef pretty() -> None:\n    import rich\n\n\ndef ",
        "functions/kindling/serve/endpoints/health.py:«import rich»: rich is imported, which "
        "functions/requirements.txt does not bring: add rich==15.0.0 to it, or do without",
        loads=True,
    ),
    "an import at the start of what only a laptop has": one(
        MAIN,
        "from flask import",
        "import rich\nfrom flask import",
        "functions/main.py:«import rich»: rich is imported, which functions/requirements.txt does not "
        "bring: add rich==15.0.0 to it, or do without",
        loads=True,
    ),
    "a function under another name": one(
        MAIN,
        "def openapi(",
        "def specification(",
        "functions/main.py: Firebase does not find the function openapi, which has routes: define it under this name, "
        "with functools.wraps in every wrapper",
        "warning: functions/main.py:«def specification(»: the function specification has no routes: the API knows "
        "nothing of it, and the specification is silent: name it in ROUTES of a module of kindling/serve/endpoints",
        "firebase.json: no rewrite leads from /specification to the function specification: run check --write, which "
        'adds {"source": "/specification{,/**}", "function": "specification"}',
        'firebase.json:«"/openapi.json"»: a rewrite leads to openapi, which main.py does not have: write the '
        "function, or run check --write, which removes the rewrite",
        loads=True,
    ),
    "a wrapper that hides a function's name": one(
        MAIN,
        "def prune(",
        "@lambda function: lambda event: function(event)\ndef prune(",
        "functions/main.py: Firebase does not find the function prune, which is declared: define it under this name, "
        "with functools.wraps in every wrapper",
        loads=True,
    ),
    "a function that hides another": one(
        MAIN,
        "def health(request: Request) -> Response:",
        "def get_data(request: Request) -> Response:  # type: ignore[no-redef]",
        "functions/main.py: Firebase does not find the function health, which has routes: define it under this name, "
        "with functools.wraps in every wrapper",
        "functions/main.py: get_data is defined more than once: only the last is deployed: give each its own name",
        'firebase.json:«"/health{,/**}"»: a rewrite leads to health, which main.py does not have: write the function, '
        "or run check --write, which removes the rewrite",
        loads=True,
    ),
    "a function whose name a collection could have": Plant(
        (
            (MAIN, "def get_series(", "def series("),
            ("functions/kindling/serve/endpoints/series.py", '"get_series",', '"series",'),
            ("functions/kindling/serve/endpoints/series.py", '"/get_series/', '"/series/'),
            (
                "firebase.json",
                '{"source": "/get_series{,/**}", "function": "get_series"}',
                '{"source": "/series{,/**}", "function": "series"}',
            ),
        ),
        (
            "functions/main.py:«def series(»: a collection could be called series, and at its own URL the function "
            "could not tell: begin its name with one of get_, save_, delete_, preview_, scrape_",
        ),
        loads=True,
    ),
    "the template's sixth of a core": one(
        MAIN,
        '"cpu": 1,\n    "max_instances": 1',
        '"cpu": "gcf_gen1",\n    "max_instances": 1',
        "warning: functions/main.py:«def prune(» prune (and 1 more): cpu='gcf_gen1' is a fraction of a "
        "core: what takes a second here takes six: set cpu=1, also in set_global_options",
        loads=True,
    ),
    "half a core for eighty requests at once": one(
        MAIN,
        "@https_fn.on_request(**READER)\ndef health",
        '@https_fn.on_request(**{**READER, "cpu": 0.5})\ndef health',
        "functions/main.py:«def health(» health: cpu=0.5 and concurrency=80: Firebase refuses several "
        "requests on less than one core: set cpu=1, or concurrency=1",
        loads=True,
    ),
    "too little memory": one(
        MAIN,
        "@https_fn.on_request(**READER)\ndef health",
        '@https_fn.on_request(**{**READER, "memory": 128})\ndef health',
        "functions/main.py:«def health(» health: 128 MB are too few: Python with Firebase's SDK would be "
        "killed under load: give it 256 MB or more",
        loads=True,
    ),
    "more memory than the core may have": one(
        MAIN,
        "@https_fn.on_request(**READER)\ndef health",
        '@https_fn.on_request(**{**READER, "memory": options.MemoryOption.GB_8})\ndef health',
        "functions/main.py:«def health(» health: 8192 MB need cpu=2, it has cpu=1: set cpu=2, or less memory",
        loads=True,
    ),
    "no limit of instances": one(
        MAIN,
        '{**SHARED, "max_instances": WRITER_INSTANCES,',
        "{**SHARED,",
        "warning: functions/main.py:«def delete_data(» delete_data (and 5 more): no max_instances: a "
        "flood of requests starts 100, and each is paid for: set max_instances",
        "warning: functions/main.py: all instances together could ask for 692 cores in us-central1, "
        "which usually gives 200: lower READER_INSTANCES, WRITER_INSTANCES or RUN_INSTANCES, or ask "
        "Google for a higher quota",
        loads=True,
    ),
    "more instances than a region has": one(
        MAIN,
        '"max_instances": 1,',
        '"max_instances": 500,',
        "functions/main.py:«def prune(» prune (and 1 more): max_instances=500 asks for 500 cores, over "
        "the 200 a region usually gives: lower max_instances, or ask Google for a higher quota first",
        "warning: functions/main.py: all instances together could ask for 1108 cores in us-central1, "
        "which usually gives 200: lower READER_INSTANCES, WRITER_INSTANCES or RUN_INSTANCES, or ask "
        "Google for a higher quota",
        loads=True,
    ),
    "too many instances together": one(
        MAIN,
        '"READER_INSTANCES", default=10',
        '"READER_INSTANCES", default=30',
        "warning: functions/main.py: all instances together could ask for 270 cores in us-central1, "
        "which usually gives 200: lower READER_INSTANCES, WRITER_INSTANCES or RUN_INSTANCES, or ask "
        "Google for a higher quota",
        loads=True,
    ),
    "a longer wait than Hosting has": one(
        MAIN,
        '"timeout_sec": 60,',
        '"timeout_sec": 120,',
        "warning: functions/main.py:«def delete_data(» delete_data (and 13 more): a timeout of 120 s: "
        "Hosting answers 504 after 60 s and the function works on for nobody: set timeout_sec=60, or "
        "hand the work to a queue",
        loads=True,
    ),
    "a longer time than a queue has": one(
        MAIN,
        '"timeout_sec": 900,',
        '"timeout_sec": 3600,',
        "functions/main.py:«def scrapesource(» scrapesource: a timeout of 3600 s: Firebase takes at most "
        "1800 s: set timeout_sec=1800 or less",
        loads=True,
    ),
    "an underscore in a queue's name": one(
        MAIN,
        "def scrapesource(",
        "def scrape_source(",
        "functions/main.py: Firebase does not find the function scrapesource, which the runs are handed to: define it "
        "under this name, with functools.wraps in every wrapper",
        "functions/main.py:«def scrape_source(» scrape_source: a queue's name may hold no underscore: it "
        "would never get a queue, and could not be deleted: call it scrapesource",
        loads=True,
    ),
    "a schedule that cannot be read": one(
        MAIN,
        "every 5 minutes",
        "every so often",
        "functions/main.py:«def scrape_due(» scrape_due: schedule 'every so often' cannot be read: use "
        "cron like '0 6 * * *', or 'every 5 minutes', or 'every day 03:00'",
        loads=True,
    ),
}
