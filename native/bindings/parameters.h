// The parameters of a kernel, and how the arguments of a call find them.
//
// Immutable once made, but for a cache; counted by hand under the GIL, since a call must keep it
// while Python code may configure the table anew.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "bindings/constants.h"
#include "bindings/readers.h"
#include "bindings/tuning.h"

namespace tilewright {

enum class ParameterKind : std::uint8_t { free, constant, scalar, array, pointer, structure };

// A parameter of a kernel, or a field of a struct.
struct Parameter {
  Ref name;  // interned
  ParameterKind kind;
  Dtype dtype;                      // of an annotated scalar
  Ref standard;                     // the default; null if the argument is required
  std::vector<std::uint8_t> fixed;  // axes whose extent is part of the key
  std::vector<Parameter> fields;    // of a structure
  LastConstant last;
  LastTensor last_tensor{};
};

// How the instances of a class are taken apart.
struct StructClass {
  enum Kind : std::uint8_t { plain_tuple, named_tuple, dataclass };
  Ref type;
  Kind kind;
  std::vector<Parameter> fields;  // none for a plain tuple
  std::uint64_t number;           // its name in keys
};

// Learn the function that tells of a class (kind, rows of its fields), why it is no struct (a
// text), or None for a class of something else.
void register_struct_reader(PyObject* function);

// The keywords of a launch that are not parameters.
struct Options {
  PyObject* stream = nullptr;  // borrowed; null if absent or None
  PyObject* device = nullptr;
  PyObject* num_warps = nullptr;
  PyObject* num_stages = nullptr;
};

class Parameters {
 public:
  // Read the list given to `configure`, and how calls are tuned, None if they are not. Throws
  // ValueError or TypeError for malformed ones.
  Parameters(PyObject* list, unsigned device_facts, PyObject* tuning);

  int count() const { return static_cast<int>(parameters_.size()); }
  Parameter& operator[](int index) { return parameters_[static_cast<std::size_t>(index)]; }
  const Parameter& operator[](int index) const {
    return parameters_[static_cast<std::size_t>(index)];
  }
  std::span<Parameter> all() { return parameters_; }
  bool uses_aligned() const { return (device_facts_ & 1) != 0; }
  bool uses_even() const { return (device_facts_ & 2) != 0; }

  // How calls are tuned; null if they are not.
  const Tuning* tuning() const { return tuning_.get(); }

  // Find the argument of each parameter, as Python would; all are borrowed. Throws LaunchError.
  void bind(PyObject* kernel, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords,
            PyObject** bound, Options& options) const;

  // How instances of a class are taken apart, if that is known already; null if not.
  StructClass* find_class(PyTypeObject* type) const {
    for (const auto& known : classes_) {
      if (reinterpret_cast<PyTypeObject*>(known->type.get()) == type) return known.get();
    }
    return nullptr;
  }

  // Ask how instances of a class are taken apart; null if it is no class of structs. Runs Python
  // code. Throws LaunchError for a class that is refused.
  StructClass* learn_class(const Site& site, PyTypeObject* type);

  // What stands for an item of a plain tuple.
  Parameter& anonymous() { return anonymous_; }

  int traverse(visitproc visit, void* arg) const;

  // Let go of the constants seen last.
  void forget_constants();

 private:
  void bind_keyword(PyObject* kernel, PyObject* name, PyObject* value, PyObject** bound,
                    Options& options) const;
  bool bind_option(PyObject* kernel, PyObject* name, PyObject* value, Options& options) const;
  [[noreturn]] void refuse_missing(PyObject* kernel, PyObject** bound) const;
  // The way out of a wrong call, as a line of its own: how the kernel of this name is called.
  Ref call_note(PyObject* kernel) const;

  std::vector<Parameter> parameters_;
  std::vector<std::unique_ptr<StructClass>> classes_;
  Parameter anonymous_;
  unsigned device_facts_;
  std::unique_ptr<Tuning> tuning_;
};

// A counted hold on parameters; not atomic: the GIL is held.
class ParametersHold {
 public:
  ParametersHold() = default;
  explicit ParametersHold(Parameters* fresh) : shared_(new Shared{1, fresh}) {}
  ParametersHold(const ParametersHold& other) : shared_(other.shared_) {
    if (shared_ != nullptr) ++shared_->holds;
  }
  ParametersHold(ParametersHold&& other) noexcept
      : shared_(std::exchange(other.shared_, nullptr)) {}
  ParametersHold& operator=(ParametersHold other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~ParametersHold() {
    if (shared_ == nullptr || --shared_->holds != 0) return;
    delete shared_->parameters;
    delete shared_;
  }

  Parameters* get() const { return shared_ == nullptr ? nullptr : shared_->parameters; }

 private:
  struct Shared {
    long holds;
    Parameters* parameters;
  };
  Shared* shared_ = nullptr;
};

// The sentinel for a parameter without a default. Borrowed.
PyObject* required();

// The default of a constexpr parameter that tuning sets. Borrowed.
PyObject* tuned();

// Make the sentinels and the names of the options. Called once, when the module is imported.
void prepare_parameters();

}  // namespace tilewright
