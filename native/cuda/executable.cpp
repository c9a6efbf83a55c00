// Loads modules, launches their entries, and reads what launches report.
#include "cuda/executable.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "cuda/device.h"
#include "trace/clock.h"
#include "trace/tracer.h"

namespace tilewright::cuda {
namespace {

constexpr std::size_t scratch_alignment = 256;
// Blocks with scratch on each multiprocessor: enough to be busy, and no more memory than that.
constexpr std::int64_t blocks_with_scratch = 4;
// From here on a kernel asks for its shared memory by an attribute.
constexpr std::size_t usual_shared_memory = std::size_t{48} << 10;
constexpr int attribute_dynamic_shared_memory = 8;
constexpr std::int64_t most_blocks = (std::int64_t{1} << 31) - 1;

// Pinned memory in which one launch reports.
class LaunchReport final : public Report {
 public:
  explicit LaunchReport(Device& device)
      : device_(device), memory_(static_cast<std::byte*>(device.take_report_memory())) {
    if (prints()->capacity == 0) prints()->used = prints()->capacity = capacity;  // it is new
    clear();
  }
  ~LaunchReport() override { device_.return_report_memory(memory_); }

  FailureRecord* failure() { return reinterpret_cast<FailureRecord*>(memory_); }
  PrintArea* prints() { return reinterpret_cast<PrintArea*>(memory_ + sizeof(FailureRecord)); }

  void collect(Outcome& outcome) override {
    const FailureRecord& found = *failure();
    if (found.claimed != 0) {
      const int count = std::clamp(found.count, 0, static_cast<int>(std::size(found.values)));
      outcome.failure.emplace(
          Failure{found.code, found.place, {found.values, found.values + count}});
    }
    collect_prints(outcome);
    clear();
  }

 private:
  static constexpr std::uint64_t capacity =
      Device::report_bytes - sizeof(FailureRecord) - sizeof(PrintArea);

  // Records are all ones where nothing is written, so that no old one is taken for a new one.
  void clear() {
    const std::uint64_t used = std::min(prints()->used, prints()->capacity);
    std::memset(memory_ + sizeof(FailureRecord) + sizeof(PrintArea), 0xff, used);
    std::memset(memory_, 0, sizeof(FailureRecord) + sizeof(PrintArea));
    prints()->capacity = capacity;
  }

  void collect_prints(Outcome& outcome) {
    const PrintArea area = *prints();
    const std::byte* const records = memory_ + sizeof(FailureRecord) + sizeof(PrintArea);
    const std::uint64_t end = std::min(area.used, area.capacity);
    std::uint64_t at = 0;
    while (end - at >= sizeof(PrintRecord)) {
      PrintRecord record;
      std::memcpy(&record, records + at, sizeof record);
      const auto bytes = static_cast<std::uint64_t>(std::max(record.bytes, 0));
      // One that would not have fit was not written, and nothing behind it either.
      if (record.bytes < 0 || bytes > end - at - sizeof record) break;
      const char* const data = reinterpret_cast<const char*>(records + at + sizeof record);
      outcome.prints.push_back({record.place, record.program, {data, bytes}});
      at += (sizeof record + bytes + 7) & ~std::uint64_t{7};
      if (at >= end) break;
    }
    outcome.lost_bytes += area.used - std::min(at, area.used);
    std::stable_sort(outcome.prints.begin(), outcome.prints.end(),
                     [](const Print& a, const Print& b) { return a.program < b.program; });
  }

  Device& device_;
  std::byte* const memory_;
};

}  // namespace

Executable::Executable(Device& device, const ExecutableSource& source)
    : device_(device),
      scratch_bytes_((source.scratch_bytes + scratch_alignment - 1) / scratch_alignment *
                     scratch_alignment),
      threads_(static_cast<unsigned>(source.threads)),
      shared_memory_(static_cast<unsigned>(source.shared_memory)),
      reports_(source.reports),
      maps_(device, source.entry, source.tensor_maps) {
  if (source.threads < 1 || source.threads > 1024) {
    fail(Fault::object, "%s has %d threads, a block has 1 to 1024", source.entry.c_str(),
         source.threads);
  }
  if (source.shared_memory > static_cast<std::size_t>(device.facts().shared_memory)) {
    fail(Fault::object, "%s needs %zu bytes of shared memory, %s has %d", source.entry.c_str(),
         source.shared_memory, device.name().c_str(), device.facts().shared_memory);
  }
  const Current current(device_);
  const std::string image(source.object);  // the driver reads on to a null byte in text
  require(device_.driver().cuModuleLoadData(&module_, image.c_str()), "cuModuleLoadData",
          source.entry);
  try {
    require(device_.driver().cuModuleGetFunction(&function_, module_, source.entry.c_str()),
            "cuModuleGetFunction", source.entry);
    if (source.shared_memory > usual_shared_memory) {
      require(device_.driver().cuFuncSetAttribute(function_, attribute_dynamic_shared_memory,
                                                  static_cast<int>(source.shared_memory)),
              "cuFuncSetAttribute", source.entry);
    }
  } catch (...) {
    device_.driver().cuModuleUnload(module_);
    throw;
  }
}

Executable::~Executable() {
  try {
    const Current current(device_);
    device_.driver().cuModuleUnload(module_);
  } catch (const DeviceError&) {
    // The context is lost, and the module with it.
  }
}

// The code is at fault where the driver does not take it, not the device.
void Executable::require(Result result, const char* call, const std::string& entry) const {
  constexpr Result invalid_image = 200, no_binary = 209, invalid_ptx = 218, bad_ptx_version = 222,
                   not_found = 500;
  for (const Result known : {invalid_image, no_binary, invalid_ptx, bad_ptx_version, not_found}) {
    if (result != known) continue;
    fail(Fault::object, "%s refuses the code of %s: %s: %s", device_.name().c_str(), entry.c_str(),
         call, error_text(result).c_str());
  }
  device_.check(result, call);
}

int Executable::ordinal() const { return device_.ordinal(); }

std::unique_ptr<Report> Executable::enqueue(const Launch& launch,
                                            tilewright::Stream& stream) const {
  if (launch.programs <= 0) return nullptr;
  if (stream.ordinal() != device_.ordinal()) {
    fail(Fault::launch, "%s was compiled for another device than that of the stream", launch.name);
  }
  auto& ours = static_cast<Stream&>(stream);
  const std::uint64_t start = ticks();
  Services services{nullptr, nullptr, nullptr, launch.programs};
  std::int64_t blocks = std::min(launch.programs, most_blocks);
  std::shared_ptr<Buffer> scratch;  // in the order of the stream: it may be dropped at once
  if (scratch_bytes_ != 0) {
    blocks = std::min(blocks, blocks_with_scratch * device_.facts().multiprocessors);
    scratch = device_.allocate(scratch_bytes_ * static_cast<std::size_t>(blocks),
                               ours.shared_from_this());
    services.scratch = scratch->data();
  }
  std::unique_ptr<LaunchReport> report;
  if (reports_) {
    report = std::make_unique<LaunchReport>(device_);
    services.failure = report->failure();
    services.prints = report->prints();
  }
  const Current current(device_);
  std::array<void*, 2 + TensorMaps::most> parameters{const_cast<void*>(launch.arguments),
                                                     &services};
  std::vector<TensorMap> maps;
  if (!maps_.empty()) {
    maps = maps_.of(launch.arguments, ours);
    for (std::size_t n = 0; n < maps.size(); ++n) parameters[2 + n] = &maps[n];
  }
  ours.count_launch(launch.name);
  device_.check(device_.driver().cuLaunchKernel(function_, static_cast<unsigned>(blocks), 1, 1,
                                                threads_, 1, 1, shared_memory_, ours.cuda_handle(),
                                                parameters.data(), nullptr),
                "cuLaunchKernel");
  Tracer::global().record(launch.name, start, ticks(), launch.programs);
  return report;
}

void Executable::run(const Launch& launch, Outcome& outcome) const {
  const std::shared_ptr<tilewright::Stream> stream = device_.default_stream();
  const std::unique_ptr<Report> report = enqueue(launch, *stream);
  stream->wait(stream->submitted());
  if (report != nullptr) report->collect(outcome);
}

}  // namespace tilewright::cuda
