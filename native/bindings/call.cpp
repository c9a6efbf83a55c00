// The warm path: reads what a call is given, finds what was compiled for it, and runs that.
#include "bindings/call.h"

#include <algorithm>

#include "bindings/streams.h"
#include "hal/device.h"

namespace tilewright {
namespace {

constexpr int deepest_struct = 32;

// Whether an array is rows that do not overlap, which is what GPUs copy boxes of.
bool has_rows(const Array& array) {
  if (array.rank == (array.unit_axis >= 0)) return true;  // it is one row, or one element
  const std::int64_t length = array.unit_axis < 0 ? 1 : array.extents[array.unit_axis];
  for (int axis = 0; axis < array.rank; ++axis) {
    const bool is_far = array.strides[axis] >= std::max<std::int64_t>(length, 1);
    if (axis != array.unit_axis && array.extents[axis] > 1 && !is_far) return false;
  }
  return true;
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

}  // namespace

void Call::run(PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
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
  if (ordinal_ != host_ordinal) [[unlikely]]
    return run_on_gpu(launch);
  Stream* const stream = stream_ == nullptr ? current_stream() : stream_->get();
  if (stream == nullptr) {
    run_now(launch);
  } else {
    run_on(*stream, launch);
  }
}

inline void Call::add_array_to_key(const Parameter& parameter, const Array& array) {
  key_.add(key_word(array));
  for (const std::uint8_t axis : parameter.fixed) {
    if (axis < array.rank) key_.add(static_cast<std::uint64_t>(array.extents[axis]));
  }
}

// What an array adds to the key and to what is known of the launch.
inline void Call::finish_array(const Parameter& wanted, Array& array) {
  const bool is_on_gpu = owners_.residence().arrays != 0;  // there, all facts count
  array.aligned &= is_on_gpu ? has_rows(array) : parameters().uses_aligned();
  array.even &= is_on_gpu || parameters().uses_even();
  narrow_ &= array.narrow;
  ++array_count_;
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
      if (read_usual_kind(site, object, argument)) break;
      if (!is_usual_array(object)) return false;
      read_usual_array(wanted, object, site, argument);
      return true;
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
  const std::span<Parameter> all = parameters().all();
  PyObject* const* bound = bound_;
  int leaf = 0;
  for (Parameter& parameter : all) {
    PyObject* object = *bound++;
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

void Call::refuse_number_of_values(const Site& site) const {
  refuse(site, "a launch takes at most %d values, structs counted by their fields", max_parameters);
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

// Read what is_usual_array says is one.
void Call::read_usual_array(Parameter& wanted, PyObject* object, const Site& site,
                            Argument& argument) {
  argument.kind = ArgumentKind::array;
  if (Py_TYPE(object) == last_exchanged_type) {
    read_exchanged(site, object, argument.array, owners_, &wanted.last_tensor);
  } else {
    read_other_array(site, object, argument, owners_);
  }
  finish_array(wanted, argument.array);
}

// Read what is of no usual kind: a struct, a constant in a struct, an array of another library.
void Call::read_other(Parameter& wanted, PyObject* object, const Site& site) {
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

PyObject* call_launcher(PyObject* self, PyObject* const* arguments, std::size_t count,
                        PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    Call call(reinterpret_cast<LauncherObject*>(self));
    call.run(arguments, PyVectorcall_NARGS(count), keywords);
    Py_RETURN_NONE;
  });
}

}  // namespace tilewright
