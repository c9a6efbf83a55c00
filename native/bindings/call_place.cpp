// Where a call runs: on the host, or on which GPU and in which order.
#include <string>

#include "bindings/call.h"
#include "bindings/streams.h"
#include "hal/registry.h"

namespace tilewright {
namespace {

// A number from 1 up that an option gives; 0 if it is absent.
std::uint64_t read_option(PyObject* option) {
  if (option == nullptr) return 0;
  const long value = PyLong_AsLong(option);
  if (value == -1 && PyErr_Occurred() != nullptr) throw Raised{};
  if (value < 1 || value > 0xffff) raise_launch("num_warps and num_stages are 1 or more");
  return static_cast<std::uint64_t>(value);
}

}  // namespace

// Find the device of the launch, and add it and what else is compiled in to the key.
void Call::settle_place() {
  const Residence& residence = owners_.residence();
  if (residence.arrays != 0) {
    ordinal_ = residence.ordinal;
  } else if (array_count_ == 0 && device_ != no_device) {
    ordinal_ = device_;
  } else if (array_count_ == 0) {
    ordinal_ = (*stream_)->ordinal();
  }
  if (ordinal_ == host_ordinal && device_ >= 0) {
    refuse_host_array(open_device(device_).name().c_str());
  }
  if (residence.arrays != 0 && residence.arrays != array_count_) {
    refuse_host_array(open_device(ordinal_).name().c_str());
  }
  const int wanted = device_ == no_device ? ordinal_ : device_;
  const char* const option = wanted != ordinal_ ? "device" : "stream";
  const int given = stream_ == nullptr || wanted != ordinal_ ? wanted : (*stream_)->ordinal();
  if (given != ordinal_) {
    raise_launch("option '%s' is of %s, but the launch is on %s, where its arrays are", option,
                 open_device(given).name().c_str(), open_device(ordinal_).name().c_str());
  }
  if (ordinal_ == host_ordinal) return;
  key_.set_first(static_cast<std::uint64_t>(narrow_) |
                 static_cast<std::uint64_t>(ordinal_ + 1) << 1 |
                 read_option(options_.num_warps) << 16 | read_option(options_.num_stages) << 32);
}

// Some arrays are on a GPU, or the launch is to be there, but others are on the host.
void Call::refuse_host_array(const char* device) const {
  for (int i = 0; i < leaf_count_; ++i) {
    if (arguments_[i].kind != ArgumentKind::array) continue;
    const Ref name = name_of_leaf(i);
    const Site site{kernel_, name.get()};
    Owners owners;
    Argument again;
    read_array(site, leaves_[i], false, again, owners);
    if (owners.residence().arrays != 0) continue;
    refuse(site,
           "it is in the memory of the host, and the launch is on %s\n"
           "note: copy it there, as with tw.asarray(x, device=\"%s\")",
           device, device);
  }
  raise_launch("the arrays of a launch are on one device");
}

// On a GPU: in the order of the stream named, else of that of a `with` block, else of the library
// whose arrays these are, else of the default stream.
void Call::run_on_gpu(const PreparedLaunch& launch) {
  const Residence& residence = owners_.residence();
  std::shared_ptr<Stream> entered;  // held: what Python does meanwhile may leave its block
  const std::shared_ptr<Stream>* chosen = stream_;
  if (chosen == nullptr) {
    entered = current_stream(ordinal_);
    chosen = &entered;
  }
  if (*chosen == nullptr) {
    Device& device = open_device(ordinal_);
    chosen = residence.stream_count == 0 ? &device.default_stream()
                                         : &device.borrow_stream(residence.streams[0]);
  }
  const std::shared_ptr<Stream>& stream = *chosen;
  for (int i = 0; i < residence.buffer_count; ++i) (*residence.buffers[i])->use_on(stream);
  bool keeps = residence.keeps;
  for (int i = 0; i < residence.stream_count; ++i) {
    if (residence.streams[i] == stream->handle() || stream->is_recorded()) continue;
    stream->wait_for(*open_device(ordinal_).borrow_stream(residence.streams[i]), 0);
    keeps = true;  // the library frees in the order of its own stream
  }
  run_on_device(stream, launch, keeps);
}

// What a kernel is compiled for besides its arguments; None for the host.
Ref Call::make_place(PyObject* num_warps, PyObject* num_stages) const {
  if (ordinal_ == host_ordinal) return Ref::borrow(Py_None);
  const std::string name = open_device(ordinal_).name();
  const auto or_none = [](PyObject* object) { return object == nullptr ? Py_None : object; };
  return Ref::steal(Py_BuildValue("(sOO)", name.c_str(), or_none(num_warps), or_none(num_stages)));
}

}  // namespace tilewright
