// Spans for Python.
#include "bindings/trace.h"

#include <string>

#include "trace/tracer.h"

namespace tilewright {
namespace {

py::list drain_trace() {
  py::list spans;
  for (const Span& span : Tracer::global().drain()) {
    spans.append(py::make_tuple(span.name, span.thread, span.start_ns, span.end_ns, span.argument));
  }
  return spans;
}

void record_span(const std::string& name, std::int64_t start_ns, std::int64_t end_ns) {
  Tracer& tracer = Tracer::global();
  tracer.record_ns(tracer.intern(name), start_ns, end_ns);
}

}  // namespace

void define_trace(py::module_& module) {
  module.def("drain_trace", &drain_trace,
             "Take the spans recorded so far: (name, thread, start_ns, end_ns, argument).");
  module.def("trace_now", &monotonic_ns, "Nanoseconds of the clock that spans are told in.");
  module.def("record_span", &record_span, py::arg("name"), py::arg("start_ns"), py::arg("end_ns"),
             "Record a span of this thread.");
}

}  // namespace tilewright
