// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/process.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "analytic/external/reach.hpp"
#include "analytic/external/wire.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::analytic::external {
namespace {

// How long a solver that failed may keep us waiting from then on.
constexpr core::Seconds second_chance = core::Seconds::from_si(30.0);

class Process final : public Subject {
 public:
  Process(Child::Body body, const Limits& limits)
      : body_(std::move(body)), limits_(limits), child_(std::in_place, body_, limits) {
    const Received received = child_->ask({}, limits.handshake);
    if (!received.failure.empty()) {
      throw core::ModelError("no handshake came: " + received.failure);
    }
    contract_ = read_handshake(received.line);
    contract_.containment = child_->containment();
  }

  [[nodiscard]] const Contract& contract() const override { return contract_; }

  [[nodiscard]] Answer ask(const workload::Problem& problem, const Gauge& gauge) override {
    Answer answer;
    const std::uint64_t id = ++asked_;
    std::string line;
    try {
      line = problem_line(id, problem, contract_, gauge);
    } catch (const core::ModelError& error) {
      answer.not_applicable = error.what();  // no fault of the solver
      return answer;
    }
    const Received received = child_->ask(line, limits_.answer);
    if (!received.failure.empty()) {
      failed_ = true;
      answer.failure = received.failure;
      return answer;
    }
    return read_answer(received.line, id, contract_.quantity, gauge);
  }

  [[nodiscard]] bool recover() override {
    if (!failed_) {
      return true;
    }
    limits_.waiting = std::min(limits_.waiting - child_->waited(), second_chance);
    child_.emplace(body_, limits_);
    failed_ = !child_->ask({}, limits_.handshake).failure.empty();
    return !failed_;
  }

 private:
  Child::Body body_;
  Limits limits_;
  std::optional<Child> child_;
  Contract contract_;
  std::uint64_t asked_ = 0;
  bool failed_ = false;
};

/// What the shell would run: the child has another PATH.
std::string find_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  if (name.find('/') != std::string::npos || path == nullptr) {
    return name;
  }
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (std::filesystem::path(folder) / name).string();
    if (!folder.empty() && ::access(file.c_str(), X_OK) == 0) {
      return std::filesystem::absolute(file).string();
    }
  }
  return name;
}

}  // namespace

std::unique_ptr<Subject> start_body(Child::Body body, const Limits& limits) {
  return std::make_unique<Process>(std::move(body), limits);
}

std::unique_ptr<Subject> start_command(std::vector<std::string> command, const std::string& base,
                                       const Limits& limits) {
  command.front() = find_program(command.front());
  Limits own = limits;
  for (std::string& file : files_of_command(command, base)) {
    own.reads.push_back(std::move(file));
  }
  return start_body([command = std::move(command), base,
                     memory = limits.memory] { return execute(command, base, memory); },
                    own);
}

}  // namespace plumbline::analytic::external
