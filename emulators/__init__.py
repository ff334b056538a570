"""The local suite: a Realtime Database, functions, hosting, a clock and a queue, with no Java and no Node.

Imports nothing from functions/; the two meet over HTTP and environment variables only.
"""
