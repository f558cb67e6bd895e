"""numpy.char and numpy.strings: comparisons, whitespace, widths of results, variable-width strings."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/neps/nep-0055-string_dtype.html",
#     "https://numpy.org/doc/stable/release/2.3.0-notes.html",
#     "https://numpy.org/doc/stable/reference/routines.strings.html",
# ]
# ///
import numpy as np
from skew import observe

_T = np.array(["abc", "Straße", " x ", ""])
_B = np.array([b"abc", b" x "])
_CALLS = {
    "add": ["!"], "multiply": [2], "center": [5, "*"], "ljust": [5], "zfill": [5], "capitalize": [], "title": [],
    "swapcase": [],
    "upper": [], "lower": [], "strip": [], "rstrip": ["c"], "replace": ["a", "XY"], "count": ["a"], "find": ["b"],
    "index": [""],
    "rfind": ["b", 1], "startswith": ["a"], "endswith": ["c"], "isalpha": [], "isdigit": [], "isspace": [],
    "isnumeric": [],
    "islower": [], "istitle": [], "str_len": [], "encode": ["utf-8"], "expandtabs": [], "partition": ["b"],
    "split": [], "join": ["-"],
    "mod": [0], "equal": ["abc"], "less": ["b"], "translate": [{97: "z"}], "slice": [1, 3],
}
for _module in ["char", "strings"]:
    for _name, _arguments in _CALLS.items():
        _call = lambda: getattr(getattr(np, _module), _name)  # noqa: E731
        _texts = np.array(["%d!", "%5.1f"]) if _name == "mod" else _T
        observe(f"{_module}.{_name}",
                lambda: (_call()("-", _T) if _name == "join" else _call()(_texts, *_arguments)))
_CASES = {
    "char.add of bytes and text": lambda: np.char.add(_B, "!"),
    "strings.equal of trailing space": lambda: np.strings.equal(np.array(["a "]), np.array(["a"])),
    "char.add of numbers": lambda: np.char.add([1], [2]),
    "char.zfill of a sign": lambda: np.char.zfill(["-1", "+1", "1"], 4),
    "chararray": lambda: np.chararray((0,), 3),
    "array + array": lambda: _T + _T,
    "array * 2": lambda: _T * 2,
    "text == bytes": lambda: np.array(["a"]) == np.array([b"a"]),
    "max": lambda: np.max(_T),
    "argmin": lambda: np.argmin(_T),
    "sum": lambda: np.sum(_T),
    "as int of a float": lambda: np.array(["7.0"]).astype(int),
    "as bool": lambda: np.array(["True", "", "0"]).astype(bool),
    "from float32": lambda: np.array([0.1], np.float32).astype("U"),
    "mixed list": lambda: np.array(["a", 1, 2.5]),
    "list with None": lambda: np.array(["a", None]),
    "bytes scalar repr": lambda: repr(np.bytes_(b"a")),
    "loadtxt of a float as int": lambda: np.loadtxt(["1.5"], dtype=int),
    "loadtxt quoted": lambda: np.loadtxt(['"a,b",c'], delimiter=",", dtype="U5", quotechar='"'),
    "genfromtxt": lambda: np.genfromtxt(["1,x", ",3"], delimiter=",", dtype=None, encoding="utf-8"),
    "fromstring with a separator": lambda: np.fromstring("1 2 x", sep=" "),
    "fromstring in binary": lambda: np.fromstring(b"\x01\x02", np.uint8),
    "StringDType": lambda: np.array(["a", "longer"], np.dtypes.StringDType()).tolist(),
    "StringDType + text": lambda: (np.array(["a"], "T") + "b").tolist(),
    "StringDType missing": lambda: np.isnan(np.array(["a", np.nan], np.dtypes.StringDType(na_object=np.nan))),
    "StringDType unique": lambda: np.unique(np.array(["b", "a", "b"], "T")).tolist(),
    "StringDType astype int": lambda: np.array(["7"], "T").astype(int),
    "StringDType of numbers": lambda: np.array([1, 2.5], "T").tolist(),
    "strings.slice default": lambda: np.strings.slice(_T, 2),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
