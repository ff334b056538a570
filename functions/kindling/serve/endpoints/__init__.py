"""The endpoints: a module for each group, with its handlers and its ROUTES. What else SERVE has is what they share.

The table finds them here. Each function that routes name is in main.py; `dev.py check` says what is missing, and
`dev.py check --write` makes the rewrites of firebase.json.
"""
