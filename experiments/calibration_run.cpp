// SPDX-License-Identifier: Apache-2.0
#include "experiments/calibration_run.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

#include "calibration/calibrate.hpp"
#include "calibration/cross_validation.hpp"
#include "calibration/residuals.hpp"
#include "calibration/uncertainty.hpp"
#include "experiments/calibration_curves.hpp"
#include "experiments/calibration_files.hpp"
#include "experiments/calibration_groups.hpp"
#include "experiments/calibration_summary.hpp"
#include "experiments/sketch.hpp"
#include "experiments/suspicious.hpp"

namespace plumbline::experiments {
namespace {

using calibration::Calibrated;
using calibration::FitProblem;
using calibration::Parameter;
using calibration::SimulatedResponse;

// Clusters of which a covariance can be estimated at all.
constexpr std::size_t fewest_clusters = 3;

// Of fits with a parameter or a curve less: the best is near.
constexpr std::uint32_t refit_starts = 1;
constexpr std::uint32_t refit_iterations = 20;
constexpr std::uint32_t refit_rounds = 2;

void throw_if(const volatile std::sig_atomic_t* stop) {
  if (stop != nullptr && *stop != 0) {
    throw Interrupted();
  }
}

/// A response that stops a fit when the user asks for it.
class Interruptible final : public calibration::Response {
 public:
  Interruptible(const Response& inner, const volatile std::sig_atomic_t* stop)
      : inner_(inner), stop_(stop) {}

  [[nodiscard]] std::size_t points() const override { return inner_.points(); }

  [[nodiscard]] std::size_t parameters() const override { return inner_.parameters(); }

  void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                calibration::Matrix* jacobian) const override {
    throw_if(stop_);
    inner_.evaluate(theta, log_seconds, jacobian);
  }

 private:
  const Response& inner_;
  const volatile std::sig_atomic_t* stop_;
};

/// An engine that does likewise.
class InterruptibleEngine final : public workload::Engine {
 public:
  InterruptibleEngine(const workload::Engine& inner, const volatile std::sig_atomic_t* stop)
      : inner_(inner), stop_(stop) {}

  [[nodiscard]] std::string_view name() const override { return inner_.name(); }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override {
    return inner_.accepts(problem);
  }

  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override {
    throw_if(stop_);
    return inner_.run(problem);
  }

 private:
  const workload::Engine& inner_;
  const volatile std::sig_atomic_t* stop_;
};

std::vector<Parameter> parameters_of(const CalibrationInput& input,
                                     const workload::ConstantSet& prior) {
  std::vector<const workload::Problem*> problems;
  for (const calibration::Family& family : input.families) {
    problems.push_back(&family.problem);
  }
  return calibration::declare_parameters(problems, prior);
}

class Calibrating {
 public:
  Calibrating(const CalibrationRequest& request, const zoo::Catalogue& catalogue,
              const workload::Engine& engine)
      : request_(request),
        catalogue_(catalogue),
        engine_(engine, request.stop),
        sketch_(bounds_, request.stop) {}

  report::Calibration run() {
    gather();
    fit();
    judge();
    score();
    Summary summary{.input = input_,
                    .problem = problem(),
                    .calibrated = result_,
                    .parameters = parameters_,
                    .uncertainty = uncertainty_,
                    .validation = validation_ ? &*validation_ : nullptr,
                    .conformal = conformal_ ? &*conformal_ : nullptr,
                    .response = *response_};
    summarise(summary, request_, report_);
    if (request_.suggest && has_sizes()) {
      suggest(summary);
    }
    report_.fitted = constants_of(summary, request_, report_);
    return std::move(report_);
  }

 private:
  void tell(const std::string& what) const {
    throw_if(request_.stop);
    if (request_.told) {
      request_.told(what);
    }
  }

  void gather() {
    files_ = read_files(request_.files, request_.overrides, catalogue_);
    scored_ = read_files(request_.score, request_.overrides, catalogue_);
    input_ = take(files_);
    refuse_check_sets(input_);
    observations_ = observed(input_);
    parameters_ = parameters_of(input_, input_.prior);
    tell(fmt::format("{} points on {} curves, {} ways to run them, {} parameters",
                     input_.points.size(), input_.curves.size(), input_.families.size(),
                     parameters_.size()));
  }

  CalibrationInput take(const CalibrationFiles& files) {
    const std::vector<Experiment*> all = files.all();
    CalibrationInput input = calibration_input(
        all,
        [this](const Progress& now) {
          throw_if(request_.stop);
          if (request_.progress) {
            request_.progress(now);
          }
        },
        PointsOf::rows, files.assumed);
    note_suspicious(input, engine_);
    report_.notes.insert(report_.notes.end(), input.notes.begin(), input.notes.end());
    return input;
  }

  [[nodiscard]] FitProblem problem() const {
    FitProblem problem = calibration::fit_problem(*response_, observations_, result_.fixed);
    problem.response = watched_.get();
    problem.start = result_.fit.theta;
    return problem;
  }

  void fit() {
    response_ = std::make_unique<SimulatedResponse>(engine_, sketch_, input_.families, input_.asked,
                                                    parameters_, input_.prior);
    watched_ = std::make_unique<Interruptible>(*response_, request_.stop);
    options_.fit.seed = request_.seed;
    options_.progress = [this](const std::string& what) { tell(what); };
    result_ = calibration::calibrate(*response_, observations_, {}, options_);
    note_choosing();
    if (!request_.simplify) {
      return;
    }
    if (input_.curves.size() < 2) {
      report_.notes.emplace_back(
          "one curve alone: nothing can be left out, so that no parameter is put to the test and "
          "predictions have no intervals");
      return;
    }
    simplify();
  }

  void note_choosing() {
    const bool fastest = response_->choosing() == calibration::Choosing::fastest;
    for (const std::string& name : files_.assumed) {
      report_.notes.push_back(fmt::format(
          "{}: what is `auto` is taken as {} (choose: {}), which explains the points better", name,
          fastest ? "the fastest schedule" : "what the library's own tables say",
          choice_of(response_->choosing())));
    }
  }

  [[nodiscard]] calibration::CrossValidationOptions validation_options() const {
    calibration::CrossValidationOptions options;
    options.seed = request_.seed;
    options.fit.starts = refit_starts;
    options.fit.max_iterations = refit_iterations;
    return options;
  }

  /// Parameters that cross-validation does not miss go, and more until few enough are left.
  void simplify() {
    tell("which parameters earn their place");
    std::vector<calibration::OptionalTerm> terms;
    for (std::size_t j = 0; j < parameters_.size(); ++j) {
      if (parameters_[j].optional) {
        terms.push_back(
            {.name = parameters_[j].name, .parameters = {j}, .neutral = {parameters_[j].neutral}});
      }
    }
    const calibration::Observations left_out = in_blocks(input_, observations_);
    FitProblem full = problem();
    full.observations = &left_out;
    const calibration::Elimination kept =
        calibration::eliminate(full, result_.fit, terms, validation_options());
    std::vector<bool> fixed = kept.problem.fixed;
    fixed.resize(parameters_.size(), false);
    std::vector<calibration::Decision> weakest;
    for (const calibration::Decision& decision : kept.trace) {
      report_.decisions.push_back(decision.text());
      if (decision.kept) {
        weakest.push_back(decision);
      }
    }
    std::ranges::stable_sort(weakest, {}, [](const calibration::Decision& decision) {
      return decision.loss_without - decision.loss_with;
    });
    for (const calibration::Decision& decision : weakest) {
      if (free_count(fixed) <= request_.max_parameters) {
        break;
      }
      fixed[place_of(decision.name)] = true;
      report_.decisions.push_back(fmt::format("{}: dropped, for no more than {} parameters",
                                              decision.name, request_.max_parameters));
    }
    if (free_count(fixed) > request_.max_parameters) {
      report_.notes.push_back(
          fmt::format("{} parameters have no value at which they do nothing: "
                      "more than the {} asked for are fitted",
                      free_count(fixed), request_.max_parameters));
    }
    if (std::ranges::find(fixed, true) != fixed.end()) {
      tell("fit without what was dropped");
      options_.start = result_.fit.theta;
      options_.global_rounds = refit_rounds;
      result_ = calibration::calibrate(*response_, observations_, fixed, options_);
    }
  }

  static std::size_t free_count(const std::vector<bool>& fixed) {
    return static_cast<std::size_t>(std::ranges::count(fixed, false));
  }

  [[nodiscard]] std::size_t place_of(const std::string& name) const {
    const auto found = std::ranges::find(parameters_, name, &Parameter::name);
    return static_cast<std::size_t>(found - parameters_.begin());
  }

  /// How well the parameters are known, and how far off the fit is on what it has not seen.
  void judge() {
    const FitProblem fitted = problem();
    const std::size_t groups = fitted.groups().size();
    const bool clustered = groups >= fewest_clusters;
    report_.intervals = clustered ? "curves err as a whole" : "points err independently";
    uncertainty_ = calibration::uncertainty(
        fitted, result_.fit,
        clustered ? calibration::Clusters::groups : calibration::Clusters::points);
    if (groups >= calibration::fewest_bootstrap_groups && request_.replicates > 0) {
      tell("bootstrap over curves");
      uncertainty_.parameters =
          calibration::bootstrap(fitted, result_.fit,
                                 {.replicates = request_.replicates, .seed = request_.seed})
              .parameters;
      report_.intervals =
          fmt::format("bootstrap of {} curves, {} draws", groups, request_.replicates);
    }
    if (groups >= 2) {
      tell("each curve predicted without it");
      validation_ = calibration::cross_validate(fitted, result_.fit, validation_options());
      calibration::HeldOut held_out{.residuals = validation_->residuals, .sizes = {}, .groups = {}};
      for (const MeasuredPoint& point : input_.points) {
        held_out.sizes.push_back(point.row.size);
        held_out.groups.push_back(static_cast<std::uint32_t>(point.curve));
      }
      conformal_.emplace(std::move(held_out));
    }
  }

  void score() {
    const calibration::Conformal* intervals = conformal_ ? &*conformal_ : nullptr;
    report_.curves = calibrated_curves(input_, input_, *response_, result_.fit.theta, intervals);
    if (scored_.experiments.empty()) {
      return;
    }
    tell("scored sets");
    const CalibrationInput check = take(scored_);
    for (const Parameter& needed : parameters_of(check, input_.prior)) {
      if (place_of(needed.name) == parameters_.size()) {
        report_.notes.push_back(fmt::format(
            "the scored points depend on {}, of which the fit knows nothing: it stays as it was",
            needed.name));
      }
    }
    SimulatedResponse judge(engine_, sketch_, check.families, check.asked, parameters_,
                            input_.prior);
    judge.choose_by(response_->choosing());
    judge.refine(result_.fit.theta);
    const std::vector<report::CalibratedCurve> curves =
        calibrated_curves(check, input_, judge, result_.fit.theta, intervals);
    report_.curves.insert(report_.curves.end(), curves.begin(), curves.end());
  }

  /// Whether there is a sweep over sizes to continue: a list of flows has none.
  [[nodiscard]] bool has_sizes() const {
    return std::ranges::any_of(
        input_.curves, [](const MeasuredCurve& curve) { return curve.collective != "copy"; });
  }

  void suggest(const Summary& summary) {
    tell("what to measure next");
    const CalibrationInput possible = possible_points();
    SimulatedResponse response(engine_, sketch_, possible.families, possible.asked, parameters_,
                               input_.prior);
    response.choose_by(response_->choosing());
    report_.suggestions = suggest_measurements(possible, summary.problem, result_.fit, response,
                                               weakest_target(summary));
  }

  /// Other sizes, and other collectives of the same machines.
  CalibrationInput possible_points() {
    CalibrationFiles all;
    const Override sizes{"workload.size", "{from: 512 B, to: 1 GiB, factor: 32}"};
    for (const std::string collective : {"", "all_gather", "reduce_scatter"}) {
      std::vector<Override> more{sizes};
      if (!collective.empty()) {
        more.push_back({"workload.collective", collective});
      }
      try {
        CalibrationFiles files = read_files(request_.files, request_.overrides, catalogue_, more);
        std::ranges::move(files.experiments, std::back_inserter(all.experiments));
        std::ranges::move(files.assumed, std::back_inserter(all.assumed));
      } catch (const core::InputError&) {
        continue;  // the machine, or the algorithm that is named, does not have that collective
      }
    }
    const std::vector<Experiment*> experiments = all.all();
    return calibration_input(experiments, {}, PointsOf::sweep, all.assumed);
  }

  const CalibrationRequest& request_;
  const zoo::Catalogue& catalogue_;
  InterruptibleEngine engine_;
  Sketch bounds_;
  InterruptibleEngine sketch_;
  CalibrationFiles files_;
  CalibrationFiles scored_;
  CalibrationInput input_;
  calibration::Observations observations_;
  std::vector<Parameter> parameters_;
  std::unique_ptr<SimulatedResponse> response_;
  std::unique_ptr<Interruptible> watched_;
  calibration::CalibrationOptions options_;
  Calibrated result_;
  calibration::Uncertainty uncertainty_;
  std::optional<calibration::CrossValidation> validation_;
  std::optional<calibration::Conformal> conformal_;
  report::Calibration report_;
};

}  // namespace

report::Calibration run_calibration(const CalibrationRequest& request,
                                    const zoo::Catalogue& catalogue,
                                    const workload::Engine& engine) {
  return Calibrating(request, catalogue, engine).run();
}

}  // namespace plumbline::experiments
