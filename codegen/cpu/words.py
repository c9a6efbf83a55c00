"""Elements as integers whose order is the order of a sort, and back.

Floats map to integers of their width in order: where the sign is set, all other bits are inverted.
Downwards all bits are. NaN lies above, either way: no number reaches the patterns above infinity.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import bf16, f16, f32, f64

from .sorting import FLOAT_BITS, Sorting
from .spelling import SMALL_FLOATS, splat, vector
from .writer import Val, Writer

_FLOAT_BASE = 1 << FLOAT_BITS  # the exponent of all words that are compared as `f64`
_INFINITY = {f16: 0x7C00, bf16: 0x7F80, f32: 0x7F80_0000, f64: 0x7FF0_0000_0000_0000}


class Words:
    """The words of one sort; every vector is a list of them, the position in the last."""

    def __init__(self, writer: Writer, op: ir.Sort, sorting: Sorting) -> None:
        self.writer = writer
        self.sorting = sorting
        self.dtype = op.x.tile.dtype
        self.bits = self.dtype.bits
        self.key = f"i{self.bits}"
        self.word = f"i{sorting.bits}"
        self.most = (1 << (self.bits - 1)) - 1
        self.descending = op.descending
        self.has_positions = op.kind == "positions"

    @property
    def behind(self) -> str:
        """What is larger than every element: the largest word."""
        if self.sorting.as_floats:
            return str(_FLOAT_BASE + (1 << FLOAT_BITS) - 1)
        return str((1 << (self.sorting.bits - 1)) - 1)

    @property
    def infinity(self) -> int:
        """The bits of the largest float that is a number."""
        if self.dtype in SMALL_FLOATS:
            return SMALL_FLOATS[self.dtype][3]
        return _INFINITY[self.dtype]

    # --- elements to words

    def encode(self, x: Val, first: Val, lanes_step: int) -> list[Val]:
        """The words of elements at positions `first`, `first + lanes_step`, ..."""
        key = self._key(x)
        if not self.has_positions:
            return [key]
        positions = self._positions(first, x.lanes, lanes_step)
        if self.sorting.words == 2:
            return [key, positions]
        as_floats = self.sorting.as_floats
        key = self._with(key, "xor", ~self.most) if as_floats else key
        word = self._resized(key, self.word, "zext" if as_floats else "sext")
        if self.sorting.position_bits:
            word = self._with(word, "shl", self.sorting.position_bits)
            word = self._put(f"or {word}, {positions.text}", word)
        return [self._with(word, "or", _FLOAT_BASE) if as_floats else word]

    def _key(self, x: Val) -> Val:
        if self.dtype.is_float:
            return self._float_key(x)
        if self.dtype.is_integer and not self.dtype.is_signed:
            x = self._with(x, "xor", ~self.most)
        return self._with(x, "xor", -1) if self.descending else x

    def _float_key(self, x: Val) -> Val:
        magnitude = self._with(x, "and", self.most)
        key = self._inverted_below(x)
        if self.has_positions:  # zeros are equal, and so is NaN: their positions decide
            is_zero = self._test("eq", magnitude, 0)
            zero = splat("0", self.key, x.lanes)
            key = self._put(f"select {is_zero}, {x.type} {zero}, {key}", x)
        if self.descending:
            key = self._with(key, "xor", -1)
        is_nan = self._test("sgt", magnitude, self.infinity)
        last = f"{x.type} {splat(str(self.most), self.key, x.lanes)}"
        return self._put(f"select {is_nan}, {last if self.has_positions else magnitude}, {key}", x)

    def _inverted_below(self, x: Val) -> Val:
        """All bits but the sign inverted where it is set; its own inverse."""
        sign = self._with(x, "ashr", self.bits - 1)
        flip = self._with(sign, "and", self.most)
        return self._put(f"xor {x}, {flip.text}", x)

    def _positions(self, first: Val, lanes: int, step: int) -> Val:
        kind = self.word
        start = first.text if kind == "i64" else self._trunc(first, kind).text
        if not start.startswith("%"):
            text = ", ".join(f"{kind} {int(start) + n * step}" for n in range(lanes))
            text = f"<{text}>"
            return Val(text, kind, lanes, self.writer.level)
        whole = vector(kind, lanes)
        single = self.writer.put(
            f"insertelement {whole} poison, {kind} {start}, i64 0", kind, lanes
        )
        spread = self.writer.put(
            f"shufflevector {single}, {whole} poison, <{lanes} x i32> zeroinitializer", kind, lanes
        )
        if not step:
            return spread
        numbers = ", ".join(f"{kind} {n * step}" for n in range(lanes))
        return self.writer.put(f"add {spread}, <{numbers}>", kind, lanes)

    # --- words to elements

    def decode(self, words: list[Val]) -> Val:
        """The elements that words stand for, or their positions as `i32`."""
        if self.has_positions:
            word = words[-1]
            if self.sorting.words == 1:
                word = self._with(word, "and", (1 << self.sorting.position_bits) - 1)
            return self._resized(word, "i32", "zext")
        key = words[0]
        if not self.dtype.is_float:
            if self.descending:
                key = self._with(key, "xor", -1)
            is_unsigned = self.dtype.is_integer and not self.dtype.is_signed
            return self._with(key, "xor", ~self.most) if is_unsigned else key
        is_nan = self._test("sgt", key, self.infinity)
        up = self._with(key, "xor", -1) if self.descending else key
        number = self._inverted_below(up)
        return self._put(f"select {is_nan}, {key}, {number}", key)

    # --- pieces

    def _with(self, x: Val, operator: str, number: int) -> Val:
        return self._put(f"{operator} {x}, {splat(str(number), x.element, x.lanes)}", x)

    def _test(self, kind: str, x: Val, number: int) -> Val:
        text = f"icmp {kind} {x}, {splat(str(number), x.element, x.lanes)}"
        return self.writer.put(text, "i1", x.lanes)

    def _put(self, text: str, like: Val) -> Val:
        return self.writer.put(text, like.element, like.lanes)

    def _resized(self, x: Val, kind: str, how: str) -> Val:
        """An integer in another width."""
        before, after = int(x.element[1:]), int(kind[1:])
        if before == after:
            return x
        how = how if after > before else "trunc"
        return self.writer.put(f"{how} {x} to {vector(kind, x.lanes)}", kind, x.lanes)

    def _trunc(self, x: Val, kind: str) -> Val:
        if not x.text.startswith("%"):
            return x
        return self.writer.put(f"trunc {x} to {kind}", kind, 0)
