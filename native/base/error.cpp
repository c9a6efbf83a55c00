// Formats the text of an error and throws it.
#include "base/error.h"

#include <cstdarg>
#include <cstdio>
#include <string>

namespace tilewright {

void fail(Fault fault, const char* format, ...) {
  char text[1024];  // longer texts are cut: names inside come from untrusted files
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  switch (fault) {
    case Fault::launch: throw LaunchError(text);
    case Fault::object: throw ObjectError(text);
    case Fault::device: break;
  }
  throw DeviceError(text);
}

}  // namespace tilewright
