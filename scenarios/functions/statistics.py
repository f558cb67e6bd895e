"""Percentiles, histograms and moments: methods, renamed arguments, empty and NaN input."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.22.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.2.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.4.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_X = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
_N = np.array([[1.0, np.nan], [3.0, np.nan]])
for _method in ["inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen",
    "weibull",
                "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"]:
    observe("quantile, method " + _method, lambda: np.quantile(_X, [0.0, 0.3, 0.5, 1.0], method=_method))
for _bins in ["auto", "fd", "doane", "scott", "stone", "rice", "sturges", "sqrt"]:
    observe("bin edges, " + _bins, lambda: np.histogram_bin_edges(_X, _bins))
    observe("bin edges of ints, " + _bins, lambda: np.histogram_bin_edges(np.array([1, 2, 2, 3, 3, 3]), _bins))
_CASES = {
    "percentile interpolation=": lambda: np.percentile(_X, 30, interpolation="lower"),
    "percentile of ints, lower": lambda: np.percentile(np.arange(5), 30, method="lower"),
    "percentile of float16": lambda: np.percentile(_X.astype(np.float16), 30),
    "percentile out of range": lambda: np.percentile(_X, 101),
    "percentile of empty": lambda: np.percentile([], 50),
    "percentile of complex": lambda: np.percentile([1j, 2j], 50),
    "percentile of bool": lambda: np.percentile([True, False], 50),
    "percentile of timedelta": lambda: np.percentile(np.array([1, 3], "m8[s]"), 50),
    "quantile with weights": lambda: np.quantile(_X, 0.5, weights=[1, 1, 1, 1, 4], method="inverted_cdf"),
    "quantile with weights, linear": lambda: np.quantile(_X, 0.5, weights=[1, 1, 1, 1, 4]),
    "quantile of Fractions": lambda: str(np.quantile(np.array([__import__("fractions").Fraction(1, 3)] * 2), 0.5)),
    "nanmedian": lambda: np.nanmedian(_N, axis=1),
    "histogram": lambda: np.histogram(_X, bins=3),
    "histogram normed": lambda: np.histogram(_X, bins=2, normed=True)[0],
    "histogram with weights": lambda: np.histogram(_X, bins=2, weights=[1, 1, 1, 1, 2.5])[0],
    "histogram unsorted bins": lambda: np.histogram(_X, bins=[3, 1]),
    "digitize not monotonic": lambda: np.digitize([0.5], [1.0, 3.0, 2.0]),
    "bincount of uint64": lambda: np.bincount(np.array([1], np.uint64)),
    "bincount minlength None": lambda: np.bincount([1], minlength=None),
    "average keepdims": lambda: np.average(_N[:, :1], axis=0, keepdims=True),
    "average of zero weights": lambda: np.average([1.0], weights=[0]),
    "average of 2-d weights": lambda: np.average(np.ones((2, 2, 2)), axis=(0, 1), weights=np.ones((2, 2))),
    "cov": lambda: np.cov([1.0, 2.0, 4.0], [1.0, 3.0, 2.0]),
    "cov of float32": lambda: np.cov(np.float32([[1, 2, 4]]), dtype=np.float32),
    "cov of a row as column": lambda: np.cov(np.array([[1.0, 2.0, 3.0]]), rowvar=False),
    "corrcoef": lambda: np.corrcoef([1.0, 2.0, 4.0], [1.0, 3.0, 2.0]),
    "corrcoef bias=": lambda: np.corrcoef([1.0, 2.0], [1.0, 3.0], bias=True),
    "var correction=": lambda: np.var(_X, correction=1),
    "var mean=": lambda: np.var(_X, mean=np.mean(_X)),
    "var where=": lambda: np.var(_X, where=_X > 2),
    "var of empty": lambda: np.var([]),
    "mean of text": lambda: np.mean(["a"]),
    "mean of int8 as int8": lambda: np.mean(np.array([100, 100], np.int8), dtype=np.int8),
    "max of ragged": lambda: np.max([[1], [2, 3]]),
    "min with where and initial": lambda: np.min(_X, where=_X > 4, initial=99),
    "sum of generator": lambda: np.sum(x for x in [1, 2]),
    "nanmean all NaN": lambda: np.nanmean(_N, axis=0),
    "nancumsum": lambda: np.nancumsum(_N),
    "correlate old behaviour": lambda: np.correlate([1, 2, 3], [0, 1], old_behavior=True),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
