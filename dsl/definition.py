"""A Python function as source: text, place, parameters and the values of its free names; inert."""

from __future__ import annotations

import ast
import builtins
import linecache
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    NamedTuple,
    ParamSpec,
    TypeAlias,
    TypeVar,
)

from .errors import CompileError, Error, Location
from .types import Dtype

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")

_FUTURE_ANNOTATIONS: Final = 0x1000000  # CO_FUTURE_ANNOTATIONS: annotations are source text
_STARRED: Final = 0x04 | 0x08  # CO_VARARGS, CO_VARKEYWORDS
_END_OF_LINE: Final = 1 << 20  # a column beyond any
_UNUSUAL: Final = {0x20: "a generator", 0x80: "a coroutine", 0x200: "an asynchronous generator"}


class Constexpr:
    """What marks the annotation `constexpr`, that of a compile-time constant."""

    def __repr__(self) -> str:
        return "constexpr"


class Required:
    """The default of a parameter that has none; `REQUIRED` is the only one."""

    def __repr__(self) -> str:
        return "REQUIRED"


# A type checker sees `Any`: the constant may be of any type.
constexpr: TypeAlias = Annotated[Any, Constexpr()]
REQUIRED: Final = Required()


class DefinedParameter(NamedTuple):
    """A parameter as written: `annotation` may be None, `default` may be `REQUIRED`."""

    name: str
    annotation: object
    default: object
    kind: Literal["value", "constexpr"]


class Definition:
    """A Python function as source. Nothing is read or parsed before it is needed.

    `options` are the kernel's own switches that hold for every compile of it: some of `fastmath`,
    `contract`, `debug` and `strict` (`debug="strict"`). Raises `CompileError` for functions that
    can never be compiled: generators, coroutines, starred parameters.
    """

    def __init__(
        self,
        function: Callable[..., object],
        *,
        fastmath: bool = False,
        contract: bool = True,
        debug: bool | str = False,
        name: str | None = None,
    ) -> None:
        if not isinstance(function, FunctionType):
            raise CompileError(f"{_named(function)} is not a Python function", "decorate a `def`")
        code = function.__code__
        if code.co_name == "<lambda>":
            raise CompileError("a lambda cannot be a kernel or a `@tw.func`", "write a `def`")
        _check_options(fastmath, contract, debug, name)
        self.function: FunctionType = function
        self.name: str = name or function.__name__
        self.qualname: str = function.__qualname__
        self.file: str = code.co_filename
        self.first_line: int = code.co_firstlineno
        flags = {"fastmath": fastmath, "contract": contract, "debug": debug}
        self.options: frozenset[str] = frozenset(
            [
                *(flag for flag, on in flags.items() if on),
                *(("strict",) if debug == "strict" else ()),
            ]
        )
        for flag, what in _UNUSUAL.items():
            if code.co_flags & flag:
                raise CompileError(
                    f"`{self.name}` is {what}, expected a function",
                    "write a plain `def`, and store results in arrays",
                    self.header,
                )
        self._parameters: tuple[DefinedParameter, ...] | None = None
        self._source: str | None = None
        self._tree: ast.FunctionDef | None = None
        self._free: tuple[str, ...] | None = None
        self._line_offset = 0
        if code.co_flags & _STARRED:
            starred = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
            raise CompileError(
                f"`{self.name}` takes the starred parameter `{starred}`",
                "name every parameter; a tuple may be passed as one",
                self.place_of_parameter(starred),
            )

    @property
    def header(self) -> Location:
        """The first line of the function, decorators included."""
        text = linecache.getline(self.file, self.first_line).rstrip("\n")
        start = len(text) - len(text.lstrip())
        return Location(self.file, self.first_line, start, max(len(text), start + 1))

    @property
    def parameters(self) -> tuple[DefinedParameter, ...]:
        """The parameters in order; annotations that are source text are evaluated on first use."""
        if self._parameters is None:
            self._parameters = tuple(self._read_parameters())
        return self._parameters

    @property
    def local_names(self) -> frozenset[str]:
        """Every name that Python holds for local: the parameters and what the body assigns."""
        code = self.function.__code__
        return frozenset(code.co_varnames + code.co_cellvars)

    @property
    def source(self) -> str:
        """The text of the function, decorators included; a `CompileError` where there is none."""
        self._parse()
        assert self._source is not None
        return self._source

    @property
    def tree(self) -> ast.FunctionDef:
        """The syntax tree; its columns are the file's, its lines need `line_offset` added."""
        if self._tree is None:
            self._parse()
        assert self._tree is not None
        return self._tree

    @property
    def line_offset(self) -> int:
        """What to add to a line of `tree` to get the line of the file."""
        self._parse()
        return self._line_offset

    @property
    def free_names(self) -> tuple[str, ...]:
        """The names used that are not local, in order of first use."""
        if self._free is None:
            own = self.local_names
            names = (
                node.id
                for statement in self.tree.body
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and node.id not in own
            )
            self._free = tuple(dict.fromkeys(names))
        return self._free

    def free_value(self, name: str) -> object:
        """What a free name holds now: in closure, globals or builtins; `REQUIRED` for nothing."""
        code = self.function.__code__
        if name in code.co_freevars:
            cells = self.function.__closure__ or ()
            try:
                contents: object = cells[code.co_freevars.index(name)].cell_contents
            except ValueError:  # the cell is still empty
                return REQUIRED
            return contents
        if name in self.function.__globals__:
            return self.function.__globals__[name]
        return getattr(builtins, name, REQUIRED)

    def first_use(self, name: str) -> Location:
        """Where the function first mentions a name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and node.id == name:
                return self.place(node)
        return self.header

    def place_of_parameter(self, name: str) -> Location:
        """Where a parameter stands; the first line where the source is not at hand."""
        try:
            taken = self.tree.args
        except CompileError:
            return self.header
        several = [one for one in (taken.vararg, taken.kwarg) if one is not None]
        for node in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs, *several):
            if node.arg == name:
                return self.place(node)
        return self.header

    def place(self, node: ast.AST, called_from: Location | None = None) -> Location:
        """The place of a node of the tree in the file; several lines are cut to the first."""
        line: int = node.lineno  # type: ignore[attr-defined]
        column: int = node.col_offset  # type: ignore[attr-defined]
        is_one_line: bool = node.end_lineno == line  # type: ignore[attr-defined]
        end: int = node.end_col_offset if is_one_line else _END_OF_LINE  # type: ignore[attr-defined]
        line += self._line_offset
        if not self._is_ascii:
            text = linecache.getline(self.file, line).encode()
            column, end = (len(text[:count].decode(errors="replace")) for count in (column, end))
        return Location(self.file, line, column, end, called_from)

    def __repr__(self) -> str:
        return f"Definition({self.qualname}, {self.file}:{self.first_line})"

    def _read_parameters(self) -> Iterator[DefinedParameter]:
        function, code = self.function, self.function.__code__
        positional = code.co_varnames[: code.co_argcount]
        keyword_only = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
        values = function.__defaults__ or ()
        defaults: dict[str, object] = dict(
            zip(reversed(positional), reversed(values), strict=False)
        )
        defaults |= function.__kwdefaults__ or {}
        for name in positional + keyword_only:
            annotation = self._read_annotation(name)
            kind: Literal["value", "constexpr"] = "value"
            if annotation is constexpr:
                kind = "constexpr"
            yield DefinedParameter(name, annotation, defaults.get(name, REQUIRED), kind)

    def _read_annotation(self, name: str) -> object:
        function = self.function
        annotation: object = function.__annotations__.get(name)
        if not isinstance(annotation, str) or not function.__code__.co_flags & _FUTURE_ANNOTATIONS:
            return annotation
        closure = {free: self.free_value(free) for free in function.__code__.co_freevars}
        try:
            evaluated: object = eval(annotation, function.__globals__, closure)
        except Exception as error:
            raise CompileError(
                f"the annotation `{annotation}` of `{name}` cannot be evaluated: {error}",
                None,
                self.header,
            ) from None
        return evaluated

    def _parse(self) -> None:
        """Read and parse the source, once."""
        if self._tree is not None:
            return
        code = self.function.__code__
        lines = linecache.getlines(self.file, self.function.__globals__)
        if len(lines) < self.first_line:
            raise CompileError(
                f"the source of `{self.qualname}` ({self.file}) is not available",
                "define it in a file, a notebook cell, or register its text with `linecache`",
            )
        block, is_indented, tree = _parse_block(lines, self.first_line - 1)
        self._line_offset = self.first_line - 1 - is_indented
        self._source = block
        self._is_ascii = block.isascii()
        if not _is_same(tree, code):
            raise CompileError(
                f"the source of `{self.qualname}` was not found where it was defined; did "
                f"{self.file} change since it was imported?",
                "kernels are written as `def`; their file must not change before the first launch",
                self.header,
            )
        assert isinstance(tree, ast.FunctionDef)
        self._tree = tree

    _is_ascii: bool = True


class Func(Generic[Arguments, Returned]):
    """A function that kernels may call; it is inlined where it is called. Made by `@tw.func`."""

    def __init__(self, function: Callable[Arguments, Returned]) -> None:
        self.definition = Definition(function)
        self.__name__ = self.definition.name
        self.__qualname__ = self.definition.qualname
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
        """Refuse: the function exists only inside kernels."""
        raise Error(f"`{self.__name__}` is a @tw.func: it exists only in kernels, call it from one")

    def __repr__(self) -> str:
        return f"<tilewright func {self.definition.qualname}>"


def func(function: Callable[Arguments, Returned]) -> Func[Arguments, Returned]:
    """Make a function callable from kernels. It is inlined; recursion is refused."""
    return Func(function)


class Captures:
    """The values of outside names that a kernel uses, taken once.

    They are part of the kernel's identity: `take` fills the record at the first compile and, at
    every later one, raises a `CompileError` naming a value that has changed. `refresh` forgets
    all.
    """

    def __init__(self) -> None:
        self._names: dict[Definition, dict[str, object]] = {}
        self._attributes: dict[tuple[int, str], tuple[object, str, object]] = {}

    def refresh(self) -> None:
        """Forget all values; the next compile takes them anew."""
        self._names.clear()
        self._attributes.clear()

    def take(self, definition: Definition) -> None:
        """Record the free names of a function and of the functions it uses, or check them."""
        if definition in self._names:
            self._check()
        else:
            self._record(definition)

    def name(self, definition: Definition, name: str) -> object:
        """The recorded value of a free name; `REQUIRED` where there was none."""
        if definition not in self._names:
            self._record(definition)
        return self._names[definition].get(name, REQUIRED)

    def attribute(self, owner: object, path: str, name: str) -> object:
        """An attribute of a captured module or class, as at its first use; or `REQUIRED`."""
        key = (id(owner), name)
        if key not in self._attributes:
            value: object = getattr(owner, name, REQUIRED)
            self._attributes[key] = (owner, f"{path}.{name}", value)
        return self._attributes[key][2]

    def _record(self, definition: Definition) -> None:
        if definition in self._names:
            return
        values = {name: definition.free_value(name) for name in definition.free_names}
        self._names[definition] = values
        for value in values.values():
            if isinstance(value, Func):
                self._record(value.definition)

    def _check(self) -> None:
        for definition, values in self._names.items():
            for name, old in values.items():
                new = definition.free_value(name)
                if not is_same_constant(old, new):
                    raise _changed(name, old, new, definition.first_use(name))
        for owner, path, old in self._attributes.values():
            new = getattr(owner, path.rpartition(".")[2], REQUIRED)
            if not is_same_constant(old, new):
                raise _changed(path, old, new, None)


def is_same_constant(a: object, b: object) -> bool:
    """Whether two compile-time values are one: same type and value, `0.0` and `-0.0` told apart."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(is_same_constant, a, b))
    if isinstance(a, (Func, ModuleType, FunctionType)):
        return False
    if isinstance(a, (bool, int, float, complex, str, bytes, Dtype)) or _is_numpy_scalar(a):
        return repr(a) == repr(b)
    fields = getattr(type(a), "__dataclass_fields__", None)
    if fields is not None:
        return all(is_same_constant(getattr(a, f, None), getattr(b, f, None)) for f in fields)
    try:
        return hash(a) == hash(b) and bool(a == b)
    except Exception:  # whatever a foreign comparison does: not known to be the same
        return False


def _is_numpy_scalar(value: object) -> bool:
    return type(value).__module__ == "numpy" and hasattr(value, "dtype") and hasattr(value, "item")


def _check_options(fastmath: object, contract: object, debug: object, name: object) -> None:
    """Refuse values that the options of a kernel do not have."""
    for option, value in (("fastmath", fastmath), ("contract", contract)):
        if not isinstance(value, bool):
            raise CompileError(f"option `{option}` is {value!r}, expected True or False")
    if not isinstance(debug, bool) and debug != "strict":
        raise CompileError(f"option `debug` is {debug!r}, expected True, False or 'strict'")
    if name is not None and not (isinstance(name, str) and name.isidentifier()):
        raise CompileError(f"option `name` is {name!r}, expected a name as Python writes them")


def _named(thing: object) -> str:
    """What stands where a function should: by its name, or its kind."""
    name = getattr(thing, "__name__", None)
    kind = "class" if isinstance(thing, type) else type(thing).__name__
    return f"{thing!r}" if name is None else f"`{name}`, {_a(kind)} {kind},"


def _a(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def _changed(name: str, old: object, new: object, location: Location | None) -> CompileError:
    was, now = _brief(old), _brief(new)
    how = f"changed from {was} to {now}" if was != now else "been defined anew"
    return CompileError(
        f"`{name}` has {how} since the kernel was first compiled",
        "values of outside names are taken once; call `kernel.refresh()` to take them again, or "
        "pass the value as a `tw.constexpr` parameter",
        location,
    )


def _brief(value: object) -> str:
    if value is REQUIRED:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _parse_block(lines: Mapping[int, str] | list[str], first: int) -> tuple[str, bool, ast.AST]:
    """Parse the definition that begins at a line; its end is found by indentation.

    A deeper or equal line may belong to a string or a bracket: a block that does not parse is
    extended to the next candidate. An indented block is put under `if 1:`, which keeps columns.
    """
    head = lines[first]
    indent = len(head) - len(head.lstrip())
    failure: SyntaxError | None = None
    block: list[str] = []
    is_past_header = False
    for number in range(first, len(lines)):
        line = lines[number]
        text = line.strip()
        is_candidate = is_past_header and bool(text) and len(line) - len(line.lstrip()) <= indent
        if is_candidate and not text.startswith(("#", ")", "]", "}")):
            try:
                return _parse_text(block, indent > 0)
            except SyntaxError as error:
                failure = error
        block.append(line)
        is_past_header = is_past_header or text.startswith(("def ", "async def "))
    try:
        return _parse_text(block, indent > 0)
    except SyntaxError as error:
        raise CompileError(f"the source cannot be parsed: {(failure or error).msg}") from None


def _parse_text(block: list[str], is_indented: bool) -> tuple[str, bool, ast.AST]:
    text = "".join(block)
    if not is_indented:
        return text, False, ast.parse(text).body[0]
    outer = ast.parse("if 1:\n" + text).body[0]
    assert isinstance(outer, ast.If)
    return text, True, outer.body[0]


def _is_same(tree: ast.AST, code: CodeType) -> bool:
    """Whether a syntax tree is that of a code object, as far as can be told cheaply."""
    if not isinstance(tree, ast.FunctionDef) or tree.name != code.co_name:
        return False
    arguments = tree.args
    names = [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
    return tuple(names) == code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
