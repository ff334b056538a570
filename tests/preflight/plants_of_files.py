"""Mistakes in firebase.json, in the rules and in what is uploaded."""

from __future__ import annotations

from collections.abc import Mapping

from tests.preflight.planting import Plant, one

RULES = "database.rules.json"
LAST = '      {"source": "**", "function": "hello_world"}\n'
POSTMAN = '      {"source": "/postman.json", "function": "openapi"},\n'
OPEN_POLICY = """
      {"source": "/shop/**",
       "headers": [{"key": "Content-Security-Policy", "value": "default-src 'none'; script-src 'unsafe-inline'"}]},"""
PUBLIC_LOG = """    "changes": {
      "$c": {
        ".read": "root.child('collections').child($c).child('public').val() === true\""""
KEY = '{"type": "service_account", "project_id": "shop-1"}'

FIREBASE_JSON: Mapping[str, Plant] = {
    "a key that nobody knows": one(
        "firebase.json",
        '"rules": "database',
        '"rule": "database',
        "firebase.json: Object contains unknown field `rule` - at `$.database`: write it as Firebase's "
        "documentation of this file has it",
    ),
    "a .firebaserc that is no JSON": one(
        ".firebaserc",
        '"projects"',
        "projects",
        ".firebaserc: JSON is malformed: object keys must be strings (byte 4): write it as Firebase's documentation of "
        "this file has it",
    ),
    "an index.html that hides the root": one(
        "public/index.html",
        "",
        "<p>Hello",
        "public/index.html: it hides /, which hello_world should answer: give the file another name: "
        "a static file wins",
        "warning: public/index.html: it is served without Content-Security-Policy: add them in hosting.headers of "
        "firebase.json, or widen the source of the rule that has them",
    ),
    "a static file that hides an answer": one(
        "public/openapi.json",
        "",
        "{}",
        "public/openapi.json: it hides /openapi.json, which openapi should answer: give the file another name: "
        "a static file wins",
        "warning: public/openapi.json: it is served without Content-Security-Policy: add them in hosting.headers of "
        "firebase.json, or widen the source of the rule that has them",
    ),
    "a function without a rewrite": one(
        "firebase.json",
        '      {"source": "/get_runs{,/**}", "function": "get_runs"},\n',
        "",
        "firebase.json: no rewrite leads from /get_runs to the function get_runs: run check --write, which adds "
        '{"source": "/get_runs{,/**}", "function": "get_runs"}',
    ),
    "a path of a function without a rewrite": one(
        "firebase.json",
        POSTMAN,
        "",
        "firebase.json: no rewrite leads from /postman.json to the function openapi: run check --write, which adds "
        '{"source": "/postman.json", "function": "openapi"}',
    ),
    "a rewrite without a function": one(
        "firebase.json",
        POSTMAN,
        POSTMAN + '      {"source": "/shop", "function": "shop"},\n',
        'firebase.json:«"/shop"»: a rewrite leads to shop, which main.py does not have: write the function, '
        "or run check --write, which removes the rewrite",
    ),
    "a rewrite for what is below a name, not for the name": one(
        "firebase.json",
        "/get_data{,/**}",
        "/get_data/**",
        "firebase.json: no rewrite leads from /get_data to the function get_data: run check --write, which adds "
        '{"source": "/get_data{,/**}", "function": "get_data"}',
    ),
    "a rewrite behind the one that takes every path": one(
        "firebase.json",
        POSTMAN + LAST,
        LAST.rstrip() + ",\n" + POSTMAN.rstrip(",\n") + "\n",
        'firebase.json:«"/postman.json"»: the rewrite /postman.json is never reached: ** takes its paths: '
        "put it before that one",
        "firebase.json: the last rewrite is not for every path: a path that is nobody's gets Hosting's own HTML page: "
        'end the rewrites with {"source": "**", "function": "hello_world"}',
    ),
    "no rewrite for a path that is nobody's": one(
        "firebase.json",
        POSTMAN + LAST,
        POSTMAN.rstrip(",\n") + "\n",
        "firebase.json: the last rewrite is not for every path: a path that is nobody's gets Hosting's own HTML page: "
        'end the rewrites with {"source": "**", "function": "hello_world"}',
    ),
    "pages without headers": Plant(
        (("public/shop/a.html", "", "a"), ("public/shop/b.html", "", "b")),
        (
            "warning: public/shop/a.html (and 1 more): it is served without Content-Security-Policy: add them in "
            "hosting.headers of firebase.json, or widen the source of the rule that has them",
        ),
    ),
    "pages that run what is written into them": Plant(
        (
            ("public/shop/a.html", "", "a"),
            ("firebase.json", '    "headers": [', '    "headers": [' + OPEN_POLICY),
        ),
        (
            "warning: public/shop/a.html: it is served with leave to run what somebody wrote into the page: "
            "take 'unsafe-inline' and 'unsafe-eval' away",
        ),
    ),
    "a folder of pages that is not there": one(
        "firebase.json",
        '"public": "public"',
        '"public": "pubic"',
        "firebase.json: the folder pubic is not there: make it, or correct hosting.public",
    ),
    "functions that are elsewhere": one(
        "firebase.json",
        '"source": "functions"',
        '"source": "function"',
        "firebase.json: functions.source: there is no folder function: name the folder of main.py",
    ),
    "no runtime": one(
        "firebase.json",
        '    "runtime": "python311",\n',
        "",
        'firebase.json: functions.runtime is not said: add "runtime": "python311"',
    ),
}

THE_RULES: Mapping[str, Plant] = {
    "rules that are none": one(
        RULES,
        "auth != null && auth.uid === 'kindling'",
        "auth != nul",
        'database.rules.json:«".read": "auth != nul",»: Unknown variable \'nul\'.: mend this line: '
        "Firebase refuses the file",
    ),
    "rules that are not there": one(
        "firebase.json",
        "database.rules.json",
        "rules.json",
        "firebase.json: rules.json is not there: write it: without rules the deploy stops",
    ),
    "a database that everybody reads": one(
        RULES,
        '".read": "auth != null && auth.uid === \'kindling\'"',
        '".read": true',
        'database.rules.json:«".read": true,»: a stranger may read the whole database: let only the '
        "service read what is not public",
    ),
    "a database that whoever signs in writes": one(
        RULES,
        '"rules": {',
        '"rules": {".write": "auth != null",',
        'database.rules.json:«"rules": {".write": "auth != null",»: anybody who signs in may write the '
        "whole database: let only the service write, here and above",
    ),
    "keys that everybody reads": one(
        RULES,
        '"keys": {',
        '"keys": {".read": true,',
        'database.rules.json:«"keys": {".read": true,»: a stranger may read keys: let only the service read what is '
        "not public",
    ),
    "a private log that everybody reads": one(
        RULES,
        PUBLIC_LOG,
        PUBLIC_LOG.replace("val() === true", "exists()"),
        'database.rules.json:«"changes": {»: a stranger may read changes/some: let only the service read what is not '
        "public",
    ),
    "a node that an administrator writes past the API": one(
        RULES,
        '"forgotten": {".write": "auth != null && auth.uid === \'kindling\'"}',
        '"forgotten": {".write": "auth != null && auth.token.admin === true"}',
        'database.rules.json:«"forgotten": {»: an administrator, past the API, may write forgotten: let only the '
        "service write, here and above",
    ),
    "commits that are not compared": one(
        RULES,
        " && newData.child('version').val() === (data.child('version').exists() ? data.child('version').val() + 1 : 1)",
        "",
        'database.rules.json:«"collections": {»: collections/$c is written without the collection\'s next version: one '
        "writer overwrites another: compare newData's version with data's + 1, as the file that came with this "
        "project does",
    ),
    "hosts without an index": one(
        RULES,
        ', ".indexOn": ["used"]',
        "",
        'database.rules.json:«"hosts": {»: .indexOn of hosts lacks used: such a query is refused, or reads all there '
        'is: add "used" to it',
    ),
    "a slot without an index": one(
        RULES,
        '"_g", "_h"]',
        '"_g"]',
        'database.rules.json:«"data": {»: .indexOn of data/$c lacks _h: such a query is refused, or '
        'reads all there is: add "_h" to it',
    ),
    "a log without an index": one(
        RULES,
        '".indexOn": ["id"],',
        "",
        'database.rules.json:«"changes": {»: .indexOn of changes/$c lacks id: such a query is refused, '
        'or reads all there is: add "id" to it',
    ),
}

UPLOADS: Mapping[str, Plant] = {
    "the key of a service account among the functions": one(
        "functions/shop-1-4e2a.json",
        "",
        KEY,
        "functions/shop-1-4e2a.json: it would be uploaded, and it is the key of a service account: move "
        "it out of the folder, or add its name to functions.ignore in firebase.json",
    ),
    "a private key among the pages": one(
        "public/demo/tls.pem",
        "",
        "x",
        "public/demo/tls.pem: it would be uploaded, and it is a private key by its name: move it out of "
        "the folder, or add its name to hosting.ignore in firebase.json",
    ),
    "the secrets of the laptop": Plant(
        (("firebase.json", '"*.local", ', ""), ("functions/.secret.local", "", "ADMIN_KEY=x\n")),
        (
            "functions/.secret.local: it would be uploaded, and it holds what is for this machine only: move "
            "it out of the folder, or add its name to functions.ignore in firebase.json",
        ),
    ),
    "an environment under another name": Plant(
        (
            ("functions/env/pyvenv.cfg", "", "version = 3.11.7\n"),
            ("functions/env/lib/cacert.pem", "", "x"),
        ),
        (
            "functions/env: it is a Python environment and would be uploaded: Firebase makes its own: add "
            '"env" to functions.ignore in firebase.json',
        ),
    ),
    "compiled modules of the laptop": Plant(
        (
            ("firebase.json", '"**/__pycache__/**", ', ""),
            ("functions/__pycache__/a.pyc", "", "x"),
        ),
        (
            "warning: functions/__pycache__/a.pyc: it would be uploaded, with compiled modules of "
            'this machine: add "__pycache__" to functions.ignore in firebase.json',
        ),
    ),
    "a heap of data": one(
        "functions/dump.json",
        "",
        "[" + "0," * 11_000_000 + "0]",
        "warning: functions/dump.json: the functions' source has 21 MB, most of it in dump.json: move "
        "data out of the folder: every cold start loads it",
    ),
}
