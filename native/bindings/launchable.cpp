// Runs launches at once or on a stream, and passes on what they report.
#include "bindings/launchable.h"

#include <pybind11/stl.h>

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "base/error.h"

namespace tilewright {
namespace {

constexpr std::size_t stack_block_bytes = 4096;   // 28 matrices; larger blocks go to the heap
constexpr std::size_t most_device_bytes = 32704;  // of a block: a GPU takes 32764 in all

// A block of bytes for arguments, on the stack if it is small.
class Block {
 public:
  explicit Block(std::size_t bytes) {
    if (bytes > stack_block_bytes) heap_ = std::make_unique<std::byte[]>(bytes);
  }
  std::byte* data() { return heap_ ? heap_.get() : stack_; }

 private:
  alignas(64) std::byte stack_[stack_block_bytes];
  std::unique_ptr<std::byte[]> heap_;
};

void write_allocations(const PreparedLaunch& launch, std::byte* block) {
  for (const Slot& slot : launch.launchable.layout.slots) {
    if (slot.kind != SlotKind::allocation) continue;
    const auto parameter = static_cast<std::size_t>(slot.parameter);
    const Array& array = launch.arguments[parameter].array;
    const Allocation found = find_allocation(launch.bound[parameter], array);
    std::memcpy(block + slot.offset, &found, sizeof found);
  }
}

void pack_into(const PreparedLaunch& launch, std::byte* block) {
  const ArgumentLayout& layout = launch.launchable.layout;
  pack(layout, launch.arguments, launch.grid.extents, block);
  if (layout.has_allocations) write_allocations(launch, block);
}

// A Python function in place of code: it is told the grid and the arguments as they were given.
void call_function(const PreparedLaunch& launch) {
  const std::int64_t* extents = launch.grid.extents;
  const Ref grid = Ref::steal(Py_BuildValue("(LLL)", static_cast<long long>(extents[0]),
                                            static_cast<long long>(extents[1]),
                                            static_cast<long long>(extents[2])));
  const Ref arguments = Ref::steal(PyTuple_New(launch.count));
  for (int i = 0; i < launch.count; ++i) {
    PyTuple_SET_ITEM(arguments.get(), i, Py_NewRef(launch.bound[i]));
  }
  PyObject* function = launch.launchable.function.get();
  result_of_ours(PyObject_CallFunctionObjArgs(function, grid.get(), arguments.get(), nullptr));
}

class LaunchTask;
std::atomic<LaunchTask*> finished_launches{nullptr};  // a stack: pushed by any thread
std::atomic<bool> drop_is_pending{false};

// A launch in a stream. Made and destroyed with the GIL, run without.
class LaunchTask final : public ReportingTask {
 public:
  // For a stream of the host, or for one of a GPU that is to be told to.
  LaunchTask(const PreparedLaunch& launch, Stream* device_stream)
      : launchable_(launch.launchable),
        stream_(device_stream),
        block_(std::make_unique<std::byte[]>(launch.launchable.layout.bytes)),
        programs_(launch.grid.programs),
        names_(launch.names) {
    pack_into(launch, block_.get());
    kept_.push_back(Ref::borrow(launch.owner));
    for (int i = 0; i < launch.count; ++i) {
      if (launch.arguments[i].kind == ArgumentKind::array) {
        kept_.push_back(Ref::borrow(launch.bound[i]));
      }
    }
    for (int i = 0; i < launch.owners.count(); ++i) {
      kept_.push_back(Ref::borrow(launch.owners[i]));
    }
  }

  void run() noexcept override {
    try {
      const Launch launch{block_.get(), programs_, names_.launch, names_.range};
      if (stream_ == nullptr) {
        launchable_.executable->run(launch, outcome_);
      } else {
        report_ = launchable_.executable->enqueue(launch, *stream_);
      }
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  void finish(bool is_done) noexcept override {
    if (!is_done || report_ == nullptr) return;
    const std::lock_guard guard(lock_);
    try {
      report_->collect(outcome_);
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  bool has_news() const noexcept override {
    const std::lock_guard guard(lock_);
    return error_ != nullptr || !outcome_.is_quiet();
  }

  void deliver() override {
    rethrow();
    Outcome told;
    {
      const std::lock_guard guard(lock_);
      std::swap(told, outcome_);
    }
    tilewright::deliver(launchable_, told);
  }

  // Throw what `run` met.
  void rethrow() {
    std::exception_ptr error;
    {
      const std::lock_guard guard(lock_);
      std::swap(error, error_);
    }
    if (error != nullptr) std::rethrow_exception(error);
  }

  // In place of `delete`: the references are dropped later, by a thread that has the GIL.
  static void retire(LaunchTask* task) noexcept {
    task->next_ = finished_launches.load(std::memory_order_relaxed);
    while (!finished_launches.compare_exchange_weak(task->next_, task, std::memory_order_release)) {
    }
    if (!drop_is_pending.exchange(true) && Py_AddPendingCall(&drop_pending, nullptr) != 0) {
      drop_is_pending.store(false);  // the queue of calls is full: the next launch drops them
    }
  }

  LaunchTask* next() const { return next_; }

 private:
  static int drop_pending(void*) {
    drop_finished_launches();
    return 0;
  }

  const Launchable& launchable_;
  Stream* const stream_;  // whose task this is; null on the host
  std::unique_ptr<std::byte[]> block_;
  std::int64_t programs_;
  SpanNames names_;
  std::vector<Ref> kept_;
  std::unique_ptr<Report> report_;
  mutable std::mutex lock_;  // of what follows: a task of a graph is one of several streams
  Outcome outcome_;
  std::exception_ptr error_;
  LaunchTask* next_ = nullptr;
};

std::shared_ptr<LaunchTask> make_task(const PreparedLaunch& launch, Stream* device_stream) {
  return {new LaunchTask(launch, device_stream), &LaunchTask::retire};
}

ArgumentLayout read_layout(const py::sequence& slots, py::ssize_t block_bytes) {
  ArgumentLayout layout;
  layout.bytes = static_cast<std::size_t>(std::max<py::ssize_t>(block_bytes, 0));
  for (const py::handle item : slots) {
    const auto [parameter, kind, dtype, rank, offset] =
        item.cast<std::tuple<int, std::string, int, int, std::size_t>>();
    if (dtype < 0 || dtype >= dtype_count) {
      throw py::value_error("there is no dtype with code " + std::to_string(dtype));
    }
    Slot slot{parameter, SlotKind::array, static_cast<Dtype>(dtype), rank, offset};
    if (kind == "scalar") {
      slot.kind = SlotKind::scalar;
    } else if (kind == "pointer") {
      slot.kind = SlotKind::pointer;
    } else if (kind == "allocation") {
      slot.kind = SlotKind::allocation;
      layout.has_allocations = true;
    } else if (kind != "array") {
      throw py::value_error("there is no slot of kind '" + kind + "'");
    }
    layout.slots.push_back(slot);
  }
  check_layout(layout);
  return layout;
}

std::shared_ptr<Launchable> make_launchable(const py::object& code, const py::sequence& slots,
                                            py::ssize_t block_bytes, const py::object& report) {
  auto launchable = std::make_shared<Launchable>();
  if (py::isinstance<Executable>(code)) {
    launchable->executable = code.cast<std::shared_ptr<Executable>>();
  } else if (PyCallable_Check(code.ptr()) != 0) {
    launchable->function = Ref::borrow(code.ptr());
  } else {
    throw py::type_error("expected an Executable or a callable");
  }
  if (PyCallable_Check(report.ptr()) == 0) throw py::type_error("report is not callable");
  launchable->report = Ref::borrow(report.ptr());
  launchable->layout = read_layout(slots, block_bytes);
  const bool is_on_device =
      launchable->executable != nullptr && launchable->executable->ordinal() != host_ordinal;
  if (is_on_device && launchable->layout.bytes > most_device_bytes) {
    throw py::value_error("a GPU takes at most " + std::to_string(most_device_bytes) +
                          " bytes of arguments");
  }
  return launchable;
}

// The reporter usually belongs to the kernel that owns the launchable: a cycle to be collected.
int traverse_launchable(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!py::detail::is_holder_constructed(self)) return 0;
  const auto* launchable = py::cast<const Launchable*>(py::handle(self));
  Py_VISIT(launchable->function.get());
  Py_VISIT(launchable->report.get());
  return 0;
}

int clear_launchable(PyObject* self) {
  if (!py::detail::is_holder_constructed(self)) return 0;
  auto* launchable = py::cast<Launchable*>(py::handle(self));
  launchable->report = Ref();
  launchable->function = Ref();
  return 0;
}

}  // namespace

const Launchable& launchable_of(PyObject* object) {
  if (!py::isinstance<Launchable>(py::handle(object))) {
    raise_python(PyExc_TypeError, "build returned %s, expected a Launchable",
                 Py_TYPE(object)->tp_name);
  }
  return py::cast<const Launchable&>(py::handle(object));
}

void deliver(const Launchable& launchable, const Outcome& outcome) {
  py::object failure = py::none();
  if (outcome.failure) {
    const Failure& found = *outcome.failure;
    py::tuple values(found.values.size());
    for (std::size_t i = 0; i < found.values.size(); ++i) values[i] = found.values[i];
    failure = py::make_tuple(found.code, found.place, values);
  }
  py::list prints;
  for (const Print& print : outcome.prints) {
    prints.append(py::make_tuple(print.place, print.program, py::bytes(print.data)));
  }
  if (outcome.lost_bytes != 0) prints.append(py::make_tuple(-1, outcome.lost_bytes, py::bytes()));
  const Ref report = launchable.report;  // it may drop the launchable
  if (!report) return;
  result_of_ours(PyObject_CallFunctionObjArgs(report.get(), failure.ptr(), prints.ptr(), nullptr));
}

void run_now(const PreparedLaunch& launch) {
  if (launch.launchable.executable == nullptr) return call_function(launch);
  Block block(launch.launchable.layout.bytes);
  pack_into(launch, block.data());
  Outcome outcome;
  {
    const ReleasedGil released;
    launch.launchable.executable->run(
        {block.data(), launch.grid.programs, launch.names.launch, launch.names.range}, outcome);
  }
  if (!outcome.is_quiet()) [[unlikely]]
    deliver(launch.launchable, outcome);
}

void run_on(Stream& stream, const PreparedLaunch& launch) {
  if (finished_launches.load(std::memory_order_relaxed) != nullptr) drop_finished_launches();
  if (launch.launchable.executable == nullptr) {  // Python runs on the thread that asked for it
    {
      const ReleasedGil released;
      stream.wait(stream.submitted());
    }
    return call_function(launch);
  }
  stream.submit(make_task(launch, nullptr));
}

void run_on_device(const std::shared_ptr<Stream>& stream, const PreparedLaunch& launch,
                   bool keeps) {
  if (finished_launches.load(std::memory_order_relaxed) != nullptr) drop_finished_launches();
  if (stream->poll()) [[unlikely]]
    deliver_news(*stream, stream->submitted());
  const Executable* const executable = launch.launchable.executable.get();
  if (executable == nullptr) {
    {
      const ReleasedGil released;
      stream->wait(stream->submitted());
    }
    return call_function(launch);
  }
  if (!keeps && !executable->reports() && !stream->is_recorded()) [[likely]] {
    Block block(launch.launchable.layout.bytes);
    pack_into(launch, block.data());
    const ReleasedGil released;
    executable->enqueue(
        {block.data(), launch.grid.programs, launch.names.launch, launch.names.range}, *stream);
    return;
  }
  const std::shared_ptr<LaunchTask> task = make_task(launch, stream.get());
  {
    const ReleasedGil released;
    stream->submit(task);
  }
  task->rethrow();
}

void deliver_news(Stream& stream, std::uint64_t ticket) { deliver_all(stream.take_news(ticket)); }

void deliver_all(const std::vector<std::shared_ptr<Task>>& tasks) {
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  for (const std::shared_ptr<Task>& task : tasks) {
    if (!task->has_news()) continue;
    try {
      static_cast<ReportingTask&>(*task).deliver();  // no other task has news
      continue;
    } catch (...) {
      set_error_from_exception();
    }
    if (type == nullptr) {
      PyErr_Fetch(&type, &value, &trace);
    } else {
      PyErr_WriteUnraisable(nullptr);
    }
  }
  drop_finished_launches();
  if (type == nullptr) return;
  PyErr_Restore(type, value, trace);
  throw Raised{};
}

void drop_finished_launches() {
  drop_is_pending.store(false);
  LaunchTask* task = finished_launches.exchange(nullptr, std::memory_order_acquire);
  while (task != nullptr) {
    LaunchTask* next = task->next();
    delete task;
    task = next;
  }
}

void define_launchable(py::module_& module) {
  py::class_<Launchable, std::shared_ptr<Launchable>>(
      module, "Launchable", py::is_final(), py::custom_type_setup([](PyHeapTypeObject* heap_type) {
        PyTypeObject* type = &heap_type->ht_type;
        type->tp_flags |= Py_TPFLAGS_HAVE_GC;
        type->tp_traverse = &traverse_launchable;
        type->tp_clear = &clear_launchable;
      }),
      "Code that can be launched: what it runs and how its arguments are laid out.")
      .def(py::init([](const py::object& code, const py::sequence& slots, py::ssize_t block_bytes,
                       const py::object& report) {
             return translated([&] { return make_launchable(code, slots, block_bytes, report); });
           }),
           py::arg("executable"), py::arg("slots"), py::arg("block_bytes"), py::arg("report"));
}

}  // namespace tilewright
