"""Kernels with every form of control flow, as IR: the bodies of `kernel(x, y, n)`.

`%x` and `%y` are `i32[:, ::1]` with eleven columns, `%n` is an `i32`; before each body stand `%p`,
the program, `%at`, the columns, `%v`, the row of `%x` that is the program's, and small constants.
"""

from __future__ import annotations

from typing import Final

HEAD: Final = """function {name}(%x: i32[:, ::1], %y: i32[:, ::1], %n: i32) {{
  %p: index = program_id 0
  %at: i32<11> = iota 0
  %v: i32<11> = load %x, [%p, %at]
  %c0: i32 = const 0
  %c1: i32 = const 1
  %c2: i32 = const 2
  %c3: i32 = const 3
  %c7: i32 = const 7
  %t0: i32<11> = const 0
  %t1: i32<11> = const 1
  %t2: i32<11> = const 2
  %t3: i32<11> = const 3
  %t9: i32<11> = const 9
{body}  return
}}
"""

BODIES: Final = {
    "counts_up": """
  %s: i32, %w: i32<11> = for %c0, %n, %c2, [%c7, %v] body(%i: i32, %a: i32, %b: i32<11>) {
    %a1: i32 = binary.add %a, %i
    %ii: i32<11> = broadcast %a1, (11)
    %b1: i32<11> = binary.xor %b, %ii
    yield [%a1, %b1]
  }
  %ss: i32<11> = broadcast %s, (11)
  %r: i32<11> = binary.add %w, %ss
  store %y, [%p, %at], %r
""",
    "counts_down": """
  %step: i32 = const -3
  %w: i32<11> = for %n, %c1, %step, [%v] body(%i: i32, %b: i32<11>) {
    %ii: i32<11> = broadcast %i, (11)
    %b1: i32<11> = binary.mul %b, %t3
    %b2: i32<11> = binary.add %b1, %ii
    yield [%b2]
  }
  store %y, [%p, %at], %w
""",
    "step_of_either_sign": """
  %step: i32 = binary.sub %n, %c3
  %is0: bool_ = compare.eq %step, %c0
  %safe: i32 = select %is0, %c1, %step
  %stop: i32 = binary.mul %safe, %c3
  %w: i32<11> = for %c0, %stop, %safe, [%v] body(%i: i32, %b: i32<11>) {
    %ii: i32<11> = broadcast %i, (11)
    %b1: i32<11> = binary.add %b, %ii
    %b2: i32<11> = binary.mul %b1, %t3
    yield [%b2]
  }
  store %y, [%p, %at], %w
""",
    "ends_at_the_largest_integer": """
  %start: i32 = const 2147483640
  %stop: i32 = const 2147483647
  %step: i32 = const 5
  %s: i32 = for %start, %stop, %step, [%c0] body(%i: i32, %a: i32) {
    %a1: i32 = binary.add %a, %c1
    yield [%a1]
  }
  %u0: u8 = const 250
  %u1: u8 = const 255
  %u2: u8 = const 4
  %z: i32 = for %u0, %u1, %u2, [%s] body(%j: u8, %c: i32) {
    %jj: i32 = cast %j, i32
    %c4: i32 = binary.add %c, %jj
    yield [%c4]
  }
  %zz: i32<11> = broadcast %z, (11)
  store %y, [%p, %at], %zz
""",
    "breaks": """
  %w: i32<11> = for %c0, %c7, %c1, [%v] body(%i: i32, %b: i32<11>) {
    %ii: i32<11> = broadcast %i, (11)
    %b1: i32<11> = binary.add %b, %ii
    %done: bool_ = compare.eq %i, %n
    if %done then {
      %b2: i32<11> = binary.mul %b1, %t9
      break [%b2]
    } orelse {
      yield
    }
    %b3: i32<11> = binary.xor %b1, %t3
    yield [%b3]
  }
  store %y, [%p, %at], %w
""",
    "continues": """
  %w: i32<11> = for %c0, %c7, %c1, [%v] body(%i: i32, %b: i32<11>) {
    %rest: i32 = binary.mod %i, %c3
    %skip: bool_ = compare.eq %rest, %c1
    if %skip then {
      %b1: i32<11> = binary.sub %b, %t9
      continue [%b1]
    } orelse {
      yield
    }
    %b2: i32<11> = binary.mul %b, %t3
    yield [%b2]
  }
  store %y, [%p, %at], %w
""",
    "loops_in_loops": """
  %w: i32<11> = for %c0, %n, %c1, [%v] body(%i: i32, %b: i32<11>) {
    %b1: i32<11> = for %i, %c7, %c2, [%b] body(%j: i32, %d: i32<11>) {
      %sum: i32 = binary.add %i, %j
      %far: bool_ = compare.gt %sum, %c7
      if %far then {
        break [%d]
      } orelse {
        yield
      }
      %jj: i32<11> = broadcast %sum, (11)
      %d1: i32<11> = binary.add %d, %jj
      %d2: i32<11> = binary.mul %d1, %t3
      yield [%d2]
    }
    store %y, [%p, %at], %b1
    %seen: i32<11> = load %y, [%p, %at]
    %b2: i32<11> = binary.xor %seen, %t1
    yield [%b2]
  }
  store %y, [%p, %at], %w
""",
    "while_of_a_scalar": """
  %start: i32 = binary.add %n, %c3
  %s: i32, %k: i32, %w: i32<11> = while [%start, %c0, %v] condition(%a: i32, %i: i32, %b: i32<11>) {
    %more: bool_ = compare.gt %a, %c1
    yield [%more]
  } body(%a2: i32, %i2: i32, %b2: i32<11>) {
    %odd: i32 = binary.and %a2, %c1
    %is_odd: bool_ = compare.ne %odd, %c0
    %next: i32 = if %is_odd then {
      %u: i32 = binary.mul %a2, %c3
      %u1: i32 = binary.add %u, %c1
      yield [%u1]
    } orelse {
      %h: i32 = binary.shr %a2, %c1
      yield [%h]
    }
    %i3: i32 = binary.add %i2, %c1
    %nn: i32<11> = broadcast %next, (11)
    %b3: i32<11> = binary.xor %b2, %nn
    yield [%next, %i3, %b3]
  }
  %kk: i32<11> = broadcast %k, (11)
  %r: i32<11> = binary.add %w, %kk
  store %y, [%p, %at], %r
""",
    "branches": """
  %first: bool_ = compare.lt %n, %c3
  %a: i32, %b: i32<11> = if %first then {
    %even: i32 = binary.and %n, %c1
    %is_even: bool_ = compare.eq %even, %c0
    %d: i32<11> = if %is_even then {
      store %y, [%p, %at], %t9
      yield [%t2]
    } orelse {
      yield [%v]
    }
    yield [%c2, %d]
  } orelse {
    %e: i32<11> = flip %v, 0
    yield [%c7, %e]
  }
  %seen: i32<11> = load %y, [%p, %at]
  %aa: i32<11> = broadcast %a, (11)
  %f: i32<11> = binary.add %b, %aa
  %g: i32<11> = binary.add %f, %seen
  store %y, [%p, %at], %g
""",
    "a_call_returns_early": """
  %w: i32<11> = inlined (i32<11>) body {
    %few: bool_ = compare.lt %n, %c3
    if %few then {
      %r1: i32<11> = binary.add %v, %t9
      return [%r1]
    } orelse {
      yield
    }
    %b: i32<11> = for %c0, %c7, %c1, [%v] body(%i: i32, %d: i32<11>) {
      %hit: bool_ = compare.eq %i, %n
      if %hit then {
        return [%d]
      } orelse {
        yield
      }
      %d1: i32<11> = binary.mul %d, %t3
      yield [%d1]
    }
    %r2: i32<11> = binary.xor %b, %t9
    return [%r2]
  }
  store %y, [%p, %at], %w
""",
    "lanes_choose": """
  %nn: i32<11> = broadcast %n, (11)
  %less: bool_<11> = compare.lt %v, %nn
  %w: i32<11> = if %less, lanes=true then {
    store %y, [%p, %at], %t9
    %d: i32<11> = binary.floordiv %v, %nn
    yield [%d]
  } orelse {
    %rest: i32<11> = binary.and %v, %t1
    %odd: bool_<11> = compare.ne %rest, %t0
    %e: i32<11> = if %odd, lanes=true then {
      store %y, [%p, %at], %v
      yield [%t3]
    } orelse {
      yield [%v]
    }
    yield [%e]
  }
  %seen: i32<11> = load %y, [%p, %at]
  %r: i32<11> = binary.add %w, %seen
  store %y, [%p, %at], %r
""",
    "lanes_loop": """
  %small: i32<11> = binary.mod %v, %t9
  %w: i32<11>, %k: i32<11> = while [%small, %t0], lanes=true condition(%a: i32<11>, %i: i32<11>) {
    %big: bool_<11> = compare.gt %a, %t1
    yield [%big]
  } body(%a2: i32<11>, %i2: i32<11>) {
    %half: i32<11> = binary.shr %a2, %t1
    %rest: i32<11> = binary.and %a2, %t1
    %odd: bool_<11> = compare.ne %rest, %t0
    %u: i32<11> = binary.mul %a2, %t3
    %u1: i32<11> = binary.add %u, %t1
    %next: i32<11> = select %odd, %u1, %half
    %i3: i32<11> = binary.add %i2, %t1
    yield [%next, %i3]
  }
  %r: i32<11> = binary.sub %k, %w
  store %y, [%p, %at], %r
""",
    "lanes_leave_a_loop": """
  %w: i32<11> = for %c0, %c7, %c1, [%v] body(%i: i32, %b: i32<11>) {
    %ii: i32<11> = broadcast %i, (11)
    %rest: i32<11> = binary.mod %b, %t9
    %low: bool_<11> = compare.lt %rest, %ii
    if %low, lanes=true then {
      %out: i32<11> = binary.add %b, %t9
      break [%out]
    } orelse {
      yield
    }
    %bits: i32<11> = binary.and %b, %t3
    %skip: bool_<11> = compare.eq %bits, %t2
    if %skip, lanes=true then {
      %b1: i32<11> = binary.add %b, %t1
      continue [%b1]
    } orelse {
      yield
    }
    store %y, [%p, %at], %ii
    %b2: i32<11> = binary.mul %b, %t3
    yield [%b2]
  }
  %seen: i32<11> = load %y, [%p, %at]
  %r: i32<11> = binary.xor %w, %seen
  store %y, [%p, %at], %r
""",
    "lanes_return": """
  %w: i32<11> = inlined (i32<11>) body {
    %neg: bool_<11> = compare.lt %v, %t0
    if %neg, lanes=true then {
      return [%t9]
    } orelse {
      yield
    }
    %d: i32<11> = binary.mul %v, %t3
    return [%d]
  }
  %bits: i32<11> = binary.and %v, %t3
  %off: bool_<11> = compare.eq %bits, %t3
  if %off, lanes=true then {
    return
  } orelse {
    yield
  }
  store %y, [%p, %at], %w
  %nn: i32<11> = broadcast %n, (11)
  %later: bool_<11> = compare.gt %w, %nn
  if %later, lanes=true then {
    store %y, [%p, %at], %nn
    yield
  } orelse {
    yield
  }
""",
    "conditions_of_one_column_guard_rows": """
  %rows: i32<4x1> = iota 0
  %columns: i32<1x11> = iota 1
  %tile: i32<4x11> = load %x, [%rows, %columns]
  %nn: i32<4x1> = broadcast %n, (4, 1)
  %early: bool_<4x1> = compare.lt %rows, %nn
  %two: i32<4x11> = const 2
  %w: i32<4x11> = if %early, lanes=true then {
    %d: i32<4x11> = binary.mul %tile, %two
    yield [%d]
  } orelse {
    yield [%tile]
  }
  %sum: i32<11> = reduce.sum %w, (0)
  store %y, [%p, %at], %sum
""",
}  # fmt: skip


def text_of(name: str) -> str:
    """A whole kernel."""
    return HEAD.format(name=name, body=BODIES[name].lstrip("\n"))
