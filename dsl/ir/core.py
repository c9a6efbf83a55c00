"""Values, ops, blocks and functions: what every instruction has in common.

An op *is* the value it defines. Ops are immutable and compared by identity; an ill-typed op cannot
be constructed. An op stands in exactly one block; `rewrite.clone` is the only way to copy a region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, ClassVar, Final, dataclass_transform

from ..errors import Location
from ..records import field, late_init, record, write_init
from ..types import Array, Tile, Type


class Effect(Enum):
    """What an op does beside giving a value."""

    PURE = "pure"  # may be moved, merged, dropped
    READ = "read"  # reads memory: may be dropped and merged, not moved over a write
    WRITE = "write"  # writes memory or talks to the outside: stays, in order
    REGION = "region"  # does what its blocks do
    LEAVE = "leave"  # ends a block


class Role(Enum):
    """What a field of an op holds; its annotation says which."""

    OPERAND = "Value"
    OPTIONAL = "Value | None"
    OPERANDS = "tuple[Value, ...]"
    BLOCK = "Block"
    ATTRIBUTE = "attribute"


ROLES: Final = {role.value: role for role in Role}


class Value:
    """Something computed: an op, a result of one, or a parameter of a block.

    `name` is the user's variable name where there is one; it has no meaning.
    """

    __slots__ = ("type", "name")

    type: Type
    name: str | None

    @property
    def tile(self) -> Tile:
        """The type, known to be a tile."""
        assert isinstance(self.type, Tile), f"{self!r} is not a tile"
        return self.type

    @property
    def array(self) -> Array:
        """The type, known to be an array."""
        assert isinstance(self.type, Array), f"{self!r} is not an array"
        return self.type

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a tile."""
        return self.tile.shape

    def __repr__(self) -> str:
        return f"%{self.name or '_'}: {self.type}"


class Parameter(Value):
    """A value that a block receives each time it is entered."""

    __slots__ = ()

    def __init__(self, type: Type, name: str | None = None) -> None:
        self.type = type
        self.name = name


class Op(Value):
    """An instruction. Subclasses are declared with `@op`; `fields` follow from their annotations.

    `loc` is where the user wrote it; `place` is its ordinal in the text of the function as the
    frontend made it (-1 before that is known), the name by which compiled products refer to it.
    `results` are its values: the op itself, several `Result`s, or none.
    """

    __slots__ = ("loc", "place", "results")

    opname: ClassVar[str]
    effect: ClassVar[Effect]
    fields: ClassVar[tuple[tuple[str, Role], ...]]
    operand_fields: ClassVar[tuple[tuple[str, Role], ...]]  # those of `fields` that hold values
    block_fields: ClassVar[tuple[str, ...]]
    defaults: ClassVar[dict[str, object]]  # of the fields that have one

    loc: Location | None
    place: int
    results: tuple[Value, ...]

    def infer(self) -> None:
        """Check the operands and set the result with `gives`; raises `CompileError`."""
        raise AssertionError(f"{type(self).__name__} has no infer")

    def gives(self, *types: Type) -> None:
        """Set the types of the results: none, the op itself, or several."""
        if len(types) == 1 and self.effect is not Effect.REGION:
            self.type = types[0]
            self.results = (self,)
        else:
            self.results = tuple(Result(self, k, kind) for k, kind in enumerate(types))

    @property
    def operands(self) -> tuple[Value, ...]:
        """All operands, in the order of the fields."""
        found: list[Value] = []
        for name, role in self.operand_fields:
            value = getattr(self, name)
            if role is Role.OPERANDS:
                found.extend(value)
            elif value is not None:
                found.append(value)
        return tuple(found)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All regions, in the order of the fields."""
        if not self.block_fields:
            return ()
        return tuple([getattr(self, name) for name in self.block_fields])

    def __repr__(self) -> str:
        return f"{self.opname} %{self.name or '_'}"


class Result(Value):
    """One of the values of an op that has regions or several results."""

    __slots__ = ("op", "index")

    op: Op
    index: int

    def __init__(self, op: Op, index: int, type: Type) -> None:
        self.op = op
        self.index = index
        self.type = type
        self.name = None


@record(frozen=False, eq=False)
class Block:
    """A sequence of ops that ends in one that leaves it; owns its parameters."""

    parameters: tuple[Parameter, ...] = ()
    ops: list[Op] = field(default_factory=list)

    @property
    def terminator(self) -> Op:
        """The last op."""
        return self.ops[-1]

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops)

    def __repr__(self) -> str:
        return f"block of {len(self.ops)} ops"


@record(frozen=False, eq=False)
class Function:
    """A typed kernel: a name, a body with the kernel's parameters, and what holds for a launch.

    `facts` are launch facts (`narrow`: 32-bit offsets suffice; `disjoint`: nothing written overlaps
    another argument, or itself). `options` are the kernel's own switches (`fastmath`, `contract`,
    `debug`).
    `locations[op.place]` is where the user wrote an op; it is no part of the text.
    """

    name: str
    body: Block
    facts: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    locations: tuple[Location | None, ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The kernel's parameters; constexprs are not among them."""
        return self.body.parameters

    def with_body(self, body: Block) -> Function:
        """The same function with another body; itself when the body is the same."""
        if body is self.body:
            return self
        return Function(self.name, body, self.facts, self.options, self.locations)


OPS: Final[dict[str, type[Op]]] = {}


@dataclass_transform(eq_default=False, kw_only_default=False)
def op(name: str, effect: Effect = Effect.PURE) -> Callable[[type[Any]], type[Any]]:
    """Declare an op by its annotated fields.

    A field annotated `Value` is an operand, `tuple[Value, ...]` several, `Value | None` an optional
    one, `Block` a region, anything else an attribute.
    """

    def declare(cls: type[Any]) -> type[Any]:
        annotations: dict[str, str] = cls.__annotations__
        defaults = {key: cls.__dict__[key] for key in annotations if key in cls.__dict__}
        body = {k: v for k, v in cls.__dict__.items() if k not in defaults and k not in _SKIPPED}
        own = tuple(key for key in annotations if key not in ("type",))
        body |= {"__slots__": own, "__match_args__": tuple(annotations)}
        declared: type[Any] = type(cls.__name__, (Op,), body)
        declared.opname = name
        declared.effect = effect
        declared.fields = tuple(
            (key, ROLES.get(text, Role.ATTRIBUTE)) for key, text in annotations.items()
        )
        declared.operand_fields = tuple(
            entry for entry in declared.fields if entry[1] not in (Role.BLOCK, Role.ATTRIBUTE)
        )
        declared.defaults = defaults
        declared.block_fields = tuple(k for k, role in declared.fields if role is Role.BLOCK)
        late_init(declared, lambda: _write_init(tuple(annotations), defaults))
        OPS[name] = declared
        return declared

    return declare


_SKIPPED: Final = frozenset({"__dict__", "__weakref__"})


def _write_init(names: tuple[str, ...], defaults: dict[str, object]) -> Callable[..., None]:
    """An `__init__` written out for the fields: constructing ops is what the frontend does most."""
    lines = [f"self.{name} = {name}" for name in names]
    lines += ["self.name = None", "self.loc = None", "self.place = -1", "self.infer()"]
    return write_init(names, defaults, lines, {})
