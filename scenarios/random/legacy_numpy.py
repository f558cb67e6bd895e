"""The frozen streams of numpy.random and RandomState: every distribution, and functions that changed around them."""
# /// skew
# links = [
#     "https://numpy.org/neps/nep-0019-rng-policy.html",
#     "https://numpy.org/doc/stable/reference/random/legacy.html",
# ]
# ///
import numpy as np
from skew import observe

_DISTRIBUTIONS = {
    "rand": [2, 2], "randn": [2, 2], "random_sample": [3], "tomaxint": [3], "bytes": [4], "beta": [2, 3, 3],
    "binomial": [10, 0.3, 4], "chisquare": [3, 3],
    "dirichlet": [[1, 2], 2], "exponential": [2, 3], "f": [2, 5, 3], "gamma": [2, 3, 3], "geometric": [0.3, 3],
    "gumbel": [0, 1, 3],
    "hypergeometric": [5, 6, 4, 3], "laplace": [0, 1, 3], "logistic": [0, 1, 3], "lognormal": [0, 1, 3],
    "logseries": [0.6, 3],
    "multinomial": [10, [0.2, 0.8], 2], "multivariate_normal": [[0, 0], [[1, 0.5], [0.5, 1]], 2],
    "negative_binomial": [3, 0.4, 3],
    "noncentral_chisquare": [3, 1, 3], "noncentral_f": [3, 5, 1, 3], "normal": [1, 2, 4], "pareto": [3, 3],
    "poisson": [4, 4], "power": [2, 3], "rayleigh": [1, 3],
    "standard_cauchy": [3], "standard_exponential": [3], "standard_gamma": [2, 3], "standard_normal": [4],
    "standard_t": [5, 3], "triangular": [0, 1, 2, 3],
    "uniform": [-1, 1, 4], "vonmises": [0, 4, 3], "wald": [1, 2, 3], "weibull": [2, 3], "zipf": [2, 3],
    "permutation": [6], "choice": [6, 3],
    "randint": [0, 100, 6],
}
for _name, _arguments in _DISTRIBUTIONS.items():
    observe(_name, lambda: getattr(np.random.RandomState(7), _name)(*_arguments))
for _dtype in ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]:
    observe(
        "randint " + _dtype, lambda: np.random.RandomState(7).randint(0, 2 if _dtype == "bool" else 100, 6,
            dtype=_dtype))


def _seeded(function, seed=7):
    np.random.seed(seed)
    return function()


def _shuffled(sequence, random=None):
    (random or np.random.RandomState(7)).shuffle(sequence)
    return sequence


def _continued():
    first = np.random.RandomState(7)
    first.standard_normal(3)  # An odd number: one half of a pair is kept.
    second = np.random.RandomState()  # skew: allow random, its state is replaced
    second.set_state(first.get_state())
    return second.standard_normal(2)


_CASES = {
    "seed by numpy int": lambda: _seeded(lambda: np.random.rand(2), np.int64(5)),
    "seed by float": lambda: _seeded(lambda: np.random.rand(2), 1.5),
    "seed by text": lambda: _seeded(lambda: np.random.rand(2), "1"),
    "shuffle list": lambda: _shuffled([1, 2, 3, 4]),
    "shuffle ragged list": lambda: _shuffled([[1], [2, 3], [4, 5, 6]]),
    "choice p without replacement": lambda: np.random.RandomState(7).choice(3, 2, replace=False, p=[0.5, 0.2, 0.3]),
    "randint scalar": lambda: np.random.RandomState(7).randint(10),
    "randint low > high": lambda: np.random.RandomState(7).randint(5, 1),
    "normal negative scale": lambda: np.random.RandomState(7).normal(0, -1),
    "get_state kind": lambda: np.random.RandomState(7).get_state()[0],
    "continued": _continued,
    "set_bit_generator": lambda: callable(np.random.set_bit_generator),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
