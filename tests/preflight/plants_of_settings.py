"""Mistakes in the list of packages, in the parameters, in the sources."""

from __future__ import annotations

from collections.abc import Mapping

from tests.preflight.planting import Plant, one

ENV = "functions/.env.shop-1"
LIST = "functions/requirements.txt"


def line(text: str, *found: str) -> Plant:
    """A plant of one line in the project's .env file."""
    return one(ENV, "", f"CONTACT=me@shop.example\n{text}\n", *found)


THE_LIST: Mapping[str, Plant] = {
    "a package that the code needs": one(
        LIST,
        "feedgen==1.0.0\n",
        "",
        "functions/kindling/serve/feeds.py:«from feedgen.feed import FeedGenerator»: feedgen is "
        "imported, which functions/requirements.txt does not bring: add feedgen==1.0.0 to it, or do "
        "without",
    ),
    "a package of no one version": one(
        LIST,
        "feedgen==1.0.0",
        "feedgen>=1.0.0",
        "functions/requirements.txt:«feedgen>=1.0.0»: 'feedgen>=1.0.0' names no one version: the next "
        "deploy may be another program: write feedgen==1.0.0",
    ),
    "a package that one format of pages needs": one(
        LIST,
        "feedparser==6.0.14\n",
        "",
        "functions/kindling/extract/feeds.py:«import feedparser»: feedparser is imported, which "
        "functions/requirements.txt does not bring: add feedparser==6.0.14 to it, or do without",
    ),
    "a package from elsewhere": one(
        LIST,
        "tzdata==",
        "-e git+https://git.example/tz.git#egg=tz\ntzdata==",
        "functions/requirements.txt:«-e git+https://git.example/tz.git#egg=tz»: '-e "
        "git+https://git.example/tz.git#egg=tz' is nothing that Cloud Build can fetch from PyPI: write "
        "NAME==VERSION",
    ),
    "a package that the constraints exclude": one(
        LIST,
        "feedgen==1.0.0",
        "feedgen==0.9.0",
        "functions/requirements.txt:«feedgen==0.9.0»: 'feedgen==0.9.0' and the constraints (1.0.0) "
        "exclude each other: pip refuses both: give both the same version",
    ),
    "a package of another version than here": Plant(
        ((LIST, "feedgen==1.0.0", "feedgen==0.9.0"), ("functions/constraints.txt", "feedgen==1.0.0", "feedgen==0.9.0")),
        (
            "functions/requirements.txt:«feedgen==0.9.0»: 'feedgen==0.9.0' is asked for, 1.0.0 is installed: "
            "what is tested is not deployed: run any command of dev.py: it installs what the list says",
        ),
    ),
    "no constraints": one(
        LIST,
        "-c constraints.txt",
        "-c constraint.txt",
        "functions/requirements.txt:«-c constraint.txt»: constraint.txt is not there: put it beside the "
        "list: it is uploaded with it",
    ),
    "no SDK": one(
        LIST,
        "firebase-functions==0.6.0\n",
        "",
        "functions/requirements.txt: firebase-functions is not in the list: add "
        "firebase-functions==VERSION: Firebase finds the functions with it",
        "functions/kindling/declared.py:«from firebase_functions import»: "
        "firebase_functions is imported, which functions/requirements.txt does not bring: add "
        "firebase-functions==0.6.0 to it, or do without",
    ),
}

ENV_FILES: Mapping[str, Plant] = {
    "a line that is none": line(
        "SITE_URL", "functions/.env.shop-1:2: this is not KEY=VALUE: quote a value that has quotes or # in it"
    ),
    "a name of the platform": line(
        "FIREBASE_CONFIG={}", "functions/.env.shop-1:2: FIREBASE_CONFIG belongs to the platform: choose another name"
    ),
    "a setting that nobody knows": line(
        "SITEURL=https://shop.example", "functions/.env.shop-1:2: there is no setting SITEURL: write SITE_URL"
    ),
    "a secret in plain": line(
        "ADMIN_KEY=letmein",
        "functions/.env.shop-1:2: ADMIN_KEY is a secret and stands here in plain: remove it and run "
        "`firebase functions:secrets:set ADMIN_KEY`",
    ),
    "a site without encryption": line(
        "SITE_URL=http://shop.example",
        "functions/.env.shop-1:2: SITE_URL is 'http://shop.example': write an https origin, such as "
        "https://my-project.web.app",
    ),
    "a site with a path": line(
        "SITE_URL=https://shop.example/",
        "functions/.env.shop-1:2: SITE_URL is 'https://shop.example/': write https://shop.example: an "
        "origin has no path",
    ),
    "a contact that is none": one(
        ENV,
        "",
        "CONTACT=just me\n",
        "functions/.env.shop-1:1: CONTACT is 'just me': write a mail address or the URL of a page: it "
        "goes to every site that is read",
    ),
    "a region that is none": line(
        "REGION=europe",
        "functions/.env.shop-1:2: REGION is 'europe': write the name of a region, such as us-central1 or europe-west1",
    ),
    "origins that are none": line(
        "CORS_ORIGINS=https://a.example,*",
        "functions/.env.shop-1:2: CORS_ORIGINS is 'https://a.example,*': write an https origin, such as "
        "https://my-project.web.app",
    ),
    "a webhook without encryption": line(
        "WEBHOOK_URL=http://hook.example/x",
        "functions/.env.shop-1:2: WEBHOOK_URL is 'http://hook.example/x': write an https URL, or leave it empty",
    ),
    "a number of instances that is none": line(
        "RUN_INSTANCES=many", "functions/.env.shop-1:2: RUN_INSTANCES is 'many': write a whole number from 1 to 1000"
    ),
    "a number of runs that is none": line(
        "RUNS_PER_DAY=-1", "functions/.env.shop-1:2: RUNS_PER_DAY is '-1': write a whole number, 0 or more"
    ),
    "a setting of the laptop": line(
        "KINDLING_ALLOW=127.0.0.1:80",
        "functions/.env.shop-1:2: KINDLING_ALLOW is a setting of the laptop: Firebase's functions do not "
        "read it: move it to .env.local",
    ),
    "the example's own site": line(
        "SITE_URL=https://my-project.web.app",
        "functions/.env.shop-1:2: SITE_URL is still the example's: write your own",
    ),
    "slow starts on purpose": line(
        "PYTHONDONTWRITEBYTECODE=1",
        "functions/.env.shop-1:2: PYTHONDONTWRITEBYTECODE makes every cold start compile all modules "
        "anew: remove the line",
    ),
}

SOURCES: Mapping[str, Plant] = {
    "a source with a key that is none": one(
        "functions/sources/movies.yaml",
        "public: true",
        "publik: true",
        "functions/sources/movies.yaml:«publik: true»: publik: unknown key; did you mean 'public'?",
        loads=True,
    ),
    "sources that read what the web does not reach": Plant(
        (
            (
                "functions/sources/lesson.yaml",
                "",
                "url: [http://127.0.0.1:8000/, https://shop.example/,\n  http://192.168.1.7/a]\nfields: {title: h1}\n",
            ),
            ("functions/sources/own.yaml", "", "url: http://localhost:8000/\nfields: {title: h1}\n"),
        ),
        tuple(
            f"warning: functions/sources/{place}: {url} is no address of the web ({why}): each run fails there: "
            "name a public page, and one of this project's own site by its path alone, as /demo/movies.html"
            for place, url, why in (
                ("lesson.yaml:1", "http://127.0.0.1:8000/", "loopback"),
                ("lesson.yaml:2", "http://192.168.1.7/a", "private"),
                ("own.yaml:1", "http://localhost:8000/", "a name without a dot is a machine of the own network"),
            )
        ),
        loads=True,
    ),
    "a schema of definitions that is not as the tables make it": one(
        "docs/source.schema.json",
        "",
        "{}",
        "warning: docs/source.schema.json: it differs from what the package reads: an editor would complete and refuse "
        "other keys: run check --write, which writes it",
    ),
}

DEPLOY: Mapping[str, tuple[str, Plant]] = {
    "a project of the emulators": (
        "demo-kindling",
        Plant(
            (),
            (
                ".firebaserc: demo-kindling is a project of the emulators: Firebase has none whose name begins "
                "with demo-: run deploy with --project ID, or `firebase use --add`",
            ),
        ),
    ),
    "a project that cannot be": (
        "My Shop",
        Plant(
            (),
            (
                "project 'My Shop': is no project's id, which has 6 to 30 lower-case letters, digits and hyphens: "
                "`firebase projects:list` shows the ids",
            ),
        ),
    ),
    "no parameters": (
        "shop-1",
        Plant(
            (),
            (
                "functions/.env.shop-1: SITE_URL has no value: absolute links, feeds and the demo need it: add "
                "SITE_URL=https://shop-1.web.app; functions/.env.example has all of them",
                "functions/.env.shop-1: REGION, READER_INSTANCES, WRITER_INSTANCES, RUN_INSTANCES: no value: a "
                "deploy asks for it at a terminal, and stops without one: copy what is missing from "
                "functions/.env.example",
                "warning: functions/.env.shop-1: CONTACT has no value: the owner of a site that is read can turn "
                "to nobody: add CONTACT=you@example.org",
            ),
        ),
    ),
    "some parameters": (
        "shop-1",
        line(
            "SITE_URL=https://shop.example\nREGION=europe-west1",
            "functions/.env.shop-1: READER_INSTANCES, WRITER_INSTANCES, RUN_INSTANCES: no value: a deploy "
            "asks for it at a terminal, and stops without one: copy what is missing from "
            "functions/.env.example",
        ),
    ),
}
"""What only a deploy to a project finds: the project, the plant."""
