"""The streams of numpy.random.Generator: every distribution and method, which may change in a minor release."""
# /// skew
# links = [
#     "https://numpy.org/neps/nep-0019-rng-policy.html",
#     "https://numpy.org/doc/stable/release/1.21.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.22.0-notes.html",
#     "https://numpy.org/doc/stable/reference/random/generator.html",
# ]
# ///
import numpy as np
from skew import observe

_DISTRIBUTIONS = {
    "random": [3], "integers": [0, 100, 6], "bytes": [4], "beta": [2, 3, 3], "binomial": [10, 0.3, 4],
    "chisquare": [3, 3], "dirichlet": [[1, 2, 3], 2],
    "exponential": [2, 3], "f": [2, 5, 3], "gamma": [2, 3, 3], "geometric": [0.3, 4], "gumbel": [0, 1, 3],
    "hypergeometric": [5, 6, 4, 3], "laplace": [0, 1, 3],
    "logistic": [0, 1, 3], "lognormal": [0, 1, 3], "logseries": [0.6, 3], "multinomial": [10, [0.2, 0.8], 2],
    "multivariate_hypergeometric": [[3, 4, 5], 4],
    "multivariate_normal": [[0, 0], [[1, 0.5], [0.5, 1]], 2], "negative_binomial": [3, 0.4, 3],
    "noncentral_chisquare": [3, 1, 3], "noncentral_f": [3, 5, 1, 3],
    "normal": [1, 2, 4], "pareto": [3, 3], "poisson": [4, 4], "power": [2, 3], "rayleigh": [1, 3],
    "standard_cauchy": [3], "standard_exponential": [3],
    "standard_gamma": [2, 3], "standard_normal": [4], "standard_t": [5, 3], "triangular": [0, 1, 2, 3],
    "uniform": [-1, 1, 4], "vonmises": [0, 4, 3], "wald": [1, 2, 3],
    "weibull": [2, 3], "zipf": [2, 3], "permutation": [6], "choice": [6, 3],
}


def _rng(seed=7):
    return np.random.default_rng(seed)


def _shuffled(array, **more):
    _rng().shuffle(array, **more)
    return array


for _name, _arguments in _DISTRIBUTIONS.items():
    observe(_name, lambda: getattr(_rng(), _name)(*_arguments))
for _name in ["random", "standard_normal", "standard_exponential", "standard_gamma"]:
    observe(
        _name + " float32", lambda: getattr(_rng(), _name)(*([2] if "gamma" in _name else []), size=3,
            dtype=np.float32))
for _dtype in ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "uint64"]:
    observe("integers " + _dtype, lambda: _rng().integers(0, 2 if _dtype == "bool" else 100, 6, dtype=_dtype))
_CASES = {
    "integers scalar": lambda: _rng().integers(10),
    "exponential zig": lambda: _rng().standard_exponential(3, method="inv"),
    "uniform low > high": lambda: _rng().uniform(2.0, 1.0),
    "uniform low > high of arrays": lambda: _rng().uniform([2.0], [1.0]),
    "uniform to infinity": lambda: _rng().uniform(0, np.inf),
    "geometric of a tiny p": lambda: _rng().geometric(1e-300),
    "beta of tiny parameters": lambda: _rng().beta(1e-5, 1e-5, 3),
    "dirichlet of small alpha": lambda: _rng().dirichlet([0.01, 0.01, 0.02], 2),
    "dirichlet of zero alpha": lambda: _rng().dirichlet([0.0, 1.0]),
    "poisson large": lambda: _rng().poisson(1e6, 2),
    "multinomial broadcast": lambda: _rng().multinomial([5, 10], [[0.5, 0.5], [0.1, 0.9]]),
    "negative_binomial tiny": lambda: _rng().negative_binomial(1, 1e-30),
    "vonmises of a large kappa": lambda: _rng().vonmises(0, 1e8, 2),
    "wald of a large mean": lambda: _rng().wald(1e8, 2.25, 2),
    "power of 0": lambda: _rng().power(0),
    "shuffle objects": lambda: _shuffled(np.array([1, "a", None], object)),
    "permuted": lambda: _rng().permuted(np.arange(6).reshape(2, 3), axis=1),
    "permuted out=": lambda: _rng().permuted(np.arange(4), out=np.zeros(4, int)),
    "choice with p": lambda: _rng().choice(4, 5, p=[0.1, 0.2, 0.3, 0.4]),
    "choice of nothing": lambda: _rng().choice([], 1),
    "choice too many": lambda: _rng().choice(2, 3, replace=False),
    "spawn": lambda: [child.integers(100) for child in _rng().spawn(2)],
    "default_rng of RandomState": lambda: np.random.default_rng(np.random.RandomState(7)).random(),
    "default_rng of negative": lambda: np.random.default_rng(-1),
    "copied": lambda: __import__("copy").deepcopy(_rng()).random(),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
