"""Names of the parameters of NumPy's most used functions: `=` marks a default, `*` keyword-only."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.1.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.4.0-notes.html",
# ]
# ///
import inspect

import numpy as np
from skew import observe

_FUNCTIONS = """
add all allclose arange argmax argsort array array2string array_equal array_repr array_split asarray astype average
bincount broadcast_arrays can_cast clip concatenate copy cross cumsum cumulative_sum diag diff dtype einsum empty
empty_like exp fft.fft fft.rfft fromfile fromstring full full_like histogram in1d isclose isin linalg.lstsq
linalg.matrix_norm linalg.matrix_rank linalg.pinv linspace load loadtxt matmul matrix_transpose max mean median meshgrid
nan_to_num nanpercentile nansum ndarray.astype ndarray.reshape ndarray.sort ones pad percentile ptp quantile
random.default_rng random.Generator.choice random.Generator.integers random.Generator.shuffle random.RandomState.randint
random.seed reshape result_type round round_ save searchsorted set_printoptions sort split stack std sum
testing.assert_allclose testing.assert_array_equal transpose trapezoid trapz trim_zeros unique unravel_index var
vectorize.__init__ vstack where zeros
"""


def _signature(path):
    function = np
    for part in path.split("."):
        function = getattr(function, part)
    words, before = [], None
    for name, parameter in inspect.signature(function).parameters.items():
        keywords = parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL
        if parameter.kind == parameter.KEYWORD_ONLY and before not in keywords:
            words.append("*")
        if before == parameter.POSITIONAL_ONLY != parameter.kind:
            words.append("/")
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        words.append(stars + name + ("" if parameter.default is parameter.empty else "="))
        before = parameter.kind
    return ", ".join(words + ["/"] if before == inspect.Parameter.POSITIONAL_ONLY else words)


for _path in _FUNCTIONS.split():
    observe("np.%s" % _path, lambda: _signature(_path))
