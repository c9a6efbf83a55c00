// One call of a kernel: from the objects it is given to running code.
//
// Lives on the stack of the calling thread. Called with the GIL; no lock is held while Python code
// runs, so a table may change under a call that describes or builds, and the call notices.
#pragma once

#include <bitset>
#include <optional>

#include "bindings/grid.h"
#include "bindings/launchable.h"
#include "bindings/parameters.h"
#include "launch/table.h"

namespace tilewright {

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

inline constexpr int no_device = -2;  // no ordinal

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

  void run(PyObject* const* arguments, Py_ssize_t count, PyObject* keywords);

 private:
  Parameters& parameters() const { return *hold_.get(); }

  // What most calls do is in one piece; the rest is kept out of line, so that it costs them
  // nothing.
  void read();
  [[gnu::noinline]] void settle_place();
  [[noreturn]] void refuse_host_array(const char* device) const;
  [[gnu::noinline]] void run_on_gpu(const PreparedLaunch& launch);
  Ref make_place(PyObject* num_warps, PyObject* num_stages) const;
  [[gnu::noinline, gnu::cold]] Ref name_of_leaf(int leaf) const;
  template <auto read_usual_kind>
  [[gnu::always_inline]] bool read_leaf(Parameter& wanted, PyObject* object, const Site& site,
                                        Argument& argument);
  void finish_array(const Parameter& wanted, Array& array);
  [[gnu::noinline]] void read_usual_array(Parameter& wanted, PyObject* object, const Site& site,
                                          Argument& argument);
  [[gnu::noinline]] void read_other(Parameter& wanted, PyObject* object, const Site& site);
  [[gnu::noinline]] void read_struct(Parameter& wanted, PyObject* object, const Site& site);
  void read_field(Parameter& wanted, PyObject* object, const Site& site);
  [[noreturn, gnu::noinline]] void refuse_number_of_values(const Site& site) const;
  StructClass* class_of(const Site& site, PyObject* object);
  void add_leaf(PyObject* object) { leaves_[leaf_count_++] = object; }
  inline void add_array_to_key(const Parameter& parameter, const Array& array);
  [[gnu::noinline]] Grid call_grid_function() const;
  [[noreturn]] void refuse_missing_field(PyObject* fields, PyObject* constants) const;
  [[gnu::noinline]] void check_left_to_tuning(const Tuning& tuning) const;
  [[noreturn]] void refuse_tuned(const char* what, PyObject* name) const;
  [[gnu::noinline]] void add_to_key(const Tuning& tuning);
  int leaf_of(int parameter) const;
  [[gnu::noinline]] void take_choice(const Tuning& tuning, const Entry& entry);
  [[gnu::noinline, gnu::cold]] bool choose(const Tuning& tuning, Entry& entry);
  [[gnu::noinline, gnu::cold]] Entry& describe();
  [[gnu::noinline, gnu::cold]] Variant build(const Entry& entry, bool disjoint);
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
  int array_count_ = 0;  // of those
  Argument arguments_[max_parameters];
  PyObject* leaves_[max_parameters];
  // The structs of the call, outer ones before inner ones.
  int struct_count_ = 0;
  StructNode structs_[max_parameters];
};

// `launcher(*arguments, **options)`, as a vectorcall.
PyObject* call_launcher(PyObject* self, PyObject* const* arguments, std::size_t count,
                        PyObject* keywords);

}  // namespace tilewright
