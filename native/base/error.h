// The errors native code throws: one type per party at fault, one function that makes them all.
//
// They are values; `what()` owns its text. Thread-safe: nothing is shared.
#pragma once

#include <stdexcept>

namespace tilewright {

// The call is wrong (an argument, a grid).
struct LaunchError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The machine is at fault, or a kernel while it ran.
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The bytes of an object file are malformed or ask for what is not supported.
struct ObjectError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Whose fault an error is; chooses the type that `fail` throws.
enum class Fault { launch, device, object };

// Throw the error of `fault` with a text formatted as by printf.
[[noreturn]] [[gnu::format(printf, 2, 3)]] void fail(Fault fault, const char* format, ...);

}  // namespace tilewright
