"""Which submodules of both packages can be imported, old and private ones that people import included."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/module_structure.html",
#     "https://numpy.org/doc/stable/reference/distutils_status_migration.html",
#     "https://www.tensorflow.org/guide/versions",
# ]
# ///
import importlib

from skew import observe

_MODULES = {
    "numpy": """
        _core _core.multiarray array_api char compat core core._multiarray_umath core.fromnumeric core.multiarray
        core.numeric core.numerictypes core.umath ctypeslib distutils dtypes exceptions f2py fft fft.helper
        lib.array_utils lib.arraysetops lib.financial lib.format lib.function_base lib.introspect lib.nanfunctions
        lib.recfunctions lib.stride_tricks lib.utils linalg.lapack_lite linalg.linalg ma.mrecords matlib random.mtrand
        strings testing.decorators testing.overrides testing.utils typing typing.mypy_plugin
    """,
    "tensorflow": """
        compat.v1 compiler.tf2xla.python.xla contrib core.protobuf.config_pb2 estimator keras keras.layers
        keras.optimizers keras.preprocessing.text lite.python.lite python.compiler.tensorrt
        python.data.ops.dataset_ops python.distribute.mirrored_strategy python.eager.context
        python.eager.polymorphic_function python.estimator python.framework.dtypes python.framework.ops
        python.framework.tensor python.framework.tensor_shape python.keras python.keras.engine python.keras.layers
        python.keras.utils.generic_utils python.ops.math_ops python.ops.resource_variable_ops python.ops.rnn_cell_impl
        python.tools.freeze_graph python.trackable python.training.tracking python.util.nest python.util.tf_export
        tools.graph_transforms tsl
    """,
}
for _package, _modules in _MODULES.items():
    for _module in _modules.split():
        _path = "%s.%s" % (_package, _module)
        observe(_path, lambda: importlib.import_module(_path) and "module")
