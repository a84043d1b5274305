// SPDX-License-Identifier: Apache-2.0
// A stranger's program: links the analytic half alone and asks it something.
#include <cstdlib>
#include <iostream>

#include "analytic/solver.hpp"
#include "core/quantity.hpp"

int main() {
  using plumbline::core::Bandwidth;
  using plumbline::core::Bytes;
  using plumbline::core::Seconds;
  const Seconds time = Bytes::from_si(900e9) / Bandwidth::from_si(450e9);
  const auto* solver = plumbline::analytic::find_solver("hockney");
  if (time != Seconds::from_si(2.0) || solver == nullptr) {
    return EXIT_FAILURE;
  }
  std::cout << solver->name << ": " << solver->summary << '\n';
}
