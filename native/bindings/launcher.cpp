// Binds, reads, looks up, checks and runs; asks the Python subclass to describe and build.
#include "bindings/launcher.h"

#include <structmember.h>

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "bindings/grid.h"
#include "bindings/launchable.h"
#include "bindings/parameters.h"
#include "bindings/streams.h"
#include "hal/registry.h"
#include "launch/table.h"
#include "trace/tracer.h"

namespace tilewright {
namespace {

using ParameterSet = std::bitset<max_parameters>;

// What is compiled for one overlap of the arguments.
struct Variant {
  Ref owner;                               // the Launchable as a Python object
  const Launchable* launchable = nullptr;  // inside it
};

// What is known about one kind of call.
struct Entry {
  Ref facts;
  bool narrow = false;
  int leaves = 0;
  ParameterSet written;  // by leaf
  Ref place;             // None on the host, else (device, num_warps, num_stages)
  Ref choice;            // of a tuned kernel: the values of the parameters that tuning sets
  Variant variants[2];   // [0] arguments may overlap, [1] nothing written overlaps
};

// The state of a LaunchTable object.
struct Table {
  ParametersHold parameters;
  LaunchTable<Entry> entries;
  Constants constants;
  std::uint64_t generation = 0;  // counts `clear`: what was begun before is not stored after
  SpanNames names;
};

struct TableObject {
  PyObject_HEAD Table* table;
};

struct LauncherObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  TableObject* kernel;
  PyObject* grid_function;  // null if the grid is known
  Grid grid;
};

PyTypeObject* table_type = nullptr;
PyTypeObject* launcher_type = nullptr;
PyObject* describe_name = nullptr;
PyObject* build_name = nullptr;
PyObject* choose_name = nullptr;

// A struct that was taken apart.
struct StructNode {
  const StructClass* type;               // null for a plain tuple
  const std::vector<Parameter>* fields;  // null if nothing is known of them
  int first_leaf;                        // the number of leaves before it
  int count;                             // of its fields
};

// A place in the leaves and structs of a call.
struct Cursor {
  int leaf = 0;
  int node = 0;
};

constexpr int deepest_struct = 32;
constexpr int no_device = -2;  // no ordinal

// One call of a kernel, on the stack.
class Call {
 public:
  explicit Call(LauncherObject* launcher)
      : launcher_(launcher),
        kernel_(reinterpret_cast<PyObject*>(launcher->kernel)),
        table_(*launcher->kernel->table),
        hold_(table_.parameters) {
    if (hold_.get() == nullptr) {
      raise_python(PyExc_RuntimeError, "configure() must be called before a launch");
    }
  }

  void run(PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
    parameters().bind(kernel_, arguments, count, keywords, bound_, options_);
    const Tuning* tuning = parameters().tuning();
    if (tuning != nullptr) check_left_to_tuning(*tuning);
    const bool asks_later = tuning != nullptr && launcher_->grid_function != nullptr;
    if (!asks_later) {
      grid_ = launcher_->grid_function == nullptr ? launcher_->grid : call_grid_function();
    }
    if (options_.stream != nullptr) stream_ = &stream_of(options_.stream, "option 'stream' is");
    if (options_.device != nullptr) [[unlikely]]
      device_ = device_of(options_.device, "option 'device'")->ordinal();
    generation_ = table_.generation;
    read();
    if (tuning != nullptr) add_to_key(*tuning);
    Entry* entry = table_.entries.find(key_);
    if (entry == nullptr) [[unlikely]]
      entry = &describe();
    if (asks_later) {
      // A copy: the function may do anything, also clear the table.
      if (!detached_) detached_.emplace(*entry);
      entry = &*detached_;
      take_choice(*tuning, *entry);
      grid_ = call_grid_function();
    }
    if (entry->written.any()) check_writable(*entry);
    if (grid_.programs == 0) return;
    const bool disjoint = is_disjoint(entry->written);
    Variant variant = entry->variants[disjoint];
    if (variant.launchable == nullptr) [[unlikely]]
      variant = build(*entry, disjoint);
    const PreparedLaunch launch{
        variant.owner.get(), *variant.launchable, grid_, arguments_, leaves_, leaf_count_, owners_,
        table_.names};
    const Site site{kernel_, nullptr};
    if (ordinal_ != host_ordinal) [[unlikely]]
      return run_on_gpu(launch, site);
    Stream* const stream = stream_ == nullptr ? current_stream() : stream_->get();
    if (stream == nullptr) {
      run_now(launch, site);
    } else {
      run_on(*stream, launch, site);
    }
  }

 private:
  Parameters& parameters() const { return *hold_.get(); }

  void read();
  // Kept out of line, too: where the launch runs if anything speaks for another place than the
  // host.
  [[gnu::noinline]] void settle_place();
  [[noreturn]] void refuse_host_array(const char* device) const;
  [[gnu::noinline]] void run_on_gpu(const PreparedLaunch& launch, const Site& site);
  Ref make_place(PyObject* num_warps, PyObject* num_stages) const;
  Ref name_of_leaf(int leaf) const;
  template <auto read_usual_kind>
  [[gnu::always_inline]] bool read_leaf(Parameter& wanted, PyObject* object, const Site& site,
                                        Argument& argument);
  void finish_array(const Parameter& wanted, Array& array);
  // Kept out of line: most calls have nothing unusual, and pay for no more than they use.
  [[gnu::noinline]] void read_other(Parameter& wanted, PyObject* object, const Site& site);
  [[gnu::noinline]] void read_struct(Parameter& wanted, PyObject* object, const Site& site);
  void read_field(Parameter& wanted, PyObject* object, const Site& site);
  [[noreturn, gnu::noinline]] void refuse_number_of_values(const Site& site) const;
  StructClass* class_of(const Site& site, PyObject* object);
  void add_leaf(PyObject* object) { leaves_[leaf_count_++] = object; }
  void add_array_to_key(const Parameter& parameter, const Array& array);
  Grid call_grid_function() const;
  [[noreturn]] void refuse_missing_field(PyObject* fields, PyObject* constants) const;
  void check_left_to_tuning(const Tuning& tuning) const;
  [[noreturn]] void refuse_tuned(const char* what, PyObject* name) const;
  void add_to_key(const Tuning& tuning);
  int leaf_of(int parameter) const;
  void take_choice(const Tuning& tuning, const Entry& entry);
  bool choose(const Tuning& tuning, Entry& entry);
  Entry& describe();
  Variant build(const Entry& entry, bool disjoint);
  Ref make_facts() const;
  Ref make_fact(Cursor& at, const Parameter& wanted) const;
  void check_writable(const Entry& entry) const;
  bool is_disjoint(const ParameterSet& written) const;

  LauncherObject* launcher_;
  PyObject* kernel_;
  Table& table_;
  ParametersHold hold_;
  Options options_;
  Grid grid_;
  const std::shared_ptr<Stream>* stream_ =
      nullptr;              // that was named, in the object of its argument
  int device_ = no_device;  // that was named
  int ordinal_ = host_ordinal;
  std::uint64_t generation_;
  bool narrow_ = true;
  std::optional<Entry> detached_;  // an entry that the table no longer wants
  Owners owners_;
  Key key_;
  PyObject* bound_[max_parameters];  // by parameter
  // By leaf: a number, an array or a constant, each field of a struct one.
  int leaf_count_ = 0;
  Argument arguments_[max_parameters];
  PyObject* leaves_[max_parameters];
  // The structs of the call, outer ones before inner ones.
  int struct_count_ = 0;
  StructNode structs_[max_parameters];
};

// The grid of a kernel whose grid is a function of its constexprs.
Grid Call::call_grid_function() const {
  static PyObject* const namespace_type =
      Ref::steal(PyObject_GetAttrString(py::module_::import("types").ptr(), "SimpleNamespace"))
          .release();
  const Ref constants = Ref::steal(PyDict_New());
  for (int i = 0; i < parameters().count(); ++i) {
    const Parameter& parameter = parameters()[i];
    if (parameter.kind != ParameterKind::constant) continue;
    if (PyDict_SetItem(constants.get(), parameter.name.get(), bound_[i]) != 0) throw Raised{};
  }
  static PyObject* const nothing = PyTuple_New(0);
  const Ref fields = Ref::steal(PyObject_Call(namespace_type, nothing, constants.get()));
  const Ref grid = Ref::steal_or_null(PyObject_CallOneArg(launcher_->grid_function, fields.get()));
  if (!grid) refuse_missing_field(fields.get(), constants.get());
  return read_grid(grid.get());
}

// The grid function failed: a LaunchError if it asked for a constexpr that the kernel has not; its
// own error otherwise.
void Call::refuse_missing_field(PyObject* fields, PyObject* constants) const {
  if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) throw Raised{};
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  const Ref object = find_attribute(value, "obj");
  const Ref name = find_attribute(value, "name");
  if (object.get() != fields || !name) {
    PyErr_Restore(type, value, trace);
    throw Raised{};
  }
  const Ref held[] = {Ref::steal_or_null(type), Ref::steal_or_null(value),
                      Ref::steal_or_null(trace)};
  const Ref names = Ref::steal(PyDict_Keys(constants));
  const Ref comma = Ref::steal(PyUnicode_FromString(", "));
  const Ref listed = Ref::steal(PyUnicode_Join(comma.get(), names.get()));
  const Ref kernel = kernel_name(kernel_);
  if (PyUnicode_GET_LENGTH(listed.get()) == 0) {
    raise_launch("the grid function asks for '%U', but %U has no constexpr parameters", name.get(),
                 kernel.get());
  }
  raise_launch(
      "the grid function asks for '%U', which is no constexpr parameter of %U\n"
      "note: it has %U",
      name.get(), kernel.get(), listed.get());
}

void Call::refuse_number_of_values(const Site& site) const {
  refuse(site, "a launch takes at most %d values, structs counted by their fields", max_parameters);
}

// Whether an array is rows that do not overlap, which is what GPUs copy boxes of.
bool has_rows(const Array& array) {
  const std::int64_t length = array.unit_axis < 0 ? 1 : array.extents[array.unit_axis];
  for (int axis = 0; axis < array.rank; ++axis) {
    const bool is_far = array.strides[axis] >= std::max<std::int64_t>(length, 1);
    if (axis != array.unit_axis && array.extents[axis] > 1 && !is_far) return false;
  }
  return true;
}

// What an array adds to the key and to what is known of the launch.
inline void Call::finish_array(const Parameter& wanted, Array& array) {
  const bool is_on_gpu = owners_.residence().arrays != 0;  // there, all facts count
  array.aligned &= is_on_gpu ? has_rows(array) : parameters().uses_aligned();
  array.even &= is_on_gpu || parameters().uses_even();
  narrow_ &= array.narrow;
  add_array_to_key(wanted, array);
}

// Read an array, a number or a constant, and add it to the key; false if it is something else.
template <auto read_usual_kind>
inline bool Call::read_leaf(Parameter& wanted, PyObject* object, const Site& site,
                            Argument& argument) {
  switch (wanted.kind) {
    case ParameterKind::constant:
      argument.kind = ArgumentKind::constant;
      table_.constants.add_to(key_, site, object, wanted.last);
      return true;
    case ParameterKind::structure: return false;
    case ParameterKind::free:
      if (!read_usual_kind(site, object, argument)) return false;
      break;
    case ParameterKind::scalar: read_scalar_as(site, object, wanted.dtype, argument); break;
    case ParameterKind::array: read_array(site, object, false, argument, owners_); break;
    case ParameterKind::pointer:
      read_array(site, object, true, argument, owners_);
      narrow_ &= argument.array.narrow;
      // It drops its shape: nothing about axes may tell two calls apart.
      argument.array.aligned = reinterpret_cast<std::uintptr_t>(argument.array.data) % 16 == 0;
      argument.array.rank = 0;
      argument.array.unit_axis = -1;
      argument.array.even = false;
      break;
  }
  if (argument.kind == ArgumentKind::array) {
    finish_array(wanted, argument.array);
  } else {
    key_.add(key_word(argument.scalar));
  }
  return true;
}

// Turn the bound objects into facts and form the key.
void Call::read() {
  const int count = parameters().count();
  int leaf = 0;
  for (int i = 0; i < count; ++i) {
    Parameter& parameter = parameters()[i];
    PyObject* object = bound_[i];
    const Site site{kernel_, parameter.name.get()};
    if (leaf == max_parameters) [[unlikely]]
      refuse_number_of_values(site);
    if (read_leaf<read_usual>(parameter, object, site, arguments_[leaf])) [[likely]] {
      leaves_[leaf] = object;
      ++leaf;
    } else {
      leaf_count_ = leaf;
      read_other(parameter, object, site);
      leaf = leaf_count_;
    }
  }
  leaf_count_ = leaf;
  key_.set_first(narrow_);
  const bool is_plain =
      owners_.residence().arrays == 0 && device_ == no_device && stream_ == nullptr;
  if (!is_plain) [[unlikely]]
    settle_place();
}

// A number from 1 up that an option gives; 0 if it is absent.
std::uint64_t read_option(PyObject* option) {
  if (option == nullptr) return 0;
  const long value = PyLong_AsLong(option);
  if (value == -1 && PyErr_Occurred() != nullptr) throw Raised{};
  if (value < 1 || value > 0xffff) raise_launch("num_warps and num_stages are 1 or more");
  return static_cast<std::uint64_t>(value);
}

// Find the device of the launch, and add it and what else is compiled in to the key.
void Call::settle_place() {
  const Residence& residence = owners_.residence();
  int arrays = 0;
  for (int i = 0; i < leaf_count_; ++i) arrays += arguments_[i].kind == ArgumentKind::array;
  if (residence.arrays != 0) {
    ordinal_ = residence.ordinal;
  } else if (arrays == 0 && device_ != no_device) {
    ordinal_ = device_;
  } else if (arrays == 0) {
    ordinal_ = (*stream_)->ordinal();
  }
  if (ordinal_ == host_ordinal && device_ >= 0) {
    refuse_host_array(open_device(device_)->name().c_str());
  }
  if (residence.arrays != 0 && residence.arrays != arrays) {
    refuse_host_array(open_device(ordinal_)->name().c_str());
  }
  const int wanted = device_ == no_device ? ordinal_ : device_;
  const char* const option = wanted != ordinal_ ? "device" : "stream";
  const int given = stream_ == nullptr || wanted != ordinal_ ? wanted : (*stream_)->ordinal();
  if (given != ordinal_) {
    raise_launch("option '%s' is of %s, but the launch is on %s, where its arrays are", option,
                 open_device(given)->name().c_str(), open_device(ordinal_)->name().c_str());
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
void Call::run_on_gpu(const PreparedLaunch& launch, const Site& site) {
  const Residence& residence = owners_.residence();
  std::shared_ptr<Stream> stream = stream_ == nullptr ? current_stream(ordinal_) : *stream_;
  if (stream == nullptr) {
    const auto device = open_device(ordinal_);
    stream = residence.stream_count == 0 ? device->default_stream()
                                         : device->borrow_stream(residence.streams[0]);
  }
  for (int i = 0; i < residence.buffer_count; ++i) (*residence.buffers[i])->use_on(stream);
  bool keeps = residence.keeps;
  for (int i = 0; i < residence.stream_count; ++i) {
    if (residence.streams[i] == stream->handle() || stream->is_recorded()) continue;
    stream->wait_for(*open_device(ordinal_)->borrow_stream(residence.streams[i]), 0);
    keeps = true;  // the library frees in the order of its own stream
  }
  run_on_device(stream, launch, site, keeps);
}

// What a kernel is compiled for besides its arguments; None for the host.
Ref Call::make_place(PyObject* num_warps, PyObject* num_stages) const {
  if (ordinal_ == host_ordinal) return Ref::borrow(Py_None);
  const std::string name = open_device(ordinal_)->name();
  const auto or_none = [](PyObject* object) { return object == nullptr ? Py_None : object; };
  return Ref::steal(Py_BuildValue("(sOO)", name.c_str(), or_none(num_warps), or_none(num_stages)));
}

// Read a field of a struct as an argument is read.
void Call::read_field(Parameter& wanted, PyObject* object, const Site& site) {
  if (leaf_count_ == max_parameters) refuse_number_of_values(site);
  if (read_leaf<read_usual_field>(wanted, object, site, arguments_[leaf_count_])) {
    add_leaf(object);
  } else {
    read_other(wanted, object, site);
  }
}

// Read what is of no usual kind: a struct, a constant in a struct, an array of another library.
void Call::read_other(Parameter& wanted, PyObject* object, const Site& site) {
  if (Py_TYPE(object) == last_exchanged_type && wanted.kind == ParameterKind::free) [[likely]] {
    Argument& argument = arguments_[leaf_count_];
    argument.kind = ArgumentKind::array;
    read_exchanged(site, object, argument.array, owners_);
    finish_array(wanted, argument.array);
    return add_leaf(object);
  }
  if (wanted.kind == ParameterKind::structure || PyTuple_Check(object) ||
      parameters().find_class(Py_TYPE(object)) != nullptr) {
    return read_struct(wanted, object, site);
  }
  Argument& argument = arguments_[leaf_count_];
  if (site.path != nullptr && is_constant(object)) {
    argument.kind = ArgumentKind::constant;
    table_.constants.add_to(key_, site, object, wanted.last);
    return add_leaf(object);
  }
  if (read_other_array(site, object, argument, owners_)) {
    finish_array(wanted, argument.array);
    return add_leaf(object);
  }
  if (parameters().learn_class(site, Py_TYPE(object)) == nullptr) {
    refuse_object(site, object, "an array or a number");
  }
  read_struct(wanted, object, site);
}

// How a struct is taken apart; null for a plain tuple. Refuses what is no struct.
StructClass* Call::class_of(const Site& site, PyObject* object) {
  if (PyTuple_CheckExact(object)) return nullptr;
  StructClass* type = parameters().find_class(Py_TYPE(object));
  if (type == nullptr) [[unlikely]]
    type = parameters().learn_class(site, Py_TYPE(object));
  if (type == nullptr && !PyTuple_Check(object)) {
    refuse_object(site, object, "a tuple, a NamedTuple or a frozen dataclass");
  }
  return type == nullptr || type->kind == StructClass::plain_tuple ? nullptr : type;
}

// The value of a field of a dataclass, kept alive for the launch.
PyObject* value_of_field(const Site& site, PyObject* object, PyObject* name, Owners& owners) {
  Ref value = Ref::steal_or_null(PyObject_GetAttr(object, name));
  if (!value) {
    if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) throw Raised{};
    PyErr_Clear();
    refuse(site, "the field has no value");
  }
  return owners.keep(std::move(value));
}

// Take a struct apart, field by field.
void Call::read_struct(Parameter& wanted, PyObject* object, const Site& site) {
  const int depth = site.path == nullptr ? 0 : site.path->depth + 1;
  if (depth == deepest_struct) refuse(site, "structs are nested more than %d deep", depth);
  if (struct_count_ == max_parameters) {
    refuse(site, "a launch takes at most %d structs", max_parameters);
  }
  StructClass* type = class_of(site, object);
  const bool is_tuple = type == nullptr || type->kind == StructClass::named_tuple;
  const Py_ssize_t count =
      is_tuple ? PyTuple_GET_SIZE(object) : static_cast<Py_ssize_t>(type->fields.size());
  std::vector<Parameter>* fields = nullptr;
  if (wanted.kind == ParameterKind::structure) {
    fields = &wanted.fields;
  } else if (type != nullptr) {
    fields = &type->fields;
  }
  if (fields != nullptr && static_cast<Py_ssize_t>(fields->size()) != count) {
    refuse(site, "expected %zd fields, got %zd", static_cast<Py_ssize_t>(fields->size()), count);
  }
  key_.add(type == nullptr ? key_word_of_tuple(static_cast<std::uint64_t>(count))
                           : key_word_of_class(type->number));
  structs_[struct_count_++] = {type, fields, leaf_count_, static_cast<int>(count)};
  for (Py_ssize_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::size_t>(i);
    PyObject* name = type == nullptr ? nullptr : type->fields[place].name.get();
    const Path path{site.path, name, i, depth};
    const Site inner{kernel_, site.parameter, &path};
    PyObject* item =
        is_tuple ? PyTuple_GET_ITEM(object, i) : value_of_field(inner, object, name, owners_);
    read_field(fields == nullptr ? parameters().anonymous() : (*fields)[place], item, inner);
  }
}

void Call::add_array_to_key(const Parameter& parameter, const Array& array) {
  key_.add(key_word(array));
  for (const std::uint8_t axis : parameter.fixed) {
    if (axis < array.rank) key_.add(static_cast<std::uint64_t>(array.extents[axis]));
  }
}

Ref array_facts(const Parameter& parameter, const Array& array) {
  const Ref extents = Ref::steal(PyList_New(0));
  for (const std::uint8_t axis : parameter.fixed) {
    if (axis >= array.rank) continue;
    const Ref pair =
        Ref::steal(Py_BuildValue("(iL)", int{axis}, static_cast<long long>(array.extents[axis])));
    if (PyList_Append(extents.get(), pair.get()) != 0) throw Raised{};
  }
  const Ref fixed = Ref::steal(PyList_AsTuple(extents.get()));
  return Ref::steal(Py_BuildValue(
      "(siiiOOO)", "array", static_cast<int>(array.dtype), int{array.rank}, int{array.unit_axis},
      array.aligned ? Py_True : Py_False, array.even ? Py_True : Py_False, fixed.get()));
}

// The names of a struct's fields as a tuple; None if they have none.
Ref names_of(const StructNode& node) {
  if (node.type == nullptr) return Ref::borrow(Py_None);
  Ref names = Ref::steal(PyTuple_New(node.count));
  for (int i = 0; i < node.count; ++i) {
    PyObject* name = node.type->fields[static_cast<std::size_t>(i)].name.get();
    PyTuple_SET_ITEM(names.get(), i, Py_NewRef(name));
  }
  return names;
}

// The fact of the leaf or the struct at a place, which is moved behind it.
Ref Call::make_fact(Cursor& at, const Parameter& wanted) const {
  if (at.node < struct_count_ && structs_[at.node].first_leaf == at.leaf) {
    const StructNode& node = structs_[at.node++];
    const Ref names = names_of(node);
    const Ref items = Ref::steal(PyTuple_New(node.count));
    for (int i = 0; i < node.count; ++i) {
      const Parameter& field = node.fields == nullptr ? parameters().anonymous()
                                                      : (*node.fields)[static_cast<std::size_t>(i)];
      PyTuple_SET_ITEM(items.get(), i, make_fact(at, field).release());
    }
    PyObject* type = node.type == nullptr ? Py_None : node.type->type.get();
    return Ref::steal(Py_BuildValue("(sOOO)", "struct", type, names.get(), items.get()));
  }
  const int leaf = at.leaf++;
  const Argument& argument = arguments_[leaf];
  switch (argument.kind) {
    case ArgumentKind::array: return array_facts(wanted, argument.array);
    case ArgumentKind::scalar:
      return Ref::steal(Py_BuildValue("(si)", "scalar", static_cast<int>(argument.scalar.dtype)));
    case ArgumentKind::constant: break;
  }
  return Ref::steal(Py_BuildValue("(sO)", "constexpr", leaves_[leaf]));
}

Ref Call::make_facts() const {
  const int count = parameters().count();
  Ref facts = Ref::steal(PyTuple_New(count));
  Cursor at;
  for (int i = 0; i < count; ++i) {
    PyTuple_SET_ITEM(facts.get(), i, make_fact(at, parameters()[i]).release());
  }
  return facts;
}

// Find a leaf by its ordinal in a fact, whose name is extended to that of the leaf. False if it is
// not there; then the leaves of the fact are taken off the ordinal.
bool find_leaf(PyObject* fact, int& ordinal, Ref& name) {
  if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(fact, 0), "struct") != 0) {
    return ordinal-- == 0;
  }
  PyObject* names = PyTuple_GET_ITEM(fact, 2);
  PyObject* items = PyTuple_GET_ITEM(fact, 3);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); ++i) {
    PyObject* field = names == Py_None ? nullptr : PyTuple_GET_ITEM(names, i);
    Ref inner = field_name(name.get(), field, i);
    if (find_leaf(PyTuple_GET_ITEM(items, i), ordinal, inner)) {
      name = inner;
      return true;
    }
  }
  return false;
}

ParameterSet read_written(PyObject* result, int count) {
  if (!PyTuple_Check(result) || PyTuple_GET_SIZE(result) != count) {
    raise_python(PyExc_TypeError, "describe returned %R, expected a tuple of %d booleans", result,
                 count);
  }
  ParameterSet written;
  for (int i = 0; i < count; ++i) {
    const int truth = PyObject_IsTrue(PyTuple_GET_ITEM(result, i));
    if (truth < 0) throw Raised{};
    written[static_cast<std::size_t>(i)] = truth != 0;
  }
  return written;
}

// What the configurations of a tuned kernel set, a call may not.
void Call::check_left_to_tuning(const Tuning& tuning) const {
  for (const int i : tuning.parameters) {
    if (bound_[i] != tuned()) refuse_tuned("argument", parameters()[i].name.get());
  }
  if (options_.num_warps != nullptr && tuning.sets_num_warps()) {
    refuse_tuned("option", Ref::steal(PyUnicode_FromString("num_warps")).get());
  }
  if (options_.num_stages != nullptr && tuning.sets_num_stages()) {
    refuse_tuned("option", Ref::steal(PyUnicode_FromString("num_stages")).get());
  }
}

void Call::refuse_tuned(const char* what, PyObject* name) const {
  const Ref kernel = kernel_name(kernel_);
  raise_launch(
      "%s '%U' of %U is set by its configurations, and by the call\n"
      "note: leave it out and pass what follows it by keyword; `%U.untuned[grid](...)` takes it",
      what, name, kernel.get(), kernel.get());
}

// Add what the kernel is tuned by to the key.
void Call::add_to_key(const Tuning& tuning) {
  if (tuning.by_shapes) {
    for (int i = 0; i < leaf_count_; ++i) {
      if (arguments_[i].kind == ArgumentKind::array) add_shape(key_, arguments_[i].array);
    }
    return;
  }
  for (const TuningItem& item : tuning.items) {
    const int leaf = struct_count_ == 0 ? item.parameter : leaf_of(item.parameter);
    const char* fault = leaf < 0 ? "the argument is a struct" : nullptr;
    if (fault == nullptr) fault = add_quantity(key_, item, arguments_[leaf]);
    if (fault == nullptr) continue;
    const Ref kernel = kernel_name(kernel_);
    raise_launch(
        "%U is tuned by '%U': %s\n"
        "note: the key of @tw.autotune names what the arguments of every call have",
        kernel.get(), item.text.get(), fault);
  }
}

// The leaf that a parameter is; -1 if it was taken apart.
int Call::leaf_of(int parameter) const {
  int leaf = 0;
  int node = 0;
  for (int i = 0;; ++i) {
    const bool is_struct = node < struct_count_ && structs_[node].first_leaf == leaf;
    if (i == parameter) return is_struct ? -1 : leaf;
    // The values still to pass: this one, and in place of each struct its fields.
    for (int open = 1; open > 0; --open) {
      if (node < struct_count_ && structs_[node].first_leaf == leaf) {
        open += structs_[node++].count;
      } else {
        ++leaf;
      }
    }
  }
}

// Put what was chosen where a call would have put it.
void Call::take_choice(const Tuning& tuning, const Entry& entry) {
  Py_ssize_t k = 0;
  for (const int i : tuning.parameters) bound_[i] = PyTuple_GET_ITEM(entry.choice.get(), k++);
}

// Ask which configuration the call is to have; false if that is for this call only.
bool Call::choose(const Tuning& tuning, Entry& entry) {
  const int count = parameters().count();
  const Ref arguments = Ref::steal(PyTuple_New(count));
  for (int i = 0; i < count; ++i) {
    PyTuple_SET_ITEM(arguments.get(), i, Py_NewRef(bound_[i]));
  }
  const std::int64_t* extents = launcher_->grid.extents;
  const Ref grid = launcher_->grid_function != nullptr
                       ? Ref::borrow(launcher_->grid_function)
                       : Ref::steal(Py_BuildValue("(LLL)", static_cast<long long>(extents[0]),
                                                  static_cast<long long>(extents[1]),
                                                  static_cast<long long>(extents[2])));
  PyObject* stream = options_.stream == nullptr ? Py_None : options_.stream;
  const Ref facts = make_facts();
  const Ref place = make_place(options_.num_warps, options_.num_stages);
  PyObject* const last = ordinal_ == host_ordinal ? nullptr : PyTuple_GET_ITEM(place.get(), 0);
  const Ref result = result_of_ours(
      PyObject_CallMethodObjArgs(kernel_, choose_name, facts.get(), narrow_ ? Py_True : Py_False,
                                 arguments.get(), grid.get(), stream, last, nullptr));
  PyObject *values = nullptr, *num_warps = options_.num_warps, *num_stages = options_.num_stages;
  int lasts = 0;
  if (PyArg_ParseTuple(result.get(), "O!p|OO:choose", &PyTuple_Type, &values, &lasts, &num_warps,
                       &num_stages) == 0) {
    throw Raised{};
  }
  entry.place = make_place(num_warps, num_stages);
  if (PyTuple_GET_SIZE(values) != static_cast<Py_ssize_t>(tuning.parameters.size())) {
    raise_python(PyExc_TypeError, "choose returned %R", result.get());
  }
  entry.choice = Ref::borrow(values);
  take_choice(tuning, entry);
  for (const int i : tuning.parameters) leaves_[leaf_of(i)] = bound_[i];
  return lasts != 0;
}

// The first call of its kind: ask which parameters are written.
Entry& Call::describe() {
  if (table_.names.launch == nullptr) {
    const Ref name = kernel_name(kernel_);
    const char* text = PyUnicode_AsUTF8(name.get());
    if (text == nullptr) throw Raised{};
    table_.names.launch = Tracer::global().intern(text);
    table_.names.range = Tracer::global().intern(std::string(text) + " range");
  }
  Entry entry;
  const Tuning* tuning = parameters().tuning();
  const bool lasts = tuning == nullptr || choose(*tuning, entry);
  if (!entry.place) entry.place = make_place(options_.num_warps, options_.num_stages);
  entry.facts = make_facts();
  entry.narrow = narrow_;
  entry.leaves = leaf_count_;
  const Ref result = result_of_ours(PyObject_CallMethodObjArgs(
      kernel_, describe_name, entry.facts.get(), narrow_ ? Py_True : Py_False, nullptr));
  entry.written = read_written(result.get(), leaf_count_);
  if (!lasts || generation_ != table_.generation) return detached_.emplace(std::move(entry));
  if (Entry* known = table_.entries.find(key_)) return *known;  // another thread was first
  return table_.entries.insert(key_, std::move(entry));
}

// The first call of its variant: ask for code.
Variant Call::build(const Entry& entry, bool disjoint) {
  const Ref facts = entry.facts;  // `entry` may be gone when Python returns
  const Ref place = entry.place;
  // Absent arguments end the list: the device of a GPU, and options that were given.
  PyObject *device = nullptr, *num_warps = nullptr, *num_stages = nullptr;
  if (ordinal_ != host_ordinal) {
    device = PyTuple_GET_ITEM(place.get(), 0);
    num_warps = PyTuple_GET_ITEM(place.get(), 1);
    num_stages = PyTuple_GET_ITEM(place.get(), 2);
    if (num_warps == Py_None && num_stages == Py_None) num_warps = nullptr;
  }
  Variant variant;
  variant.owner = result_of_ours(PyObject_CallMethodObjArgs(
      kernel_, build_name, facts.get(), narrow_ ? Py_True : Py_False, disjoint ? Py_True : Py_False,
      device, num_warps, num_stages, nullptr));
  variant.launchable = &launchable_of(variant.owner.get());
  if (generation_ != table_.generation) return variant;
  if (Entry* known = table_.entries.find(key_)) known->variants[disjoint] = variant;
  return variant;
}

// The name of a leaf, as users write it.
Ref Call::name_of_leaf(int leaf) const {
  const Ref facts = make_facts();
  Ref name;
  for (int p = 0; p < parameters().count(); ++p) {
    name = parameters()[p].name;
    if (find_leaf(PyTuple_GET_ITEM(facts.get(), p), leaf, name)) break;
  }
  return name;
}

void Call::check_writable(const Entry& entry) const {
  for (int i = 0; i < leaf_count_; ++i) {
    const bool is_array = arguments_[i].kind == ArgumentKind::array;
    if (!is_array || arguments_[i].array.writable || !entry.written[static_cast<std::size_t>(i)]) {
      continue;
    }
    const Ref name = name_of_leaf(i);
    refuse({kernel_, name.get()},
           "the kernel writes to it, but it is read-only\nnote: pass an array that may be written, "
           "such as x.copy()");
  }
}

// Whether no array that is written shares a byte with another array, nor an element with itself.
bool Call::is_disjoint(const ParameterSet& written) const {
  const int count = leaf_count_;
  for (int i = 0; i < count; ++i) {
    if (arguments_[i].kind != ArgumentKind::array) continue;
    if (!written[static_cast<std::size_t>(i)]) continue;
    if (may_overlap_itself(arguments_[i].array)) return false;
    for (int j = 0; j < count; ++j) {
      if (j == i || arguments_[j].kind != ArgumentKind::array) continue;
      if (overlap(arguments_[i].array, arguments_[j].array)) return false;
    }
  }
  return true;
}

// The type Launcher.

// Launchers live for one expression, so their memory is used again; under the GIL.
constexpr int spare_count = 8;
LauncherObject* spare_launchers[spare_count];
int spares = 0;

PyObject* call_launcher(PyObject* self, PyObject* const* arguments, std::size_t count,
                        PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    Call call(reinterpret_cast<LauncherObject*>(self));
    call.run(arguments, PyVectorcall_NARGS(count), keywords);
    Py_RETURN_NONE;
  });
}

LauncherObject* new_launcher() {
  LauncherObject* launcher = nullptr;
  if (spares > 0) {
    launcher = spare_launchers[--spares];
    PyObject_Init(reinterpret_cast<PyObject*>(launcher), launcher_type);
  } else {
    launcher = PyObject_GC_New(LauncherObject, launcher_type);
    if (launcher == nullptr) throw Raised{};
  }
  launcher->vectorcall = &call_launcher;
  launcher->kernel = nullptr;
  launcher->grid_function = nullptr;
  return launcher;
}

PyObject* subscript_table(PyObject* self, PyObject* grid) {
  return guarded([&]() -> PyObject* {
    const bool is_function = !PyIndex_Check(grid) && PyCallable_Check(grid) != 0;
    const Grid extents = is_function ? Grid{} : read_grid(grid);
    LauncherObject* launcher = new_launcher();
    launcher->kernel = reinterpret_cast<TableObject*>(Py_NewRef(self));
    launcher->grid = extents;
    if (is_function) launcher->grid_function = Py_NewRef(grid);
    PyObject_GC_Track(launcher);
    return reinterpret_cast<PyObject*>(launcher);
  });
}

void free_launcher(PyObject* self) {
  auto* launcher = reinterpret_cast<LauncherObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_CLEAR(launcher->kernel);
  Py_CLEAR(launcher->grid_function);
  if (spares < spare_count) {
    spare_launchers[spares++] = launcher;
  } else {
    PyObject_GC_Del(self);
  }
  Py_DECREF(type);
}

int traverse_launcher(PyObject* self, visitproc visit, void* arg) {
  auto* launcher = reinterpret_cast<LauncherObject*>(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(launcher->kernel);
  Py_VISIT(launcher->grid_function);
  return 0;
}

// The type LaunchTable.

PyObject* new_table(PyTypeObject* type, PyObject*, PyObject*) {
  return guarded([&]() -> PyObject* {
    auto table = std::make_unique<Table>();
    Ref self = Ref::steal(type->tp_alloc(type, 0));
    reinterpret_cast<TableObject*>(self.get())->table = table.release();
    return self.release();
  });
}

// Forget all entries. What they held is dropped when the table is whole again.
void forget_entries(Table& table) {
  ++table.generation;
  const std::vector<Entry> entries = table.entries.clear();
  const Ref constants = table.constants.clear();
  const ParametersHold hold = table.parameters;
  if (hold.get() == nullptr) return;
  hold.get()->forget_constants();
}

int clear_table(PyObject* self) {
  Table* table = reinterpret_cast<TableObject*>(self)->table;
  if (table == nullptr) return 0;
  forget_entries(*table);
  const ParametersHold parameters = std::exchange(table->parameters, {});
  return 0;
}

void free_table(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_table(self);
  delete reinterpret_cast<TableObject*>(self)->table;
  type->tp_free(self);
  Py_DECREF(type);
}

int traverse_table(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const Table* table = reinterpret_cast<TableObject*>(self)->table;
  if (table == nullptr) return 0;
  int result = 0;
  table->entries.for_each([&](const Entry& entry) {
    for (const Ref* held : {&entry.facts, &entry.place, &entry.choice, &entry.variants[0].owner,
                            &entry.variants[1].owner}) {
      if (result == 0 && *held) result = visit(held->get(), arg);
    }
  });
  if (result != 0) return result;
  Py_VISIT(table->constants.values());
  const Parameters* parameters = table->parameters.get();
  return parameters == nullptr ? 0 : parameters->traverse(visit, arg);
}

PyObject* configure(PyObject* self, PyObject* arguments, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    static const char* const names[] = {"parameters", "device_facts", "tuning", nullptr};
    PyObject* list = nullptr;
    PyObject* tuning = Py_None;
    int facts = 0;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "Oi|O:configure",
                                    const_cast<char**>(names), &list, &facts, &tuning) == 0) {
      throw Raised{};
    }
    ParametersHold fresh(new Parameters(list, static_cast<unsigned>(facts), tuning));
    Table& table = *reinterpret_cast<TableObject*>(self)->table;
    forget_entries(table);
    table.names = {};
    table.parameters = std::move(fresh);
    Py_RETURN_NONE;
  });
}

PyObject* clear_entries(PyObject* self, PyObject*) {
  forget_entries(*reinterpret_cast<TableObject*>(self)->table);
  Py_RETURN_NONE;
}

// One row per variant there is, or one with None where nothing was built yet.
void append_rows(PyObject* rows, const Entry& entry) {
  const Ref written = Ref::steal(PyTuple_New(entry.leaves));
  for (int i = 0; i < entry.leaves; ++i) {
    PyObject* truth = entry.written[static_cast<std::size_t>(i)] ? Py_True : Py_False;
    PyTuple_SET_ITEM(written.get(), i, Py_NewRef(truth));
  }
  const auto append = [&](PyObject* disjoint) {
    const Ref row = Ref::steal(PyTuple_Pack(5, entry.facts.get(), entry.narrow ? Py_True : Py_False,
                                            written.get(), disjoint, entry.place.get()));
    if (PyList_Append(rows, row.get()) != 0) throw Raised{};
  };
  if (entry.variants[0].launchable != nullptr) append(Py_False);
  if (entry.variants[1].launchable != nullptr) append(Py_True);
  if (entry.variants[0].launchable == nullptr && entry.variants[1].launchable == nullptr) {
    append(Py_None);
  }
}

PyObject* list_entries(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    const Table& table = *reinterpret_cast<TableObject*>(self)->table;
    Ref rows = Ref::steal(PyList_New(0));
    // Copies: making Python objects may collect garbage, and that may run code that launches.
    std::vector<Entry> entries;
    table.entries.for_each([&](const Entry& entry) { entries.push_back(entry); });
    for (const Entry& entry : entries) append_rows(rows.get(), entry);
    return rows.release();
  });
}

PyMethodDef table_methods[] = {
    {"configure", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&configure)),
     METH_VARARGS | METH_KEYWORDS,
     "configure($self, parameters, device_facts, tuning=None)\n--\n\nSay what the kernel's "
     "parameters are, which facts of arrays count (1: aligned, 2: even), and what the kernel is "
     "tuned by. Forgets all entries."},
    {"clear", &clear_entries, METH_NOARGS, "clear($self)\n--\n\nForget all entries."},
    {"entries", &list_entries, METH_NOARGS,
     "entries($self)\n--\n\nList (facts, narrow, written, disjoint, place) of every variant."},
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot table_slots[] = {
    {Py_tp_doc, const_cast<char*>("From the kinds of a call's arguments to what was compiled "
                                  "for them; the base of kernels.")},
    {Py_tp_new, reinterpret_cast<void*>(&new_table)},
    {Py_tp_dealloc, reinterpret_cast<void*>(&free_table)},
    {Py_tp_traverse, reinterpret_cast<void*>(&traverse_table)},
    {Py_tp_clear, reinterpret_cast<void*>(&clear_table)},
    {Py_tp_methods, table_methods},
    {Py_mp_subscript, reinterpret_cast<void*>(&subscript_table)},
    {0, nullptr}};

PyType_Spec table_spec = {"tilewright._native.LaunchTable", sizeof(TableObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                          table_slots};

PyMemberDef launcher_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(LauncherObject, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot launcher_slots[] = {
    {Py_tp_doc, const_cast<char*>("A kernel with a grid, ready to be called.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(&free_launcher)},
    {Py_tp_traverse, reinterpret_cast<void*>(&traverse_launcher)},
    {Py_tp_members, launcher_members},
    {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
    {0, nullptr}};

PyType_Spec launcher_spec = {"tilewright._native.Launcher", sizeof(LauncherObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                                 Py_TPFLAGS_DISALLOW_INSTANTIATION,
                             launcher_slots};

PyTypeObject* add_type(py::module_& module, PyType_Spec& spec, const char* name) {
  PyObject* type = Ref::steal(PyType_FromModuleAndSpec(module.ptr(), &spec, nullptr)).release();
  module.add_object(name, type);
  return reinterpret_cast<PyTypeObject*>(type);
}

}  // namespace

void define_launcher(py::module_& module) {
  describe_name = PyUnicode_InternFromString("describe");
  build_name = PyUnicode_InternFromString("build");
  choose_name = PyUnicode_InternFromString("choose");
  prepare_parameters();
  table_type = add_type(module, table_spec, "LaunchTable");
  launcher_type = add_type(module, launcher_spec, "Launcher");
  module.add_object("REQUIRED", required());
  module.add_object("TUNED", tuned());
}

}  // namespace tilewright
