// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/open.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "analytic/external/formula.hpp"
#include "analytic/external/process.hpp"
#include "analytic/external/shared_object.hpp"
#include "analytic/question.hpp"
#include "core/diagnostic.hpp"
#include "core/read.hpp"
#include "core/units.hpp"

namespace plumbline::analytic::external {
namespace {

using core::Cursor;

std::string claimed(const Contract& contract) {
  return fmt::format("{} ({})", contract.name, to_text(contract.claim));
}

class ExternalEngine final : public workload::Engine {
 public:
  explicit ExternalEngine(External external) : external_(std::move(external)) {}

  [[nodiscard]] std::string_view name() const override { return external_.name; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override {
    const Contract& contract = subject().contract();
    if (contract.quantity != Quantity::time) {
      return workload::Validity::no(
          fmt::format("it answers {}, and no time", to_text(contract.quantity)));
    }
    if (std::string why = outside(contract.domain, question_of(problem)); !why.empty()) {
      return workload::Validity::no(std::move(why));
    }
    const Answer& answer = ask(problem);
    return answer.not_applicable.empty() ? workload::Validity::yes()
                                         : workload::Validity::no(answer.not_applicable);
  }

  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override {
    const Answer& answer = ask(problem);
    const Contract& contract = subject().contract();
    const auto& value = contract.claim == Claim::lower   ? answer.lower
                        : contract.claim == Claim::upper ? answer.upper
                                                         : answer.estimate;
    if (!answer.failure.empty()) {
      throw core::ModelError(fmt::format("{}: {}", claimed(contract), answer.failure));
    }
    if (!value) {
      throw core::ModelError(
          fmt::format("{}: it answers no {}", claimed(contract),
                      contract.claim == Claim::exact ? "estimate" : to_text(contract.claim)));
    }
    if (*value < 0.0) {
      throw core::ModelError(
          fmt::format("{}: it answers {} s, a negative time", claimed(contract), *value));
    }
    workload::Outcome outcome;
    outcome.estimate = core::Seconds::from_si(*value);
    outcome.binding = answer.binding;
    for (std::size_t i = 0; i < workload::term_count; ++i) {
      const auto term = answer.terms.find(std::string(to_text(static_cast<workload::Term>(i))));
      if (term != answer.terms.end()) {
        outcome.terms.values[i] = core::Seconds::from_si(term->second);
      }
    }
    return outcome;
  }

  [[nodiscard]] const Contract* contract() const {
    return subject_ == nullptr ? nullptr : &subject_->contract();
  }

 private:
  [[nodiscard]] Subject& subject() const {
    if (subject_ == nullptr) {
      try {
        subject_ = external_.start();
      } catch (const core::ModelError& error) {
        throw core::ModelError(fmt::format("{}: {}", external_.name, error.what()));
      }
    }
    return *subject_;
  }

  /// Each problem is asked once, by accepts() or run(), whichever comes first. Problems are told
  /// apart by their costs, which copies share and the one that is kept keeps alive.
  [[nodiscard]] const Answer& ask(const workload::Problem& problem) const {
    if (!asked_ || &asked_->costs() != &problem.costs()) {
      answer_ = subject().ask(problem, {});
      asked_ = problem;
    }
    return answer_;
  }

  External external_;
  mutable std::shared_ptr<Subject> subject_;
  mutable std::optional<workload::Problem> asked_;
  mutable Answer answer_;
};

std::optional<std::vector<std::string>> read_command(const Cursor& at) {
  if (at.is_sequence() && !at.items().empty()) {
    return core::read<std::vector<std::string>>(at);
  }
  at.error("PL-S046", "a command is a list of words", "e.g. command: [python3, mine.py]");
  return std::nullopt;
}

std::vector<std::string> command_for(const std::filesystem::path& file) {
  const std::string absolute = std::filesystem::absolute(file).string();
  const std::string extension = file.extension().string();
  return extension == ".py"   ? std::vector<std::string>{"python3", absolute}
         : extension == ".sh" ? std::vector<std::string>{"sh", absolute}
                              : std::vector<std::string>{absolute};
}

std::unique_ptr<Subject> open_formula(const std::filesystem::path& file,
                                      core::Diagnostics& diagnostics) {
  const core::Document document = core::Document::load(file, diagnostics);
  const core::Reading reading{&document, &diagnostics, nullptr, nullptr};
  return diagnostics.has_errors() ? nullptr : read_formula(Cursor(reading), file.stem().string());
}

/// Which of the ways is taken; nullopt after a diagnostic.
std::optional<std::string> way_of(const Cursor& cursor) {
  const std::vector<std::string> ways{"command", "library", "formula", "file"};
  std::optional<std::string> way;
  std::size_t found = 0;
  if (cursor.is_map()) {
    std::vector<std::string> known = ways;
    known.insert(known.end(), {"name", "reads", "network"});
    cursor.reject_unknown(known);
    for (const std::string& key : ways) {
      if (cursor.find(key)) {
        way = key;
        ++found;
      }
    }
  }
  if (found != 1) {
    cursor.error("PL-S046", "one of command, library, formula and file is expected here",
                 "e.g. {external: {command: [python3, mine.py]}}");
    return std::nullopt;
  }
  return way;
}

/// `reads:` and `network:`, what it may beyond its own; nullopt after a diagnostic.
std::optional<Limits> read_limits(const Cursor& cursor, const std::filesystem::path& base) {
  Limits limits;
  const std::optional<Cursor> reads = cursor.find("reads");
  const std::optional<Cursor> network = cursor.find("network");
  const auto files = reads ? core::read<std::vector<std::string>>(*reads)
                           : std::optional(std::vector<std::string>{});
  const auto may = network ? core::read<bool>(*network) : std::optional(false);
  if (!files || !may) {
    return std::nullopt;
  }
  for (const std::string& file : *files) {
    if (!std::filesystem::exists(base / file)) {
      reads->error("PL-S047", fmt::format("there is no '{}'", (base / file).string()),
                   "relative paths count from the experiment's folder");
      return std::nullopt;
    }
    limits.reads.push_back(std::filesystem::absolute(base / file).string());
  }
  limits.network = *may;
  return limits;
}

}  // namespace

std::unique_ptr<Subject> open_solver(const std::filesystem::path& file,
                                     core::Diagnostics& diagnostics, const Limits& limits) {
  if (!std::filesystem::is_regular_file(file)) {
    throw core::ModelError(fmt::format("there is no file '{}'", file.string()));
  }
  const std::string extension = file.extension().string();
  if (extension == ".yaml" || extension == ".yml") {
    return open_formula(file, diagnostics);
  }
  return extension == ".so" ? load_library(file.string(), limits)
                            : start_command(command_for(file), file.parent_path().string(), limits);
}

std::optional<External> read_external(const Cursor& swept, const std::filesystem::path& base) {
  const Cursor cursor = swept.unswept();
  const std::optional<std::string> way = way_of(cursor);
  const std::optional<Cursor> named = way ? cursor.find("name") : std::nullopt;
  const auto name = named ? core::read<std::string>(*named) : std::optional<std::string>("");
  const std::optional<Limits> limits = way ? read_limits(cursor, base) : std::nullopt;
  if (!way || !name || !limits) {
    return std::nullopt;
  }
  const Cursor at = *cursor.find(*way);
  const auto called = [&](const std::string& file) {
    return name->empty() ? std::filesystem::path(file).stem().string() : *name;
  };
  if (*way == "formula") {
    std::shared_ptr<Subject> formula = read_formula(at, name->empty() ? "formula" : *name);
    if (formula == nullptr) {
      return std::nullopt;
    }
    return External{formula->contract().name, [formula] { return formula; }};
  }
  if (*way == "command") {
    std::optional<std::vector<std::string>> command = read_command(at);
    if (!command) {
      return std::nullopt;
    }
    return External{called(command->back()),
                    [words = std::move(*command), folder = base.string(), limits = *limits] {
                      return start_command(words, folder, limits);
                    }};
  }
  const std::optional<std::string> text = core::read<std::string>(at);
  if (!text) {
    return std::nullopt;
  }
  const std::filesystem::path file = base / *text;
  if (!std::filesystem::is_regular_file(file)) {
    at.error("PL-S047", fmt::format("there is no file '{}'", file.string()),
             "relative paths count from the experiment's folder");
    return std::nullopt;
  }
  if (*way == "library") {
    return External{called(*text),
                    [file, limits = *limits] { return load_library(file.string(), limits); }};
  }
  return External{called(*text), [file, limits = *limits] {
                    core::Diagnostics diagnostics;
                    std::unique_ptr<Subject> subject = open_solver(file, diagnostics, limits);
                    core::throw_if_errors(diagnostics);
                    return subject;
                  }};
}

std::unique_ptr<workload::Engine> engine_of(External external) {
  return std::make_unique<ExternalEngine>(std::move(external));
}

const Contract* contract_of(const workload::Engine& engine) {
  const auto* external = dynamic_cast<const ExternalEngine*>(&engine);
  return external == nullptr ? nullptr : external->contract();
}

std::vector<std::string> not_granted(const Contract& contract) {
  std::vector<std::string> lacking;
  std::ranges::copy_if(contract.containment, std::back_inserter(lacking),
                       [](const std::string& says) { return says.starts_with("the kernel"); });
  return lacking;
}

}  // namespace plumbline::analytic::external
