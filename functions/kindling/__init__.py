"""Kindling: web pages in, a JSON API out."""
