"""What would stop a deploy, or be regretted after it: one table of checks over one look at the project.

    finding   what a check says
    subject   the one look: firebase.json, what main.py has, the package's own tables, the .env files
    loading, asking   the two programs that the look starts, each in a process of its own
    hosting, functions, requirements, parameters, upload, rules, documented, account, fresh   the checks, by theme
    table     all checks in order, and what each needs
    runtime   the one thing that is mended rather than told
    notes     what is no fault and worth knowing: instances, schedules and their price

`dev.py check` runs what needs neither network nor account; `dev.py deploy` runs all. A check takes the subject and
yields findings; only `subject`, `runtime`, `account` and `fresh` touch more than the files that the subject names.
"""
