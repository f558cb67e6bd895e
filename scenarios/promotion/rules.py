"""np.result_type, np.can_cast, np.min_scalar_type and their kin: what NumPy says that it would do."""
# /// skew
# links = [
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_ONES = np.ones(2, "f4")
_CASES = {
    "result_type of nothing": lambda: np.result_type(),
    "result_type of 300 and int8": lambda: np.result_type(300, np.int8),
    "result_type of -1 and uint8": lambda: np.result_type(-1, np.uint8),
    "result_type of 2**64": lambda: np.result_type(2**64),
    "result_type of True and int8": lambda: np.result_type(True, np.int8),
    "result_type of 1.5 and int8": lambda: np.result_type(1.5, np.int8),
    "result_type of 1e300 and float32": lambda: np.result_type(1e300, np.float32),
    "result_type of 1j and float32": lambda: np.result_type(1j, np.float32),
    "result_type of float32 array and float64 scalar": lambda: np.result_type(_ONES, np.float64(1)),
    "result_type of uint8 scalar and int8 scalar": lambda: np.result_type(np.uint8(1), np.int8(1)),
    "result_type of int16, uint16, float32": lambda: np.result_type(np.int16, np.uint16, np.float32),
    "result_type of int8, uint8, float16": lambda: np.result_type(np.int8, np.uint8, np.float16),
    "result_type of None": lambda: np.result_type(None, "f4"),
    "result_type of int and float classes": lambda: np.result_type(int, np.float16),
    "promote_types of datetime units": lambda: np.promote_types("M8[D]", "M8[ms]"),
    "promote_types of timedelta units": lambda: np.promote_types("m8[Y]", "m8[D]"),
    "promote_types of int and timedelta": lambda: np.promote_types("i4", "m8[s]"),
    "promote_types of int and datetime": lambda: np.promote_types("i4", "M8[s]"),
    "promote_types of bytes and text": lambda: np.promote_types("S5", "U2"),
    "promote_types of fields": lambda: np.promote_types("i4,f4", "i8,f4"),
    "promote_types of field names": lambda: np.promote_types([("a", "i4")], [("b", "i4")]),
    "promote_types of field orders": lambda: np.promote_types([("a", "i4"), ("b", "i4")], [("b", "i4"), ("a", "i4")]),
    "promote_types of metadata": lambda: dict(np.promote_types("i4", np.dtype("i8", metadata={"a": 1})).metadata or {}),
    "find_common_type": lambda: np.find_common_type([np.float32], [np.int64, np.float64]),
    "min_scalar_type of 300": lambda: np.min_scalar_type(300),
    "min_scalar_type of 1e5": lambda: np.min_scalar_type(1e5),
    "can_cast 5 to uint8": lambda: np.can_cast(5, np.uint8),
    "can_cast 300 to uint8": lambda: np.can_cast(300, np.uint8),
    "can_cast -1 to uint8": lambda: np.can_cast(-1, np.uint8),
    "can_cast 1.5 to float32": lambda: np.can_cast(1.5, np.float32),
    "can_cast True to int8": lambda: np.can_cast(True, np.int8),
    "can_cast int64 scalar to uint8": lambda: np.can_cast(np.int64(5), np.uint8),
    "can_cast float64 scalar to float32": lambda: np.can_cast(np.float64(1), np.float32),
    "can_cast 0-d array to float32": lambda: np.can_cast(np.array(1.0), np.float32),
    "can_cast array to float32": lambda: np.can_cast(np.ones(2), np.float32),
    "can_cast int64 to float32, same_kind": lambda: np.can_cast(np.int64, np.float32, "same_kind"),
    "can_cast int8 to uint8, same_kind": lambda: np.can_cast(np.int8, np.uint8, "same_kind"),
    "can_cast int64 to S4": lambda: np.can_cast("i8", "S4"),
    "can_cast S4 to S3, same_kind": lambda: np.can_cast("S4", "S3", "same_kind"),
    "can_cast text to float, unsafe": lambda: np.can_cast("U3", "f8", "unsafe"),
    "can_cast fields, order swapped": lambda: np.can_cast("i4,i4", [("f1", "i4"), ("f0", "i4")]),
    "can_cast scalar to fields": lambda: np.can_cast("i4", "i4,i4"),
    "can_cast field to scalar": lambda: np.can_cast([("a", "i4")], "i4", "unsafe"),
    "can_cast with same_value": lambda: np.can_cast("i8", "i4", "same_value"),
    "issubdtype of int64 and int": lambda: np.issubdtype(np.int64, int),
    "isdtype": lambda: np.isdtype(np.dtype("f4"), ("integral", "real floating")),
    "iinfo of bool": lambda: np.iinfo(bool),
    "finfo attributes": lambda: [np.finfo("f4").smallest_normal, np.finfo("f4").smallest_subnormal],
    "types of add": lambda: np.add.types[:4],
    "number of types of divide": lambda: len(np.divide.types),
    "resolve_dtypes of a Python int": lambda: np.add.resolve_dtypes((np.dtype("u1"), int, None)),
    "get_state of promotion": lambda: np._get_promotion_state(),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
