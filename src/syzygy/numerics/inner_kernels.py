"""How large kernels are compiled: every function once, inside what Python or an integrator calls.

By itself numba optimises each function and makes machine code of it although only compiled code calls it,
which holds a copy; two thirds of the work of a first call went there.  `inner` keeps a function as it was
lowered, for its callers; `outer` compiles what is called from outside, with all it calls, in one go.  Hot
loops that profit from being optimised apart (arrays that do not overlap) are `polished`: optimised for their
callers, but not made machine code by themselves.  `apart` is `njit` with the spared work below and the same
machine code.

Most of what is left is numba's own Python, so that is spared work as well (`sparing_kernels`); passes for
array expressions and closures are left out (kernels are loops over numbers), and nothing is counted by
reference (kernels allocate nothing: one that does is refused by the compiler).

The hooks are numba's own (`pipeline_class`), the classes behind them internal to numba: where a later version
lacks them, both fall back to plain `njit`, slower to compile and with the same results.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from numba import njit

from syzygy.numerics.sparing_kernels import make_sparing

_PLAIN = {"error_model": "numpy", "fastmath": False}
_ALONE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_NEEDLESS = ("with_lifting", "inline_closure_likes", "nopython_rewrites")


def _compilers() -> tuple[Any, Any, Any, Any]:
    """Return the compilers of inner functions, of polished ones, of outer ones, and of those apart."""
    from numba import _dynfunc
    from numba.core.compiler import Compiler as Usual
    from numba.core.compiler import CompilerBase, DefaultPassBuilder
    from numba.core.compiler_machinery import register_pass
    from numba.core.options import DefaultOptions
    from numba.core.typed_passes import NativeLowering

    if not hasattr(DefaultOptions, "_nrt"):
        raise AttributeError("numba has no option for compiling without counting of references")
    held, ready, whole = _libraries()
    sparing = make_sparing()

    @register_pass(mutates_CFG=True, analysis_only=False)
    class HoldCode(NativeLowering):  # type: ignore[misc]
        _name = "hold_code"
        _library = held

        def run_pass(self, state: Any) -> bool:
            state.library = self._library(state.targetctx.codegen(), state.func_id.func_qualname)
            state.flags.no_compile = True
            super().run_pass(state)
            lowered = state["cr"]
            name = lowered.fndesc
            stand_in = _dynfunc.make_function(
                name.lookup_module(), name.qualname, "", 0, lowered.env, (state.library,)
            )
            state.targetctx.insert_user_function(stand_in, name, [state.library])
            state["cr"] = lowered._replace(cfunc=stand_in)
            return True

    @register_pass(mutates_CFG=True, analysis_only=False)
    class HoldPolished(HoldCode):
        _name = "hold_polished"
        _library = ready

    @register_pass(mutates_CFG=True, analysis_only=False)
    class LowerWhole(NativeLowering):  # type: ignore[misc]
        _name = "lower_whole"

        def run_pass(self, state: Any) -> bool:
            state.library = whole(state.targetctx.codegen(), state.func_id.func_qualname)
            state.library.enable_object_caching()
            return bool(super().run_pass(state))

    def compiler(lowering: Any) -> Any:
        class Compiler(CompilerBase):  # type: ignore[misc]
            def compile_extra(self, function: Any) -> Any:
                with sparing():
                    return super().compile_extra(function)

            def define_pipelines(self) -> list[Any]:
                manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
                manager.passes = [
                    (lowering if one is NativeLowering else one, why)
                    for one, why in manager.passes
                    if one.name() not in _NEEDLESS
                ]
                manager._finalized = False
                manager.finalize()
                return [manager]

        return Compiler

    class Apart(Usual):  # type: ignore[misc]
        def compile_extra(self, function: Any) -> Any:
            with sparing():
                return super().compile_extra(function)

    return compiler(HoldCode), compiler(HoldPolished), compiler(LowerWhole), Apart


def _libraries() -> tuple[Any, Any, Any]:
    """Return the stores of code for callers only, of such code optimised, and of code with all it calls."""
    from numba.core.codegen import JITCodeLibrary

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

    class Ready(JITCodeLibrary):  # type: ignore[misc]
        """Code for callers only: optimised by itself, never made machine code."""

        def _finalize_final_module(self) -> None:
            self._finalized = True

    return Held, Ready, Whole


try:
    _held, _ready, _whole, _apart = _compilers()
    inner = njit(pipeline_class=_held, _nrt=False, **_ALONE, **_PLAIN)
    polished = njit(pipeline_class=_ready, _nrt=False, **_ALONE, **_PLAIN)
    outer = partial(njit, cache=True, pipeline_class=_whole, _nrt=False, **_PLAIN)
    apart = partial(njit, pipeline_class=_apart)
except (ImportError, AttributeError):  # another numba, see tests/numerics/test_numerics_inner_kernels.py
    inner = polished = njit(**_ALONE, **_PLAIN)
    outer = partial(njit, cache=True, **_PLAIN)
    apart = njit
