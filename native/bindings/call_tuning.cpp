// Calls of a tuned kernel: more words of key, and the configuration that was chosen.
#include "bindings/call.h"

namespace tilewright {

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
  static PyObject* const method = PyUnicode_InternFromString("choose");
  const Ref result = result_of_ours(
      PyObject_CallMethodObjArgs(kernel_, method, facts.get(), narrow_ ? Py_True : Py_False,
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

}  // namespace tilewright
