// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mutants.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <regex>

#include "gate/differential.hpp"

namespace plumbline::test {
namespace {

using analytic::Answer;
using analytic::Claim;
using analytic::Contract;
using analytic::Gauge;
using analytic::Quantity;
using analytic::Subject;

constexpr std::size_t probe_points = 512;
constexpr double most_differing = 0.05;

/// The causes that name no axis.
constexpr std::string_view everywhere = "everywhere";  ///< the claim holds on no part of the domain
constexpr std::string_view answers = "answers";        ///< infinite or negative
constexpr std::string_view unread = "dimension";       ///< refused when it is read
constexpr std::string_view coverage = "coverage";      ///< it answers too little

// Sums whose terms have brackets, and brackets inside these.
constexpr std::string_view bracketed_sum =
    R"re(\(([\w.]+) \+ ((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)\))re";
constexpr std::string_view open_sum =
    R"re(^((?:[^()]|\((?:[^()]|\([^()]*\))*\))+) \+ ((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)$)re";

const std::vector<Rule>& table() {
  static const std::vector<std::string_view> numbers_of_ranks{"ranks", "gpus_per_node", "nodes"};
  static const std::vector<Rule> all{
      {"doubled", "T → 2T", "time", "^.+$", "2*($&)", {everywhere}},
      {"milliseconds", "T → 1000 T", "time", "^.+$", "1000*($&)", {everywhere}},
      {"halved", "T → T/2", "time", "^.+$", "($&)/2", {everywhere}},
      {"two forgotten", "2x → x", "time", R"re(\b2\*)re", "", {everywhere}},
      {"n for n-1",
       "n-1, n-2 → n, so with g, k",
       "time",
       R"re(\b([ngk])-[12]\b)re",
       "$1",
       {everywhere}},
      {"n-1 for n",
       "/n → /(n-1), so with g, k",
       "time",
       R"re(/(\(?)([ngk])\b)re",
       "/$1($2-1)",
       {everywhere, answers}},
      {"latency missing",
       "α → 0",
       "time",
       R"re(\b(alpha(_[vx])?|nvls\.latency)\b)re",
       "0*$&",
       {everywhere}},
      {"bytes missing", "S → 0", "time", R"re(\bS\b)re", "0*S", {everywhere, answers}},
      {"bits for bytes", "S → 8S, all", "time", R"re(\bS\b)re", "8*S", {everywhere}, true},
      {"bytes for bits", "S → S/8, all", "time", R"re(\bS\b)re", "(S/8)", {everywhere}, true},
      {"integer division",
       "(n-1)/n → floor((n-1)/n)",
       "time",
       R"re((\d\*)?\([ngk]-1\)/[ngkm]\b)re",
       "floor($&)",
       {everywhere, "ranks", "gpus_per_node", "nodes", "micro_batches"}},
      {"floor(log2)", "ceil(log2(n)) → floor(log2(n))", "time", R"re(ceil(\(log2\(n\)\)))re",
       "floor$1", numbers_of_ranks},
      {"log2 not rounded", "ceil(log2(n)) → log2(n)", "time", R"re(ceil\((log2\(n\))\))re", "$1",
       numbers_of_ranks},
      {"links swapped",
       "α_v, B_v ↔ α_x, B_x",
       "time",
       "^(.*)alpha_v(.*)B_v(.*)alpha_x(.*)B_x(.*)$",
       "$1alpha_x$2B_x$3alpha_v$4B_v$5",
       {everywhere}},
      {"network for NVLink",
       "α_v, B_v → α_x, B_x",
       "time",
       R"re(\b(alpha|B)_v\b)re",
       "$1_x",
       {everywhere, coverage}},
      {"NVLink for network",
       "α_x, B_x → α_v, B_v",
       "time",
       R"re(\b(alpha|B)_x\b)re",
       "$1_v",
       {everywhere, coverage}},
      {"overlap for sum",
       "(α + x) → max(α, x)",
       "time",
       bracketed_sum,
       "max($1, $2)",
       {everywhere}},
      {"phases overlap",
       "x + y → max(x, y)",
       "time",
       open_sum,
       "max($1, $2)",
       {everywhere, "launch"}},
      {"minus for plus",
       "x + y → x - y",
       "time",
       R"re( \+ (?!launch))re",
       " - ",
       {everywhere, answers}},
      {"launch missing", "x + launch → x", "time", R"re( \+ launch\b)re", "", {"launch"}},
      {"both directions",
       "B → 2B",
       "time",
       R"re(\b(B(_[vx])?|nvls\.transfer_rate)\b)re",
       "(2*$&)",
       {everywhere}},
      {"sharing ignored",
       "B_x → rate of one transfer alone",
       "time",
       R"re(\bB_x\b)re",
       "net.transfer_rate",
       {"gpus_per_nic", "nics_per_node", "gpus_per_node"}},
      {"bubble of the total",
       "/m → /(m+n-1)",
       "time",
       R"re(/m\b)re",
       "/(m+n-1)",
       {everywhere, "micro_batches", "ranks", "gpus_per_node", "nodes"}},
      {"no rate", "x/B → x", "time", R"re([*/](B(_[vx])?|nvls\.transfer_rate)\b)re", "", {unread}},
      {"wrong side", "claim: upper → lower", "claim", "^upper$", "lower", {everywhere}},
      {"wrong side", "claim: lower → upper", "claim", "^lower$", "upper", {everywhere}},
      {"called exact",
       "any other claim → exact",
       "claim",
       "^(upper|lower|estimate)$",
       "exact",
       {everywhere}},
      {"promises too much", "within: p → 1 %", "within", R"re(\d+)re", "1", {everywhere}},
      {"hidden constant",
       "T → T + 5 us in every unit",
       "domain",
       "^.*$",
       "$&",
       {"gauge invariance"},
       false,
       Twist::hidden_constant},
      {"noise",
       "T → T (1 + up to 6e-10), never the same",
       "domain",
       "^.*$",
       "$&",
       {"determinism"},
       false,
       Twist::noise},
      {"order of ranks",
       "T → 1.000001 T for ranks numbered backwards",
       "domain",
       R"re(nodes: \[1, 1\])re",
       "$&",
       {"rank relabelling"},
       false,
       Twist::rank_order},
      {"counts idle GPUs",
       "T → T times GPUs of the fabric over ranks",
       "domain",
       R"re(^(?!.*nvls).*nodes: \[1, 1\])re",
       "$&",
       {"unused link"},
       false,
       Twist::fabric_size},
  };
  return all;
}

/// A right formula in a box that does something to it.
class Twisted final : public Subject {
 public:
  Twisted(std::unique_ptr<Subject> inside, Twist twist)
      : inside_(std::move(inside)), twist_(twist) {}

  [[nodiscard]] const Contract& contract() const override { return inside_->contract(); }

  [[nodiscard]] Answer ask(const workload::Problem& problem, const Gauge& gauge) override {
    Answer answer = inside_->ask(problem, gauge);
    for (std::optional<double>* time : {&answer.lower, &answer.estimate, &answer.upper}) {
      if (*time) {
        **time = said(**time, problem, gauge);
      }
    }
    return answer;
  }

 private:
  [[nodiscard]] double said(double time, const workload::Problem& problem, const Gauge& gauge) {
    const auto& devices = problem.placement().device_of;
    switch (twist_) {
      case Twist::hidden_constant:
        return time + 5e-6 / gauge.time;
      case Twist::noise:
        return time * (1.0 + 1e-10 * static_cast<double>(++count_ % 7));
      case Twist::rank_order:
        return devices.front() > devices.back() ? time * (1.0 + 1e-6) : time;
      case Twist::fabric_size:
        return time * static_cast<double>(problem.fabric().endpoints().size()) /
               static_cast<double>(devices.size());
      case Twist::none:
        break;
    }
    return time;
  }

  std::unique_ptr<Subject> inside_;
  Twist twist_;
  std::size_t count_ = 0;
};

/// The texts that a rule makes of one; none where its pattern is not found.
std::vector<std::string> broken(const std::string& text, const Rule& rule) {
  const std::string key = std::string(rule.key) + ": ";
  const std::size_t line = text.starts_with(key) ? 0 : text.find("\n" + key) + 1;
  if (line == 0 && !text.starts_with(key)) {
    return {};
  }
  const std::size_t begin = line + key.size();
  const std::size_t end = text.find('\n', begin);
  const std::string value = text.substr(begin, end - begin);
  const std::regex pattern{std::string(rule.pattern)};
  const std::string replacement(rule.replacement);
  std::vector<std::string> values;
  for (std::sregex_iterator site(value.begin(), value.end(), pattern), none; site != none; ++site) {
    // The prefix of a match begins at the one before.
    values.push_back(value.substr(0, static_cast<std::size_t>(site->position())) +
                     site->format(replacement) + site->suffix().str());
  }
  if (rule.at_once && !values.empty()) {
    values = {std::regex_replace(value, pattern, replacement)};
  }
  for (std::string& each : values) {
    each.insert(0, text, 0, begin).append(text, end);
  }
  return values;
}

bool is_exact(const Solver& solver) {
  return solver.kind == Kind::pipeline ||
         (solver.kind == Kind::formula &&
          solver.texts.front().find("\nclaim: exact\n") != std::string::npos);
}

/// Whether one answer of the mutant follows from its original's.
bool follows(const Contract& contract, const Answer& original, const Answer& mutant) {
  if (original.not_applicable.empty() != mutant.not_applicable.empty() || !mutant.failure.empty()) {
    return false;
  }
  if (!original.not_applicable.empty()) {
    return true;
  }
  if (contract.quantity == Quantity::choice) {
    return original.terms.at(mutant.choice) <=
           original.terms.at(original.choice) * (1.0 + gate::most_regret);
  }
  const auto of = [&](const Answer& answer) {
    return contract.claim == Claim::lower   ? *answer.lower
           : contract.claim == Claim::upper ? *answer.upper
                                            : *answer.estimate;
  };
  const double error = of(mutant) / of(original) - 1.0;
  return contract.claim == Claim::lower   ? error <= gate::slack
         : contract.claim == Claim::upper ? error >= -gate::slack
                                          : std::abs(error) <= gate::tolerance(contract);
}

/// Boxes are put around formulas alone.
bool applies(const Rule& rule, const Solver& original) {
  return rule.twist == Twist::none || original.kind == Kind::formula;
}

/// What a solver says at points of its domain.
class Probes {
 public:
  Probes(const Solver& solver, const zoo::Catalogue& catalogue)
      : subject_(opened(solver)), domain_(subject_->contract()) {
    for (const gate::Case& at : domain_.corners()) {
      probe(at, catalogue);
    }
    const gate::Sobol sobol(0);
    for (std::uint32_t i = 0; i < probe_points; ++i) {
      if (const auto at = domain_.at(sobol.point(i))) {
        probe(*at, catalogue);
      }
    }
  }

  /// Whether the answers of the other follow from them.
  [[nodiscard]] bool imply(Subject& other) const {
    const Contract& contract = subject_->contract();
    std::size_t differing = 0;
    for (std::size_t i = 0; i < problems_.size(); ++i) {
      differing += follows(contract, answers_[i], other.ask(problems_[i], {})) ? 0U : 1U;
    }
    const bool in_a_rate =
        contract.quantity == Quantity::choice || contract.claim == Claim::estimate;
    const double allowed = in_a_rate ? most_differing * static_cast<double>(problems_.size()) : 0.0;
    return static_cast<double>(differing) <= allowed;
  }

 private:
  void probe(gate::Case at, const zoo::Catalogue& catalogue) {
    if (auto problem = gate::try_problem(at, catalogue)) {
      answers_.push_back(subject_->ask(*problem, {}));
      problems_.push_back(std::move(*problem));
    }
  }

  std::unique_ptr<Subject> subject_;
  gate::Domain domain_;
  std::vector<workload::Problem> problems_;
  std::vector<Answer> answers_;
};

}  // namespace

std::span<const Rule> rules() {
  return table();
}

bool Mutant::named_by(std::string_view cause) const {
  if (std::ranges::find(rule->reasons, cause) != rule->reasons.end()) {
    return true;
  }
  const bool by_claim = rule->reasons.front() == everywhere;
  const bool is_axis = gate::find_number(cause) != nullptr ||
                       std::ranges::find(gate::words(), cause) != gate::words().end();
  return by_claim && !is_exact(original) && is_axis;
}

std::vector<Mutant> mutants(const zoo::Catalogue& catalogue) {
  std::vector<Mutant> found;
  for (const Rule& rule : rules()) {
    for (const Solver& original : rederivations()) {
      for (std::size_t t = 0; t < original.texts.size() && applies(rule, original); ++t) {
        for (std::string& text : broken(original.texts[t], rule)) {
          Solver solver = original;
          solver.texts[t] = std::move(text);
          found.push_back({.rule = &rule, .original = original, .solver = std::move(solver)});
        }
      }
    }
  }
  for (const Solver& original : rederivations()) {
    const Probes probes(original, catalogue);
    for (Mutant& mutant : found) {
      const auto made = mutant.original.name == original.name && mutant.rule->key == "time"
                            ? opened(mutant)
                            : nullptr;
      mutant.is_right = mutant.is_right || (made != nullptr && probes.imply(*made));
    }
  }
  return found;
}

std::unique_ptr<Subject> opened(const Mutant& mutant) {
  std::unique_ptr<Subject> inside = opened(mutant.solver);
  return inside == nullptr || mutant.rule->twist == Twist::none
             ? std::move(inside)
             : std::make_unique<Twisted>(std::move(inside), mutant.rule->twist);
}

}  // namespace plumbline::test
