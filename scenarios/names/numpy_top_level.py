"""Public names of NumPy's top level since 1.18: what each is, whether it warns, whether it is gone."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import inspect

import numpy as np
from skew import observe

_NAMES = """
abs absolute acos add add_newdoc all allclose ALLOW_THREADS alltrue amax amin any arange arctan argmax argmin
argpartition argsort argwhere around array array2string array_equal array_repr array_str asanyarray asarray
ascontiguousarray asfarray asin asscalar astype atan atan2 atleast_1d atleast_2d atleast_3d average AxisError bincount
bitwise_count bitwise_invert bitwise_left_shift bitwise_right_shift block bool bool8 bool_ broadcast broadcast_arrays
broadcast_shapes broadcast_to BUFSIZE byte_bounds bytes_ c_ can_cast cast cbrt ceil cfloat char character chararray CLIP
clip clongdouble column_stack common_type compare_chararrays compat complex complex128 complex64 complex_
complexfloating ComplexWarning concat concatenate conj conjugate convolve copy core corrcoef cos count_nonzero cov cross
ctypeslib cumprod cumproduct cumsum cumulative_prod cumulative_sum DataSource datetime64 delete deprecate diag diagonal
diff disp divide dot dtype dtypes einsum einsum_path emath empty ERR_WARN errstate exceptions exp expand_dims eye False_
fastCopyAndTranspose fft find_common_type finfo fix flip float float16 float32 float64 float_ floating floor
floor_divide format_parser from_dlpack frombuffer fromstring full genfromtxt get_include get_printoptions geterr
gradient half histogram histogram_bin_edges histogramdd hstack iinfo imag in1d Inf inf Infinity info infty insert int
int16 int32 int64 int8 int_ intc intersect1d intp invert irr isdtype isin isnan issubdtype issubsctype iterable lexsort
lib linalg linspace little_endian load loads loadtxt log long longdouble longfloat lookfor ma MachAr mafromtxt mat math
matmul matrix matrix_transpose matrixlib matvec max maximum maximum_sctype mean median memmap meshgrid mgrid min
min_scalar_type minimum mod moveaxis msort multiply NAN NaN nan nanmean nansum nbytes ndarray ndfromtxt ndindex nditer
newaxis NINF npv obj2sctype object object_ ones pad percentile permute_dims pi PINF pmt poly1d polynomial pow power
printoptions prod product ptp quantile r_ random RankWarning ravel real rec recarray recfromcsv recfromtxt record repeat
reshape resize result_type roll rollaxis round round_ row_stack safe_eval save savetxt savez savez_compressed ScalarType
sctype2char sctypeDict sctypes set_numeric_ops set_printoptions set_string_function seterr shape show_config
show_runtime sign signedinteger sin sometrue sort source split sqrt squeeze stack std str str0 str_ string_ strings sum
take take_along_axis tan tensordot test Tester testing tile timedelta64 trace transpose trapezoid trapz tril trim_zeros
triu True_ true_divide typeDict typename ufunc uint uint8 uintp ulong unicode unicode_ unique unique_all unique_counts
unique_inverse unique_values unravel_index unsignedinteger unstack var vdot vecdot vecmat vectorize version
VisibleDeprecationWarning void vstack where who zeros
"""


def _kind(value):
    """What a name is, so coarsely that another way to implement it makes no difference."""
    if inspect.ismodule(value):
        return "module"
    if isinstance(value, type):
        return "built-in class" if value.__module__ == "builtins" else "class"
    return "callable" if callable(value) else "constant"


for _name in _NAMES.split():
    observe("np.%s" % _name, lambda: _kind(getattr(np, _name)))
