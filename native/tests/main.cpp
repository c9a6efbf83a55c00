// Runs all tests, or those whose name contains the first argument.
#include <cstring>

#include "tests/check.h"

int main(int count, char** arguments) {
  int run = 0;
  for (const auto& test : tilewright::test::tests()) {
    if (count > 1 && std::strstr(test.name, arguments[1]) == nullptr) continue;
    std::fprintf(stderr, "%s\n", test.name);
    test.body();
    ++run;
  }
  std::fprintf(stderr, "%d tests, %d failures\n", run, tilewright::test::failures.load());
  return tilewright::test::failures == 0 ? 0 : 1;
}
