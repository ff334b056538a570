"""What would stop a deploy, or be regretted after it: one table of checks over one look at the project.

    finding   what a check says
    subject   the one look: firebase.json, what main.py has, the package's own tables, the .env files
    loading, asking   what it asks of main.py and of the package: each starts a program (describe, tables) of its own
    imports, listed   which modules main.py can reach; the runtime list and what it brings
    hosting, functions, requirements, parameters, upload, rules, declarations, account, fresh   the checks, by theme
    table     all checks in order, and what each needs
    runtime   the one thing that is mended unasked
    rewrites, schema  what `check --write` mends
    notes     what is no fault and worth knowing: instances, schedules and their price

`dev.py check` runs what needs neither network nor account; `dev.py deploy` runs all. A check takes the subject and
yields findings; only `subject`, `runtime`, `rewrites`, `schema`, `account` and `fresh` do more than read the
files that the subject names.
"""
