"""The public names of NumPy's namespaces since 1.18, and which of them came, warn or are gone."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/reference/module_structure.html",
# ]
# ///
import importlib
import inspect

from skew import observe

_NAMES = {
    "numpy.char": "asarray bytes_ chararray compare_chararrays decode string_ unicode_",
    "numpy.ctypeslib": "as_array as_ctypes as_ctypes_type c_intp load_library ndpointer",
    "numpy.dtypes": """
        BoolDType Complex128DType DateTime64DType Float16DType Float64DType Int64DType LongDType ObjectDType
        register_dlpack_dtype StrDType StringDType UInt8DType VoidDType
    """,
    "numpy.emath": "arccos arccosh arcsin arctanh log log10 log2 logn power sqrt",
    "numpy.exceptions": """
        AxisError ComplexWarning DTypePromotionError ModuleDeprecationWarning RankWarning TooHardError
        VisibleDeprecationWarning
    """,
    "numpy.fft": "fft fft2 fftfreq fftshift ifft irfft rfft rfftfreq",
    "numpy.lib": """
        add_docstring add_newdoc array_utils arraysetops Arrayterator financial format function_base introspect mixins
        npyio NumpyVersion pad scimath shape_base stride_tricks tracemalloc_domain type_check unique utils
    """,
    "numpy.lib.array_utils": "byte_bounds normalize_axis_index normalize_axis_tuple",
    "numpy.lib.format": """
        descr_to_dtype drop_metadata dtype_to_descr open_memmap read_array read_array_header_1_0 read_magic safe_eval
        write_array
    """,
    "numpy.lib.mixins": "NDArrayOperatorsMixin",
    "numpy.lib.npyio": "DataSource loads NpzFile",
    "numpy.lib.recfunctions": """
        append_fields get_names join_by merge_arrays rec_append_fields rec_join repack_fields structured_to_unstructured
        unstructured_to_structured
    """,
    "numpy.lib.stride_tricks": "as_strided broadcast_arrays broadcast_shapes broadcast_to sliding_window_view",
    "numpy.linalg": """
        cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lapack_lite linalg LinAlgError lstsq matmul
        matrix_norm matrix_power matrix_rank matrix_transpose multi_dot norm outer pinv qr slogdet solve svd svdvals
        tensordot tensorinv tensorsolve trace vecdot vector_norm
    """,
    "numpy.ma": """
        alltrue core extras getmask in1d innerproduct isin MaskedArray maximum_fill_value mr_ mvoid ndenumerate
        ones_like outerproduct product ptp round_ row_stack sometrue vstack zeros_like
    """,
    "numpy.polynomial": "Chebyshev Hermite HermiteE Laguerre Legendre Polynomial polyutils set_default_printstyle",
    "numpy.random": """
        bit_generator BitGenerator choice default_rng Generator get_bit_generator MT19937 mtrand normal PCG64 PCG64DXSM
        permutation Philox rand randint randn random random_integers random_sample RandomState seed SeedSequence
        set_bit_generator shuffle standard_normal
    """,
    "numpy.rec": "array find_duplicate format_parser fromarrays fromfile fromrecords fromstring recarray record",
    "numpy.strings": """
        add count decode encode expandtabs find mod multiply partition replace slice startswith str_len strip upper
    """,
    "numpy.testing": """
        assert_ assert_allclose assert_almost_equal assert_approx_equal assert_array_almost_equal assert_array_equal
        assert_array_less assert_equal assert_no_warnings assert_raises assert_raises_regex assert_string_equal
        assert_warns clear_and_catch_warnings dec KnownFailureException overrides raises run_module_suite run_threaded
        SkipTest suppress_warnings tempdir temppath Tester
    """,
    "numpy.typing": "ArrayLike DTypeLike NBitBase NDArray",
}


def _kind(value):
    """What a name is, so coarsely that another way to implement it makes no difference."""
    if inspect.ismodule(value):
        return "module"
    if isinstance(value, type):
        return "built-in class" if value.__module__ == "builtins" else "class"
    return "callable" if callable(value) else "constant"


for _namespace, _names in _NAMES.items():
    for _name in _names.split():
        observe("%s.%s" % (_namespace, _name), lambda: _kind(getattr(importlib.import_module(_namespace), _name)))
