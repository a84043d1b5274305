// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <fmt/format.h>
#include <new>

#include "analytic/external/child.hpp"
#include "app/cli.hpp"
#include "app/exit_code.hpp"
#include "core/diagnostic.hpp"

int main(int argc, char** argv) {
  using plumbline::app::ExitCode;
  const auto code = [](ExitCode value) { return static_cast<int>(value); };
  try {
    if (plumbline::analytic::external::runs_below_a_solver()) {
      fmt::print(stderr, "error: plumbline does not run below a solver that plumbline asks\n");
      return code(ExitCode::bad_input);
    }
    return code(plumbline::app::run_command_line(argc, argv));
  } catch (const plumbline::core::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return code(ExitCode::bad_input);
  } catch (const plumbline::core::ModelError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return code(ExitCode::model_failed);
  } catch (const plumbline::core::IoError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return code(ExitCode::writing_failed);
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "error: out of memory\n    hint: fewer ranks, or a coarser sweep\n");
    return code(ExitCode::model_failed);
  } catch (const std::exception& error) {
    fmt::print(stderr, "internal error: {}\nThis is a bug in plumbline; please report it.\n",
               error.what());
    return code(ExitCode::internal_error);
  }
}
