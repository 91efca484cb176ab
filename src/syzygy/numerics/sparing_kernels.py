"""What numba's own Python does over and over while it compiles, done once.

Within `sparing`, what an operator makes of its types is looked up once and remembered (by itself numba tries
some twenty overloads at every multiplication, in typing and again in lowering), tables of implementations
are read again only after something was added to them, the size of a type is asked of LLVM once, and the
collector of garbage rests.  Answers are those that numba would find; nothing stays changed behind it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any


def make_sparing() -> Any:
    """Return the context; compiling holds numba's global lock, so no two threads are in it.

    Raises
    ------
    ImportError, AttributeError
        This numba is another one.
    """
    from llvmlite.ir.types import Type  # type: ignore[import-untyped]
    from numba.core import base, ir
    from numba.core.types.functions import BaseFunction

    _import_without_blas()
    patches = (
        (BaseFunction, "get_call_type", _remembered_types(BaseFunction.get_call_type)),
        (base.BaseContext, "refresh", _refreshed_when_more(base.BaseContext.refresh)),
        (base, "_has_loc", _loc_by_code(base._has_loc)),
        (Type, "get_abi_size", _size_asked_once(Type.get_abi_size)),
        (ir.Inst, "_rec_list_vars", _list_variables(ir)),
    )

    @contextmanager
    def sparing() -> Iterator[None]:
        with ExitStack() as after:
            for owner, name, ours in patches:
                after.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, ours)
            if gc.isenabled():
                gc.disable()
                after.callback(gc.enable)
            yield

    return sparing


def _import_without_blas() -> None:
    """Import what every compilation imports, without SciPy's linear algebra.

    Numba imports that only to see whether it is there, and again wherever it is needed.
    """
    if "numba.np.arraymath" in sys.modules or find_spec("scipy") is None:
        return
    from numba.np import linalg

    ensure = linalg.ensure_blas
    linalg.ensure_blas = lambda: None
    try:
        from numba.np import arraymath
    finally:
        linalg.ensure_blas = ensure
    arraymath.ensure_blas = ensure


def _remembered_types(resolve: Any) -> Callable[..., Any]:
    from numba.core import types
    from numba.core.targetconfig import ConfigStack

    plain: Any = types.misc.unliteral
    known: dict[Any, dict[Any, Any]] = {}
    latest: list[Any] = [None, {}]

    def learnt() -> Any:
        """Return what is known under the flags now compiled with: an allocation is allowed by some only."""
        flags = ConfigStack.top_or_none()
        if flags is not latest[0]:
            latest[:] = flags, known.setdefault(flags and flags.copy(), {})
        return latest[1]

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        """Return the signature of a built-in function for types; numba tries types without literals first."""
        if kws:
            return resolve(self, context, args, kws)
        if not any(getattr(template, "prefer_literal", True) for template in self.templates):
            args = tuple(plain(one) for one in args)
        table = learnt()
        found = table.get((self, args))
        # Another object of the same function may not have learnt yet what it calls for these types.
        if found is None or found.args not in getattr(self, "_impl_keys", ()):
            found = table[self, args] = resolve(self, context, args, kws)
        return found

    return get_call_type


def _refreshed_when_more(refresh: Any) -> Callable[..., None]:
    """Return a refresh of the tables that does nothing unless modules or registrations are more."""
    seen: dict[int, tuple[int, int]] = {}

    def size_of(context: Any) -> tuple[int, int]:
        count = 0
        for one in (context, context.typing_context):
            for registry, loader in one._registries.items():
                for name in loader.registry_items:
                    count += len(getattr(registry, name))
        return len(sys.modules), count

    def refresh_when_more(self: Any) -> None:
        if seen.get(id(self)) != size_of(self):
            refresh(self)
            seen[id(self)] = size_of(self)

    return refresh_when_more


def _loc_by_code(ask: Any) -> Callable[[Any], bool]:
    """Return whether a function takes `loc`, read from its code where it has some."""

    def has_loc(function: Any) -> bool:
        inner = function
        while "__wrapped__" in getattr(inner, "__dict__", ()):
            inner = inner.__wrapped__
        code = getattr(inner, "__code__", None)
        if code is None or hasattr(inner, "__self__") or "__signature__" in inner.__dict__:
            return bool(ask(function))
        return "loc" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    return has_loc


def _size_asked_once(ask: Any) -> Callable[..., int]:
    """Return the size of a type, remembered unless its name stands for a structure."""
    known: dict[tuple[Any, str], int] = {}

    def get_abi_size(self: Any, target_data: Any, context: Any = None) -> int:
        text = str(self)
        if "%" in text:
            return int(ask(self, target_data, context))
        size = known.get((target_data, text))
        if size is None:
            size = known[target_data, text] = int(ask(self, target_data, context))
        return size

    return get_abi_size


def _list_variables(ir: Any) -> Callable[[Any, Any], list[Any]]:
    """Return the variables in an instruction or a nest of them, in the same order, in one list."""
    variable, instruction = ir.Var, ir.Inst
    others: set[type] = set()

    def collect(value: Any, found: list[Any]) -> None:
        kind = type(value)
        if kind in others:
            return
        if isinstance(value, variable):
            found.append(value)
        elif isinstance(value, instruction):
            found.extend(value.list_vars())
        elif isinstance(value, list | tuple):
            for one in value:
                collect(one, found)
        elif isinstance(value, dict):
            for one in value.values():
                collect(one, found)
        else:
            others.add(kind)

    def list_variables(self: Any, value: Any) -> list[Any]:
        found: list[Any] = []
        collect(value, found)
        return found

    return list_variables
