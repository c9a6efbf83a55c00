// The module tilewright._native: puts its parts together.
#include "bindings/boundary.h"
#include "bindings/device.h"
#include "bindings/graph.h"
#include "bindings/launchable.h"
#include "bindings/launcher.h"
#include "bindings/memory.h"
#include "bindings/parameters.h"
#include "bindings/python.h"
#include "bindings/streams.h"
#include "bindings/trace.h"

namespace {

namespace py = tilewright::py;

using tilewright::translated;

PYBIND11_MODULE(_native, module) {
  module.doc() = "The native part of Tilewright: loads code, launches it, and records what ran.";
  translated([&] {
    tilewright::prepare_readers();
    tilewright::define_device(module);
    tilewright::define_memory(module);
    tilewright::define_streams(module);
    tilewright::define_graph(module);
    tilewright::define_launchable(module);
    tilewright::define_launcher(module);
    tilewright::define_trace(module);
    tilewright::define_boundary(module);
  });
  module.def(
      "set_error_types",
      [](const py::object& launch, const py::object& device) {
        translated([&] { tilewright::set_error_types(launch.ptr(), device.ptr()); });
      },
      py::arg("launch"), py::arg("device"), "Choose the classes of errors raised from here.");
  module.def(
      "register_array_class",
      [](const py::object& cls) {
        translated([&] { tilewright::register_array_class(cls.ptr()); });
      },
      py::arg("cls"),
      "Read instances of a class through the NumPy array or the View in their `_host`.");
  module.def(
      "register_struct_reader",
      [](const py::object& reader) {
        translated([&] { tilewright::register_struct_reader(reader.ptr()); });
      },
      py::arg("reader"),
      "Choose what tells how instances of a class are taken apart: (kind, rows of the fields), a "
      "text why they are refused, or None for what is no struct.");
  module.def(
      "register_constant_classes",
      [](const py::object& classes) {
        translated([&] { tilewright::register_constant_classes(classes.ptr()); });
      },
      py::arg("classes"), "Take instances of these classes for constants where a struct has them.");
}

}  // namespace
