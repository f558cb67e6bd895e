"""Spellings of a dtype: which are accepted, warned about, or mean something else."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/reference/arrays.dtypes.html",
# ]
# ///
import datetime as _datetime
import decimal as _decimal

import numpy as np
from skew import observe

_SPELLINGS = [
    "int", "uint", "long", "ulong", "intp", "int_", "int0", "uint0", "float", "float_", "complex_", "longfloat",
    "bool", "bool_", "bool8", "n", "l", "str", "str0", "str_", "unicode", "unicode_", "U", "bytes", "bytes0",
    "bytes_", "string_", "a", "a3", "object0", "object_", "O4", "void0", "Int32", "Float64", "float128", "datetime64",
    "m8[10]", "i4,f8", "i4,", ",i4", "(2,)i4", "(1,)i4", "1i4", "1i4,i4", "()i4", "(2)i4", "!f4", "T", "StringDType",
    "bfloat16", "",
]
for _text in _SPELLINGS:
    observe("'%s'" % _text, lambda: np.dtype(_text).str)

_OBJECTS = {
    "None": lambda: None,
    "type": lambda: type,
    "list": lambda: list,
    "np.generic": lambda: np.generic,
    "np.number": lambda: np.number,
    "np.integer": lambda: np.integer,
    "np.signedinteger": lambda: np.signedinteger,
    "np.unsignedinteger": lambda: np.unsignedinteger,
    "np.inexact": lambda: np.inexact,
    "np.floating": lambda: np.floating,
    "np.complexfloating": lambda: np.complexfloating,
    "np.character": lambda: np.character,
    "np.flexible": lambda: np.flexible,
    "np.int_": lambda: np.int_,
    "np.long": lambda: np.long,
    "np.dtypes.Int32DType": lambda: np.dtypes.Int32DType,
    "np.dtypes.StringDType": lambda: np.dtypes.StringDType(),
    "list of fields without names": lambda: [("", "i4"), ("", "f8")],
    "dict of fields": lambda: {"names": ["a", "b"], "formats": ["i1", "f8"], "aligned": True},
    "subarray of one": lambda: ("i4", 1),
    "object with a dtype": lambda: np.ones(2, "f4"),
}
for _name, _find in _OBJECTS.items():
    observe(_name, lambda: np.dtype(_find()).descr)
