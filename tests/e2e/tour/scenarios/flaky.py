"""Repeats disagree."""
import os

token = os.urandom(8).hex()
steady = 1
