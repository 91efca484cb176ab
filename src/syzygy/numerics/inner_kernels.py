"""How large kernels are compiled: every function once, inside what Python or an integrator calls.

By itself numba optimises each function and makes machine code of it although only compiled code calls it,
which holds a copy; two thirds of the work of a first call went there.  `inner` keeps a function as it was
lowered, for its callers; `outer` compiles what is called from outside, with all it calls, in one go.  Hot
loops that profit from being optimised apart (arrays that do not overlap) stay with plain `njit`.

The hooks are numba's own (`pipeline_class`), the classes behind them internal to numba: where a later version
lacks them, both fall back to plain `njit`, slower to compile and with the same results.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from numba import njit

_PLAIN = {"error_model": "numpy", "fastmath": False}
_ALONE = {**_PLAIN, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def _compilers() -> tuple[Any, Any]:
    """Return the compiler of inner and that of outer functions."""
    from numba import _dynfunc
    from numba.core.codegen import JITCodeLibrary
    from numba.core.compiler import CompilerBase, DefaultPassBuilder
    from numba.core.compiler_machinery import register_pass
    from numba.core.typed_passes import NativeLowering

    class Lowered(JITCodeLibrary):  # type: ignore[misc]
        """Code as it was lowered."""

        def add_llvm_module(self, ll_module: Any) -> None:
            ll_module.data_layout = self._codegen._data_layout
            self._final_module.link_in(ll_module)

    class Held(Lowered):
        """Code for callers only: never optimised or made machine code by itself."""

        def finalize(self) -> None:
            self._raise_if_finalized()
            for library in dict.fromkeys(self._linking_libraries):
                self._final_module.link_in(library._get_module_for_linking(), preserve=True)
            self._finalized = True

    class Whole(Lowered):
        """Code with all that it calls, optimised once."""

        def _optimize_final_module(self) -> None:
            passes, builder = self._codegen._module_pass_manager()
            passes.run(self._final_module, builder)

    @register_pass(mutates_CFG=True, analysis_only=False)
    class HoldCode(NativeLowering):  # type: ignore[misc]
        _name = "hold_code"

        def run_pass(self, state: Any) -> bool:
            state.library = Held(state.targetctx.codegen(), state.func_id.func_qualname)
            state.flags.no_compile = True
            super().run_pass(state)
            held = state["cr"]
            name = held.fndesc
            stand_in = _dynfunc.make_function(
                name.lookup_module(), name.qualname, "", 0, held.env, (state.library,)
            )
            state.targetctx.insert_user_function(stand_in, name, [state.library])
            state["cr"] = held._replace(cfunc=stand_in)
            return True

    @register_pass(mutates_CFG=True, analysis_only=False)
    class LowerWhole(NativeLowering):  # type: ignore[misc]
        _name = "lower_whole"

        def run_pass(self, state: Any) -> bool:
            state.library = Whole(state.targetctx.codegen(), state.func_id.func_qualname)
            state.library.enable_object_caching()
            return bool(super().run_pass(state))

    def compiler(lowering: Any) -> Any:
        class Compiler(CompilerBase):  # type: ignore[misc]
            def define_pipelines(self) -> list[Any]:
                manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
                manager.passes = [
                    (lowering if one is NativeLowering else one, why) for one, why in manager.passes
                ]
                manager._finalized = False
                manager.finalize()
                return [manager]

        return Compiler

    return compiler(HoldCode), compiler(LowerWhole)


try:
    _held, _whole = _compilers()
    inner = njit(pipeline_class=_held, **_ALONE)
    outer = partial(njit, cache=True, pipeline_class=_whole, **_PLAIN)
except (ImportError, AttributeError):  # pragma: no cover - another numba
    inner = njit(**_ALONE)
    outer = partial(njit, cache=True, **_PLAIN)
