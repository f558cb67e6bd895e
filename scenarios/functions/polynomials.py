"""Polynomials old and new: printing, fits, roots, domains, and deprecated behaviour."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/reference/routines.polynomials.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_P = np.polynomial
_X = np.array([0.0, 1.0, 2.0, 3.0])
_CASES = {
    "str": lambda: str(_P.Polynomial([1, -2, 3])),
    "str with a domain": lambda: str(_P.Polynomial([1, 1], domain=[0.1, 0.2])),
    "repr": lambda: repr(_P.Polynomial([1, 2])),
    "repr with a symbol": lambda: repr(_P.Polynomial([1, 2], symbol="z")),
    "format ascii": lambda: format(_P.Chebyshev([1, 2, 3]), "ascii"),
    "str of complex": lambda: str(_P.Polynomial([1j, 2])),
    "arithmetic": lambda: (_P.Polynomial([1, 2]) * _P.Polynomial([0, 1]) - 1).coef,
    "two symbols": lambda: _P.Polynomial([1], symbol="a") + _P.Polynomial([1], symbol="b"),
    "equal": lambda: _P.Polynomial([1]) == _P.Polynomial([1]),
    "roots": lambda: _P.Polynomial([6, -5, 1]).roots(),
    "deriv, integ": lambda: [_P.Polynomial([1, 2, 3]).deriv().coef, _P.Polynomial([1, 2, 3]).integ(k=1).coef],
    "fit of one point": lambda: _P.Polynomial.fit([1.0], [2.0], 0).domain,
    "polyfit": lambda: np.round(np.polyfit(_X, 2 * _X + 1, 1), 6),
    "polyval": lambda: np.polyval([1, 2, 3], [0, 1]),
    "polyval of poly1d": lambda: np.polyval(np.poly1d([1, 2]), np.poly1d([1, 0])),
    "np.roots": lambda: np.round(np.roots([1, -6, 11, -6]), 6),
    "poly1d == number": lambda: np.poly1d([1]) == 1,
    "legendre nodes": lambda: np.round(_P.legendre.leggauss(2), 6),
    "polyvander of float degree": lambda: _P.polynomial.polyvander([1, 2], 2.0),
    "polygrid2d": lambda: _P.polynomial.polygrid2d([1, 2], [3, 4], [[1, 2], [3, 4]]),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
