// The whole test framework: checks that report, and a list of tests that `main` runs.
//
// The list is filled before `main`; one thread runs the tests, but any may call CHECK.
#pragma once

#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

namespace tilewright::test {

struct Test {
  const char* name;
  void (*body)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

inline std::atomic<int> failures{0};

inline bool add_test(const char* name, void (*body)()) {
  tests().push_back({name, body});
  return true;
}

inline void check(bool holds, const char* claim, const char* file, int line) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
}

// The text of the exception `body` throws; empty if it throws none.
template <class Error, class Body>
std::string error_of(Body body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace tilewright::test

// Macros, since a message without the line and the claim would be useless.
#define CHECK(claim) ::tilewright::test::check(static_cast<bool>(claim), #claim, __FILE__, __LINE__)
#define TEST(name)                                                             \
  static void name();                                                          \
  static const bool name##_added = ::tilewright::test::add_test(#name, &name); \
  static void name()
