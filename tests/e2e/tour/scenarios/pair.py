"""Needs both packages."""
import beta

double = beta.twice()
