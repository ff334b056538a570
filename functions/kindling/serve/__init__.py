"""SERVE: what a client sees. One table of routes, one boundary that turns requests into calls and errors into answers.

It knows HTTP and the store, and nothing of fetching or extracting.
"""
