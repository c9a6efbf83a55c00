// Executables, what machines there are, and how many threads serve.
#include "bindings/device.h"

#include <pybind11/stl.h>

#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "bindings/streams.h"
#include "cpu/executable.h"
#include "cpu/thread_pool.h"
#include "cpu/topology.h"
#include "cuda/device.h"

namespace tilewright {
namespace {

py::dict describe_topology() {
  const cpu::Topology& found = cpu::topology();
  py::list caches;
  for (const cpu::Cache& cache : found.caches) {
    caches.append(py::make_tuple(cache.level, cache.bytes));
  }
  py::list features;
  for (const std::string& feature : found.features) features.append(feature);
  py::dict result;
  result["cores"] = found.cores;
  result["threads"] = cpu::ThreadPool::thread_count();
  result["caches"] = caches;
  result["features"] = features;
  result["level"] = found.level;
  result["vendor"] = found.vendor;
  result["model"] = found.model;
  result["memory"] = found.memory_bytes;
  return result;
}

py::list describe_gpus() {
  const std::vector<cuda::DeviceFacts> found = cuda::find_devices();
  py::list result;
  for (const cuda::DeviceFacts& facts : found) {
    py::dict row;
    row["index"] = facts.index;
    row["name"] = facts.name;
    row["capability"] = py::make_tuple(facts.major, facts.minor);
    row["multiprocessors"] = facts.multiprocessors;
    row["memory"] = facts.memory;
    row["driver"] = cuda::driver().version;
    row["shared_memory"] = facts.shared_memory;
    row["l2"] = facts.l2_bytes;
    result.append(row);
  }
  return result;
}

// Where the slot of an array is, its dtype, a box's rows and columns.
using BoxedRow = std::tuple<std::size_t, int, int, int>;

std::shared_ptr<Executable> load_executable(const py::bytes& object, const std::string& entry,
                                            py::ssize_t scratch_bytes, double cost,
                                            const py::object& device, int threads,
                                            py::ssize_t shared_memory, bool reports,
                                            const std::vector<BoxedRow>& tensor_maps) {
  constexpr py::ssize_t most_scratch = py::ssize_t{1} << 32;
  if (scratch_bytes < 0 || scratch_bytes > most_scratch) {
    throw py::value_error("scratch_bytes is out of range");
  }
  if (!std::isfinite(cost) || cost < 0) throw py::value_error("cost is not a duration");
  if (shared_memory < 0) throw py::value_error("shared_memory is out of range");
  std::vector<BoxedArray> boxed;
  for (const auto& [offset, dtype, rows, columns] : tensor_maps) {
    boxed.push_back({offset, dtype, rows, columns});
  }
  return device_of(device.ptr(), "an Executable")
      ->load({.object = object,
              .entry = entry,
              .scratch_bytes = static_cast<std::size_t>(scratch_bytes),
              .cost = cost,
              .threads = threads,
              .shared_memory = static_cast<std::size_t>(shared_memory),
              .reports = reports,
              .tensor_maps = std::move(boxed)});
}

void set_num_threads(int count) {
  if (count < 1 || count > 1024) throw py::value_error("the number of threads is 1 to 1024");
  cpu::ThreadPool::set_thread_count(count);
}

void set_stream_bytes(std::int64_t bytes) {
  if (bytes < 0) throw py::value_error("a size is not negative");
  cpu::set_stream_bytes(bytes);
}

}  // namespace

void define_device(py::module_& module) {
  py::class_<Executable, std::shared_ptr<Executable>>(
      module, "Executable", py::is_final(),
      "Code loaded on a device: from a relocatable object for the CPU, a cubin for a GPU.")
      .def(
          py::init([](const py::bytes& object, const std::string& entry, py::ssize_t scratch_bytes,
                      double cost, const py::object& device, int threads, py::ssize_t shared_memory,
                      bool reports, const std::vector<BoxedRow>& tensor_maps) {
            return translated([&] {
              return load_executable(object, entry, scratch_bytes, cost, device, threads,
                                     shared_memory, reports, tensor_maps);
            });
          }),
          py::arg("object"), py::arg("entry"), py::arg("scratch_bytes"), py::arg("cost"),
          py::arg("device") = "cpu", py::arg("threads") = 0, py::arg("shared_memory") = 0,
          py::arg("reports") = false, py::arg("tensor_maps") = std::vector<BoxedRow>{});
  module.def("topology", &describe_topology, "What the processor is, and how much of it is ours.");
  module.def("set_num_threads", &set_num_threads, py::arg("count"),
             "Let at most this many threads, the caller included, work on one launch.");
  module.def("set_stream_bytes", &set_stream_bytes, py::arg("bytes"),
             "From how many bytes on outputs go past the caches; 0: the size of the last cache.");
  module.def("get_num_threads", &cpu::ThreadPool::thread_count,
             "How many threads may work on one launch.");
  module.def(
      "cuda_devices", [] { return translated([] { return describe_gpus(); }); },
      "What the CUDA driver tells of each GPU; DeviceError says what is missing.");
  module.def("set_cuda_driver", &cuda::set_driver_path, py::arg("path"),
             "Open this library in place of libcuda.so.1, which an empty path brings back.");
}

}  // namespace tilewright
