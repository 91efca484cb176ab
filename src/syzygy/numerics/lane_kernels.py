"""Doubles side by side (lanes) as one value of compiled code: one instruction does the same to all of them.

Compilers find such vectors in loops by guessing; here they are said outright, as vectors of LLVM. A lane
never sees its neighbours, every operation is rounded as IEEE says and sums are fused only where `fma` is
written, so a lane gives the same bits in any place, in any company and on any machine. Each intrinsic is one
instruction (two or three for `spread` and the patterns); a machine with narrower vectors takes two of them.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

LANES = 4
_DOUBLE = ir.DoubleType()
_VECTOR = ir.VectorType(_DOUBLE, LANES)
_WORDS = ir.VectorType(ir.IntType(64), LANES)
_PLACES = ir.VectorType(ir.IntType(32), LANES)


class LanesType(types.Type):  # type: ignore[misc]
    """The type of a value of several lanes."""

    def __init__(self) -> None:
        super().__init__(name=f"lanes of {LANES}")


lanes = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _call(builder: Any, name: str, operands: Any) -> Any:
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(operands))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"{name}.v{LANES}f64"), operands)


def _address(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, operands[0])
    place = builder.gep(array.data, [operands[1]], source_etype=_DOUBLE)
    return builder.bitcast(place, _VECTOR.as_pointer())


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def load(typing, array, index):  # type: ignore[no-untyped-def]
    """Return the lanes of a contiguous array from an index on."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        return builder.load(_address(context, builder, signature, operands), typ=_VECTOR, align=8)

    return lanes(array, types.intp), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def store(typing, array, index, value):  # type: ignore[no-untyped-def]
    """Put lanes into a contiguous array from an index on."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        builder.store(operands[2], _address(context, builder, signature, operands), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def spread(typing, value):  # type: ignore[no-untyped-def]
    """Return one number in every lane."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        nothing = ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(nothing, operands[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, nothing, ir.Constant(_PLACES, [0] * LANES))

    return lanes(types.float64), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def fma(typing, a, b, c):  # type: ignore[no-untyped-def]
    """Return a b + c, rounded once."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        return _call(builder, "llvm.fma", operands)

    return lanes(lanes, lanes, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def root(typing, a):  # type: ignore[no-untyped-def]
    """Return the square root."""
    return lanes(lanes), lambda context, builder, signature, operands: _call(builder, "llvm.sqrt", operands)


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def size(typing, a):  # type: ignore[no-untyped-def]
    """Return the absolute value."""
    return lanes(lanes), lambda context, builder, signature, operands: _call(builder, "llvm.fabs", operands)


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def whole(typing, a):  # type: ignore[no-untyped-def]
    """Return the largest whole number not above."""
    return lanes(lanes), lambda context, builder, signature, operands: _call(builder, "llvm.floor", operands)


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def larger(typing, a, b):  # type: ignore[no-untyped-def]
    """Return the larger of two; where one is not a number, the second."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        return builder.select(builder.fcmp_ordered(">", *operands), *operands)

    return lanes(lanes, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def smaller(typing, a, b):  # type: ignore[no-untyped-def]
    """Return the smaller of two; where one is not a number, the second."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        return builder.select(builder.fcmp_ordered("<", *operands), *operands)

    return lanes(lanes, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def pattern(typing, a):  # type: ignore[no-untyped-def]
    """Return the bits of doubles, read as integers, as doubles."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        return builder.sitofp(builder.bitcast(operands[0], _WORDS), _VECTOR)

    return lanes(lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def of_pattern(typing, a):  # type: ignore[no-untyped-def]
    """Return the doubles of bits given as `pattern` gives them."""

    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        return builder.bitcast(builder.fptosi(operands[0], _WORDS), _VECTOR)

    return lanes(lanes), code


def _declare_operator(sign: Any, instruction: str) -> None:
    @type_callable(sign)  # type: ignore[untyped-decorator, unused-ignore]
    def of_types(context):  # type: ignore[no-untyped-def]
        def resolve(a, b):  # type: ignore[no-untyped-def]
            both = isinstance(a, LanesType) and isinstance(b, LanesType)
            return lanes if both else None

        return resolve

    @lower_builtin(sign, LanesType, LanesType)  # type: ignore[untyped-decorator, unused-ignore]
    def code(context, builder, signature, operands):  # type: ignore[no-untyped-def]
        return getattr(builder, instruction)(*operands)


for _sign, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _declare_operator(_sign, _instruction)
