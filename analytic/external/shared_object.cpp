// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/shared_object.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <limits>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "analytic/external/plumbline_solver.h"
#include "analytic/external/process.hpp"
#include "analytic/external/reach.hpp"

// What the handles of the C interface stand for.
struct plumbline_problem {
  std::string line;
  nlohmann::json json;
};

struct plumbline_answer {
  nlohmann::json json;
};

namespace plumbline::analytic::external {
namespace {

using Json = nlohmann::json;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double number_at(const Json& json, std::string path) {
  std::ranges::replace(path, '.', '/');
  const Json::json_pointer pointer("/" + path);
  return json.contains(pointer) && json[pointer].is_number() ? json[pointer].get<double>()
                                                             : nothing;
}

double number(const plumbline_problem* problem, const char* name) {
  return number_at(problem->json, name);
}

double declared(const plumbline_problem* problem, const char* name) {
  const Json& constants = problem->json["declared"];
  return constants.contains(name) ? constants[name].get<double>() : nothing;
}

const char* word(const plumbline_problem* problem, const char* name) {
  const Json& words = problem->json["workload"];
  const auto found = words.find(name);
  return found != words.end() && found->is_string() ? found->get_ref<const std::string&>().c_str()
                                                    : nullptr;
}

std::uint32_t node_of(const plumbline_problem* problem, std::uint32_t rank) {
  const Json& nodes = problem->json["placement"]["node_of"];
  return rank < nodes.size() ? nodes[rank].get<std::uint32_t>()
                             : std::numeric_limits<std::uint32_t>::max();
}

const char* json_text(const plumbline_problem* problem) {
  return problem->line.c_str();
}

/// JSON has no NaN, so that one is told in words.
void set_number(Json& object, const char* field, double value) {
  object[field] = std::isfinite(value) ? Json(value) : Json(fmt::format("{}", value));
}

void set(plumbline_answer* answer, const char* field, double value) {
  set_number(answer->json, field, value);
}

void set_term(plumbline_answer* answer, const char* term, double seconds) {
  set_number(answer->json["terms"], term, seconds);
}

void set_text(plumbline_answer* answer, const char* field, const char* text) {
  answer->json[field] = text;
}

constexpr plumbline_host host{.version = PLUMBLINE_SOLVER_VERSION,
                              .size = sizeof(plumbline_host),
                              .number = number,
                              .declared = declared,
                              .word = word,
                              .node_of = node_of,
                              .json = json_text,
                              .set = set,
                              .set_term = set_term,
                              .set_text = set_text};

/// Our answers' way out; what the solver itself prints goes with its words.
std::FILE* take_output() {
  std::FILE* const output = ::fdopen(::dup(STDOUT_FILENO), "w");
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return output;
}

void say(std::FILE* output, std::string line) {
  std::ranges::replace(line, '\n', ' ');
  fmt::print(output, "{}\n", line);
  std::fflush(output);
}

std::string answer_of(const plumbline_solver& solver, const std::string& line) {
  const plumbline_problem problem{line, Json::parse(line)};
  plumbline_answer answer{{{"id", problem.json["id"]}}};
  if (const int status = solver.solve(&host, &problem, &answer); status != 0) {
    answer.json["failure"] = fmt::format("it returned {}", status);
  }
  return answer.json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What runs in the child. Status 1 with the reason on standard error where it is no solver.
int serve(const std::string& file) {
  std::FILE* const output = take_output();
  void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    fmt::print(stderr, "{}\n", ::dlerror());
    return 1;
  }
  void* const found = ::dlsym(library, "plumbline_solver_entry");
  if (found == nullptr) {
    fmt::print(stderr, "there is no plumbline_solver_entry() in it\n");
    return 1;
  }
  const auto entry = reinterpret_cast<decltype(&plumbline_solver_entry)>(found);
  const plumbline_solver* const solver = entry();
  if (solver == nullptr || solver->version != PLUMBLINE_SOLVER_VERSION ||
      solver->size < sizeof(plumbline_solver)) {
    fmt::print(stderr, "its plumbline_solver is not of version {}\n", PLUMBLINE_SOLVER_VERSION);
    return 1;
  }
  if (solver->handshake == nullptr || solver->solve == nullptr) {
    fmt::print(stderr, "its plumbline_solver lacks handshake or solve\n");
    return 1;
  }
  say(output, solver->handshake);
  for (std::string line; std::getline(std::cin, line);) {
    say(output, answer_of(*solver, line));
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subject> load_library(const std::string& file, const Limits& limits) {
  // dlopen() looks for a bare name elsewhere.
  const std::string path = std::filesystem::absolute(file).string();
  Limits own = limits;
  for (std::string& needed : files_of_command({path}, std::filesystem::path(path).parent_path())) {
    own.reads.push_back(std::move(needed));
  }
  return start_body([path] { return serve(path); }, own);
}

}  // namespace plumbline::analytic::external
